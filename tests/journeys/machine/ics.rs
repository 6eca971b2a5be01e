//! A calendar file as somebody else's program reads, expands and edits it: lines, and the few rules of these plays.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::America::Toronto;

use super::places::{Seen, Shape, after, passed, shown};

/// More than any series of these plays has.
const OCCURRENCES_MAX: usize = 400;

/// The lines of one `VEVENT`, unfolded, without `BEGIN` and `END`.
#[derive(Clone, Debug, Default)]
struct Component(Vec<String>);

impl Component {
    fn line(&self, name: &str) -> Option<&str> {
        let named = |line: &&String| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([':', ';']));
        self.0.iter().find(named).map(String::as_str)
    }

    fn value(&self, name: &str) -> Option<String> {
        let (_, value) = self.line(name)?.split_once(':')?;
        Some(value.replace("\\n", "\n").replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\"))
    }

    fn set(&mut self, name: &str, line: String) {
        let old = self.line(name).map(str::to_owned);
        self.0.retain(|line| Some(line) != old.as_ref());
        self.0.push(line);
    }

    fn moment(&self, name: &str) -> Option<NaiveDateTime> {
        self.line(name).map(|line| moment(line.rsplit(':').next().unwrap_or_default()))
    }

    /// The start by the rule that it stands in for.
    fn original(&self) -> Option<NaiveDateTime> {
        self.moment("RECURRENCE-ID").map(shown)
    }

    fn is_all_day(&self) -> bool {
        self.line("DTSTART").is_some_and(|line| line.contains("VALUE=DATE:"))
    }

    /// What an occurrence of it is named by: its line, with the value of `start`.
    fn named(&self, name: &str, start: NaiveDateTime) -> String {
        let line = self.line("DTSTART").unwrap_or_default();
        let (head, value) = line.split_once(':').unwrap_or_default();
        let stamp = match (self.is_all_day(), value.ends_with('Z')) {
            (true, _) => start.format("%Y%m%d").to_string(),
            (false, true) => {
                let at = start.and_local_timezone(Toronto).earliest().unwrap();
                at.to_utc().format("%Y%m%dT%H%M%SZ").to_string()
            }
            (false, false) => start.format("%Y%m%dT%H%M%S").to_string(),
        };
        format!("{}:{stamp}", head.replacen("DTSTART", name, 1))
    }

    fn place(&mut self, start: NaiveDateTime, end: NaiveDateTime, all_day: bool) {
        for (name, at) in [("DTSTART", start), ("DTEND", end)] {
            let line = match all_day {
                true => format!("{name};VALUE=DATE:{}", at.format("%Y%m%d")),
                false => format!("{name};TZID=America/Toronto:{}", at.format("%Y%m%dT%H%M%S")),
            };
            self.set(name, line);
        }
    }

    fn excluded(&self) -> BTreeSet<NaiveDateTime> {
        let lines = self.0.iter().filter(|line| line.starts_with("EXDATE"));
        let values = lines.flat_map(|line| line.rsplit(':').next().unwrap_or_default().split(','));
        values.map(moment).map(shown).collect()
    }

    fn seen(&self, start: NaiveDateTime) -> Seen {
        let own = self.moment("DTSTART").unwrap();
        let end = self.moment("DTEND").unwrap_or(own + TimeDelta::days(1));
        let (start, end) = match self.is_all_day() {
            true => (start, start + (end - own)),
            false => (shown(start), after(shown(start), passed(own, end))),
        };
        Seen {
            id: String::new(),
            series: None,
            title: self.value("SUMMARY").unwrap_or_default(),
            location: self.value("LOCATION").unwrap_or_default(),
            notes: self.value("DESCRIPTION").unwrap_or_default(),
            start,
            end,
            all_day: self.is_all_day(),
            free: self.value("TRANSP").as_deref() == Some("TRANSPARENT"),
            copy: self.0.iter().any(|line| line.to_ascii_uppercase().contains("DAYMARK-BLOCK")),
        }
    }
}

fn moment(value: &str) -> NaiveDateTime {
    if let Ok(date) = NaiveDate::parse_from_str(value, "%Y%m%d") {
        return date.and_time(NaiveTime::MIN);
    }
    let at = NaiveDateTime::parse_from_str(value.trim_end_matches('Z'), "%Y%m%dT%H%M%S").unwrap();
    match value.ends_with('Z') {
        true => at.and_utc().with_timezone(&Toronto).naive_local(),
        false => at,
    }
}

/// A resource: what stands before and after its events, and these.
#[derive(Clone, Debug)]
pub struct Resource {
    around: Vec<String>,
    events: Vec<Component>,
}

impl Resource {
    pub fn read(text: &str) -> Resource {
        let text = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
        let mut resource = Resource { around: Vec::new(), events: Vec::new() };
        let mut open = false;
        for line in text.lines() {
            match line {
                "BEGIN:VEVENT" => {
                    open = true;
                    resource.events.push(Component::default());
                }
                "END:VEVENT" => open = false,
                _ if open => resource.events.last_mut().unwrap().0.push(line.to_owned()),
                _ => resource.around.push(line.to_owned()),
            }
        }
        resource
    }

    pub fn new(uid: &str, seen: &Seen, rule: Option<&str>) -> Resource {
        let around = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//There//EN", "END:VCALENDAR"];
        let mut event = Component(vec![
            format!("UID:{uid}"),
            "DTSTAMP:20260101T000000Z".into(),
            format!("SUMMARY:{}", seen.title),
        ]);
        // What repeats begins at a time that clocks do show; what does not is written as it was typed.
        let start = if rule.is_some() { shown(seen.start) } else { seen.start };
        event.place(start, start + (seen.end - seen.start), seen.all_day);
        event.0.extend(rule.map(str::to_owned));
        Resource { around: around.map(str::to_owned).to_vec(), events: vec![event] }
    }

    pub fn text(&self) -> String {
        let mut lines = self.around.clone();
        let end = lines.pop().unwrap_or_default();
        for event in &self.events {
            lines.push("BEGIN:VEVENT".into());
            lines.extend(event.0.clone());
            lines.push("END:VEVENT".into());
        }
        lines.push(end);
        lines.join("\r\n") + "\r\n"
    }

    fn master(&self) -> Option<&Component> {
        self.events.iter().find(|event| event.line("RECURRENCE-ID").is_none())
    }

    /// Every occurrence, with the start that it has by the rule.
    fn expanded(&self) -> BTreeMap<NaiveDateTime, &Component> {
        let mut all: BTreeMap<NaiveDateTime, &Component> = BTreeMap::new();
        if let Some(master) = self.master() {
            let gone = master.excluded();
            let starts = starts(master).into_iter().map(shown).filter(|start| !gone.contains(start));
            all.extend(starts.map(|start| (start, master)));
        }
        for event in &self.events {
            let Some(original) = event.original() else { continue };
            match event.value("STATUS").as_deref() {
                Some("CANCELLED") => drop(all.remove(&original)),
                _ => drop(all.insert(original, event)),
            }
        }
        all
    }

    pub fn seen(&self, name: &str) -> Vec<Seen> {
        let is_series = self.master().is_none_or(|master| master.line("RRULE").is_some());
        let occurrences = self.expanded().into_iter().map(|(original, event)| {
            let own = event.line("RECURRENCE-ID").is_some();
            let start = if own { event.moment("DTSTART").unwrap() } else { original };
            let seen = event.seen(start);
            let series = is_series.then(|| name.to_owned());
            Seen { id: format!("{name}|{}", original.format("%Y%m%dT%H%M%S")), series, ..seen }
        });
        occurrences.collect()
    }

    /// Somebody edits one occurrence, or the whole, named as [`Resource::seen`] named it.
    pub fn edit(&mut self, original: Option<NaiveDateTime>, shape: &Shape) {
        let at = match original.filter(|_| self.master().is_some_and(|it| it.line("RRULE").is_some())) {
            Some(original) => self.exception(original),
            None => 0,
        };
        let Some(event) = self.events.get_mut(at) else { return };
        if let Some(title) = &shape.title {
            event.set("SUMMARY", format!("SUMMARY:{title}"));
        }
        if let Some(location) = &shape.location {
            event.set("LOCATION", format!("LOCATION:{location}"));
        }
        if let Some((start, end)) = shape.when {
            let all_day = event.is_all_day();
            event.place(start, end, all_day);
        }
        if let Some(free) = shape.free {
            let word = if free { "TRANSPARENT" } else { "OPAQUE" };
            event.set("TRANSP", format!("TRANSP:{word}"));
        }
    }

    fn exception(&mut self, original: NaiveDateTime) -> usize {
        let found = self.events.iter().position(|event| event.original() == Some(original));
        found.unwrap_or_else(|| {
            let master = self.master().cloned().unwrap_or_default();
            let mut own = master.clone();
            own.0.retain(|line| !line.starts_with("RRULE") && !line.starts_with("EXDATE"));
            own.0.push(master.named("RECURRENCE-ID", original));
            let length = master.seen(original).end - original;
            own.place(original, original + length, master.is_all_day());
            self.events.push(own);
            self.events.len() - 1
        })
    }

    pub fn cancel(&mut self, original: NaiveDateTime) {
        self.events.retain(|event| event.original() != Some(original));
        if let Some(master) = self.events.iter_mut().find(|event| event.line("RECURRENCE-ID").is_none()) {
            let line = master.named("EXDATE", original);
            master.0.push(line);
        }
    }
}

/// The starts that a rule of days or weeks gives, by what clocks in Toronto show.
fn starts(master: &Component) -> Vec<NaiveDateTime> {
    let first = master.moment("DTSTART").unwrap();
    let Some(rule) = master.value("RRULE") else { return vec![first] };
    let parts: BTreeMap<&str, &str> = rule.split(';').filter_map(|part| part.split_once('=')).collect();
    let number = |name: &str| parts.get(name).and_then(|value| value.parse::<i64>().ok());
    let (every, count) = (number("INTERVAL").unwrap_or(1), number("COUNT"));
    let until = parts.get("UNTIL").map(|value| moment(value));
    let most = count.map_or(OCCURRENCES_MAX, |count| usize::try_from(count).unwrap());
    let on: Vec<&str> = parts.get("BYDAY").map(|days| days.split(',').collect()).unwrap_or_default();
    let monday = first.date() - TimeDelta::days(i64::from(first.weekday().num_days_from_monday()));
    let days = (0..).map(|day| first + TimeDelta::days(day)).take(OCCURRENCES_MAX);
    let fits = |at: &NaiveDateTime| match parts.get("FREQ").copied() {
        Some("DAILY") => (*at - first).num_days() % every == 0,
        Some("WEEKLY") => {
            let week = (at.date() - monday).num_days() / 7;
            let name = at.weekday().to_string()[..2].to_uppercase();
            let named = if on.is_empty() { at.weekday() == first.weekday() } else { on.contains(&&*name) };
            week % every == 0 && named
        }
        other => panic!("no such rule is in these plays: {other:?}"),
    };
    days.filter(fits).take_while(|at| until.is_none_or(|until| *at <= until)).take(most).collect()
}
