//! What the app and the relay say to each other. Nothing here names a provider, an event or an attendee.

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::booking::{BookingId, TypeId};
use crate::time::Instant;

/// Paths of the owner's API, relative to the relay's address.
pub mod paths {
    pub const ENROL: &str = "/api/v1/enrol";
    pub const PAGE: &str = "/api/v1/page";
    pub const INBOX: &str = "/api/v1/inbox";
    pub const ACK: &str = "/api/v1/ack";
    pub const DECISIONS: &str = "/api/v1/decisions";
}

/// How long a publication promises instant confirmation, when the owner sets nothing else.
pub const LEASE_HOURS: i64 = 4;
/// How long after its lease a page still takes requests.
pub const STALE_HOURS: i64 = 72;
/// The longest that the relay holds an inbox request open.
pub const LONG_POLL_MAX_S: u64 = 25;

/// A one-time code as both sides mean it, whatever spaces, hyphens and look-alikes were typed.
pub fn plain_code(typed: &str) -> String {
    let unmistaken = |letter: char| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    typed.chars().filter(char::is_ascii_alphanumeric).map(unmistaken).collect()
}

/// A laptop joins with the one-time code that the admin's `relay enrol` printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrol {
    pub code: String,
    /// What the admin sees this device called.
    pub device_name: String,
    /// Ed25519 public key, base64: it signs every later request.
    pub verifying_key: String,
    /// X25519 public key, base64: visitors' answers are sealed to it.
    pub sealing_key: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolled {
    /// The `keyid` of this device's signatures.
    pub device: String,
    pub epoch: String,
    /// The public page's address.
    pub page_url: String,
}

/// Replaces the published offer. Accepted only if `rev` is higher than the stored one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutPage {
    pub rev: u64,
    /// The last inbox entry that the sheet takes into account.
    pub based_on_seq: u64,
    /// When the data behind the sheet was known to be complete.
    pub checked_at: Instant,
    pub lease_until: Instant,
    pub mode: Mode,
    pub sheet: Sheet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A free time is given at once while the lease is fresh.
    Instant,
    /// The owner answers each request.
    Approval,
    /// The page says that it takes no bookings now.
    Paused,
}

/// What visitors may know of the owner's time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    pub owner: OwnerCard,
    pub types: Vec<TypeSheet>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnerCard {
    pub name: String,
    pub role: String,
    pub organisation: String,
    pub zone: Tz,
    /// Whom to call when the page cannot help; may be empty.
    pub phone: String,
}

/// One appointment type with the starts it is offered at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeSheet {
    pub id: TypeId,
    pub name: String,
    pub description: String,
    pub length_min: u32,
    /// The gap a visit keeps to the next one: the larger of its two buffers.
    pub gap_min: u32,
    pub notice_min: u32,
    pub place: Place,
    /// Visitors may cancel until this long before the start.
    pub cancel_cutoff_min: u32,
    /// Offered starts, minutes since 1970-01-01T00:00Z, rising. Already free of busy times and buffers.
    pub starts_min: Vec<i64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "detail")]
pub enum Place {
    /// The visitor gives an address.
    AtVisitor,
    Fixed(String),
    /// The visitor gives a number.
    Phone,
    Video(String),
}

/// The answer to `GET inbox?after=seq&wait=s`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbox {
    /// Which life of its database this is: a relay that began anew has another.
    pub epoch: String,
    pub entries: Vec<InboxEntry>,
    /// How far the relay's own memory goes. Less than the laptop has seen of it: a backup was put back. Older
    /// relays do not say.
    #[serde(default)]
    pub known: Option<Known>,
}

/// What a relay has of one person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Of the last entry in their inbox; 0 for none.
    pub seq: u64,
    /// Of their page; 0 for none.
    pub rev: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxEntry {
    pub seq: u64,
    pub booking: BookingId,
    pub version: u32,
    pub kind: InboxKind,
    pub at: Instant,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum InboxKind {
    /// A visitor booked. `promised` says that the page told them it is accepted.
    Booked {
        type_id: TypeId,
        start: Instant,
        length_min: u32,
        promised: bool,
        /// A [`Visitor`], sealed to the owner's X25519 key, base64.
        sealed: String,
        /// `None` from a relay older than this field; an older laptop passes over it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        as_booked: Option<AsBooked>,
    },
    Cancelled,
}

/// What the page said when the visitor booked: the owner may have changed it since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsBooked {
    pub type_name: String,
    pub place: Place,
    /// `None` for a time that was given at once.
    pub waits_for: Option<WaitsFor>,
}

/// Whose word a request waits for, as its visitor was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    /// The owner answers every request in person.
    Owner,
    /// The page's times were old: they are looked at again.
    Times,
}

/// What a visitor typed; the relay keeps it sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visitor {
    pub name: String,
    pub email: String,
    pub phone: String,
    pub address: String,
    pub note: String,
    pub zone: Tz,
    pub language: String,
}

/// Everything up to `upto` is durable on the laptop. Refused when `epoch` is not the relay's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ack {
    pub epoch: String,
    pub upto: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decisions {
    pub decisions: Vec<Decision>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    pub booking: BookingId,
    pub version: u32,
    pub verdict: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Confirm,
    Decline,
}

/// The relay's answer to decisions: how each booking stands now. A decision that came too late is
/// not an error: it is ignored, and the state says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    pub bookings: Vec<BookingState>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookingState {
    pub booking: BookingId,
    pub version: u32,
    pub state: crate::booking::State,
}

/// Every refusal of the owner's API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub code: ProblemCode,
    /// A sentence for the log, not for branching.
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// Wrong, used or expired enrolment code.
    BadCode,
    /// Missing or wrong signature, unknown device, clock off by more than five minutes, or a used nonce.
    BadSignature,
    DeviceRevoked,
    /// `rev` is not higher than the stored one.
    OldRev,
    /// The relay was restored: its epoch changed.
    EpochChanged,
    BadRequest,
    TooLarge,
    Unavailable,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn booked(as_booked: Option<AsBooked>) -> InboxKind {
        InboxKind::Booked {
            type_id: TypeId("visit".into()),
            start: "2026-03-04T15:00:00Z".parse().unwrap(),
            length_min: 60,
            promised: false,
            sealed: "c2VhbGVk".into(),
            as_booked,
        }
    }

    #[test]
    fn an_entry_of_an_older_relay_is_understood() {
        let old = r#"{"kind":"booked","type_id":"visit","start":"2026-03-04T15:00:00Z","length_min":60,
            "promised":false,"sealed":"c2VhbGVk"}"#;
        assert_eq!(serde_json::from_str::<InboxKind>(old).unwrap(), booked(None));
    }

    #[test]
    fn what_was_booked_reads_back_and_adds_one_field_for_older_laptops_to_pass_over() {
        let as_booked = AsBooked {
            type_name: "Home assessment".into(),
            place: Place::Fixed("Depot 4".into()),
            waits_for: Some(WaitsFor::Owner),
        };
        let mut value = serde_json::to_value(booked(Some(as_booked.clone()))).unwrap();
        assert_eq!(serde_json::from_value::<InboxKind>(value.clone()).unwrap(), booked(Some(as_booked)));
        value.as_object_mut().unwrap().remove("as_booked").unwrap();
        assert_eq!(value, serde_json::to_value(booked(None)).unwrap());
    }
}
