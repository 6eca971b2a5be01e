//! The change feed of a calendar view, with everything it does not promise.

use serde_json::{Value, json};

use crate::bench::{Bench, MAYA, daily, ids, visit};

const WINDOW: &str = "startDateTime=2026-03-01T00:00:00Z&endDateTime=2026-03-15T00:00:00Z";

struct Round {
    pages: Vec<Vec<Value>>,
    link: String,
}

impl Round {
    fn items(&self) -> Vec<&Value> {
        self.pages.iter().flatten().collect()
    }

    fn of_kind(&self, kind: &str) -> usize {
        self.items().iter().filter(|item| item["type"] == kind).count()
    }

    fn removed(&self) -> Vec<String> {
        let removed = self.items().into_iter().filter(|item| item.get("@removed").is_some());
        removed.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    }
}

/// Follows links until a `deltaLink` comes.
async fn round(bench: &Bench, path: &str, size: usize) -> Round {
    let prefer = format!("odata.maxpagesize={size}");
    let (mut pages, mut link) = (Vec::new(), path.to_owned());
    loop {
        let answer = bench.send("GET", &link, &[("prefer", &prefer)], None).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.header("preference-applied").contains("odata.track-changes"));
        pages.push(answer.items().clone());
        if answer.body.get("@odata.deltaLink").is_some() {
            return Round { pages, link: answer.text("@odata.deltaLink") };
        }
        link = answer.text("@odata.nextLink");
    }
}

async fn first(bench: &Bench) -> Round {
    round(bench, &format!("me/calendarView/delta?{WINDOW}"), 50).await
}

#[tokio::test]
async fn the_first_page_may_be_empty_and_still_lead_on() {
    let bench = Bench::new();
    bench.event(visit("Visit", "2026-03-05")).await;
    let round = first(&bench).await;
    assert!(round.pages[0].is_empty());
    assert_eq!(round.pages[1].len(), 1);
}

#[tokio::test]
async fn all_spellings_of_the_feed_give_the_same() {
    let bench = Bench::plain();
    bench.event(visit("Visit", "2026-03-05")).await;
    let id = bench.calendar("Calendar").await;
    for spelling in [
        "me/calendarView/delta".to_owned(),
        "me/calendar/calendarView/delta()".to_owned(),
        format!("me/calendars/{id}/calendarView/delta"),
        format!("me/calendars('{id}')/calendarView/microsoft.graph.delta()"),
    ] {
        let round = round(&bench, &format!("{spelling}?{WINDOW}"), 50).await;
        assert_eq!(round.items().len(), 1, "{spelling}");
        assert!(round.link.contains(&spelling), "{}", round.link);
        let again = bench.get(&round.link).await;
        assert_eq!(again.items().len(), 0, "{spelling}");
    }
}

#[tokio::test]
async fn occurrences_are_stubs_and_come_whole_with_their_master() {
    let bench = Bench::plain();
    bench.event(daily("Stand-up", "2026-03-02")).await;
    for day in 2..8 {
        bench.event(visit("Visit", &format!("2026-03-0{day}"))).await;
    }
    let round = round(&bench, &format!("me/calendarView/delta?{WINDOW}"), 5).await;
    assert_eq!((round.of_kind("occurrence"), round.of_kind("seriesMaster")), (13, 1));
    let of_series = |item: &&Value| item["type"] == "occurrence" || item["type"] == "seriesMaster";
    let with_series = round.pages.iter().filter(|page| page.iter().any(|item| of_series(&item)));
    assert_eq!(with_series.count(), 1, "a series is never split over pages");
    let stub = round.items().into_iter().find(|item| item["type"] == "occurrence").unwrap();
    let names: Vec<&String> = stub.as_object().unwrap().keys().collect();
    assert_eq!(names, ["@odata.etag", "@odata.type", "end", "id", "seriesMasterId", "start", "type"]);
}

#[tokio::test]
async fn an_item_may_come_twice_in_a_round_and_again_in_the_next() {
    let bench = Bench::new();
    for day in 2..8 {
        bench.event(visit("Visit", &format!("2026-03-0{day}"))).await;
    }
    let initial = round(&bench, &format!("me/calendarView/delta?{WINDOW}"), 4).await;
    assert_eq!(initial.items().len(), 7);
    let id = bench.event(visit("New", "2026-03-09")).await;
    let second = round(&bench, &initial.link, 50).await;
    let third = round(&bench, &second.link, 50).await;
    assert_eq!(ids(&second.pages.concat()), ids(&third.pages.concat()));
    assert_eq!(ids(&third.pages.concat()), [id]);
    let fourth = round(&bench, &third.link, 50).await;
    assert!(fourth.items().is_empty());
}

#[tokio::test]
async fn changes_and_deletions_come_once_asked_again() {
    let bench = Bench::plain();
    let kept = bench.event(visit("Kept", "2026-03-05")).await;
    let gone = bench.event(visit("Gone", "2026-03-06")).await;
    let initial = first(&bench).await;
    bench.patch(&format!("me/events/{kept}"), json!({"subject": "Changed"})).await;
    bench.delete(&format!("me/events/{gone}")).await;
    let second = round(&bench, &initial.link, 50).await;
    assert_eq!(second.items().len(), 2);
    assert_eq!(second.removed(), [gone]);
    assert!(second.items().iter().any(|item| item["subject"] == "Changed"));
}

#[tokio::test]
async fn what_changes_outside_the_window_is_reported_removed_though_never_seen() {
    let bench = Bench::plain();
    let initial = first(&bench).await;
    let outside = bench.event(visit("Far away", "2026-06-05")).await;
    let second = round(&bench, &initial.link, 50).await;
    assert_eq!(second.removed(), [outside]);
    assert_eq!(second.items()[0]["@removed"], json!({"reason": "deleted"}));
}

#[tokio::test]
async fn an_event_moved_out_of_the_window_is_reported_removed_and_lives() {
    let bench = Bench::plain();
    let id = bench.event(visit("Visit", "2026-03-05")).await;
    let initial = first(&bench).await;
    let june = visit("Visit", "2026-06-05");
    bench.patch(&format!("me/events/{id}"), json!({"start": june["start"], "end": june["end"]})).await;
    assert_eq!(round(&bench, &initial.link, 50).await.removed(), std::slice::from_ref(&id));
    assert_eq!(bench.get(&format!("me/events/{id}")).await.status, 200);
}

#[tokio::test]
async fn a_deleted_occurrence_is_missing_and_not_reported() {
    let bench = Bench::plain();
    let master = bench.event(daily("Stand-up", "2026-03-02")).await;
    let initial = first(&bench).await;
    bench.microsoft().cancel_occurrence(MAYA, &master, "2026-03-04").unwrap();
    bench.microsoft().edit_occurrence(MAYA, &master, "2026-03-05", &json!({"subject": "Guest"})).unwrap();
    let second = round(&bench, &initial.link, 50).await;
    assert!(second.removed().is_empty());
    let kinds = ["occurrence", "exception", "seriesMaster"].map(|kind| second.of_kind(kind));
    assert_eq!(kinds, [11, 1, 1], "the whole series comes again, without the cancelled date");
    let exception = second.items().into_iter().find(|item| item["type"] == "exception").unwrap();
    assert_eq!(exception["subject"], "Guest");
}

#[tokio::test]
async fn a_deleted_series_reports_its_master() {
    let bench = Bench::plain();
    let master = bench.event(daily("Stand-up", "2026-03-02")).await;
    let initial = first(&bench).await;
    bench.delete(&format!("me/events/{master}")).await;
    assert_eq!(round(&bench, &initial.link, 50).await.removed(), [master]);
}

#[tokio::test]
async fn the_first_call_needs_a_window_and_options_are_refused() {
    let bench = Bench::plain();
    assert_eq!(bench.get("me/calendarView/delta").await.code(), "ErrorInvalidParameter");
    for option in
        ["$select=subject", "$filter=type%20eq%20'x'", "$expand=attachments", "$orderby=subject", "$search=x"]
    {
        let answer = bench.get(&format!("me/calendarView/delta?{WINDOW}&{option}")).await;
        assert_eq!((answer.status, answer.code()), (400, "ErrorInvalidUrlQuery"), "{option}");
    }
}

#[tokio::test]
async fn an_expired_state_answers_410_in_changing_words() {
    let bench = Bench::plain();
    let initial = first(&bench).await;
    bench.microsoft().expire_sync_states(MAYA, "Calendar").unwrap();
    let mut codes = Vec::new();
    for _ in 0..3 {
        let answer = bench.get(&initial.link).await;
        assert_eq!(answer.status, 410);
        codes.push(answer.code().to_owned());
    }
    assert_eq!(codes, ["SyncStateNotFound", "syncStateNotFound", "resyncRequired"]);
    let answer = bench.get(&initial.link).await;
    let restart = answer.header("location").to_owned();
    assert!(restart.ends_with("$deltatoken="), "{restart}");
    assert_eq!(bench.get(&restart).await.status, 200, "it leads to a full round over the same window");
}

#[tokio::test]
async fn older_links_die_as_newer_ones_are_issued() {
    let bench = Bench::plain();
    bench.quirks(|quirks| quirks.sync_states = 2);
    let initial = first(&bench).await;
    let second = round(&bench, &initial.link, 50).await;
    assert_eq!(bench.get(&initial.link).await.status, 200, "a lost answer can be asked for again");
    round(&bench, &second.link, 50).await;
    assert_eq!(bench.get(&initial.link).await.status, 410);
}

#[tokio::test]
async fn a_preference_counts_only_for_the_request_that_states_it() {
    let bench = Bench::plain();
    bench.event(visit("A", "2026-03-05")).await;
    bench.event(visit("B", "2026-03-06")).await;
    let prefer = [("prefer", r#"odata.maxpagesize=1, IdType="ImmutableId""#)];
    let page = bench.send("GET", &format!("me/calendarView/delta?{WINDOW}"), &prefer, None).await;
    assert_eq!(page.items().len(), 1);
    assert!(ids(page.items())[0].starts_with("AAkALg"));
    let next = bench.get(&page.text("@odata.nextLink")).await;
    assert!(ids(next.items())[0].starts_with("AAMkAD"), "links serve both kinds of ids");
}

#[tokio::test]
async fn a_lagging_feed_shows_the_former_version_until_later_rounds() {
    let bench = Bench::plain();
    let id = bench.event(visit("Before", "2026-03-05")).await;
    let initial = first(&bench).await;
    bench.quirks(|quirks| quirks.delta_lag = 1);
    bench.patch(&format!("me/events/{id}"), json!({"subject": "After"})).await;
    bench.event(visit("New", "2026-03-06")).await;
    let full = first(&bench).await;
    assert_eq!(full.items().len(), 1);
    assert_eq!(full.items()[0]["subject"], "Before", "a write that is not seen yet is no deletion");
    let second = round(&bench, &initial.link, 50).await;
    assert_eq!(second.items().len(), 2);
}

#[tokio::test]
async fn a_move_to_another_calendar_is_removed_in_one_feed_and_new_in_the_other() {
    let bench = Bench::plain();
    let id = bench.event(visit("Visit", "2026-03-05")).await;
    let clinic = format!("me/calendars/{}/calendarView/delta?{WINDOW}", bench.calendar("Clinic").await);
    let (here, there) = (first(&bench).await, round(&bench, &clinic, 50).await);
    bench.microsoft().relocate(MAYA, &id, "Clinic").unwrap();
    assert_eq!(round(&bench, &here.link, 50).await.removed(), std::slice::from_ref(&id));
    let arrived = round(&bench, &there.link, 50).await;
    assert_eq!(arrived.items()[0]["subject"], "Visit");
    assert_ne!(arrived.items()[0]["id"], id);
}
