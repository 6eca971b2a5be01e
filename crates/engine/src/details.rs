//! What an event shows beyond the managed fields, read from what its provider said.

use chrono_tz::Tz;
use daymark_core::details::Details;
use daymark_core::event::Original;
use daymark_core::ics::{self, Pen, Reader};
use daymark_core::time::Instant;
use daymark_mirror::{Content, EventView, Meeting};
use daymark_remotes::{google, microsoft};
use serde_json::Value;

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

impl<'a> From<&'a Content> for Said<'a> {
    fn from(content: &'a Content) -> Self {
        let original = content.event.series.as_ref().map(|series| series.original);
        Said { original, raw: &content.raw, raw_series: &content.raw_series }
    }
}

/// `owner` is the account's address: people are known by it where it is a mail address.
pub fn of<'a>(provider: ProviderKind, said: impl Into<Said<'a>>, owner: &str, zone: Tz) -> Details {
    let said = said.into();
    match provider {
        ProviderKind::Google => google::details(said.raw),
        ProviderKind::Microsoft => microsoft::details(said.raw),
        ProviderKind::CalDav | ProviderKind::File | ProviderKind::Feed => of_resource(&said, owner, zone),
    }
}

/// The same as lines of a calendar file: as they are written where the provider has such lines, else made from what
/// is shown. Daymark's own marks are none of them.
pub fn lines(provider: ProviderKind, content: &Content, owner: &str, zone: Tz, now: Instant) -> Vec<String> {
    let said = Said::from(content);
    match provider {
        ProviderKind::Google | ProviderKind::Microsoft => {
            ics::lines_of(&of(provider, said, owner, zone), &content.event.fields.title)
        }
        ProviderKind::CalDav | ProviderKind::File | ProviderKind::Feed => {
            let owner = [username_in(owner).to_owned()];
            let text = text_of(&said).unwrap_or_default();
            ics::unmanaged(text, said.original, &Pen { now, zone, owner: &owner })
        }
    }
}

/// The name in what tells an account from others.
pub fn username_in(address: &str) -> &str {
    address.rsplit_once(" (").map_or(address, |(username, _)| username)
}

/// One text holds a series with its exceptions, and is kept with the series.
fn of_resource(said: &Said<'_>, owner: &str, zone: Tz) -> Details {
    let Some(text) = text_of(said) else { return Details::default() };
    let owner = [username_in(owner).to_owned()];
    ics::details(text, said.original, &Reader { zone, owner: &owner })
}

fn text_of<'a>(said: &Said<'a>) -> Option<&'a str> {
    let text = |raw: &'a Value| raw.get("ics").and_then(Value::as_str);
    text(said.raw).or_else(|| text(said.raw_series))
}
