//! Conflicts in words: both sides of each, and the person's answer carried out.

use std::sync::Arc;

use chrono_tz::Tz;
use daymark_core::conflict::{Choice, Kind};
use daymark_core::event::{Field, Fields, ShowAs, Visibility};
use daymark_core::time::{Instant, wall};
use daymark_mirror::{ConflictId, Decision, Dispute, Mirror};

use crate::api::Tag;
use crate::api::conflicts::{
    Conflict, ConflictChoice, ConflictField, ConflictKind, Difference, ResolveConflict, Said, Side,
};
use crate::api::problem::Problem;
use crate::api::schedule::Written;
use crate::health::Registry;
use crate::ids::derived_id;
use crate::losses;
use crate::notices::Notices;
use crate::ports::Ports;
use crate::problems;
use crate::repeat;
use crate::schedule::{event_ref, when};
use crate::sync::asks;
use crate::sync::loops::Bell;

/// The use cases around conflicts.
#[derive(Clone)]
pub struct Conflicts {
    pub mirror: Mirror,
    pub ports: Ports,
    pub health: Arc<Registry>,
    pub notices: Arc<Notices>,
    /// Rung when something waits in the outbox.
    pub staged: Bell,
}

impl Conflicts {
    /// Everything that waits for the person's decision, the oldest first.
    pub async fn list(&self, zone: Tz) -> Result<Vec<Conflict>, Problem> {
        let open = self.mirror.conflicts().await.map_err(problems::mirror)?;
        let calendars = self.mirror.calendars().await.map_err(problems::mirror)?;
        let accounts = self.mirror.accounts().await.map_err(problems::mirror)?;
        let view = |dispute: &Dispute| {
            let calendar = calendars.iter().find(|it| it.id == dispute.calendar);
            let account = calendar.and_then(|it| accounts.iter().find(|account| account.id == it.account));
            Conflict {
                calendar_name: calendar.map(|it| it.name.clone()).unwrap_or_default(),
                account_address: account.map(|it| it.address.clone()).unwrap_or_default(),
                ..view(dispute, zone)
            }
        };
        Ok(open.iter().map(view).collect())
    }

    pub async fn resolve(&self, answer: ResolveConflict) -> Result<Written, Problem> {
        let decision = Decision {
            conflict: ConflictId(answer.conflict),
            version: answer.version,
            choice: match answer.choice {
                ConflictChoice::Mine => Choice::Mine,
                ConflictChoice::Theirs => Choice::Theirs,
                ConflictChoice::Both => Choice::Both,
            },
            new_derived_id: derived_id(self.ports.entropy.as_ref()),
        };
        let now = self.ports.clock.now();
        let staged = self.mirror.resolve(decision, now).await.map_err(problems::mirror)?;
        asks::show(&self.mirror, &self.health).await.map_err(problems::mirror)?;
        self.notices.tell(&[Tag::Schedule, Tag::Journal, Tag::Health, Tag::Conflicts]);
        self.staged.ring();
        let lost = losses::of_one(&self.mirror, staged.event.event).await?;
        Ok(Written { event: event_ref(&staged.event), journal: staged.journal.0, lost })
    }
}

fn view(dispute: &Dispute, zone: Tz) -> Conflict {
    let theirs = dispute.theirs.as_ref();
    let at = |at: Option<Instant>| at.map(|at| wall(at, zone));
    Conflict {
        id: dispute.id.0,
        version: dispute.version,
        kind: kind(dispute),
        event: event_ref(&dispute.event),
        calendar: dispute.calendar.0,
        calendar_name: String::new(),
        account_address: String::new(),
        mine: Side {
            deleted: kind(dispute) == ConflictKind::DeletedHere,
            title: dispute.mine.title.clone(),
            when: when(&dispute.mine.span, zone),
            changed_at: at(dispute.mine_at),
        },
        theirs: Side {
            deleted: theirs.is_none(),
            title: theirs.unwrap_or(&dispute.mine).title.clone(),
            when: when(&theirs.unwrap_or(&dispute.mine).span, zone),
            changed_at: at(dispute.theirs_at),
        },
        differences: theirs.map(|theirs| differences(dispute, theirs, zone)).unwrap_or_default(),
        choices: dispute.kind.choices().into_iter().map(choice).collect(),
        found: wall(dispute.found, zone),
    }
}

fn kind(dispute: &Dispute) -> ConflictKind {
    match dispute.kind {
        Kind::BothChanged => ConflictKind::BothChanged,
        Kind::DeletedHere if dispute.cut => ConflictKind::CutHere,
        Kind::DeletedHere => ConflictKind::DeletedHere,
        Kind::DeletedThere => ConflictKind::DeletedThere,
    }
}

fn choice(choice: Choice) -> ConflictChoice {
    match choice {
        Choice::Mine => ConflictChoice::Mine,
        Choice::Theirs => ConflictChoice::Theirs,
        Choice::Both => ConflictChoice::Both,
    }
}

fn differences(dispute: &Dispute, theirs: &Fields, zone: Tz) -> Vec<Difference> {
    let said = |field: &Field| {
        let (named, mine) = said(&dispute.mine, *field, zone)?;
        let (_, theirs) = said(theirs, *field, zone)?;
        Some(Difference { field: named, mine, theirs })
    };
    dispute.fields.iter().filter_map(said).collect()
}

/// A field's value as it can be shown; `None` for what nobody but Daymark knows.
fn said(fields: &Fields, field: Field, zone: Tz) -> Option<(ConflictField, Said)> {
    let text = |text: &str| Said::Text { text: text.to_owned() };
    Some(match field {
        Field::Title => (ConflictField::Title, text(&fields.title)),
        Field::Description => (ConflictField::Description, text(&fields.description)),
        Field::Location => (ConflictField::Location, text(&fields.location)),
        Field::Span => (ConflictField::When, Said::When { when: when(&fields.span, zone) }),
        Field::Recurrence => (ConflictField::Repeats, Said::Repeats { repeats: repeat::view(fields) }),
        Field::ShowAs => {
            let free = matches!(fields.show_as, ShowAs::Free | ShowAs::WorkingElsewhere);
            (ConflictField::ShowAs, Said::Free { free })
        }
        Field::Visibility => {
            let private = fields.visibility == Visibility::Private;
            (ConflictField::Visibility, Said::Private { private })
        }
        Field::Marks => return None,
    })
}
