//! What could not be read of a calendar, as one card of health: which events, on which days, and what helps.

use chrono_tz::Tz;
use daymark_core::glimpse::Glimpse;
use daymark_core::plain::clause;
use daymark_core::time::wall;
use daymark_mirror::{Account, Calendar, Mirror, MirrorError, SetAside};

use super::provider_of;
use crate::api::accounts::ProviderKind;
use crate::api::health::{self as api, Card, CardCode, HealthState, Remedy};
use crate::health::{Registry, Subject, card};

/// So many events are named; of the others the card says how many they are.
const NAMED: usize = 3;

/// Shows a card for each calendar of which something was set aside, and takes back those that have healed.
/// Days are those of `home`.
pub async fn show(mirror: &Mirror, health: &Registry, home: Tz) -> Result<(), MirrorError> {
    let (accounts, calendars) = (mirror.accounts().await?, mirror.calendars().await?);
    let aside = mirror.set_aside().await?;
    let mut shown = Vec::new();
    for calendar in calendars.iter().filter(|calendar| calendar.chosen && !calendar.gone) {
        let own: Vec<&SetAside> = aside.iter().filter(|it| it.calendar == calendar.id).collect();
        let account = accounts.iter().find(|account| account.id == calendar.account);
        if let (Some(account), false) = (account, own.is_empty()) {
            health.raise(Subject::Aside(calendar.id.0), made(account, calendar, &own, home));
            shown.push(calendar.id.0);
        }
    }
    health.forget(|subject| matches!(subject, Subject::Aside(calendar) if !shown.contains(calendar)));
    Ok(())
}

/// Where a calendar comes from, which decides who can mend an event of it.
#[derive(Clone, Copy)]
enum Source {
    Provider,
    /// Somebody publishes it.
    Feed,
    /// Read once.
    File,
}

impl Source {
    fn of(account: &Account) -> Self {
        match provider_of(account) {
            Ok(ProviderKind::File) => Source::File,
            Ok(ProviderKind::Feed) => Source::Feed,
            _ => Source::Provider,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Source::Provider => "provider",
            Source::Feed => "feed",
            Source::File => "file",
        }
    }

    fn advice(self, only_rules: bool) -> &'static str {
        match self {
            Source::Provider if only_rules => "Give it another rule at the provider to see all of it.",
            Source::Provider => "Open it at the provider and save it again, or delete it there.",
            Source::Feed => "Only whoever publishes the calendar can mend it.",
            Source::File => "Mend it where the file comes from and import the file again.",
        }
    }

    fn remedies(self, account: &Account, calendar: i64) -> Vec<Remedy> {
        match self {
            // Nothing is read meanwhile.
            Source::Provider | Source::Feed if account.paused => {
                vec![Remedy::Resume { account: account.id.0 }]
            }
            Source::Provider | Source::Feed => vec![Remedy::Retry],
            Source::File => vec![Remedy::ImportFile, Remedy::DismissSetAside { calendar }],
        }
    }
}

fn made(account: &Account, calendar: &Calendar, aside: &[&SetAside], home: Tz) -> Card {
    let named: Vec<api::Glimpse> =
        aside.iter().filter_map(|it| seen(&it.glimpse, home)).take(NAMED).collect();
    let (source, reason) = (Source::of(account), reasons(aside));
    let times = Times::of(calendar.counts_busy, aside);
    let once = aside.iter().filter(|it| it.once).count();
    let message = format!(
        "{} of “{}” {}: {}.{} {}",
        what(aside.len(), &named),
        calendar.name,
        fate(once, aside.len()),
        clause(&reason),
        times.sentence(),
        source.advice(once == aside.len())
    );
    let card = card(CardCode::EventSetAside, HealthState::Attention, message)
        .with("calendar", calendar.name.clone())
        .with("source", source.word())
        .with("count", aside.len().to_string())
        .with("once", once.to_string())
        .with("reason", reason);
    let mut card = times.word().into_iter().fold(card, |card, word| card.with("times", word));
    card.events = named;
    source.remedies(account, calendar.id.0).into_iter().fold(card, Card::remedy)
}

/// What visitors are offered meanwhile of the times of such events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    /// The calendar does not count as busy.
    Free,
    /// From each start to the end of that day nothing is offered.
    Kept,
    /// Of some it is not known when they are.
    Unknown,
}

impl Times {
    fn of(counts_busy: bool, aside: &[&SetAside]) -> Self {
        // What stands once takes its time like any event.
        let missing: Vec<_> = aside.iter().filter(|it| counts_busy && !it.once).collect();
        match missing.iter().all(|it| it.glimpse.start.is_some()) {
            _ if missing.is_empty() => Times::Free,
            true => Times::Kept,
            false => Times::Unknown,
        }
    }

    fn word(self) -> Option<&'static str> {
        match self {
            Times::Free => None,
            Times::Kept => Some("kept"),
            Times::Unknown => Some("unknown"),
        }
    }

    fn sentence(self) -> &'static str {
        match self {
            Times::Free => "",
            Times::Kept => {
                " Until it can be, visitors are offered nothing from its start to the end of that day."
            }
            Times::Unknown => " When it is cannot be told, so visitors may be offered its time.",
        }
    }
}

/// Those that only lack a rule which can be followed are in the calendar.
fn fate(once: usize, all: usize) -> &'static str {
    match once {
        0 => "could not be read and set aside",
        once if once == all => "can only be shown once, at the first time",
        _ => "could not be read as written; what could be is shown",
    }
}

fn seen(glimpse: &Glimpse, home: Tz) -> Option<api::Glimpse> {
    let day = glimpse.start.map(|start| wall(start.instant(home), home).date());
    (!glimpse.is_empty()).then(|| api::Glimpse { title: glimpse.title.clone(), day })
}

fn what(count: usize, named: &[api::Glimpse]) -> String {
    let mut names: Vec<String> = named.iter().map(name).collect();
    match (names.len(), count - names.len()) {
        (0, 1) => "An event".into(),
        (0, others) => format!("{others} events"),
        (_, 0) => names.join(", "),
        (_, others) => {
            names.push(format!("{others} more"));
            names.join(", ")
        }
    }
}

fn name(glimpse: &api::Glimpse) -> String {
    match (glimpse.title.as_str(), glimpse.day) {
        ("", None) => "an event".into(),
        ("", Some(day)) => format!("an event on {day}"),
        (title, None) => format!("“{title}”"),
        (title, Some(day)) => format!("“{title}” on {day}"),
    }
}

/// Each of them once.
fn reasons(aside: &[&SetAside]) -> String {
    let mut reasons: Vec<&str> = aside.iter().map(|it| it.why.as_str()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    reasons.truncate(NAMED);
    reasons.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use daymark_core::event::Original;
    use daymark_mirror::CalendarId;

    fn aside(title: &str, start: Option<&str>, why: &str) -> SetAside {
        SetAside {
            calendar: CalendarId(1),
            remote_id: Some(title.into()),
            why: why.into(),
            glimpse: Glimpse::new(title, start.map(|text| text.parse().unwrap())),
            once: false,
            at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn the_first_few_are_named_and_the_rest_counted() {
        let day = |text: &str| Some(text.parse().unwrap());
        let glimpse = |title: &str, day| api::Glimpse { title: title.into(), day };
        let two = [glimpse("Visit Singh", day("2026-03-12")), glimpse("", day("2026-03-13"))];
        assert_eq!(what(2, &two), "“Visit Singh” on 2026-03-12, an event on 2026-03-13");
        assert_eq!(what(7, &[glimpse("Team", None)]), "“Team”, 6 more");
        assert_eq!((what(1, &[]), what(4, &[])), ("An event".into(), "4 events".into()));
    }

    #[test]
    fn the_day_of_an_event_is_the_day_of_whoever_looks() {
        let late = Glimpse::new("Visit", Some(Original::At("2026-03-12T23:30:00Z".parse().unwrap())));
        let day = |zone| seen(&late, zone).and_then(|it| it.day).unwrap().to_string();
        assert_eq!(day(Tz::UTC), "2026-03-12");
        assert_eq!(day(Tz::Europe__Paris), "2026-03-13");
        let whole_day = Glimpse::new("", Some(Original::On("2026-03-12".parse().unwrap())));
        assert_eq!(seen(&whole_day, Tz::Asia__Tokyo).unwrap().day, "2026-03-12".parse().ok());
        assert_eq!(seen(&Glimpse::default(), Tz::UTC), None);
    }

    #[test]
    fn whoever_has_a_page_is_told_what_becomes_of_the_times() {
        let (known, unknown) = (aside("a", Some("2026-03-12"), "no end"), aside("b", None, "no start"));
        assert_eq!(Times::of(true, &[&known]), Times::Kept);
        assert_eq!(Times::of(true, &[&known, &unknown]), Times::Unknown);
        assert_eq!(Times::of(false, &[&unknown]), Times::Free);
    }

    #[test]
    fn what_stands_in_the_calendar_is_not_said_to_be_set_aside() {
        assert_eq!(fate(0, 2), "could not be read and set aside");
        assert_eq!(fate(2, 2), "can only be shown once, at the first time");
        assert!(!fate(1, 2).contains("set aside"));
    }

    #[test]
    fn a_reason_is_given_once() {
        let all = [aside("a", None, "no end"), aside("b", None, "no start"), aside("c", None, "no end")];
        assert_eq!(reasons(&all.iter().collect::<Vec<_>>()), "no end; no start");
    }
}
