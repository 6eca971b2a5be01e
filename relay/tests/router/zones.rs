//! Clocks: whose time the page tells, and what it calls their zones.

use daymark_core::contract::Mode;

use crate::world::{World, instant, sheet};

#[tokio::test]
async fn a_zone_is_called_by_the_name_its_city_has_today_or_by_its_distance() {
    let world = World::new().await;
    world.open_page("maya").await;
    let cases = [
        ("Europe/Kiev", "Kyiv time", "heure de Kyiv"),
        ("Asia/Calcutta", "Kolkata time", "heure de Kolkata"),
        ("Europe/Athens", "Athens time", "heure d’Athens"),
        ("Etc/GMT%2B5", "UTC−5", "heure UTC−5"),
    ];
    for (zone, english, french) in cases {
        for (lang, said) in [("en", english), ("fr", french)] {
            let page = world.get(&format!("/maya?tz={zone}&lang={lang}")).await.text();
            assert!(page.contains(said), "{said}: {page}");
        }
    }
}

#[tokio::test]
async fn times_are_told_on_the_visitors_clock_and_the_owners_beside_it() {
    let world = World::new().await;
    world.open_page("maya").await;
    let page = world.get("/maya?tz=Asia/Kolkata").await;
    assert!(page.text().contains("Kolkata time") && page.text().contains("works on Toronto time"));
    let form = world.get(&page.links("/maya/book")[0]).await.text();
    assert!(form.contains("Kolkata time") && form.contains("in Toronto"), "{form}");
}

#[tokio::test]
async fn the_hour_that_happens_twice_is_told_apart() {
    let world = World::new().await;
    let laptop = world.laptop("maya").await;
    world.pass(instant("2026-10-30T08:00:00Z") - world.now());
    let mut night = sheet(world.now());
    night.types.truncate(1);
    let minutes = |text: &str| instant(text).timestamp() / 60;
    night.types[0].starts_min = vec![minutes("2026-11-01T05:30:00Z"), minutes("2026-11-01T06:30:00Z")];
    laptop.publish(&world, 1, Mode::Instant, night).await;
    let page = world.get("/maya").await.text();
    assert!(page.contains(">01:30 EDT<") && page.contains(">01:30 EST<"));
}
