//! Outlook's limits: so many requests at a time, and so many in ten minutes, of one application to one mailbox.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Duration, Utc};

use super::error::GraphError;
use super::quirks::Quirks;
use crate::sync::lock;

const RETRY_AFTER_S: i64 = 5;

#[derive(Default)]
struct Usage {
    running: usize,
    recent: VecDeque<DateTime<Utc>>,
}

/// Application and mailbox.
type Line = (String, String);

#[derive(Clone, Default)]
pub struct Throttle(Arc<Mutex<BTreeMap<Line, Usage>>>);

/// A place among the requests that run at a time; it is given back when dropped.
pub struct Permit {
    throttle: Throttle,
    line: Line,
}

impl Throttle {
    pub fn enter(
        &self,
        client: &str,
        mailbox: &str,
        now: DateTime<Utc>,
        quirks: &Quirks,
    ) -> Result<Permit, GraphError> {
        let line = (client.to_owned(), mailbox.to_ascii_lowercase());
        let mut lines = lock(&self.0);
        let usage = lines.entry(line.clone()).or_default();
        usage.recent.retain(|at| now - *at < Duration::minutes(10));
        // A refused request counts as well: whoever hammers stays locked out.
        usage.recent.push_back(now);
        if usage.recent.len() > quirks.requests_per_10_min {
            let first = usage.recent.front().copied().unwrap_or(now);
            let wait_s = (first + Duration::minutes(10) - now).num_seconds().max(1);
            return Err(refusal("Application is over its request limit.", wait_s));
        }
        if usage.running >= quirks.concurrency {
            return Err(refusal("Application is over its MailboxConcurrency limit.", RETRY_AFTER_S));
        }
        usage.running += 1;
        Ok(Permit { throttle: self.clone(), line })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(usage) = lock(&self.throttle.0).get_mut(&self.line) {
            usage.running = usage.running.saturating_sub(1);
        }
    }
}

fn refusal(message: &str, retry_after_s: i64) -> GraphError {
    GraphError::new(429, "ApplicationThrottled", message)
        .with_header("Retry-After", retry_after_s.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-03-04T16:42:00Z".parse().unwrap()
    }

    #[test]
    fn the_fifth_at_a_time_is_refused_until_one_ends() {
        let (throttle, quirks) = (Throttle::default(), Quirks::default());
        let enter = || throttle.enter("app", "m@example.org", now(), &quirks);
        let mut running: Vec<Permit> = (0..4).map(|_| enter().unwrap()).collect();
        let refused = enter().err().unwrap();
        assert_eq!((refused.status, refused.code.as_str()), (429, "ApplicationThrottled"));
        assert_eq!(refused.headers, [("Retry-After".to_owned(), "5".to_owned())]);
        running.pop();
        assert!(enter().is_ok());
    }

    #[test]
    fn other_mailboxes_and_applications_are_counted_apart() {
        let (throttle, quirks) = (Throttle::default(), Quirks { concurrency: 1, ..Quirks::default() });
        let _first = throttle.enter("app", "m@example.org", now(), &quirks).unwrap();
        assert!(throttle.enter("app", "M@example.org", now(), &quirks).is_err());
        assert!(throttle.enter("app", "n@example.org", now(), &quirks).is_ok());
        assert!(throttle.enter("other", "m@example.org", now(), &quirks).is_ok());
    }

    #[test]
    fn requests_made_while_throttled_count_too() {
        let (throttle, quirks) =
            (Throttle::default(), Quirks { requests_per_10_min: 2, ..Quirks::default() });
        let enter =
            |minutes: i64| throttle.enter("app", "m", now() + Duration::minutes(minutes), &quirks).map(drop);
        assert!(enter(0).is_ok() && enter(1).is_ok());
        let refused = enter(2).unwrap_err();
        assert_eq!(refused.headers, [("Retry-After".to_owned(), "480".to_owned())]);
        assert!(enter(10).is_err(), "the refused one of minute 2 still counts");
        assert!(enter(13).is_ok());
    }
}
