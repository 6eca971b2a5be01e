//! What a visitor asks for: read from an address or a form, not yet judged.

use chrono::NaiveDateTime;
use daymark_core::time::Instant;

use crate::pages::form::Typed;
use crate::pages::keys::FormKey;
use crate::pages::visitor::{Asked, Zone, zone};

pub struct Wish {
    pub key: FormKey,
    pub type_id: String,
    pub start_text: String,
    pub start: Option<Instant>,
    pub zone: Zone,
    pub typed: Typed,
}

impl Wish {
    pub fn read(asked: &Asked, key: FormKey) -> Wish {
        let start_text = asked.get("start").unwrap_or_default().to_owned();
        Wish {
            key,
            type_id: asked.get("type").unwrap_or_default().to_owned(),
            start: read_start(&start_text),
            start_text,
            zone: zone(asked.get("tz")),
            typed: Typed::read(asked),
        }
    }

    /// Tells this request from another one with the same key.
    pub fn digest(&self, slug: &str) -> String {
        let Typed { name, email, phone, address, note } = &self.typed;
        self.key.request_digest(&[slug, &self.type_id, &self.start_text, name, email, phone, address, note])
    }
}

fn read_start(text: &str) -> Option<Instant> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%MZ").ok().map(|start| start.and_utc())
}

pub fn write_start(start: Instant) -> String {
    start.format("%Y-%m-%dT%H:%MZ").to_string()
}
