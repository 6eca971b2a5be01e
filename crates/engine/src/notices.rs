//! The one stream of notices: what went stale, numbered so that a gap shows.

use std::sync::Mutex;
use std::sync::PoisonError;

use tokio::sync::broadcast;

use crate::api::{Notice, Tag};

/// Enough for a UI that redraws; one that falls further behind sees the gap and asks for everything.
const BACKLOG: usize = 256;

pub struct Notices {
    last: Mutex<u64>,
    stream: broadcast::Sender<Notice>,
}

impl Default for Notices {
    fn default() -> Self {
        Notices { last: Mutex::new(0), stream: broadcast::channel(BACKLOG).0 }
    }
}

impl Notices {
    pub fn tell(&self, tags: &[Tag]) {
        // Numbering and sending under one lock keeps the stream in order.
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last += 1;
        // Without a listener there is nobody to tell; the next window starts from fresh data.
        let _ = self.stream.send(Notice { change: *last, tags: tags.to_vec() });
    }

    pub fn listen(&self) -> broadcast::Receiver<Notice> {
        self.stream.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn notices_arrive_in_order_and_numbered_without_a_gap() {
        let notices = Notices::default();
        let mut heard = notices.listen();
        notices.tell(&[Tag::Schedule]);
        notices.tell(&[Tag::Health, Tag::Accounts]);
        assert_eq!(heard.recv().await.unwrap(), Notice { change: 1, tags: vec![Tag::Schedule] });
        assert_eq!(heard.recv().await.unwrap().change, 2);
    }
}
