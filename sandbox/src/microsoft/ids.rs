//! Identifiers as Exchange hands them out: long, opaque, and different only by case from their neighbours.

use chrono::NaiveDate;

/// Neighbouring numbers differ in the case of one letter, so whoever folds case mixes two events up.
const LETTERS: &[u8; 52] = b"AaBbCcDdEeFfGgHhIiJjKkLlMmNnOoPpQqRrSsTtUuVvWwXxYyZz";
const DEFAULT: &str = "AAMkADg3";
const IMMUTABLE: &str = "AAkALgAA";
const CALENDAR: &str = "AAMkAGI2";
const NUMBER_LENGTH: usize = 8;
const MOVES_LENGTH: usize = 3;
const DATE_LENGTH: usize = 4;
/// Day numbers stay inside four digits of base 52 from here on.
const FIRST_DAY: i32 = 500_000;

/// What an event's id points at: an event or a series, or one occurrence of it by its original date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    pub number: u64,
    pub date: Option<NaiveDate>,
}

impl Key {
    pub fn event(number: u64) -> Self {
        Self { number, date: None }
    }

    pub fn occurrence(number: u64, date: NaiveDate) -> Self {
        Self { number, date: Some(date) }
    }
}

/// A parsed id. Default ids carry how often their item has moved; immutable ones do not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parsed {
    pub key: Key,
    pub moves: Option<u32>,
}

pub fn event_id(mailbox: &str, key: Key, moves: u32, immutable: bool) -> String {
    let (prefix, moves) = if immutable { (IMMUTABLE, 0) } else { (DEFAULT, moves) };
    let date = key.date.map_or(String::new(), |date| {
        digits((chrono::Datelike::num_days_from_ce(&date) - FIRST_DAY).unsigned_abs().into(), DATE_LENGTH)
    });
    let kind = if key.date.is_some() { "FRAAg" } else { "BGAAA" };
    format!(
        "{prefix}{mailbox}{kind}{}-{}{date}AAA=",
        digits(key.number, NUMBER_LENGTH),
        digits(moves.into(), MOVES_LENGTH)
    )
}

pub fn parse_event_id(mailbox: &str, id: &str) -> Option<Parsed> {
    let (immutable, rest) = match id.strip_prefix(DEFAULT) {
        Some(rest) => (false, rest),
        None => (true, id.strip_prefix(IMMUTABLE)?),
    };
    let rest = rest.strip_prefix(mailbox)?.strip_suffix("AAA=")?;
    let (dated, rest) = match rest.strip_prefix("FRAAg") {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix("BGAAA")?),
    };
    let (number, tail) = rest.split_once('-')?;
    let (moves, date) = tail.split_at_checked(MOVES_LENGTH)?;
    let number = value(number, NUMBER_LENGTH)?;
    let moves = u32::try_from(value(moves, MOVES_LENGTH)?).ok()?;
    let date = match dated {
        true => {
            let days = i32::try_from(value(date, DATE_LENGTH)?).ok()?;
            Some(NaiveDate::from_num_days_from_ce_opt(days + FIRST_DAY)?)
        }
        false if date.is_empty() => None,
        false => return None,
    };
    Some(Parsed { key: Key { number, date }, moves: (!immutable).then_some(moves) })
}

/// Containers keep one id under both preferences.
pub fn calendar_id(mailbox: &str, number: u64) -> String {
    format!("{CALENDAR}{mailbox}AuAAAA{}AAA=", digits(number, NUMBER_LENGTH))
}

/// The part of every id that belongs to one mailbox.
pub fn mailbox_part(user: &str) -> String {
    let sum = user
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    digits(sum, 12)
}

fn digits(mut number: u64, length: usize) -> String {
    let mut text = Vec::with_capacity(length);
    for _ in 0..length {
        let digit = usize::try_from(number % 52).unwrap_or(0);
        text.push(LETTERS.get(digit).copied().unwrap_or(b'A'));
        number /= 52;
    }
    text.iter().rev().map(|letter| char::from(*letter)).collect()
}

fn value(text: &str, length: usize) -> Option<u64> {
    if text.len() != length {
        return None;
    }
    text.bytes().try_fold(0_u64, |sum, letter| {
        let digit = LETTERS.iter().position(|known| *known == letter)?;
        sum.checked_mul(52)?.checked_add(u64::try_from(digit).ok()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_back_as_what_it_names() {
        let date = NaiveDate::from_ymd_opt(2026, 7, 1);
        for key in [Key::event(1), Key::event(123_456), Key { number: 7, date }] {
            let id = event_id("abc", key, 2, false);
            assert_eq!(parse_event_id("abc", &id), Some(Parsed { key, moves: Some(2) }));
            let id = event_id("abc", key, 2, true);
            assert_eq!(parse_event_id("abc", &id), Some(Parsed { key, moves: None }));
        }
    }

    #[test]
    fn neighbours_differ_only_by_case() {
        let first = event_id("abc", Key::event(10), 0, false);
        let second = event_id("abc", Key::event(11), 0, false);
        assert_ne!(first, second);
        assert!(first.eq_ignore_ascii_case(&second));
    }

    #[test]
    fn a_move_changes_the_default_id_only() {
        let key = Key::event(3);
        assert_ne!(event_id("abc", key, 0, false), event_id("abc", key, 1, false));
        assert_eq!(event_id("abc", key, 0, true), event_id("abc", key, 1, true));
    }

    #[test]
    fn an_id_of_another_mailbox_or_none_is_malformed() {
        assert_eq!(parse_event_id("abc", &event_id("abd", Key::event(3), 0, false)), None);
        assert_eq!(parse_event_id("abc", "nonsense"), None);
        assert_eq!(parse_event_id("abc", ""), None);
    }
}
