//! `PUT page`: the laptop replaces what its person offers.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use chrono::TimeDelta;
use daymark_core::contract::{OwnerCard, Place, ProblemCode, PutPage, TypeSheet};
use daymark_core::signing::MAX_SKEW_S;
use daymark_core::time::Instant;

use super::problem::{Refused, Result, parse};
use super::signed::Signed;
use crate::app::App;
use crate::store::{Publication, PutOutcome};

const TYPES_MAX: usize = 50;
const STARTS_MAX: usize = 50_000;
const WORD_MAX: usize = 200;
const TEXT_MAX: usize = 2_000;
const DAY_MIN: u32 = 24 * 60;
const MONTH_MIN: u32 = 31 * DAY_MIN;
/// A lease promises that the laptop knows its calendars; nobody can promise that for longer.
const LEASE_MAX_DAYS: i64 = 7;

pub async fn put(State(app): State<Arc<App>>, signed: Signed) -> Result<StatusCode> {
    let page: PutPage = parse(&signed.body)?;
    check(&page, app.now()).map_err(Refused::bad_request)?;
    let publication = Publication {
        device: signed.device.id,
        rev: page.rev,
        based_on_seq: page.based_on_seq,
        checked_at: page.checked_at,
        lease_until: page.lease_until,
        mode: page.mode,
        sheet: page.sheet,
    };
    match app.store.put_page(signed.device.person, publication).await? {
        PutOutcome::Stored => Ok(StatusCode::NO_CONTENT),
        PutOutcome::OldRev { stored } => {
            let message = format!("rev {} is not above {stored}, which is published", page.rev);
            Err(Refused::new(ProblemCode::OldRev, message))
        }
    }
}

type Checked = std::result::Result<(), String>;

fn check(page: &PutPage, now: Instant) -> Checked {
    if page.checked_at > now + TimeDelta::seconds(MAX_SKEW_S) {
        return Err("checked_at lies in the future".into());
    }
    if page.lease_until > now + TimeDelta::days(LEASE_MAX_DAYS) {
        return Err(format!("lease_until lies more than {LEASE_MAX_DAYS} days ahead"));
    }
    if page.rev > i64::MAX.unsigned_abs() || page.based_on_seq > i64::MAX.unsigned_abs() {
        return Err("rev or based_on_seq is too large".into());
    }
    owner(&page.sheet.owner)?;
    if page.sheet.types.len() > TYPES_MAX {
        return Err(format!("more than {TYPES_MAX} appointment types"));
    }
    let ids: HashSet<_> = page.sheet.types.iter().map(|sheet| &sheet.id).collect();
    if ids.len() != page.sheet.types.len() {
        return Err("two appointment types share an id".into());
    }
    page.sheet.types.iter().try_for_each(appointment_type)
}

fn owner(card: &OwnerCard) -> Checked {
    line("owner.name", &card.name, 1)?;
    line("owner.role", &card.role, 0)?;
    line("owner.organisation", &card.organisation, 0)?;
    line("owner.phone", &card.phone, 0)
}

fn appointment_type(sheet: &TypeSheet) -> Checked {
    line("type.id", &sheet.id.0, 1)?;
    line("type.name", &sheet.name, 1)?;
    text("type.description", &sheet.description)?;
    match &sheet.place {
        Place::Fixed(detail) => line("type.place", detail, 1)?,
        Place::Video(detail) => line("type.place", detail, 0)?,
        Place::AtVisitor | Place::Phone => {}
    }
    let name = &sheet.id.0;
    if !(1..=DAY_MIN).contains(&sheet.length_min) || sheet.gap_min > DAY_MIN {
        return Err(format!("{name}: a visit lasts 1 minute to a day, with a gap of at most a day"));
    }
    if sheet.notice_min > 12 * MONTH_MIN || sheet.cancel_cutoff_min > 12 * MONTH_MIN {
        return Err(format!("{name}: notice or cut-off is longer than a year"));
    }
    if sheet.starts_min.len() > STARTS_MAX {
        return Err(format!("{name}: more than {STARTS_MAX} starts"));
    }
    if !sheet.starts_min.is_sorted_by(|a, b| a < b) {
        return Err(format!("{name}: the starts do not rise"));
    }
    let possible = 0..=i64::from(u32::MAX);
    if sheet.starts_min.iter().any(|start| !possible.contains(start)) {
        return Err(format!("{name}: a start lies outside of all calendars"));
    }
    Ok(())
}

fn line(name: &str, value: &str, min: usize) -> Checked {
    let length = value.chars().count();
    if length < min || length > WORD_MAX || value.chars().any(char::is_control) {
        return Err(format!("{name} must be one line of {min} to {WORD_MAX} letters"));
    }
    Ok(())
}

fn text(name: &str, value: &str) -> Checked {
    let forbidden = |c: char| c.is_control() && c != '\n';
    if value.chars().count() > TEXT_MAX || value.chars().any(forbidden) {
        return Err(format!("{name} must be plain text of at most {TEXT_MAX} letters"));
    }
    Ok(())
}
