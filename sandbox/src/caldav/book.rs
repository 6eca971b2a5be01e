//! What the fake server holds: users, their calendars, and in each the resources and what became of them.

use std::collections::{BTreeMap, BTreeSet};

use super::text;

#[derive(Clone, Debug)]
pub struct Calendar {
    pub name: String,
    pub color: Option<String>,
    pub read_only: bool,
    pub members: BTreeMap<String, Member>,
    /// Names in the order in which something happened to them.
    changes: Vec<String>,
    /// Tokens from before this are forgotten.
    pub oldest: usize,
    /// UIDs of what was deleted.
    pub bin: BTreeSet<String>,
}

#[derive(Clone, Debug)]
pub struct Member {
    pub text: String,
    pub etag: String,
}

#[derive(Default)]
pub struct Book {
    pub passwords: BTreeMap<String, String>,
    /// By user and name.
    pub calendars: BTreeMap<(String, String), Calendar>,
    writes: u64,
}

impl Calendar {
    pub fn new(name: &str, color: Option<&str>, read_only: bool) -> Self {
        Self {
            name: name.to_owned(),
            color: color.map(str::to_owned),
            read_only,
            members: BTreeMap::new(),
            changes: Vec::new(),
            oldest: 0,
            bin: BTreeSet::new(),
        }
    }

    /// How much has happened: the number in tokens and tags.
    pub fn now(&self) -> usize {
        self.changes.len()
    }

    /// Names that something happened to since, and the number that this list reaches to.
    pub fn since(&self, from: usize, most: Option<usize>) -> (BTreeSet<&str>, usize) {
        let mut names = BTreeSet::new();
        for (at, name) in self.changes.iter().enumerate().skip(from) {
            if most.is_some_and(|most| names.len() >= most && !names.contains(name.as_str())) {
                return (names, at);
            }
            names.insert(name.as_str());
        }
        (names, self.now())
    }

    pub fn forget_tokens(&mut self) {
        self.oldest = self.now() + 1;
        // The tokens given from now on count higher than any before.
        self.changes.push(String::new());
    }

    fn holder(&self, uid: &str) -> Option<&str> {
        self.members.iter().find(|(_, it)| text::uid(&it.text) == uid).map(|(name, _)| name.as_str())
    }
}

impl Book {
    pub fn put(&mut self, user: &str, calendar: &str, name: &str, text: String) -> Option<String> {
        self.writes += 1;
        let etag = format!("\"{}\"", self.writes);
        let calendar = self.calendars.get_mut(&(user.to_owned(), calendar.to_owned()))?;
        calendar.members.insert(name.to_owned(), Member { text, etag: etag.clone() });
        calendar.changes.push(name.to_owned());
        Some(etag)
    }

    pub fn remove(&mut self, user: &str, calendar: &str, name: &str) -> bool {
        let Some(calendar) = self.calendars.get_mut(&(user.to_owned(), calendar.to_owned())) else {
            return false;
        };
        let Some(gone) = calendar.members.remove(name) else { return false };
        calendar.bin.insert(text::uid(&gone.text).to_owned());
        calendar.changes.push(name.to_owned());
        true
    }

    /// Where a user has this UID: calendar and name.
    pub fn holder(&self, user: &str, uid: &str) -> Option<(String, String)> {
        let own = self.calendars.iter().filter(|((owner, _), _)| owner == user);
        own.filter_map(|((_, name), it)| Some((name.clone(), it.holder(uid)?.to_owned()))).next()
    }
}
