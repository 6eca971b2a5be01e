//! Calendars and events: reading, writing, conflicts, ids and preferences.

use daymark_sandbox::Provider;
use serde_json::{Value, json};

use crate::bench::{Bench, IMMUTABLE, MAYA, PROPERTY, ids, visit};

#[tokio::test]
async fn the_profile_needs_its_own_permission() {
    let mut bench = Bench::new();
    assert_eq!(bench.get("me").await.text("userPrincipalName"), MAYA);
    bench.token = bench.control.mint(Provider::Microsoft, MAYA, "app", &["Calendars.Read"]).access_token;
    let answer = bench.get("me").await;
    assert_eq!((answer.status, answer.code()), (403, "Authorization_RequestDenied"));
    assert_eq!(bench.get("me/calendars").await.status, 200);
    let answer = bench.post("me/events", visit("x", "2026-03-05")).await;
    assert_eq!((answer.status, answer.code()), (403, "ErrorAccessDenied"));
}

#[tokio::test]
async fn a_bad_token_is_refused_in_graphs_shape() {
    let mut bench = Bench::new();
    bench.control.expire_access(Provider::Microsoft, MAYA);
    let answer = bench.get("me/calendars").await;
    assert_eq!((answer.status, answer.code()), (401, "InvalidAuthenticationToken"));
    assert!(answer.body["error"]["innerError"]["request-id"].is_string());
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    bench.token = "nonsense".into();
    assert_eq!(bench.get("me/calendars").await.status, 401);
}

#[tokio::test]
async fn calendars_come_in_pages_and_say_who_may_write() {
    let bench = Bench::new();
    let first = bench.get("me/calendars?$top=2").await;
    assert_eq!(first.items().len(), 2);
    assert_eq!(first.items()[0]["isDefaultCalendar"], true);
    assert_eq!(first.items()[1]["hexColor"], "#a0522d");
    let second = bench.get(&first.text("@odata.nextLink")).await;
    assert_eq!(second.items()[0]["name"], "Holidays");
    assert_eq!(second.items()[0]["canEdit"], false);
    assert_ne!(second.items()[0]["owner"]["address"], MAYA);
    assert!(second.body.get("@odata.nextLink").is_none());
}

#[tokio::test]
async fn a_calendar_id_is_the_same_under_both_preferences_and_keeps_its_case() {
    let bench = Bench::new();
    let id = bench.calendar("Clinic").await;
    let answer = bench.send("GET", &format!("me/calendars/{id}"), &[IMMUTABLE], None).await;
    assert_eq!(answer.text("id"), id);
    let folded = bench.get(&format!("me/calendars/{}", id.to_lowercase())).await;
    assert_eq!(folded.status, 400);
}

#[tokio::test]
async fn a_post_answers_201_with_the_whole_event() {
    let bench = Bench::new();
    let answer = bench.post("me/events", visit("Visit", "2026-03-05")).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.body["start"], json!({"dateTime": "2026-03-05T14:30:00.0000000", "timeZone": "UTC"}));
    assert_eq!(answer.body["originalStartTimeZone"], "America/Toronto");
    assert_eq!(answer.body["type"], "singleInstance");
    assert_eq!(answer.body["showAs"], "busy");
    assert_eq!(answer.body["transactionId"], Value::Null);
    assert!(answer.text("@odata.etag").starts_with("W/\""));
}

#[tokio::test]
async fn times_answer_in_the_zone_preferred() {
    let bench = Bench::new();
    let id = bench.event(visit("Visit", "2026-03-05")).await;
    let prefer = [("prefer", r#"outlook.timezone="W. Europe Standard Time""#), IMMUTABLE];
    let answer = bench.send("GET", &format!("me/events/{id}"), &prefer, None).await;
    let expected = json!({"dateTime": "2026-03-05T15:30:00.0000000", "timeZone": "W. Europe Standard Time"});
    assert_eq!(answer.body["start"], expected);
    assert_ne!(answer.text("id"), id);
    assert!(answer.header("preference-applied").contains("ImmutableId"));
    assert!(answer.header("preference-applied").contains("outlook.timezone"));
    let unknown = [("prefer", r#"outlook.timezone="Mars/Olympus""#)];
    let answer = bench.send("GET", &format!("me/events/{id}"), &unknown, None).await;
    assert_eq!((answer.status, answer.code()), (400, "TimeZoneNotSupportedException"));
}

#[tokio::test]
async fn a_repeated_transaction_id_makes_no_second_event() {
    let bench = Bench::new();
    let mut event = visit("Visit", "2026-03-05");
    event["transactionId"] = json!("t-1");
    let first = bench.event(event.clone()).await;
    let again = bench.post("me/events", event.clone()).await;
    assert_eq!((again.status, again.text("id")), (201, first));
    assert_eq!(again.body["transactionId"], "t-1");
    bench.quirks(|quirks| quirks.refuse_repeats = true);
    assert_eq!(bench.post("me/events", event).await.status, 409);
    assert_eq!(bench.get("me/events").await.items().len(), 1);
    assert_eq!(bench.control.writes().len(), 1);
}

#[tokio::test]
async fn a_stale_etag_is_an_irresolvable_conflict() {
    let bench = Bench::new();
    let created = bench.post("me/events", visit("Visit", "2026-03-05")).await;
    let (path, etag) = (format!("me/events/{}", created.text("id")), created.text("@odata.etag"));
    let change = |subject: &str| Some(json!({"subject": subject}));
    let first = bench.send("PATCH", &path, &[("if-match", &etag)], change("Second")).await;
    assert_eq!((first.status, first.text("subject")), (200, "Second".into()));
    let stale = bench.send("PATCH", &path, &[("if-match", &etag)], change("Third")).await;
    assert_eq!((stale.status, stale.code()), (412, "ErrorIrresolvableConflict"));
    let stale = bench.send("DELETE", &path, &[("if-match", &etag)], None).await;
    assert_eq!(stale.status, 412);
    let fresh = first.text("@odata.etag");
    assert_eq!(bench.send("DELETE", &path, &[("if-match", &fresh)], None).await.status, 204);
}

#[tokio::test]
async fn what_is_deleted_is_not_found() {
    let bench = Bench::new();
    let path = format!("me/events/{}", bench.event(visit("Visit", "2026-03-05")).await);
    assert_eq!(bench.delete(&path).await.status, 204);
    for answer in
        [bench.delete(&path).await, bench.get(&path).await, bench.patch(&path, json!({"subject": "x"})).await]
    {
        assert_eq!((answer.status, answer.code()), (404, "ErrorItemNotFound"));
    }
}

#[tokio::test]
async fn ids_differ_by_case_alone_and_folding_it_finds_another_event() {
    let bench = Bench::new();
    let (first, second) =
        (bench.event(visit("A", "2026-03-05")).await, bench.event(visit("B", "2026-03-06")).await);
    let third = bench.event(visit("C", "2026-03-09")).await;
    let twins = [(&first, &second), (&second, &third)];
    assert!(twins.iter().any(|(one, other)| one != other && one.eq_ignore_ascii_case(other)));
    let answer = bench.get("me/events/not-an-id").await;
    assert_eq!((answer.status, answer.code()), (400, "ErrorInvalidIdMalformed"));
}

#[tokio::test]
async fn a_move_changes_the_default_id_and_leaves_the_immutable_one() {
    let bench = Bench::new();
    let id = bench.event(visit("Visit", "2026-03-05")).await;
    let immutable = bench.send("GET", &format!("me/events/{id}"), &[IMMUTABLE], None).await.text("id");
    bench.microsoft().relocate(MAYA, &id, "Clinic").unwrap();
    assert_eq!(bench.get(&format!("me/events/{id}")).await.status, 404);
    let moved = bench.send("GET", &format!("me/events/{immutable}"), &[IMMUTABLE], None).await;
    assert_eq!((moved.status, moved.text("id")), (200, immutable));
}

#[tokio::test]
async fn all_day_events_run_from_midnight_to_midnight_of_one_zone() {
    let bench = Bench::new();
    let all_day = |start: &str, end: &str, zone: &str| {
        json!({
            "subject": "Conference", "isAllDay": true,
            "start": {"dateTime": start, "timeZone": "Pacific/Honolulu"},
            "end": {"dateTime": end, "timeZone": zone},
        })
    };
    for (start, end, zone) in [
        ("2026-03-05T09:00:00", "2026-03-06T00:00:00", "Pacific/Honolulu"),
        ("2026-03-05T00:00:00", "2026-03-05T00:00:00", "Pacific/Honolulu"),
        ("2026-03-05T00:00:00", "2026-03-07T00:00:00", "Pacific/Auckland"),
    ] {
        assert_eq!(bench.post("me/events", all_day(start, end, zone)).await.status, 400, "{start} {zone}");
    }
    let id = bench.event(all_day("2026-03-05T00:00:00", "2026-03-06T00:00:00", "Pacific/Honolulu")).await;
    let berlin = [("prefer", r#"outlook.timezone="Europe/Berlin""#)];
    let answer = bench.send("GET", &format!("me/events/{id}"), &berlin, None).await;
    assert_eq!(answer.body["start"]["dateTime"], "2026-03-05T00:00:00.0000000");
    assert_eq!(answer.body["end"]["dateTime"], "2026-03-06T00:00:00.0000000");
}

#[tokio::test]
async fn a_patch_keeps_what_it_does_not_name_and_one_location_wipes_the_rest() {
    let bench = Bench::new();
    let mut event = visit("Visit", "2026-03-05");
    event["locations"] = json!([{"displayName": "North"}, {"displayName": "South"}]);
    event["sensitivity"] = json!("private");
    let path = format!("me/events/{}", bench.event(event).await);
    let answer = bench.patch(&path, json!({"subject": "Later"})).await;
    assert_eq!(answer.body["locations"].as_array().unwrap().len(), 2);
    assert_eq!(answer.body["sensitivity"], "private");
    let answer = bench.patch(&path, json!({"location": {"displayName": "West"}, "type": "exception"})).await;
    assert_eq!(answer.body["locations"].as_array().unwrap().len(), 1);
    assert_eq!(answer.body["type"], "singleInstance");
}

#[tokio::test]
async fn an_end_before_the_start_and_unknown_properties_are_refused() {
    let bench = Bench::new();
    let path = format!("me/events/{}", bench.event(visit("Visit", "2026-03-05")).await);
    let early = json!({"end": {"dateTime": "2026-03-05T08:00:00", "timeZone": "America/Toronto"}});
    assert_eq!(bench.patch(&path, early).await.code(), "ErrorCalendarEndDateIsEarlierThanStartDate");
    assert_eq!(bench.patch(&path, json!({"colour": "red"})).await.code(), "RequestBodyRead");
    assert_eq!(bench.get(&path).await.text("subject"), "Visit");
}

#[tokio::test]
async fn a_shared_calendar_can_be_read_and_not_written() {
    let bench = Bench::new();
    let id = bench.calendar("Holidays").await;
    let events = bench.get(&format!("me/calendars/{id}/events")).await;
    assert_eq!(events.items()[0]["subject"], "Founders' day");
    assert_eq!(events.items()[0]["isOrganizer"], false);
    let answer = bench.post(&format!("me/calendars/{id}/events"), visit("x", "2026-03-05")).await;
    assert_eq!((answer.status, answer.code()), (403, "ErrorAccessDenied"));
    let event = ids(events.items()).remove(0);
    assert_eq!(bench.delete(&format!("me/events/{event}")).await.status, 403);
}

#[tokio::test]
async fn attendees_are_told_of_everything() {
    let bench = Bench::new();
    let mut event = visit("Visit", "2026-03-05");
    event["attendees"] = json!([{"emailAddress": {"address": "dan@example.org"}}]);
    event["responseRequested"] = json!(false);
    let path = format!("me/events/{}", bench.event(event).await);
    bench.patch(&path, json!({"subject": "Later"})).await;
    bench.delete(&path).await;
    let about: Vec<String> = bench.control.mail().into_iter().map(|mail| mail.about).collect();
    assert_eq!(about, ["invitation", "update", "cancellation"]);
    bench.event(visit("Alone", "2026-03-06")).await;
    assert_eq!(bench.control.mail().len(), 3);
}

#[tokio::test]
async fn an_extended_property_shows_only_when_expanded_and_can_be_searched_for() {
    let bench = Bench::new();
    let mut event = visit("Visit", "2026-03-05");
    event["singleValueExtendedProperties"] = json!([{"id": PROPERTY, "value": "B-17"}]);
    let path = format!("me/events/{}", bench.event(event).await);
    bench.event(visit("Other", "2026-03-06")).await;
    assert!(bench.get(&path).await.body.get("singleValueExtendedProperties").is_none());
    let escaped = PROPERTY.replace(' ', "%20").replace('{', "%7B").replace('}', "%7D");
    let expand = format!("$expand=singleValueExtendedProperties($filter=id%20eq%20'{escaped}')");
    let answer = bench.get(&format!("{path}?{expand}")).await;
    assert_eq!(answer.body["singleValueExtendedProperties"], json!([{"id": PROPERTY, "value": "B-17"}]));
    let filter = |property: &str| {
        format!(
            "me/events?$filter=singleValueExtendedProperties/any(ep:%20ep/id%20eq%20'{property}'%20and%20ep/value%20eq%20'b-17')"
        )
    };
    assert_eq!(bench.get(&filter(&escaped)).await.items().len(), 1);
    assert_eq!(bench.get(&filter(&escaped.replace("booking", "Booking"))).await.items().len(), 0);
}

#[tokio::test]
async fn a_selection_keeps_the_id_and_cannot_name_the_etag() {
    let bench = Bench::new();
    let path = format!("me/events/{}", bench.event(visit("Visit", "2026-03-05")).await);
    let answer = bench.get(&format!("{path}?$select=subject,start")).await;
    let mut names: Vec<&String> = answer.body.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["@odata.context", "@odata.etag", "id", "start", "subject"]);
    assert_eq!(bench.get(&format!("{path}?$select=@odata.etag")).await.status, 400);
    assert_eq!(bench.get(&format!("{path}?$select=summary")).await.code(), "RequestBroker--ParseUri");
}

#[tokio::test]
async fn a_list_of_events_pages_by_ten_and_filters() {
    let bench = Bench::new();
    for day in 10..22 {
        bench.event(visit(&format!("Visit {day}"), &format!("2026-03-{day}"))).await;
    }
    let first = bench.get("me/events?$count=true").await;
    assert_eq!((first.items().len(), &first.body["@odata.count"]), (10, &json!(12)));
    assert_eq!(bench.get(&first.text("@odata.nextLink")).await.items().len(), 2);
    let ordered = bench.get("me/events?$orderby=start/dateTime%20desc&$top=1").await;
    assert_eq!(ordered.items()[0]["subject"], "Visit 21");
    let filtered = bench.get("me/events?$filter=start/dateTime%20ge%20'2026-03-20T00:00'").await;
    assert_eq!(filtered.items().len(), 2);
    assert_eq!(bench.get("me/events?$filter=transactionId%20eq%20'x'").await.status, 400);
}

#[tokio::test]
async fn text_comes_back_as_html_unless_text_is_preferred() {
    let bench = Bench::new();
    let mut event = visit("Visit", "2026-03-05");
    event["body"] = json!({"contentType": "text", "content": "Ring <twice> & wait"});
    let path = format!("me/events/{}", bench.event(event).await);
    let html = bench.get(&path).await;
    assert_eq!(html.body["body"]["contentType"], "html");
    assert!(html.body["body"]["content"].as_str().unwrap().contains("Ring &lt;twice&gt; &amp; wait"));
    let text = bench.send("GET", &path, &[("prefer", r#"outlook.body-content-type="text""#)], None).await;
    assert_eq!(text.body["body"], json!({"contentType": "text", "content": "Ring <twice> & wait"}));
}

#[tokio::test]
async fn an_online_meeting_stays_one() {
    let bench = Bench::new();
    let mut event = visit("Call", "2026-03-05");
    event["isOnlineMeeting"] = json!(true);
    let path = format!("me/events/{}", bench.event(event).await);
    assert_eq!(bench.patch(&path, json!({"isOnlineMeeting": false})).await.body["isOnlineMeeting"], true);
}

#[tokio::test]
async fn another_users_mailbox_is_closed_and_unknown_addresses_are_named() {
    let bench = Bench::new();
    assert_eq!(bench.get("users/other@partner.example/calendars").await.status, 403);
    assert_eq!(bench.get(&format!("users/{MAYA}/calendars")).await.status, 200);
    assert!(bench.get("me/diaries").await.body.to_string().contains("diaries"));
}

#[tokio::test]
async fn an_organizer_elsewhere_invites_and_cancels() {
    let bench = Bench::plain();
    let mut invitation = visit("Case review", "2026-03-05");
    invitation["organizer"] = json!({"emailAddress": {"name": "Dan", "address": "dan@example.org"}});
    invitation["isOrganizer"] = json!(false);
    invitation["responseStatus"] = json!({"response": "notResponded", "time": "0001-01-01T00:00:00Z"});
    bench.microsoft().insert(MAYA, "Calendar", &invitation).unwrap();
    bench.microsoft().edit(MAYA, "Case review", &json!({"isCancelled": true})).unwrap();
    let event = bench.get("me/events").await.items()[0].clone();
    assert_eq!(event["organizer"]["emailAddress"]["address"], "dan@example.org");
    assert_eq!((&event["isOrganizer"], &event["isCancelled"]), (&json!(false), &json!(true)));
    // A client that claims the same is not believed.
    let own = bench.event(invitation).await;
    assert_eq!(bench.get(&format!("me/events/{own}")).await.body["isOrganizer"], true);
}
