//! What a booking becomes on the calendar: its title, place and notes, as it was booked.

use chrono::TimeDelta;
use chrono_tz::Tz;
use daymark_core::contract::{Place, Visitor};
use daymark_core::event::{Fields, marks};
use daymark_core::time::Span;
use daymark_mirror::Booking;

/// The event of a booking. `place` is where the page offers visits today, for a booking that does not say
/// what was offered then. A visitor who could not be opened keeps the time all the same.
pub fn event(booking: &Booking, place: &Place, zone: Tz) -> Fields {
    let start = booking.start;
    let end = start + TimeDelta::minutes(booking.length_min.into());
    let visitor = booking.visitor.as_ref();
    let type_name = &booking.type_name;
    let title = match visitor {
        // Who comes first: in a narrow column only the beginning is read.
        Some(visitor) => format!("{}: {type_name}", visitor.name),
        None => type_name.clone(),
    };
    let mut fields = Fields::new(title, Span::Timed { start, end, zone });
    fields.location = location(booking.place.as_ref().unwrap_or(place), visitor);
    fields.description = visitor.map(|visitor| notes(visitor, &fields.location)).unwrap_or_default();
    fields.marks.insert(marks::BOOKING.into(), booking.id.0.clone());
    fields
}

fn location(place: &Place, visitor: Option<&Visitor>) -> String {
    match place {
        Place::AtVisitor => visitor.map(|it| it.address.clone()).unwrap_or_default(),
        Place::Phone => visitor.map(|it| it.phone.clone()).unwrap_or_default(),
        Place::Fixed(detail) | Place::Video(detail) => detail.clone(),
    }
}

/// All that the visitor typed beside the name; an address that is not the place is not lost.
fn notes(visitor: &Visitor, location: &str) -> String {
    [&visitor.email, &visitor.phone, &visitor.address, &visitor.note]
        .into_iter()
        .map(String::as_str)
        .filter(|text| !text.is_empty() && (*text != location || *text != visitor.address))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use daymark_core::booking::{BookingId, State, TypeId};

    fn visitor() -> Visitor {
        Visitor {
            name: "P. Singh".into(),
            email: "p.singh@example.org".into(),
            phone: "416 555 0134".into(),
            address: "410 Bathurst St".into(),
            note: "Ring twice".into(),
            zone: Tz::UTC,
            language: "en".into(),
        }
    }

    fn booking(place: Option<Place>) -> Booking {
        let start = "2026-03-04T12:15:00Z".parse().unwrap();
        Booking {
            id: BookingId("b1".into()),
            version: 1,
            state: State::Requested,
            type_id: TypeId("visit".into()),
            type_name: "Visit".into(),
            start,
            length_min: 60,
            place,
            waits_for: None,
            visitor: Some(visitor()),
            sealed: None,
            event: None,
            decision: None,
            decision_sent: false,
            clash: false,
            untold: None,
            unwritten: None,
            received: start,
        }
    }

    #[test]
    fn a_visit_takes_place_where_the_visitor_lives_and_carries_its_mark() {
        let fields = event(&booking(Some(Place::AtVisitor)), &Place::Phone, Tz::UTC);
        assert_eq!(fields.title, "P. Singh: Visit");
        assert_eq!(fields.location, "410 Bathurst St");
        assert_eq!(fields.description, "p.singh@example.org\n416 555 0134\nRing twice");
        assert_eq!(fields.marks.get(marks::BOOKING).map(String::as_str), Some("b1"));
    }

    #[test]
    fn a_booking_that_does_not_say_where_falls_back_to_todays_page_and_keeps_the_address() {
        let fields = event(&booking(None), &Place::Phone, Tz::UTC);
        assert_eq!(fields.location, "416 555 0134");
        assert_eq!(fields.description, "p.singh@example.org\n416 555 0134\n410 Bathurst St\nRing twice");
    }

    #[test]
    fn a_visitor_who_cannot_be_opened_is_still_expected_where_the_page_said() {
        let sealed = Booking { visitor: None, ..booking(Some(Place::Fixed("Depot 4".into()))) };
        let fields = event(&sealed, &Place::AtVisitor, Tz::UTC);
        assert_eq!((fields.title.as_str(), fields.location.as_str()), ("Visit", "Depot 4"));
        assert!(fields.description.is_empty());
    }
}
