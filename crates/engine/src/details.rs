//! What an event shows beyond the managed fields, read from what its provider said.

use chrono_tz::Tz;
use daymark_core::details::Details;
use daymark_core::event::Original;
use daymark_core::ics::{self, Reader};
use daymark_mirror::{EventView, Meeting};
use daymark_remotes::{google, microsoft};
use serde_json::Value;

use crate::accounts::caldav::username_in;
use crate::api::accounts::ProviderKind;

/// What the provider said of an event, and of the series that it belongs to.
pub struct Said<'a> {
    pub original: Option<Original>,
    pub raw: &'a Value,
    pub raw_series: &'a Value,
}

impl<'a> From<&'a EventView> for Said<'a> {
    fn from(view: &'a EventView) -> Self {
        Said { original: view.row.event.original, raw: &view.raw, raw_series: &view.raw_series }
    }
}

impl<'a> From<&'a Meeting> for Said<'a> {
    fn from(meeting: &'a Meeting) -> Self {
        Said { original: meeting.original, raw: &meeting.raw, raw_series: &meeting.raw_series }
    }
}

/// `owner` is the account's address: people are known by it where it is a mail address.
pub fn of<'a>(provider: ProviderKind, said: impl Into<Said<'a>>, owner: &str, zone: Tz) -> Details {
    let said = said.into();
    match provider {
        ProviderKind::Google => google::details(said.raw),
        ProviderKind::Microsoft => microsoft::details(said.raw),
        ProviderKind::CalDav => of_resource(&said, owner, zone),
        // Of a file only the managed fields are kept.
        ProviderKind::File | ProviderKind::Feed => Details::default(),
    }
}

/// One text holds a series with its exceptions, and is kept with the series.
fn of_resource(said: &Said<'_>, owner: &str, zone: Tz) -> Details {
    let text = |raw: &Value| raw.get("ics").and_then(Value::as_str).map(str::to_owned);
    let Some(text) = text(said.raw).or_else(|| text(said.raw_series)) else { return Details::default() };
    let owner = [username_in(owner).to_owned()];
    ics::details(&text, said.original, &Reader { zone, owner: &owner })
}
