//! The visitor's side: pages, forms, and everything that can be wrong with them.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use chrono::TimeDelta;
use daymark_core::contract::{InboxKind, Mode, Verdict, WaitsFor};

use crate::world::{Answer, ROY, World, borrowed, filled, form_request, instant, send, sheet};

pub async fn form(world: &World) -> Answer {
    let link = world.get("/maya?day=2026-03-17").await.links("/maya/book").remove(0);
    world.get(&link).await
}

/// Fields with some replaced.
pub fn with(form: &Answer, changes: &[(&'static str, &'static str)]) -> Vec<(String, String)> {
    let mut fields = filled(form, &ROY);
    for (name, value) in changes {
        fields.retain(|(key, _)| key != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields
}

pub async fn submit(world: &World, fields: &[(String, String)]) -> Answer {
    world.post("/maya/book", &borrowed(fields)).await
}

#[tokio::test]
async fn a_visitor_books_sees_and_cancels() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let form = form(&world).await;
    assert!(form.text().contains("Tuesday 17 March 2026"));
    let made = submit(&world, &filled(&form, &ROY)).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    let manage = made.location();
    let page = world.get(&manage).await;
    assert_eq!(page.headers["cache-control"], "no-store");
    for expected in
        ["You are booked", "A. Roy", "5 King St W, Toronto", "until Monday 16 March", "Cancel booking"]
    {
        assert!(page.text().contains(expected), "{expected}");
    }
    let ask = world.get(&format!("{manage}/cancel")).await;
    assert!(ask.text().contains("Cancel this booking?"));
    assert!(world.get(&manage).await.text().contains("You are booked"), "looking changes nothing");
    let hidden = ask.hidden();
    let done = world.post(&format!("{manage}/cancel"), &[("version", &hidden["version"])]).await;
    assert_eq!(done.location(), manage);
    assert!(world.get(&manage).await.text().contains("This booking is cancelled"));
    let entries = laptop.inbox(&world, 0, 0).await.entries;
    assert!(matches!(entries[1].kind, InboxKind::Cancelled));
}

#[tokio::test]
async fn the_owner_is_said_to_know_only_what_the_laptop_has_acknowledged() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let manage = submit(&world, &filled(&form(&world).await, &ROY)).await.location();
    assert!(world.get(&manage).await.text().contains("It goes into Maya Okafor’s calendar."));
    let booked = laptop.inbox(&world, 0, 0).await.entries[0].seq;
    laptop.ack(&world, &laptop.epoch, booked).await;
    world.post(&format!("{manage}/cancel"), &[("version", "1")]).await;
    let asleep = world.get(&manage).await.text();
    assert!(asleep.contains("Maya Okafor will be told."), "{asleep}");
    assert!(!asleep.contains("has been told"), "{asleep}");
    let cancelled = laptop.inbox(&world, booked, 0).await.entries[0].seq;
    laptop.ack(&world, &laptop.epoch, cancelled).await;
    let heard = world.get(&manage).await.text();
    assert!(heard.contains("Maya Okafor has been told."), "{heard}");
    assert!(world.get(&format!("{manage}?lang=fr")).await.text().contains("en est informé·e"));
}

#[tokio::test]
async fn a_form_sent_twice_books_once_and_answers_the_same() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let fields = filled(&form(&world).await, &ROY);
    let first = submit(&world, &fields).await.location();
    assert_eq!(submit(&world, &fields).await.location(), first);
    let other = fields.iter().map(|(name, value)| {
        let value = if name == "name" { "B. Roy" } else { value };
        (name.clone(), value.to_owned())
    });
    let refused = submit(&world, &other.collect::<Vec<_>>()).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains(&first), "it leads to the booking that stands");
    assert_eq!(laptop.inbox(&world, 0, 0).await.entries.len(), 1);
}

#[tokio::test]
async fn a_lost_race_says_so_keeps_what_was_typed_and_offers_other_times() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let (mine, theirs) = (form(&world).await, form(&world).await);
    submit(&world, &filled(&theirs, &ROY)).await;
    let lost = submit(&world, &with(&mine, &[("name", "Zoë <Quick>")])).await;
    assert_eq!(lost.status, StatusCode::CONFLICT);
    let text = lost.text();
    assert!(text.contains("Somebody else has just taken this time"));
    assert!(text.contains("Zoë &#60;Quick&#62;"), "escaped and kept");
    assert!(text.contains("Ring twice."));
    let start = text.split("name=\"start\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mut again = filled(&lost, &ROY);
    again.push(("start".into(), start));
    assert_eq!(submit(&world, &again).await.status, StatusCode::SEE_OTHER);
    assert_eq!(laptop.inbox(&world, 0, 0).await.entries.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hundred_visitors_for_one_time_exactly_one_wins() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let mut forms = Vec::new();
    for _ in 0..200 {
        forms.push(filled(&form(&world).await, &ROY));
    }
    let rush = forms.into_iter().map(|fields| {
        let request = form_request("/maya/book", &borrowed(&fields));
        tokio::spawn(send(world.relay.router(), request))
    });
    let mut won = 0;
    for answer in rush.collect::<Vec<_>>() {
        match answer.await.unwrap().status {
            StatusCode::SEE_OTHER => won += 1,
            status => assert_eq!(status, StatusCode::CONFLICT),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(laptop.inbox(&world, 0, 0).await.entries.len(), 1);
}

#[tokio::test]
async fn a_taken_time_is_off_the_page_at_once_and_back_when_cancelled() {
    let world = World::new().await;
    world.open_page("maya").await;
    let day = "/maya?day=2026-03-17";
    let before = world.get(day).await.links("/maya/book").len();
    let manage = submit(&world, &filled(&form(&world).await, &ROY)).await.location();
    let during = world.get(day).await.links("/maya/book").len();
    assert!(during < before, "the visit and its neighbours within the gap are gone");
    world.post(&format!("{manage}/cancel"), &[("version", "1")]).await;
    assert_eq!(world.get(day).await.links("/maya/book").len(), before);
}

#[tokio::test]
async fn a_stale_sheet_cannot_reopen_a_taken_time() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    submit(&world, &filled(&form(&world).await, &ROY)).await;
    let during = world.get("/maya?day=2026-03-17").await.links("/maya/book").len();
    laptop.publish(&world, 2, Mode::Instant, sheet(world.now())).await;
    assert_eq!(world.get("/maya?day=2026-03-17").await.links("/maya/book").len(), during);
}

#[tokio::test]
async fn under_a_stale_lease_one_asks_and_is_told_why() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    world.pass(TimeDelta::hours(5));
    assert!(world.get("/maya").await.text().contains("last checked 5 hours ago"));
    let manage = submit(&world, &filled(&form(&world).await, &ROY)).await.location();
    let page = world.get(&manage).await.text();
    assert!(page.contains("Your request is on its way") && page.contains("was not up to date"));
    let entry = laptop.inbox(&world, 0, 0).await.entries.remove(0);
    assert!(matches!(entry.kind, InboxKind::Booked { promised: false, .. }));
    laptop.decide(&world, &entry, Verdict::Decline).await;
    assert!(world.get(&manage).await.text().contains("did not work out"));
}

#[tokio::test]
async fn a_request_that_nobody_answered_in_time_says_so_and_thanks_nobody() {
    let world = World::new().await;
    let laptop = world.laptop("maya").await;
    laptop.publish(&world, 1, Mode::Approval, sheet(world.now())).await;
    let manage = submit(&world, &filled(&form(&world).await, &ROY)).await.location();
    let entry = laptop.inbox(&world, 0, 0).await.entries.remove(0);
    let InboxKind::Booked { start, as_booked, .. } = &entry.kind else { panic!("{entry:?}") };
    assert_eq!(as_booked.as_ref().unwrap().waits_for, Some(WaitsFor::Owner));
    world.pass(*start - world.now());
    for (lang, said) in [("en", "was not answered in time"), ("fr", "pas eu de réponse à temps")] {
        let page = world.get(&format!("{manage}?lang={lang}")).await;
        assert!(page.text().contains(said), "{}", page.text());
        assert!(page.links(&format!("{manage}/")).is_empty(), "nothing is left to cancel or to note down");
    }
}

#[tokio::test]
async fn an_old_or_paused_page_takes_nothing_and_names_the_phone() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let form = form(&world).await;
    laptop.publish(&world, 2, Mode::Paused, sheet(world.now())).await;
    let page = world.get("/maya").await;
    assert!(
        page.text().contains("takes no online bookings")
            && page.text().contains("<a href=\"tel:+14165550142\">+1 416 555 0142</a>")
    );
    let refused = submit(&world, &filled(&form, &ROY)).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains("Ring twice."), "what was typed is kept");
    laptop.publish(&world, 3, Mode::Instant, sheet(world.now())).await;
    world.pass(TimeDelta::hours(77));
    assert!(world.get("/maya").await.text().contains("calendar was last seen on"));
    assert_eq!(submit(&world, &filled(&form, &ROY)).await.status, StatusCode::CONFLICT);
    assert!(laptop.inbox(&world, 0, 0).await.entries.is_empty());
}

#[tokio::test]
async fn each_wrong_field_is_named_beside_itself_and_nothing_is_lost() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let form = form(&world).await;
    let cases: [(&'static str, &'static str, &str); 9] = [
        ("name", "", "Please write your name."),
        ("name", "a\r\nBcc: x@y.z", "cannot be used here"),
        ("name", "a\0b", "cannot be used here"),
        ("email", "", "Please write your e-mail address."),
        ("email", "a.roy", "does not look like an e-mail"),
        ("email", "a@b.co\r\nBcc: x@y.z", "cannot be used here"),
        ("phone", "12", "does not look like a phone number"),
        ("address", " ", "where the visit takes place"),
        ("note", "a\0b", "cannot be used here"),
    ];
    for (field, value, message) in cases {
        let answer = submit(&world, &with(&form, &[(field, value)])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value:?}");
        let text = answer.text();
        let beside = format!("id=\"{field}-wrong\">");
        let said = text.split(&beside).nth(1).unwrap_or_else(|| panic!("{field} {value:?}"));
        assert!(said.split('<').next().unwrap().contains(message), "{field} {value:?}");
        assert!(text.contains("5 King St W, Toronto") || field == "address");
        assert_eq!(answer.hidden()["key"], form.hidden()["key"], "the key stays with the form");
    }
    assert!(laptop.inbox(&world, 0, 0).await.entries.is_empty());
}

#[tokio::test]
async fn overlong_values_are_refused() {
    let world = World::new().await;
    world.open_page("maya").await;
    let form = form(&world).await;
    for (field, length) in [("name", 101), ("email", 255), ("phone", 41), ("address", 301), ("note", 2001)] {
        let mut fields = with(&form, &[(field, "")]);
        fields.last_mut().unwrap().1 = "7".repeat(length);
        assert_eq!(submit(&world, &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
    }
    let mut huge = with(&form, &[("note", "")]);
    huge.last_mut().unwrap().1 = "x".repeat(300_000);
    assert_eq!(submit(&world, &huge).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn what_is_no_form_of_ours_is_told_so_with_a_way_back() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let manage = submit(&world, &filled(&form(&world).await, &ROY)).await.location();
    let cancel = format!("{manage}/cancel");
    let sends = [
        ("application/json", "{\"name\":\"A. Roy\"}", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("multipart/form-data; boundary=x", "--x--", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("", "type=home", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("application/x-www-form-urlencoded", "\u{1}%zz&&=", StatusCode::BAD_REQUEST),
        ("application/x-www-form-urlencoded", "", StatusCode::BAD_REQUEST),
    ];
    for (path, back) in [("/maya/book", "/maya"), (cancel.as_str(), manage.as_str())] {
        for (kind, body, status) in sends {
            let request = Request::post(path).header("content-type", kind).body(Body::from(body)).unwrap();
            let answer = send(world.relay.router(), request).await;
            assert_eq!(answer.status, status, "{path} {kind} {body}");
            assert!(answer.text().contains("This did not come from our form"), "{path} {kind} {body}");
            assert_eq!(answer.links("/m").first().map(String::as_str), Some(back));
        }
    }
    assert_eq!(laptop.inbox(&world, 0, 0).await.entries.len(), 1, "nothing was booked or cancelled");
}

#[tokio::test]
async fn a_form_whose_key_cannot_be_read_books_nothing() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let form = form(&world).await;
    for key in ["", "07", "\u{FFFD}", &"g".repeat(64)] {
        let mut fields = filled(&form, &ROY);
        fields.iter_mut().filter(|(name, _)| name == "key").for_each(|(_, value)| *value = key.to_owned());
        let refused = submit(&world, &fields).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{key}");
        assert!(refused.text().contains("This did not come from our form"), "{key}");
    }
    let mut keyless = filled(&form, &ROY);
    keyless.retain(|(name, _)| name != "key");
    assert_eq!(submit(&world, &keyless).await.status, StatusCode::BAD_REQUEST);
    assert!(laptop.inbox(&world, 0, 0).await.entries.is_empty());
}

#[tokio::test]
async fn bytes_that_are_no_utf_8_are_refused_beside_their_field() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let fields = filled(&form(&world).await, &ROY);
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
    let body = body.replace("name=A.+Roy", "name=%ff%fe");
    assert!(body.contains("name=%ff%fe"), "{body}");
    let request = Request::post("/maya/book").header("content-type", "application/x-www-form-urlencoded");
    let refused = send(world.relay.router(), request.body(Body::from(body)).unwrap()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("This holds characters that cannot be used here."));
    assert!(laptop.inbox(&world, 0, 0).await.entries.is_empty());
}

#[tokio::test]
async fn a_refused_form_knows_its_bare_address_without_its_key_and_what_was_typed() {
    let world = World::new().await;
    world.open_page("maya").await;
    let form = form(&world).await;
    assert!(!form.text().contains("data-again"));
    let refused = submit(&world, &with(&form, &[("email", "nobody@nowhere")])).await;
    let text = refused.text();
    let bare = text.split("data-again=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
    assert!(bare.starts_with("/maya/book?type="), "{bare}");
    for kept in [form.hidden()["key"].as_str(), "nobody", "King"] {
        assert!(!bare.contains(kept), "{bare}");
    }
    let again = world.get(&bare).await;
    assert_eq!((again.status, again.text().contains("nobody")), (StatusCode::OK, false));
    assert_eq!(again.hidden()["start"], form.hidden()["start"]);
}

#[tokio::test]
async fn a_form_sent_back_changes_its_language_and_books_nothing() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let form = form(&world).await;
    let wrong = with(&form, &[("name", "")]);
    let refused = submit(&world, &wrong).await.text();
    assert!(refused.contains("<button form=\"book\" name=\"speak\" value=\"fr\" formnovalidate"));
    for (name, status) in [("", StatusCode::UNPROCESSABLE_ENTITY), ("A. Roy", StatusCode::OK)] {
        let mut fields = with(&form, &[("name", name), ("lang", "en")]);
        fields.push(("speak".into(), "fr".into()));
        let answer = submit(&world, &fields).await;
        assert_eq!(answer.status, status);
        assert!(answer.text().contains("Adresse de la visite") && answer.text().contains("Ring twice."));
        assert_eq!(answer.text().contains("Veuillez écrire votre nom."), name.is_empty());
        assert_eq!(answer.hidden()["lang"], "fr", "it goes on in French");
        assert_eq!(answer.hidden()["key"], form.hidden()["key"]);
    }
    assert!(laptop.inbox(&world, 0, 0).await.entries.is_empty());
}

#[tokio::test]
async fn a_page_that_is_not_there_can_be_read_in_the_other_language() {
    let world = World::new().await;
    let lost = world.get("/nobody").await;
    assert_eq!(lost.links("?lang="), ["?lang=fr"]);
    assert!(world.get("/nobody?lang=fr").await.text().contains("lang=\"fr\""));
}

#[tokio::test]
async fn a_time_that_cannot_be_cancelled_online_says_so_before_it_is_booked_and_after() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let early = form(&world).await.text();
    assert!(early.contains("You can cancel online until Monday 16 March, "), "{early}");
    assert!(!early.contains("cannot be cancelled online"));
    let soon = world.get("/maya?day=2026-03-03").await.links("/maya/book").remove(0);
    world.pass(TimeDelta::hours(10));
    laptop.publish(&world, 2, Mode::Instant, sheet(world.now())).await;
    let late = world.get(&soon).await;
    assert!(late.text().contains("this time cannot be cancelled online: it starts in less than 24 hours."));
    assert!(
        late.text()
            .contains("If something comes up, please call <a href=\"tel:+14165550142\">+1 416 555 0142</a>.")
    );
    assert!(!late.text().contains("You can cancel online until"));
    let manage = submit(&world, &filled(&late, &ROY)).await.location();
    assert!(world.get(&manage).await.text().contains("Cancelling here ends 24 hours before the start"));
    let call = world.get("/maya?type=call&day=2026-03-17").await.links("/maya/book").remove(0);
    let call = world.get(&call).await.text();
    assert!(call.contains("You can cancel online until it starts."), "{call}");
}

#[tokio::test]
async fn a_request_for_a_time_past_its_cut_off_says_until_when_it_can_be_withdrawn() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let soon = world.get("/maya?day=2026-03-03").await.links("/maya/book").remove(0);
    laptop.publish(&world, 2, Mode::Approval, sheet(world.now())).await;
    world.pass(TimeDelta::hours(10));
    let page = world.get(&soon).await.text();
    assert!(page.contains("Until it is answered you can withdraw your request."), "{page}");
}

#[tokio::test]
async fn a_time_that_is_past_unaligned_soon_or_nonsense_is_refused_with_others_to_choose() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let form = form(&world).await;
    world.pass(TimeDelta::hours(2) + TimeDelta::days(2));
    laptop.publish(&world, 2, Mode::Instant, sheet(instant("2026-03-02T08:00:00Z"))).await;
    let cases = [
        ("2026-03-03T14:30Z", "This time has passed."),
        ("2020-01-01T00:00Z", "This time has passed."),
        ("2026-03-17T13:31Z", "This time is not offered."),
        ("2026-03-17T13:30:00Z", "This time is not offered."),
        ("9999-99-99T99:99Z", "This time is not offered."),
        ("", "Please choose one of these times."),
        ("'; DROP TABLE claim; --", "This time is not offered."),
    ];
    for (start, message) in cases {
        let answer = submit(&world, &with(&form, &[("start", start)])).await;
        assert!(answer.status.is_client_error(), "{start}");
        let text = answer.text();
        assert!(text.contains(message), "{start}: {text}");
        assert!(text.contains("type=\"radio\" name=\"start\"") && text.contains("A. Roy"), "{start}");
    }
    assert!(laptop.inbox(&world, 0, 0).await.entries.is_empty());
}

#[tokio::test]
async fn an_unknown_type_or_zone_is_a_clear_answer() {
    let world = World::new().await;
    world.open_page("maya").await;
    let form = form(&world).await;
    let unknown_type = submit(&world, &with(&form, &[("type", "other")])).await;
    assert_eq!(unknown_type.status, StatusCode::CONFLICT);
    assert!(unknown_type.text().contains("no longer offered") && unknown_type.text().contains("A. Roy"));
    let unknown_zone = submit(&world, &with(&form, &[("tz", "Mars/Base")])).await;
    assert_eq!(unknown_zone.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unknown_zone.text().contains("Mars/Base"));
    assert_eq!(submit(&world, &filled(&unknown_zone, &ROY)).await.status, StatusCode::SEE_OTHER);
    assert_eq!(world.get("/maya?type=other").await.status, StatusCode::NOT_FOUND);
    assert!(world.get("/maya?tz=%3Cscript%3E").await.text().contains("“&#60;script&#62;”"));
}

#[tokio::test]
async fn unknown_and_malformed_links_look_the_same() {
    let world = World::new().await;
    world.open_page("maya").await;
    let unknown = world.get(&format!("/m/{}", "a".repeat(64))).await;
    for path in ["/m/x", "/m/%00", &format!("/m/{}", "g".repeat(64)), "/m/book"] {
        let answer = world.get(path).await;
        assert_eq!((answer.status, answer.text()), (StatusCode::NOT_FOUND, unknown.text()), "{path}");
    }
    let cancel = world.post(&format!("/m/{}/cancel", "a".repeat(64)), &[("version", "1")]).await;
    assert_eq!((cancel.status, cancel.text()), (StatusCode::NOT_FOUND, unknown.text()));
}

#[tokio::test]
async fn after_its_time_the_page_says_that_it_is_over() {
    let world = World::new().await;
    world.open_page("maya").await;
    let manage = submit(&world, &filled(&form(&world).await, &ROY)).await.location();
    world.pass(TimeDelta::days(16));
    assert!(world.get(&manage).await.text().contains("This appointment is over"));
}

#[tokio::test]
async fn after_the_cut_off_one_is_told_whom_to_call() {
    let world = World::new().await;
    world.open_page("maya").await;
    let manage = submit(&world, &filled(&form(&world).await, &ROY)).await.location();
    world.pass(TimeDelta::days(14) + TimeDelta::hours(8));
    let page = world.get(&manage).await.text();
    assert!(
        page.contains(
            "too late to cancel here. Please call <a href=\"tel:+14165550142\">+1 416 555 0142</a>"
        )
    );
    world.post(&format!("{manage}/cancel"), &[("version", "1")]).await;
    assert!(
        world.get(&manage).await.text().contains("You are booked"),
        "a form kept open does not get round it"
    );
}

#[tokio::test]
async fn a_cancellation_of_another_version_is_not_taken() {
    let world = World::new().await;
    world.open_page("maya").await;
    let manage = submit(&world, &filled(&form(&world).await, &ROY)).await.location();
    for version in ["0", "2", "x", "-1", ""] {
        let answer = world.post(&format!("{manage}/cancel"), &[("version", version)]).await;
        assert_eq!(answer.status, 409, "{version}");
        assert!(answer.text().contains("has changed meanwhile"), "{version}");
    }
    assert!(world.get(&manage).await.text().contains("You are booked"));
}

#[tokio::test]
async fn pages_speak_the_visitors_language() {
    let world = World::new().await;
    world.open_page("maya").await;
    let french = world.get_as("/maya", "fr-CA,fr;q=0.9").await.text();
    assert!(
        french.contains("lang=\"fr\"") && french.contains("Mars 2026") && french.contains("\u{a0}h\u{a0}")
    );
    let chosen = world.get_as("/maya?lang=en", "fr").await;
    assert!(chosen.text().contains("March 2026"));
    assert!(chosen.links("/maya/book")[0].contains("lang=en"), "links keep the choice");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let world = World::new().await;
    world.open_page("maya").await;
    for path in ["/maya", "/nobody", "/m/x", "/", "/healthz", "/api/v1/inbox", "/a/b/c/d"] {
        let answer = world.get(path).await;
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe"));
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
        assert!(answer.headers.get("set-cookie").is_none());
    }
    let page = world.get("/maya").await.text();
    assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains("onclick"));
}

#[tokio::test]
async fn the_first_load_is_small() {
    let world = World::new().await;
    world.open_page("maya").await;
    let page = world.get("/maya").await;
    let mut total = page.body.len();
    for asset in page.links("/assets/") {
        let answer = world.get(&asset).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.headers["cache-control"].to_str().unwrap().contains("immutable"));
        total += answer.body.len();
    }
    assert!(total < 60 * 1024, "{total}");
}

#[tokio::test]
async fn the_calendar_file_follows_the_booking() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let manage = submit(&world, &filled(&form(&world).await, &ROY)).await.location();
    let file = world.get(&format!("{manage}/visit.ics")).await;
    assert_eq!(file.headers["content-type"], "text/calendar; charset=utf-8");
    let id = laptop.inbox(&world, 0, 0).await.entries.remove(0).booking.0;
    assert!(file.text().contains(&format!("UID:{id}\r\n")) && file.text().contains("SEQUENCE:1\r\n"));
    world.post(&format!("{manage}/cancel"), &[("version", "1")]).await;
    let file = world.get(&format!("{manage}/visit.ics")).await.text();
    assert!(file.contains("SEQUENCE:2\r\n") && file.contains("STATUS:CANCELLED\r\n"));
}

#[tokio::test]
async fn other_methods_and_odd_requests_get_a_page_not_a_failure() {
    let world = World::new().await;
    world.open_page("maya").await;
    assert_eq!(world.post("/maya", &[]).await.status, StatusCode::METHOD_NOT_ALLOWED);
    for path in [
        "/maya/book",
        "/maya/book?type=home",
        "/maya?month=99999-99&day=-1",
        "/maya?day=2026-03-17&day=x",
        "/maya/zone?tz=%ff",
        "/%ff",
        "//",
    ] {
        let answer = world.get(path).await;
        assert!(!answer.status.is_server_error(), "{path} {}", answer.status);
        assert!(answer.text().contains("</html>"), "{path}");
    }
    assert!(world.post("/maya/book", &[]).await.status.is_client_error());
}
