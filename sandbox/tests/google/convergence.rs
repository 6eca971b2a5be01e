//! A mirror kept by sync tokens ends up with what a fresh listing shows, whatever happens in between.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::{Fake, MAYA, fake_with, hour, standup};

#[derive(Clone, Debug)]
enum Step {
    Insert(u32),
    Rename(u32),
    Delete(u32),
    RenameOccurrence(u32),
    DeleteOccurrence(u32),
    CutSeries(u32),
    DeleteSeries,
    ExpireTokens,
    Sync,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..6_u32).prop_map(Step::Insert),
        (0..6_u32).prop_map(Step::Rename),
        (0..6_u32).prop_map(Step::Delete),
        (2..7_u32).prop_map(Step::RenameOccurrence),
        (2..7_u32).prop_map(Step::DeleteOccurrence),
        (2..7_u32).prop_map(Step::CutSeries),
        Just(Step::DeleteSeries),
        Just(Step::ExpireTokens),
        Just(Step::Sync),
        Just(Step::Sync),
    ]
}

/// A client that does no more than it must.
#[derive(Default)]
struct Mirror {
    events: BTreeMap<String, Value>,
    token: Option<String>,
}

impl Mirror {
    async fn sync(&mut self, fake: &Fake) {
        let start = match &self.token {
            Some(token) => format!("?maxResults=2&syncToken={token}"),
            None => "?maxResults=2".to_owned(),
        };
        let mut query = start.clone();
        loop {
            let answer = fake.get(&format!("/calendars/primary/events{query}")).await;
            if answer.status == 410 {
                *self = Self::default();
                return Box::pin(self.sync(fake)).await;
            }
            let page = answer.json();
            page["items"].as_array().unwrap().iter().for_each(|item| self.take(item));
            match (page["nextPageToken"].as_str(), page["nextSyncToken"].as_str()) {
                (Some(next), None) => query = format!("{start}&pageToken={next}"),
                (None, Some(token)) => {
                    self.token = Some(token.to_owned());
                    return;
                }
                both => panic!("a page has either token: {both:?}"),
            }
        }
    }

    fn take(&mut self, item: &Value) {
        let id = item["id"].as_str().unwrap().to_owned();
        if item["status"] == "cancelled" && item.get("recurringEventId").is_none() {
            self.events.remove(&id);
        } else {
            self.events.insert(id, item.clone());
        }
    }

    /// Exceptions live only as long as their series.
    fn visible(&self) -> BTreeMap<&String, &Value> {
        let lives =
            |event: &Value| event["recurringEventId"].as_str().is_none_or(|id| self.events.contains_key(id));
        self.events.iter().filter(|(_, event)| lives(event)).collect()
    }
}

fn act(fake: &Fake, step: &Step, count: usize) {
    let google = fake.control.google();
    let renamed = json!({"summary": format!("Renamed {count}")});
    let occurrence = |day: &u32| format!("standup_202603{day:02}T140000Z");
    // What does not fit the moment is refused, which is as good as not having happened.
    let _ = match step {
        Step::Insert(index) => {
            google.insert(MAYA, "primary", hour(&format!("visit{index}"), "Visit", 8 + index))
        }
        Step::Rename(index) => google.edit(MAYA, "primary", &format!("visit{index}"), renamed),
        Step::Delete(index) => google.delete(MAYA, "primary", &format!("visit{index}")),
        Step::RenameOccurrence(day) => google.edit(MAYA, "primary", &occurrence(day), renamed),
        Step::DeleteOccurrence(day) => google.delete(MAYA, "primary", &occurrence(day)),
        Step::CutSeries(day) => {
            let rule = format!("RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;UNTIL=202603{day:02}T140000Z");
            google.edit(MAYA, "primary", "standup", json!({"recurrence": [rule]}))
        }
        Step::DeleteSeries => google.delete(MAYA, "primary", "standup"),
        Step::ExpireTokens => {
            google.expire_sync_tokens(MAYA, "primary");
            return;
        }
        Step::Sync => return,
    };
}

async fn converges(steps: Vec<Step>) {
    let fake = fake_with(|config| config.google_empty_page_every = 2);
    fake.insert(standup()).await;
    let mut mirror = Mirror::default();
    for (count, step) in steps.iter().enumerate() {
        act(&fake, step, count);
        if matches!(step, Step::Sync) {
            mirror.sync(&fake).await;
        }
    }
    mirror.sync(&fake).await;
    let mut fresh = Mirror::default();
    fresh.sync(&fake).await;
    assert_eq!(mirror.visible(), fresh.visible());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_mirror_kept_by_sync_tokens_equals_a_fresh_one(steps in prop::collection::vec(step(), 1..24)) {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(converges(steps));
    }
}
