//! The public page and the bookings that came through it.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::problem::Problem;
use super::schedule::EventRef;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PublicPage {
    /// Joined to a relay.
    pub enrolled: bool,
    /// The relay's address, as it was joined.
    pub relay: Option<String>,
    pub url: Option<String>,
    /// The link as a QR code: an SVG document.
    pub qr_svg: Option<String>,
    pub settings: PageSettings,
    #[ts(type = "string | null")]
    pub published_at: Option<NaiveDateTime>,
    /// Until then a visitor's time is given at once.
    #[ts(type = "string | null")]
    pub lease_until: Option<NaiveDateTime>,
    /// How many starts the page offers now.
    pub offered: u32,
    /// Why the last publication failed.
    pub problem: Option<Problem>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PageSettings {
    pub on: bool,
    /// The person answers each request instead of giving times at once.
    pub approval: bool,
    /// The calendar that receives bookings; `null`: the first writable one.
    #[ts(type = "number | null")]
    pub calendar: Option<i64>,
    pub appointment: AppointmentType,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AppointmentType {
    pub name: String,
    pub description: String,
    pub length_min: u32,
    pub place: PlaceKind,
    /// The address or link, for fixed places and video.
    pub place_detail: String,
    pub step_min: u32,
    pub buffer_before_min: u32,
    pub buffer_after_min: u32,
    pub notice_min: u32,
    pub window_days: u32,
    pub cancel_cutoff_min: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    AtVisitor,
    Fixed,
    Phone,
    Video,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EnrolRelay {
    pub address: String,
    pub code: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Booking {
    pub id: String,
    pub state: BookingState,
    pub type_name: String,
    #[ts(type = "string")]
    pub start: NaiveDateTime,
    #[ts(type = "string")]
    pub end: NaiveDateTime,
    pub visitor: BookingVisitor,
    /// Why nothing is known of the visitor; `null` when they are known.
    pub unopened: Option<BookingUnopened>,
    /// Where, as the page said it when this was booked; `null` for bookings from before that was told.
    pub place: Option<PlaceKind>,
    /// The address or link, for fixed places and video.
    pub place_detail: String,
    pub event: Option<EventRef>,
    /// It overlaps something added elsewhere meanwhile.
    pub clash: bool,
    /// What you did to its event and the visitor does not know.
    pub untold: Option<BookingUntold>,
    /// Why its event is not on the calendar yet.
    pub unwritten: Option<BookingUnwritten>,
    #[ts(type = "string")]
    pub received: NaiveDateTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BookingState {
    Requested,
    /// Promised; not on the calendar yet.
    Accepted,
    /// On the calendar.
    Confirmed,
    Declined,
    Cancelled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BookingUntold {
    Moved,
    Cancelled,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum BookingUnwritten {
    /// Promised; it waits until every calendar that counts as busy has been read.
    Undecided,
    /// It waits to be sent.
    Waiting,
    /// The provider does not take it; in its words.
    Refused { reason: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BookingUnopened {
    /// What they typed is kept, and opens by itself when its key is here.
    Sealed,
    /// Nothing is kept: the relay had erased it, or an older Daymark could not open it.
    Gone,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BookingVisitor {
    pub name: String,
    pub email: String,
    pub phone: String,
    pub address: String,
    pub note: String,
    pub zone: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DecideBooking {
    pub booking: String,
    pub confirm: bool,
}
