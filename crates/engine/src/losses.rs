//! What an event that is made anew does not bring along: its owner hears of it, before or with the answer.

use daymark_core::journal::{Action, State};
use daymark_core::rest::{self, Rest};
use daymark_mirror::{Account, Calendar, Entry, Mirror};
use daymark_remotes::{caldav, google, microsoft};

use crate::api::accounts::ProviderKind;
use crate::api::journal::{Lost, LostOf};
use crate::api::problem::Problem;
use crate::problems;
use crate::sync::provider_of;

/// Who keeps which calendar.
pub struct Keepers {
    calendars: Vec<Calendar>,
    accounts: Vec<Account>,
}

impl Keepers {
    pub async fn of(mirror: &Mirror) -> Result<Self, Problem> {
        let calendars = mirror.calendars().await.map_err(problems::mirror)?;
        let accounts = mirror.accounts().await.map_err(problems::mirror)?;
        Ok(Keepers { calendars, accounts })
    }

    pub fn calendar(&self, id: daymark_mirror::CalendarId) -> Option<&Calendar> {
        self.calendars.iter().find(|calendar| calendar.id == id)
    }

    fn provider(&self, calendar: daymark_mirror::CalendarId) -> Option<ProviderKind> {
        let account = self.calendar(calendar)?.account;
        provider_of(self.accounts.iter().find(|it| it.id == account)?).ok()
    }

    fn lost(&self, calendar: daymark_mirror::CalendarId, rest: &Rest) -> Vec<Lost> {
        let lost = match self.provider(calendar) {
            Some(ProviderKind::Google) => google::lost(rest),
            Some(ProviderKind::Microsoft) => microsoft::lost(rest),
            Some(ProviderKind::CalDav) => caldav::lost(rest),
            Some(ProviderKind::File | ProviderKind::Feed) | None => Vec::new(),
        };
        lost.into_iter().map(Lost::from).collect()
    }

    /// What the undo of an entry would not bring back; nothing where there is nothing to make anew.
    pub fn lost_by_undo(&self, entry: &Entry) -> Vec<Lost> {
        let is_gone = entry.action == Action::Delete && entry.state == State::Sent;
        let rest = entry.before.as_ref().and_then(|before| before.rest.as_ref()).filter(|_| is_gone);
        rest.map(|rest| self.lost(entry.calendar, rest)).unwrap_or_default()
    }
}

/// What these events, which wait to be made, will lack; those that lack nothing are left out.
pub async fn of(mirror: &Mirror, events: &[i64]) -> Result<Vec<LostOf>, Problem> {
    let heirs = mirror.heirs(events).await.map_err(problems::mirror)?;
    if heirs.is_empty() {
        return Ok(Vec::new());
    }
    let keepers = Keepers::of(mirror).await?;
    let told =
        heirs.into_iter().map(|it| LostOf { lost: keepers.lost(it.calendar, &it.rest), title: it.title });
    Ok(told.filter(|it| !it.lost.is_empty()).collect())
}

/// The same of one.
pub async fn of_one(mirror: &Mirror, event: i64) -> Result<Vec<Lost>, Problem> {
    Ok(of(mirror, &[event]).await?.into_iter().flat_map(|it| it.lost).collect())
}

impl From<rest::Lost> for Lost {
    fn from(lost: rest::Lost) -> Self {
        match lost {
            rest::Lost::Invitation => Lost::Invitation,
            rest::Lost::People => Lost::People,
            rest::Lost::Answers => Lost::Answers,
            rest::Lost::OtherPeople => Lost::OtherPeople,
            rest::Lost::Attachments => Lost::Attachments,
            rest::Lost::MeetingLink => Lost::MeetingLink,
            rest::Lost::Kind => Lost::Kind,
            rest::Lost::Everything => Lost::Everything,
        }
    }
}
