//! What a booking becomes on the calendar: its title, place and notes.

use chrono::TimeDelta;
use chrono_tz::Tz;
use daymark_core::booking::BookingId;
use daymark_core::contract::Visitor;
use daymark_core::event::{Fields, marks};
use daymark_core::time::{Instant, Span};

use crate::api::bookings::{AppointmentType, PlaceKind};

/// The event of a booking. `visitor` is `None` when what they typed could not be opened: the time is
/// kept all the same.
pub fn event(
    booking: &BookingId,
    type_name: &str,
    appointment: &AppointmentType,
    visitor: Option<&Visitor>,
    start: Instant,
    length_min: u32,
    zone: Tz,
) -> Fields {
    let end = start + TimeDelta::minutes(length_min.into());
    let title = match visitor {
        // Who comes first: in a narrow column only the beginning is read.
        Some(visitor) => format!("{}: {type_name}", visitor.name),
        None => type_name.to_owned(),
    };
    let mut fields = Fields::new(title, Span::Timed { start, end, zone });
    fields.location = visitor.map(|visitor| place(appointment, visitor)).unwrap_or_default();
    fields.description = visitor.map(notes).unwrap_or_default();
    fields.marks.insert(marks::BOOKING.into(), booking.0.clone());
    fields
}

fn place(appointment: &AppointmentType, visitor: &Visitor) -> String {
    match appointment.place {
        PlaceKind::AtVisitor => visitor.address.clone(),
        PlaceKind::Phone => visitor.phone.clone(),
        PlaceKind::Fixed | PlaceKind::Video => appointment.place_detail.clone(),
    }
}

fn notes(visitor: &Visitor) -> String {
    [&visitor.email, &visitor.phone, &visitor.note]
        .into_iter()
        .filter(|text| !text.is_empty())
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::default_page;

    fn visitor() -> Visitor {
        Visitor {
            name: "P. Singh".into(),
            email: "p.singh@example.org".into(),
            phone: String::new(),
            address: "410 Bathurst St".into(),
            note: "Ring twice".into(),
            zone: Tz::UTC,
            language: "en".into(),
        }
    }

    #[test]
    fn a_visit_takes_place_where_the_visitor_lives_and_carries_its_mark() {
        let start = "2026-03-04T12:15:00Z".parse().unwrap();
        let id = BookingId("b1".into());
        let appointment = default_page().appointment;
        let fields = event(&id, "Visit", &appointment, Some(&visitor()), start, 60, Tz::UTC);
        assert_eq!(fields.title, "P. Singh: Visit");
        assert_eq!(fields.location, "410 Bathurst St");
        assert_eq!(fields.description, "p.singh@example.org\nRing twice");
        assert_eq!(fields.marks.get(marks::BOOKING).map(String::as_str), Some("b1"));
    }
}
