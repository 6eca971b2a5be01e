//! What a file says of each event, kept as a text of its own: people and files stand there, and nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use super::text::{Block, Document};
use super::write::lines;

/// The texts of those events that say more than the managed fields, by their UIDs.
pub(super) fn of_each(text: &str) -> BTreeMap<String, String> {
    let document = Document::of(text);
    let mut events: BTreeMap<String, Vec<Block>> = BTreeMap::new();
    for block in document.components("VEVENT") {
        if let Some(uid) = document.find(block, "UID") {
            events.entry(uid.value().trim().to_owned()).or_default().push(block);
        }
    }
    let zones = document.components("VTIMEZONE");
    let says_more = |blocks: &Vec<Block>| blocks.iter().any(|block| !lines(&document, *block).is_empty());
    events.retain(|_, blocks| says_more(blocks));
    events.into_iter().map(|(uid, blocks)| (uid, one(&document, &zones, &blocks))).collect()
}

/// With the zones that its times name, so that an occurrence is found by its own.
fn one(document: &Document, zones: &[Block], events: &[Block]) -> String {
    let named: BTreeSet<&str> = events
        .iter()
        .flat_map(|block| document.own(*block))
        .filter_map(|at| document.lines.get(at)?.parameter("TZID"))
        .collect();
    let is_named =
        |zone: &&Block| document.find(**zone, "TZID").is_some_and(|line| named.contains(line.value().trim()));
    let parts = zones.iter().filter(is_named).chain(events);
    let lines = parts.filter_map(|part| document.lines.get(part.begin..=part.end)).flatten();
    let body: String = lines.map(|line| format!("{}\r\n", line.text)).collect();
    format!("BEGIN:VCALENDAR\r\n{body}END:VCALENDAR\r\n")
}
