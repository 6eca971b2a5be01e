//! What the worlds of all providers have in common: the moment, the place, and a round of reading.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use chrono_tz::Tz;
use daymark_core::event::Fields;
use daymark_core::time::{Instant, Interval, Span, resolve};
use daymark_remotes::calendar::{CalendarProvider, Changes, Cursor, Draft, Next, RemoteCalendarId};
use daymark_remotes::error::RemoteError;
use daymark_remotes::http::Pace;
use daymark_sandbox::control::Control;

use crate::seen::Seen;

pub const MAIL: &str = "maya@northcare.example";
pub const HOME: Tz = Tz::America__Toronto;
/// A Monday in Toronto, a week before clocks go forward.
pub const NOW: &str = "2026-03-02T13:00:00Z";
const MOST_PAGES: usize = 200;

/// Waits pass at once on the sandbox's clock, and are written down.
pub struct SandboxPace {
    control: Arc<Control>,
    waits: Mutex<Vec<Duration>>,
}

impl SandboxPace {
    pub fn new(control: Arc<Control>) -> Arc<Self> {
        Arc::new(SandboxPace { control, waits: Mutex::default() })
    }

    pub fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }
}

#[async_trait]
impl Pace for SandboxPace {
    async fn wait(&self, time: Duration) {
        self.waits.lock().unwrap().push(time);
        self.control.advance(TimeDelta::from_std(time).unwrap());
        tokio::task::yield_now().await;
    }

    fn jitter(&self) -> f64 {
        0.0
    }

    fn now(&self) -> Instant {
        self.control.now()
    }
}

/// What a reader knows, and where it stands.
pub struct Stand<'a> {
    pub seen: &'a mut Seen,
    pub cursor: &'a mut Option<Cursor>,
}

/// One round. What was understood stays, and so does the cursor, also when it fails midway.
pub async fn round(
    provider: &dyn CalendarProvider,
    calendar: &RemoteCalendarId,
    stand: Stand<'_>,
    window: Interval,
) -> Result<Pulled, RemoteError> {
    let mut pulled = Pulled::default();
    for _ in 0..MOST_PAGES {
        let page = match provider.changes(calendar, stand.cursor.as_ref(), window).await? {
            Changes::Page(page) => page,
            Changes::Expired => {
                *stand.cursor = None;
                return Ok(Pulled { expired: true, ..pulled });
            }
        };
        pulled.pages += 1;
        pulled.items += page.items.len();
        page.items.into_iter().for_each(|item| stand.seen.apply(item));
        match page.next {
            Next::More(cursor) => *stand.cursor = Some(cursor),
            Next::Done(cursor) => {
                *stand.cursor = Some(cursor);
                return Ok(pulled);
            }
        }
    }
    panic!("a round of more than {MOST_PAGES} pages");
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pulled {
    pub pages: usize,
    pub items: usize,
    pub expired: bool,
}

/// As the engine asks for it: 90 days back, 400 ahead.
pub fn window() -> Interval {
    let now: Instant = NOW.parse().unwrap();
    Interval::new(now - TimeDelta::days(90), now + TimeDelta::days(400)).unwrap()
}

/// A wall time in Toronto.
pub fn at(text: &str) -> Instant {
    resolve(text.parse().unwrap(), HOME)
}

pub fn timed(start: &str, end: &str) -> Span {
    Span::Timed { start: at(start), end: at(end), zone: HOME }
}

pub fn draft(title: &str, span: Span) -> Draft {
    Draft {
        derived_id: "0123456789abcdef0123456789abcdef".into(),
        fields: Fields::new(title, span),
        rest: None,
    }
}
