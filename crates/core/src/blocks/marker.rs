//! How a copy names what it stands for: the text inside the remote event, and the id it is made under.
//!
//! A marker says which occurrence was copied, to which calendar, and for which time. It names
//! calendars and events by hashes, so that it can be recognised by whoever has the same accounts, a
//! second laptop or a new installation, and tells nothing to anybody else.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate};
use chrono_tz::Tz;
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::event::Original;
use crate::time::{Instant, Interval, Span, day_start};

/// The first word of every marker that this version writes.
const VERSION: &str = "1";

/// 128 bits of a hash: a name that tells nothing but whether two are equal.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag([u8; 16]);

impl Tag {
    /// The parts are kept apart: `a` `bc` and `ab` `c` have different tags.
    pub fn of(kind: &str, parts: &[&str]) -> Self {
        let mut hash = Sha256::new_with_prefix(b"daymark 1\n").chain_update(kind.as_bytes());
        for part in parts {
            let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
            hash.update(length.to_le_bytes());
            hash.update(part.as_bytes());
        }
        let mut tag = [0; 16];
        tag.iter_mut().zip(hash.finalize()).for_each(|(into, from)| *into = from);
        Tag(tag)
    }

    /// A calendar as one account sees it: whoever writes through another account is somebody else.
    pub fn of_calendar(provider: &str, address: &str, remote_id: &str) -> Self {
        Tag::of("calendar", &[provider, &address.to_lowercase(), remote_id])
    }

    /// An event or a whole series, by the id that its provider gave it.
    pub fn of_event(remote_id: &str) -> Self {
        Tag::of("event", &[remote_id])
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that no copy carries; see [`Marker`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no marker of a copy")]
pub struct NoMarker;

impl FromStr for Tag {
    type Err = NoMarker;
    fn from_str(text: &str) -> Result<Self, NoMarker> {
        let bytes = HEXLOWER.decode(text.as_bytes()).map_err(|_| NoMarker)?;
        bytes.try_into().map(Tag).map_err(|_| NoMarker)
    }
}

/// Which occurrence was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    pub calendar: Tag,
    pub event: Tag,
    /// Which occurrence of its series; `None` for a single event.
    pub original: Option<Original>,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Source { calendar, event, original } = self;
        match original {
            Some(original) => write!(f, "{calendar} {event} {original}"),
            None => write!(f, "{calendar} {event} -"),
        }
    }
}

impl FromStr for Source {
    type Err = NoMarker;
    fn from_str(text: &str) -> Result<Self, NoMarker> {
        let mut words = text.split(' ');
        let source = read_source(&mut words)?;
        words.next().map_or(Ok(source), |_| Err(NoMarker))
    }
}

fn read_source<'a>(words: &mut impl Iterator<Item = &'a str>) -> Result<Source, NoMarker> {
    let mut word = || words.next().ok_or(NoMarker);
    let (calendar, event) = (word()?.parse()?, word()?.parse()?);
    let original = match word()? {
        "-" => None,
        text => Some(text.parse().map_err(|_| NoMarker)?),
    };
    Ok(Source { calendar, event, original })
}

/// When something takes place, without the zone that it was made in: providers rewrite that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Times {
    At(Instant, Instant),
    Days(NaiveDate, NaiveDate),
}

impl Times {
    /// Floating times mean what clocks show at `home`.
    pub fn of(span: &Span, home: Tz) -> Self {
        match span {
            Span::AllDay { start, end } => Times::Days(*start, *end),
            Span::Timed { .. } | Span::Floating { .. } => {
                let (start, end) = span.bounds(home);
                Times::At(start, end)
            }
        }
    }

    pub fn span(&self, zone: Tz) -> Span {
        match *self {
            Times::At(start, end) => Span::Timed { start, end, zone },
            Times::Days(start, end) => Span::AllDay { start, end },
        }
    }

    /// `None` for what has no length: it takes no time.
    pub fn interval(&self, home: Tz) -> Option<Interval> {
        match *self {
            Times::At(start, end) => Interval::new(start, end),
            Times::Days(start, end) => Interval::new(day_start(start, home), day_start(end, home)),
        }
    }

    pub fn is_all_day(&self) -> bool {
        matches!(self, Times::Days(..))
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Times::At(start, end) => write!(f, "{}/{}", start.timestamp(), end.timestamp()),
            Times::Days(start, end) => write!(f, "{start}/{end}"),
        }
    }
}

impl FromStr for Times {
    type Err = NoMarker;
    fn from_str(text: &str) -> Result<Self, NoMarker> {
        let (start, end) = text.split_once('/').ok_or(NoMarker)?;
        let second = |text: &str| DateTime::from_timestamp(text.parse().ok()?, 0);
        let days = || Some(Times::Days(start.parse().ok()?, end.parse().ok()?));
        let at = || Some(Times::At(second(start)?, second(end)?));
        at().or_else(days).ok_or(NoMarker)
    }
}

/// What a copy says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker {
    pub source: Source,
    /// The calendar that it was written to: a copy that somebody carried elsewhere names another one.
    pub target: Tag,
    /// The time that it was written for: a copy that somebody made of it stands at another one.
    pub times: Times,
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VERSION} {} {} {}", self.source, self.target, self.times)
    }
}

impl FromStr for Marker {
    type Err = NoMarker;
    fn from_str(text: &str) -> Result<Self, NoMarker> {
        let mut words = text.split(' ');
        if words.next() != Some(VERSION) {
            return Err(NoMarker);
        }
        let source = read_source(&mut words)?;
        let target = words.next().ok_or(NoMarker)?.parse()?;
        let times = words.next().ok_or(NoMarker)?.parse()?;
        words.next().map_or(Ok(Marker { source, target, times }), |_| Err(NoMarker))
    }
}

/// The id that a copy's insert asks for: 32 lower-case hex digits, the same on every machine. It does
/// not follow the time, so that two laptops of which one lags behind still mean one event.
pub fn derived_id(source: &Source, target: Tag) -> String {
    Tag::of("block", &[&source.to_string(), &target.to_string()]).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(original: Option<&str>) -> Source {
        Source {
            calendar: Tag::of_calendar("google", "Maya@northcare.example", "primary"),
            event: Tag::of_event("abc"),
            original: original.map(|text| text.parse().unwrap()),
        }
    }

    #[test]
    fn a_marker_survives_its_text() {
        for original in [None, Some("2026-03-02T14:00:00Z"), Some("2026-03-02"), Some("2026-03-02T09:00:00")]
        {
            for times in ["1772463600/1772467200", "2026-03-02/2026-03-03"] {
                let target = Tag::of("calendar", &["x"]);
                let marker = Marker { source: source(original), target, times: times.parse().unwrap() };
                assert_eq!(marker.to_string().parse(), Ok(marker));
                assert!(marker.to_string().len() < 250, "Google keeps 1,024");
            }
        }
    }

    #[test]
    fn what_is_no_marker_is_refused() {
        let good = Marker {
            source: source(None),
            target: Tag::of("calendar", &["x"]),
            times: "1/2".parse().unwrap(),
        };
        for text in ["", "1", "2 x", &format!("{good} more"), &good.to_string().replace("1 ", "9 ")] {
            assert_eq!(text.parse::<Marker>(), Err(NoMarker), "{text}");
        }
    }

    #[test]
    fn the_destination_belongs_in_the_copys_id() {
        let (one, other) = (Tag::of("calendar", &["1"]), Tag::of("calendar", &["2"]));
        assert_ne!(derived_id(&source(None), one), derived_id(&source(None), other));
        assert_eq!(derived_id(&source(None), one), derived_id(&source(None), one));
        assert_eq!(derived_id(&source(None), one).len(), 32);
    }

    #[test]
    fn an_address_is_the_same_however_it_is_written() {
        let tag = |address| Tag::of_calendar("google", address, "primary");
        assert_eq!(tag("Maya@Northcare.example"), tag("maya@northcare.example"));
        assert_ne!(Tag::of("x", &["a", "bc"]), Tag::of("x", &["ab", "c"]));
    }
}
