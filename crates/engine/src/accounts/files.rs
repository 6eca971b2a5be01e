//! Calendars that come as a file or are published at an address, and calendars that leave as a file.

use std::collections::HashSet;

use chrono_tz::Tz;
use data_encoding::HEXLOWER;
use daymark_core::ics::{self, Deltas, Exported};
use daymark_core::merge::Delta;
use daymark_mirror::{Access, Account, Calendar, CalendarId, Content, Import, Listed};
use daymark_remotes::error::RemoteError;
use daymark_remotes::feed::{self, CALENDAR, Place};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{Accounts, gone};
use crate::api::Tag;
use crate::api::accounts::{
    CalendarRef, ExportedCalendar, ImportIcs, ImportedCalendar, ProviderKind, Subscribe,
};
use crate::api::problem::{Problem, ProblemCode};
use crate::details;
use crate::problems;
use crate::providers::secret_name;
use crate::sync::{gaps, is_file, provider_name, provider_of};

/// As for feeds: years of a busy team's events come nowhere near this.
const LARGEST_BYTES: usize = feed::LARGEST_BYTES;
const LONGEST_NAME: usize = 120;
const MOST_OF_ONE_NAME: usize = 100;
/// The one calendar of a file.
const FILE: &str = "file";
/// A file is read once; nothing goes on from here.
const READ: &str = "read";

impl Accounts {
    /// Reads a file in as a calendar of its own. One of the same name that shares events with it brings that calendar
    /// up to date.
    pub async fn import(&self, file: ImportIcs, zone: Tz) -> Result<ImportedCalendar, Problem> {
        if file.text.len() > LARGEST_BYTES {
            return Err(no_calendar("the file is larger than 20 MB"));
        }
        let read = ics::deltas(&file.text, zone).map_err(|error| no_calendar(&error.to_string()))?;
        let name = named(&file.name).or_else(|| read.name.as_deref().and_then(named));
        let name = name.ok_or_else(|| Problem::new(ProblemCode::BadRequest, "give the calendar a name"))?;
        let (name, known) = self.place_for(&name, &read).await?;
        // A part of it is no newer state of the whole.
        if let Some(why) = read.broken.first().filter(|_| known) {
            return Err(no_calendar(&format!("{why}; “{name}” stays as it is")));
        }
        let import = Import {
            provider: provider_name(ProviderKind::File).into(),
            address: name.clone(),
            calendar: listed(FILE, &name),
            counts_busy: file.counts_busy,
            events: Vec::new(),
            next: READ.into(),
        };
        self.take(import, read, zone).await
    }

    /// The name under which a file is taken in, and whether it is known: many calendars are saved as `basic.ics`.
    async fn place_for(&self, wanted: &str, read: &Deltas) -> Result<(String, bool), Problem> {
        let accounts = self.mirror.accounts().await.map_err(problems::mirror)?;
        let calendars = self.mirror.calendars().await.map_err(problems::mirror)?;
        let uids: HashSet<&str> = read.deltas.iter().filter_map(uid).collect();
        for number in 1..=MOST_OF_ONE_NAME {
            let name = if number == 1 { wanted.to_owned() } else { format!("{wanted} ({number})") };
            let same = |it: &&Account| is_file(it) && it.address == name;
            let Some(account) = accounts.iter().find(same) else { return Ok((name, false)) };
            let mut events = Vec::new();
            for calendar in calendars.iter().filter(|it| it.account == account.id) {
                events.extend(self.mirror.contents(calendar.id).await.map_err(problems::mirror)?);
            }
            let shares = events.iter().any(|event| uids.contains(event.uid.as_str()));
            if shares || events.is_empty() || uids.is_empty() {
                return Ok((name, true));
            }
        }
        Err(no_calendar("there are too many calendars of this name: rename the file"))
    }

    /// Subscribes to what is published at an address. It is fetched at once, so that an address which
    /// leads to no calendar leaves nothing behind.
    pub async fn subscribe(&self, wanted: Subscribe, zone: Tz) -> Result<ImportedCalendar, Problem> {
        self.can_keep_secrets()?;
        let url = feed::address(&wanted.url).map_err(|error| bad_address(&error))?;
        let service = self.providers.feed_service();
        let unread = |error| problems::silent(&url, &error).unwrap_or_else(|| bad_address(&error));
        let found = feed::fetch(&service, &url, zone, None).await.map_err(unread)?;
        let (cursor, read) = found.ok_or_else(gone)?;
        let host = url.host_str().unwrap_or_default();
        let name = read.name.as_deref().and_then(named).unwrap_or_else(|| host.to_owned());
        let import = Import {
            provider: provider_name(ProviderKind::Feed).into(),
            address: short(&url),
            calendar: listed(CALENDAR, &name),
            counts_busy: wanted.counts_busy,
            events: Vec::new(),
            next: cursor.0,
        };
        let imported = self.take(import, read, zone).await?;
        let place =
            serde_json::to_string(&Place { url, name }).map_err(|error| problems::internal(&error))?;
        let name = secret_name(daymark_mirror::AccountId(imported.account));
        self.ports.secrets.save(&name, place.as_bytes()).await.map_err(problems::secrets)?;
        self.changed.ring();
        Ok(imported)
    }

    async fn take(&self, import: Import, read: Deltas, zone: Tz) -> Result<ImportedCalendar, Problem> {
        let name = import.calendar.name.clone();
        let import = Import { events: read.deltas, ..import };
        let now = self.ports.clock.now();
        let imported = self.mirror.import(import, now).await.map_err(problems::mirror)?;
        gaps::show(&self.mirror, &self.health, zone).await.map_err(problems::mirror)?;
        self.providers.retire(imported.account).await;
        self.notices.tell(&[Tag::Accounts, Tag::Schedule, Tag::Page]);
        self.changed.ring();
        Ok(ImportedCalendar {
            account: imported.account.0,
            calendar: imported.calendar.0,
            name,
            events: i64::try_from(read.events).unwrap_or(i64::MAX),
            problems: read.problems,
        })
    }

    /// The person knows what could not be read, and wants to hear no more of it.
    pub async fn dismiss_set_aside(&self, which: CalendarRef, zone: Tz) -> Result<(), Problem> {
        let calendar = CalendarId(which.calendar);
        self.mirror.dismiss_set_aside(calendar).await.map_err(problems::mirror)?;
        gaps::show(&self.mirror, &self.health, zone).await.map_err(problems::mirror)
    }

    /// The calendar as a file, with the edits that wait.
    pub async fn export(&self, which: CalendarRef, zone: Tz) -> Result<ExportedCalendar, Problem> {
        let calendars = self.mirror.calendars().await.map_err(problems::mirror)?;
        let calendar = calendars.iter().find(|it| it.id.0 == which.calendar && !it.gone).ok_or_else(gone)?;
        if calendar.first_synced.is_none() {
            return Err(Problem::new(
                ProblemCode::NotReadYet,
                "the calendar has not been read to its end yet",
            ));
        }
        let accounts = self.mirror.accounts().await.map_err(problems::mirror)?;
        let account = accounts.iter().find(|it| it.id == calendar.account).ok_or_else(gone)?;
        let provider = provider_of(account).map_err(|error| problems::internal(&error))?;
        let contents = self.mirror.whole_contents(calendar.id).await.map_err(problems::mirror)?;
        let now = self.ports.clock.now();
        let exported = |content: Content| {
            let lines = details::lines(provider, &content, &account.address, zone, now);
            Exported { event: content.event, lines }
        };
        let exported: Vec<Exported> = contents.into_iter().map(exported).collect();
        let text = ics::export(&calendar.name, &exported, now);
        Ok(ExportedCalendar { file_name: file_name(calendar), text })
    }
}

fn uid(delta: &Delta) -> Option<&str> {
    match delta {
        Delta::Upsert(snapshot) | Delta::Series { master: snapshot, .. } => Some(&snapshot.event.uid),
        _ => None,
    }
}

fn listed(remote_id: &str, name: &str) -> Listed {
    let remote_id = remote_id.into();
    Listed { remote_id, name: name.into(), zone: None, access: Access::Read, primary: false }
}

fn named(text: &str) -> Option<String> {
    let clean: String = text.chars().filter(|letter| !letter.is_control()).take(LONGEST_NAME).collect();
    let clean = clean.trim().to_owned();
    (!clean.is_empty()).then_some(clean)
}

/// Addresses of private calendars are secrets: what is shown and stored is the host, and enough of a
/// digest to tell two feeds of one host apart.
fn short(url: &Url) -> String {
    let digest = HEXLOWER.encode(&Sha256::digest(url.as_str()));
    format!("{} ({})", url.host_str().unwrap_or_default(), digest.get(..8).unwrap_or_default())
}

/// Letters that every file system takes.
fn file_name(calendar: &Calendar) -> String {
    let letters = calendar.name.chars().map(|it| if it.is_alphanumeric() { it } else { '-' });
    let name: String = letters.collect();
    let name = name.trim_matches('-');
    format!("{}.ics", if name.is_empty() { "calendar" } else { name })
}

fn no_calendar(reason: &str) -> Problem {
    Problem::new(ProblemCode::NotACalendar, reason).with("reason", reason)
}

fn bad_address(error: &RemoteError) -> Problem {
    let code = match error {
        RemoteError::Unreachable { .. }
        | RemoteError::Server { .. }
        | RemoteError::Unwell { .. }
        | RemoteError::Paused { .. }
        | RemoteError::Resting { .. } => ProblemCode::Offline,
        RemoteError::Malformed { .. } => ProblemCode::NotACalendar,
        _ => ProblemCode::BadFeedAddress,
    };
    let reason = match error {
        RemoteError::Invalid { reason, .. } | RemoteError::Forbidden { reason } => reason.clone(),
        RemoteError::Malformed { why, .. } => why.clone(),
        other => other.to_string(),
    };
    Problem::new(code, format!("the address cannot be subscribed to: {reason}")).with("reason", reason)
}
