//! The awkward habits of Graph that a test may turn up or down.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Quirks {
    /// The first answer of a full round is empty and only links to the next page.
    pub empty_first_page: bool,
    /// Items come again at the end of a round and at the start of the next.
    pub replays: bool,
    /// How many links of a calendar's delta stay alive; older ones answer 410.
    pub sync_states: usize,
    /// Items on a page when the caller states no preference.
    pub page_size: usize,
    /// In how many further rounds of delta a write stays unseen.
    pub delta_lag: u32,
    /// A repeated `transactionId` is refused with 409 instead of answered with the event it made.
    pub refuse_repeats: bool,
    /// How long a request occupies its mailbox.
    pub latency_ms: u64,
    /// Requests at a time of one application to one mailbox.
    pub concurrency: usize,
    /// Requests in ten minutes of one application to one mailbox.
    pub requests_per_10_min: usize,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            empty_first_page: true,
            replays: true,
            sync_states: 64,
            page_size: 10,
            delta_lag: 0,
            refuse_repeats: false,
            latency_ms: 0,
            concurrency: 4,
            requests_per_10_min: 10_000,
        }
    }
}
