//! What a resource shows beyond the managed fields: people with their answers, the online meeting,
//! attachments. It is for the eye only, so what cannot be read is left out.

use std::cmp::Reverse;

use calcard::Parser;
use calcard::icalendar::{
    ICalendarEntry, ICalendarParameterName as Parameter, ICalendarProperty as Property,
};

use super::Reader;
use super::parse::{Asked, Component, Entry, OwnZones, each_event};
use crate::details::{Attachment, Attendee, Details, Meeting, web_address};
use crate::event::{Answer, Original};

/// Properties of single makers that lead to a meeting, with the name of its service.
const MAKERS: [(&str, &str); 3] = [
    ("X-GOOGLE-CONFERENCE", "Google Meet"),
    ("X-MICROSOFT-SKYPETEAMSMEETINGURL", "Microsoft Teams"),
    ("X-MICROSOFT-ONLINEMEETINGCONFLINK", "Microsoft Teams"),
];

/// The details of an event, or of the occurrence that stood at `original`. An occurrence that nobody
/// touched has those of its series.
pub fn details(text: &str, original: Option<Original>, reader: &Reader<'_>) -> Details {
    let found = written(text, reader);
    let masters = found.iter().filter(|(entry, _)| entry.event.series.is_none());
    let master = masters.min_by_key(|(entry, _)| Reverse(entry.age()));
    let own = original.and_then(|original| {
        let series = master.map(|(entry, _)| &entry.event.fields);
        let place = |entry: &Entry| match series {
            Some(series) => entry.place_in(series, reader.zone),
            None => entry.event.series.as_ref().map(|series| series.original),
        };
        let here = found.iter().filter(|(entry, _)| place(entry) == Some(original));
        here.min_by_key(|(entry, _)| Reverse(entry.age()))
    });
    own.or(master).or(found.first()).map(|(_, details)| details.clone()).unwrap_or_default()
}

fn written(text: &str, reader: &Reader<'_>) -> Vec<(Entry, Details)> {
    let mut found = Vec::new();
    let mut parser = Parser::new(text);
    loop {
        match parser.entry() {
            calcard::Entry::ICalendar(calendar) => {
                let asked = Asked { zone: reader.zone, owner: reader.owner, own_zones: OwnZones::Nearest };
                each_event(&calendar, asked, |component| {
                    let details = component.details();
                    let place = found.len();
                    found.extend(component.entry(place).ok().map(|entry| (entry, details)));
                });
            }
            calcard::Entry::Eof
            | calcard::Entry::UnterminatedComponent(_)
            | calcard::Entry::TooManyComponents => return found,
            _ => {}
        }
    }
}

impl Component<'_> {
    fn details(&self) -> Details {
        let attachments = self.component.properties(&Property::Attach).map(attachment).collect();
        Details { attendees: self.people(), meeting: self.meeting(), attachments, ..Details::default() }
            .ordered()
    }

    /// Whoever called the meeting is one of its people, whether invited too or not.
    fn people(&self) -> Vec<Attendee> {
        let organizer = self.component.property(&Property::Organizer);
        let called = organizer.map(address).unwrap_or_default();
        let is_organizer = |address: &str| !called.is_empty() && called.eq_ignore_ascii_case(address);
        let invited = self.component.properties(&Property::Attendee);
        let mut people: Vec<Attendee> =
            invited.map(|one| self.person(one, is_organizer(&address(one)))).collect();
        let missing = !people.is_empty() && !people.iter().any(|one| one.organizer);
        people.extend(organizer.filter(|_| missing).map(|one| self.person(one, true)));
        people
    }

    fn person(&self, property: &ICalendarEntry, organizer: bool) -> Attendee {
        let is = |name: &Parameter, words: [&str; 2]| {
            words.iter().any(|word| parameter(property, name).eq_ignore_ascii_case(word))
        };
        let address = address(property);
        let answer = match parameter(property, &Parameter::Partstat).to_ascii_uppercase().as_str() {
            "ACCEPTED" => Answer::Accepted,
            "TENTATIVE" => Answer::Tentative,
            "DECLINED" => Answer::Declined,
            _ if organizer => Answer::Own,
            _ => Answer::Open,
        };
        Attendee {
            name: parameter(property, &Parameter::Cn),
            answer,
            organizer,
            optional: is(&Parameter::Role, ["OPT-PARTICIPANT", "NON-PARTICIPANT"]),
            resource: is(&Parameter::Cutype, ["RESOURCE", "ROOM"]),
            me: self.owner.iter().any(|own| own.eq_ignore_ascii_case(&address)),
            address,
        }
    }

    /// RFC 7986 has a property for it; before it, each maker had one of their own.
    fn meeting(&self) -> Option<Meeting> {
        let named = self.component.properties(&Property::Conference);
        let mut named: Vec<_> = named.filter_map(|one| Some((one, web_address(text(one)?)?))).collect();
        named.sort_by_key(|(one, _)| !features(one).any(|it| it.eq_ignore_ascii_case("VIDEO")));
        if let Some((one, url)) = named.into_iter().next() {
            return Some(Meeting { service: parameter(one, &Parameter::Label), url });
        }
        MAKERS.iter().find_map(|(property, service)| {
            let url = web_address(self.other(property)?)?;
            Some(Meeting { service: (*service).to_owned(), url })
        })
    }
}

fn text(property: &ICalendarEntry) -> Option<&str> {
    property.values.first()?.as_text()
}

fn features(property: &ICalendarEntry) -> impl Iterator<Item = &str> {
    property.parameters(&Parameter::Feature).filter_map(|it| it.as_text())
}

fn parameter(property: &ICalendarEntry, name: &Parameter) -> String {
    property.parameters(name).find_map(|it| it.as_text()).unwrap_or_default().to_owned()
}

/// Some servers put a path of theirs where the address belongs, and the address beside it.
fn address(property: &ICalendarEntry) -> String {
    let written = property.calendar_address().unwrap_or_default();
    if written.contains('@') {
        return written.to_owned();
    }
    let beside = parameter(property, &Parameter::Email);
    if beside.is_empty() { written.to_owned() } else { beside }
}

/// What lies in the text itself has a name at most; what lies elsewhere is called by its name there.
fn attachment(property: &ICalendarEntry) -> Attachment {
    let url = text(property).and_then(web_address);
    let named = parameter(property, &Parameter::Filename);
    let last = || {
        let path = url.as_deref()?.split(['?', '#']).next()?;
        path.trim_end_matches('/').rsplit('/').next().map(str::to_owned)
    };
    let title = if named.is_empty() { last().unwrap_or_default() } else { named };
    Attachment { title, url }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    fn of(body: &str, original: Option<&str>) -> Details {
        let owner = ["maya@x.example".to_owned()];
        let text = format!("BEGIN:VCALENDAR\r\n{body}END:VCALENDAR\r\n");
        let original = original.map(|at| Original::At(at.parse().unwrap()));
        details(&text, original, &Reader { zone: Tz::UTC, owner: &owner })
    }

    fn event(body: &str) -> String {
        let body: String = body.lines().map(|line| format!("{}\r\n", line.trim())).collect();
        format!("BEGIN:VEVENT\r\nUID:a\r\n{body}END:VEVENT\r\n")
    }

    #[test]
    fn people_come_with_their_answers_and_the_organizer_first() {
        let found = of(
            &event(
                "DTSTART:20260302T090000Z
                 ATTENDEE;CN=Li;PARTSTAT=DECLINED;ROLE=OPT-PARTICIPANT:mailto:li@x.example
                 ATTENDEE;PARTSTAT=ACCEPTED:mailto:Maya@x.example
                 ATTENDEE;CUTYPE=ROOM;CN=Room 3;EMAIL=room@x.example:urn:uuid:7
                 ORGANIZER;CN=Jo:mailto:jo@x.example",
            ),
            None,
        );
        let [jo, li, maya, room] = found.attendees.as_slice() else { panic!("{found:?}") };
        assert!(jo.organizer && jo.answer == Answer::Own && jo.name == "Jo");
        assert!(li.optional && li.answer == Answer::Declined && !li.me);
        assert!(maya.me && maya.answer == Answer::Accepted);
        assert!(room.resource && room.address == "room@x.example" && room.answer == Answer::Open);
    }

    #[test]
    fn an_organizer_who_invited_nobody_is_no_meeting() {
        let alone = event("DTSTART:20260302T090000Z\nORGANIZER:mailto:jo@x.example");
        assert_eq!(of(&alone, None), Details::default());
    }

    #[test]
    fn the_video_link_is_the_meeting_and_attachments_are_called_by_their_names() {
        let found = of(
            &event(
                "DTSTART:20260302T090000Z
                 CONFERENCE;VALUE=URI;FEATURE=PHONE:tel:+1-416-555
                 CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO;LABEL=Jitsi:https://meet.example/abc
                 ATTACH;FILENAME=plan.pdf:https://files.example/42
                 ATTACH:https://files.example/notes.txt?v=2
                 ATTACH;VALUE=BINARY;ENCODING=BASE64;FILENAME=scan.png:aGVsbG8=
                 ATTACH:file:///etc/passwd",
            ),
            None,
        );
        let meeting = Meeting { service: "Jitsi".into(), url: "https://meet.example/abc".into() };
        assert_eq!(found.meeting, Some(meeting));
        let titles: Vec<_> =
            found.attachments.iter().map(|it| (it.title.as_str(), it.url.is_some())).collect();
        assert_eq!(titles, [("plan.pdf", true), ("notes.txt", true), ("scan.png", false), ("", false)]);
        let teams = "DTSTART:20260302T090000Z\nX-MICROSOFT-SKYPETEAMSMEETINGURL:https://teams.example/x";
        assert_eq!(of(&event(teams), None).meeting.map(|it| it.service), Some("Microsoft Teams".into()));
    }

    #[test]
    fn an_exception_has_people_of_its_own_and_the_rest_the_series() {
        let master = event("DTSTART:20260302T090000Z\nRRULE:FREQ=DAILY\nATTENDEE:mailto:li@x.example");
        let moved =
            event("RECURRENCE-ID:20260303T090000Z\nDTSTART:20260303T110000Z\nATTENDEE:mailto:noor@x.example");
        let both = format!("{master}{moved}");
        let who = |at| of(&both, at).attendees.into_iter().map(|it| it.address).collect::<Vec<_>>();
        assert_eq!(who(Some("2026-03-03T09:00:00Z")), ["noor@x.example"]);
        assert_eq!(who(Some("2026-03-04T09:00:00Z")), ["li@x.example"]);
        assert_eq!(who(None), ["li@x.example"]);
    }
}
