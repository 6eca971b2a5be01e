//! What an event shows beyond the managed fields, read from what its provider said.

use chrono_tz::Tz;
use daymark_core::details::Details;
use daymark_core::ics::{self, Reader};
use daymark_mirror::EventView;
use daymark_remotes::{google, microsoft};
use serde_json::Value;

use crate::accounts::caldav::username_in;
use crate::api::accounts::ProviderKind;

/// `owner` is the account's address: people are known by it where it is a mail address.
pub fn of(provider: ProviderKind, view: &EventView, owner: &str, zone: Tz) -> Details {
    match provider {
        ProviderKind::Google => google::details(&view.raw),
        ProviderKind::Microsoft => microsoft::details(&view.raw),
        ProviderKind::CalDav => of_resource(view, owner, zone),
        // Of a file only the managed fields are kept.
        ProviderKind::File | ProviderKind::Feed => Details::default(),
    }
}

/// One text holds a series with its exceptions, and is kept with the series.
fn of_resource(view: &EventView, owner: &str, zone: Tz) -> Details {
    let text = |raw: &Value| raw.get("ics").and_then(Value::as_str).map(str::to_owned);
    let Some(text) = text(&view.raw).or_else(|| text(&view.raw_series)) else { return Details::default() };
    let owner = [username_in(owner).to_owned()];
    ics::details(&text, view.row.event.original, &Reader { zone, owner: &owner })
}
