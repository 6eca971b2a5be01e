//! What is worth a notification on the desktop: bookings, and accounts that need their owner.

use tokio::sync::broadcast;

const BACKLOG: usize = 32;

/// One notification, in the person's language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    pub title: String,
    pub body: String,
}

pub struct Alerts {
    stream: broadcast::Sender<Alert>,
}

impl Default for Alerts {
    fn default() -> Self {
        Alerts { stream: broadcast::channel(BACKLOG).0 }
    }
}

impl Alerts {
    pub fn say(&self, (title, body): (String, String)) {
        // A headless run has nobody to notify.
        let _ = self.stream.send(Alert { title, body });
    }

    pub fn listen(&self) -> broadcast::Receiver<Alert> {
        self.stream.subscribe()
    }
}
