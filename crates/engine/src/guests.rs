//! The guests of the owner's own meetings: nothing that they hear of, or fail to hear of, is done unasked.
//!
//! Microsoft mails each of them about a change and a deletion, and Graph has no switch for it; a CalDAV server
//! may (RFC 6638); Google is told to mail nobody, so that they keep what they know.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use daymark_core::details::Details;
use daymark_mirror::{Meeting, Mirror};

use crate::api::accounts::ProviderKind;
use crate::api::problem::{Problem, ProblemCode};
use crate::api::schedule::Guests;
use crate::details::{self, username_in};
use crate::problems;
use crate::sync::provider_of;

/// Refuses what reaches guests, with what the question to the person needs.
pub async fn ask(mirror: &Mirror, meetings: &[Meeting]) -> Result<(), Problem> {
    count(mirror, meetings).await?.map_or(Ok(()), |guests| Err(unasked(guests)))
}

/// All guests of these meetings, each once. Where providers differ, the one that speaks loudest counts alone.
pub async fn count(mirror: &Mirror, meetings: &[Meeting]) -> Result<Option<Guests>, Problem> {
    if meetings.is_empty() {
        return Ok(None);
    }
    let calendars = mirror.calendars().await.map_err(problems::mirror)?;
    let accounts = mirror.accounts().await.map_err(problems::mirror)?;
    let mut invited = [MAILS, MAY_MAIL, SILENT].map(|provider| (provider, BTreeSet::new()));
    for meeting in meetings {
        let calendar = calendars.iter().find(|calendar| calendar.id == meeting.calendar);
        let account = calendar.and_then(|it| accounts.iter().find(|account| account.id == it.account));
        let Some((account, kind)) = account.and_then(|it| Some((it, provider_of(it).ok()?))) else {
            continue;
        };
        let details = details::of(kind, meeting, &account.address, Tz::UTC);
        if let Some((_, known)) = invited.iter_mut().find(|(provider, _)| *provider == kind) {
            known.extend(guests(&details, &account.address));
        }
    }
    let loudest = invited.into_iter().find(|(_, known)| !known.is_empty());
    Ok(loudest.map(|(provider, known)| Guests { count: known.len(), provider }))
}

const MAILS: ProviderKind = ProviderKind::Microsoft;
const MAY_MAIL: ProviderKind = ProviderKind::CalDav;
const SILENT: ProviderKind = ProviderKind::Google;

/// The addresses of the people other than the owner. A room reads no mail.
fn guests(details: &Details, owner: &str) -> BTreeSet<String> {
    let owner = username_in(owner);
    let others = details
        .attendees
        .iter()
        .filter(|one| !one.me && !one.organizer && !one.resource && !one.address.eq_ignore_ascii_case(owner));
    let named = others.map(|one| if one.address.is_empty() { &one.name } else { &one.address });
    named.map(|address| address.to_lowercase()).collect()
}

fn unasked(Guests { count, provider }: Guests) -> Problem {
    let (word, what) = match provider {
        MAILS => ("microsoft", "Outlook mails them about it"),
        MAY_MAIL => ("caldav", "the server may mail them about it"),
        _ => ("google", "nobody tells them about it"),
    };
    let message = format!("{count} guests are invited, and {what}; confirm it");
    Problem::new(ProblemCode::AskAboutGuests, message)
        .with("guests", count.to_string())
        .with("provider", word)
}

#[cfg(test)]
mod tests {
    use daymark_core::details::Attendee;
    use daymark_core::event::Answer;

    use super::*;

    fn person(address: &str) -> Attendee {
        Attendee {
            name: String::new(),
            address: address.into(),
            answer: Answer::Open,
            organizer: false,
            optional: false,
            resource: false,
            me: false,
        }
    }

    #[test]
    fn a_guest_is_a_person_other_than_the_owner() {
        let attendees = vec![
            Attendee { organizer: true, ..person("team@x.org") },
            Attendee { me: true, ..person("me@alias.org") },
            Attendee { resource: true, ..person("room@x.org") },
            person("Maya@x.org"),
            person("li@y.org"),
            person("LI@y.org"),
            Attendee { name: "Jo".into(), ..person("") },
        ];
        let details = Details { attendees, ..Details::default() };
        assert_eq!(guests(&details, "maya@x.org"), ["jo", "li@y.org"].map(str::to_owned).into());
    }

    #[test]
    fn the_question_says_how_many_guests_and_whose_mail_it_is() {
        let providers = [(MAILS, "microsoft"), (MAY_MAIL, "caldav"), (SILENT, "google")];
        for (provider, word) in providers {
            let problem = unasked(Guests { count: 2, provider });
            assert_eq!(problem.code, ProblemCode::AskAboutGuests);
            assert_eq!((problem.params["guests"].as_str(), problem.params["provider"].as_str()), ("2", word));
        }
    }
}
