//! What is too long: it is told and given back, and nothing of a form is left out.

use axum::http::StatusCode;

use crate::visitor::{form, submit, with};
use crate::world::{ROY, World, filled};

#[tokio::test]
async fn an_overlong_value_is_never_left_out_of_what_is_booked() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let form = form(&world).await;
    for (field, max) in [("name", 100), ("email", 254), ("phone", 40), ("address", 300), ("note", 2000)] {
        for length in [8193, 100_000] {
            let typed = "7".repeat(length);
            let mut fields = with(&form, &[(field, "")]);
            fields.last_mut().unwrap().1.clone_from(&typed);
            let answer = submit(&world, &fields).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {length}");
            let told = format!("This is {} letters too long: at most {max} letters fit here.", length - max);
            assert!(answer.text().contains(&told), "{field} {length}");
            assert!(answer.text().contains(&typed), "{field} {length} comes back");
        }
    }
    assert_eq!(laptop.inbox(&world, 0, 0).await.entries.len(), 0);
}

#[tokio::test]
async fn a_form_with_many_fields_loses_none() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let mut fields: Vec<_> = (0..60).map(|number| (format!("other{number}"), String::new())).collect();
    fields.extend(filled(&form(&world).await, &ROY));
    assert_eq!(submit(&world, &fields).await.status, StatusCode::SEE_OTHER);
    let entry = laptop.inbox(&world, 0, 0).await.entries.remove(0);
    assert_eq!(laptop.read(&entry.kind).note, "Ring twice.\nThird floor.");
}

#[tokio::test]
async fn an_address_that_is_not_asked_for_is_judged_and_kept_all_the_same() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let link = world.get("/maya?type=call&day=2026-03-17").await.links("/maya/book").remove(0);
    let form = world.get(&link).await;
    assert!(!form.text().contains("name=\"address\""));
    let mut fields = with(&form, &[("address", "")]);
    fields.last_mut().unwrap().1 = "x".repeat(9000);
    let refused = submit(&world, &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("This is 8700 letters too long"));
    assert_eq!(submit(&world, &filled(&form, &ROY)).await.status, StatusCode::SEE_OTHER);
    let entry = laptop.inbox(&world, 0, 0).await.entries.remove(0);
    assert_eq!(laptop.read(&entry.kind).address, "5 King St W, Toronto");
}

#[tokio::test]
async fn a_form_beyond_the_limit_gets_a_page_with_the_remedy_and_a_way_back() {
    let world = World::new().await;
    let laptop = world.open_page("maya").await;
    let mut fields = with(&form(&world).await, &[("note", "")]);
    fields.last_mut().unwrap().1 = "x".repeat(200_000);
    let refused = submit(&world, &fields).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(
        refused.text().contains("Nothing was booked") && refused.text().contains("shorten what you wrote")
    );
    assert_eq!(refused.links("/m"), ["/maya"]);
    assert_eq!(laptop.inbox(&world, 0, 0).await.entries.len(), 0);
}

#[tokio::test]
async fn a_page_repeats_little_of_an_overlong_address() {
    let world = World::new().await;
    world.open_page("maya").await;
    let long = "z".repeat(9000);
    let book = world.get("/maya?day=2026-03-17").await.links("/maya/book").remove(0);
    for name in ["tz", "lang", "type", "month", "day", "name", "note"] {
        for path in ["/maya?", "/maya/zone?", &format!("{book}&")] {
            let page = world.get(&format!("{path}{name}={long}")).await;
            assert!(!page.text().contains(&"z".repeat(2049)), "{path} {name}");
        }
    }
}

#[tokio::test]
async fn a_long_text_comes_back_whole_and_says_by_how_much_it_is_too_long() {
    let world = World::new().await;
    world.open_page("maya").await;
    let form = form(&world).await;
    assert!(!form.text().contains("maxlength"), "a browser must not cut what is pasted");
    let mut fields = with(&form, &[("note", "")]);
    fields.last_mut().unwrap().1 = "y".repeat(2003);
    let answer = submit(&world, &fields).await.text();
    assert!(answer.contains("This is 3 letters too long: at most 2000 letters fit here."));
    assert!(answer.contains(&"y".repeat(2003)));
}
