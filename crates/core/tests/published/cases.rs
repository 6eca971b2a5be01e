//! One rule with its published instances, in each of the three expansions, and what must hold between them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use daymark_core::ics;
use rrule::RRuleSet;
use serde::Deserialize;

const FILE: &str = include_str!("../../../../tests/cases/recurrence.json");
const LISTED: &str = include_str!("../../../../docs/sync.md");
/// More than any case has.
const MOST: u16 = 5_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Published {
    #[serde(rename = "about")]
    _about: String,
    /// The reasons why something differs.
    differs: BTreeMap<String, String>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    rule: String,
    start: String,
    /// Only what begins then or later is meant.
    from: Option<String>,
    instances: Vec<String>,
    differs: Option<String>,
    ours: Option<Vec<String>>,
}

fn published() -> Published {
    serde_json::from_str(FILE).unwrap()
}

fn midnight(date: NaiveDate) -> NaiveDateTime {
    date.and_time(NaiveTime::MIN)
}

fn wall(text: &str) -> NaiveDateTime {
    let text = text.trim_end_matches('Z');
    NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S")
        .unwrap_or_else(|_| midnight(NaiveDate::parse_from_str(text, "%Y%m%d").unwrap()))
}

impl Case {
    fn meant(&self, mut starts: Vec<NaiveDateTime>) -> Vec<NaiveDateTime> {
        let from = self.from.as_deref().map(wall);
        starts.retain(|start| from.is_none_or(|from| *start >= from));
        starts
    }

    fn of(&self, written: &[String]) -> Vec<NaiveDateTime> {
        self.meant(written.iter().map(|text| wall(text)).collect())
    }

    /// As `daymarkctl expand` lists them, far beyond the last that is published.
    fn expanded(&self) -> Vec<NaiveDateTime> {
        let kind = if self.start.contains('T') { "" } else { ";VALUE=DATE" };
        let text = format!(
            "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART{kind}:{}\r\nRRULE:{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
            self.start, self.rule
        );
        let after = wall(self.instances.last().unwrap()).date() + TimeDelta::days(400);
        let lines = ics::expand(&text, wall(&self.start).date(), after, Tz::UTC).unwrap().lines;
        let start = |text: &str| text.parse().unwrap_or_else(|_| midnight(text.parse().unwrap()));
        self.meant(lines.iter().map(|line| start(line.start.trim_end_matches('Z'))).collect())
    }

    /// As the crate gives them, with all times in UTC, which it wants to be of one kind.
    fn by_the_crate(&self) -> Vec<NaiveDateTime> {
        let utc = |text: &str| wall(text).format("%Y%m%dT%H%M%SZ").to_string();
        let parts = self.rule.split(';').filter(|part| !part.is_empty());
        let parts = parts.map(|part| match part.strip_prefix("UNTIL=") {
            Some(until) => format!("UNTIL={}", utc(until)),
            None => part.to_owned(),
        });
        let rule = parts.collect::<Vec<_>>().join(";");
        let set: RRuleSet = format!("DTSTART:{}\nRRULE:{rule}", utc(&self.start)).parse().unwrap();
        self.meant(set.all(MOST).dates.iter().map(DateTime::naive_utc).collect())
    }
}

#[test]
fn what_libical_publishes_is_what_expand_lists() {
    for case in &published().cases {
        let expected = case.ours.as_ref().unwrap_or(&case.instances);
        assert_eq!(case.expanded(), case.of(expected), "{} from {}", case.rule, case.start);
    }
}

#[test]
fn a_difference_has_a_reason_and_stands_in_the_documentation() {
    let file = published();
    for case in &file.cases {
        assert_eq!(case.differs.is_some(), case.ours.is_some(), "{}", case.rule);
        let (Some(why), Some(ours)) = (&case.differs, &case.ours) else { continue };
        assert!(file.differs.contains_key(why), "{why}");
        assert_ne!(case.of(ours), case.of(&case.instances), "{} does not differ", case.rule);
        assert!(
            LISTED.contains(&format!("`{}` from `{}`", case.rule, case.start)),
            "{} is not listed",
            case.rule
        );
    }
}

/// An uncertain reading of the standard is no excuse where both others read it alike.
#[test]
fn where_libical_and_the_crate_agree_only_decisions_differ() {
    let mut agreed = 0;
    for case in &published().cases {
        if case.by_the_crate() != case.of(&case.instances) {
            continue;
        }
        agreed += 1;
        let decided = case.differs.as_deref().is_none_or(|why| matches!(why, "start" | "times"));
        assert!(decided, "{} from {}", case.rule, case.start);
    }
    assert!(agreed > 100, "only {agreed} cases are comparable");
}
