//! A few calendars with what stands on them and what is remembered, as a mirror would keep it.

use std::collections::HashSet;

use chrono::TimeDelta;

use super::super::*;
use crate::time::Instant;

pub const HOME: Tz = Tz::America__Toronto;

pub fn now() -> Instant {
    "2026-03-02T12:00:00Z".parse().unwrap()
}

pub fn hour(at: i64) -> Times {
    let start = now() + TimeDelta::hours(at);
    Times::At(start, start + TimeDelta::hours(1))
}

pub fn tag(calendar: i64) -> Tag {
    Tag::of_calendar("google", "kit@example.org", &calendar.to_string())
}

pub fn calendar(key: i64) -> Calendar {
    Calendar {
        key,
        tag: tag(key),
        real: Tag::of("real", &[&key.to_string()]),
        counts: Counts::Yes { filters: Filters::default(), complete: true },
        receives: Receives::Yes(Privacy::Busy),
    }
}

/// A few calendars with what stands on them and what is remembered, as a mirror would keep it.
pub struct World {
    pub calendars: Vec<Calendar>,
    pub events: Vec<Occurrence>,
    pub links: Vec<Link>,
    pub unsure: HashSet<(Tag, Tag)>,
    pub hours: Vec<Interval>,
    next: i64,
}

impl World {
    /// A full mesh.
    pub fn mesh(calendars: i64) -> World {
        World {
            calendars: (1..=calendars).map(calendar).collect(),
            events: Vec::new(),
            links: Vec::new(),
            unsure: HashSet::new(),
            hours: Vec::new(),
            next: 100,
        }
    }

    pub fn event(&mut self, calendar: i64, at: i64) -> &mut Occurrence {
        self.next += 1;
        let number = self.next;
        self.events.push(Occurrence {
            calendar,
            unit: number,
            event: number,
            tag: Some(Tag::of_event(&format!("event-{number}"))),
            original: None,
            remote_id: format!("event-{number}"),
            uid: format!("uid-{number}"),
            times: hour(at),
            title: format!("Meeting {number}"),
            location: "Elm Street".into(),
            description: "Bring the forms".into(),
            status: Status::Confirmed,
            kind: Kind::Default,
            answer: Answer::Own,
            show_as: ShowAs::Busy,
            visibility: Visibility::Default,
            mark: Mark::None,
            waiting: false,
        });
        self.events.last_mut().unwrap()
    }

    pub fn plan(&self) -> Plan {
        let window = Interval::new(now() - TimeDelta::days(1), now() + TimeDelta::days(90)).unwrap();
        plan(&Query {
            calendars: &self.calendars,
            occurrences: &self.events,
            links: &self.links,
            unsure: &self.unsure,
            window,
            hours: &self.hours,
            home: HOME,
        })
    }

    pub fn writes(&self) -> Vec<Op> {
        self.plan().ops.into_iter().filter(Op::writes).collect()
    }

    /// Carries the plan out as the mirror does, and says how much it wrote.
    pub fn run(&mut self) -> usize {
        let ops = self.plan().ops;
        let written = ops.iter().filter(|op| op.writes()).count();
        for op in ops {
            self.carry_out(op);
        }
        written
    }

    pub fn carry_out(&mut self, op: Op) {
        match op {
            Op::Create { link, derived_id, fields } => {
                let event = self.event(link.target, 0);
                event.remote_id = derived_id;
                write(event, &fields);
                let event = event.event;
                self.remember(Link { event, ..link });
            }
            Op::Update { link, fields, .. } => {
                write(self.events.iter_mut().find(|it| it.event == link.event).unwrap(), &fields);
                self.remember(link);
            }
            Op::Delete { copy, .. } => {
                self.events.retain(|it| it.event != copy);
                self.links.retain(|link| link.event != copy);
            }
            Op::Adopt(link) => self.remember(link),
            Op::Forget { target, source } => {
                self.links.retain(|link| (link.target, link.source) != (target, source));
            }
        }
    }

    pub fn remember(&mut self, link: Link) {
        self.links
            .retain(|it| it.event != link.event && (it.target, it.source) != (link.target, link.source));
        self.links.push(link);
    }

    /// Runs until nothing is left to do; a second run writes nothing.
    pub fn settle(&mut self) {
        self.run();
        assert_eq!(self.run(), 0, "{:?}", self.writes());
        assert_eq!(self.plan().ops, vec![]);
    }

    pub fn copies(&self, calendar: i64) -> Vec<&Occurrence> {
        let copies = self.events.iter().filter(|it| it.calendar == calendar && it.mark != Mark::None);
        copies.collect()
    }

    pub fn copy(&mut self, calendar: i64) -> &mut Occurrence {
        self.events.iter_mut().find(|it| it.calendar == calendar && it.mark != Mark::None).unwrap()
    }

    pub fn source(&mut self) -> &mut Occurrence {
        self.events.iter_mut().find(|it| it.mark == Mark::None).unwrap()
    }

    pub fn counts(&mut self, calendar: i64, counts: Counts) {
        self.calendars.iter_mut().find(|it| it.key == calendar).unwrap().counts = counts;
    }
}

pub fn write(event: &mut Occurrence, fields: &Fields) {
    event.times = Times::of(&fields.span, HOME);
    event.title.clone_from(&fields.title);
    event.location.clone_from(&fields.location);
    event.description.clone_from(&fields.description);
    event.visibility = fields.visibility;
    event.show_as = fields.show_as;
    event.mark = Mark::Copy(fields.marks[crate::event::marks::BLOCK].parse().unwrap());
}
