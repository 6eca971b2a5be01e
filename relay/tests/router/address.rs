//! Addresses as people and phones write them, and what a page repeats of them.

use crate::world::World;

#[tokio::test]
async fn an_address_as_a_phone_writes_it_leads_to_the_page() {
    let world = World::new().await;
    world.open_page("maya").await;
    for typed in ["/Maya", "/maya/", "/MAYA/?lang=fr"] {
        let answer = world.get(typed).await;
        assert_eq!(answer.status, 308, "{typed}");
        assert_eq!(world.get(&answer.location()).await.status, 200, "{typed}");
    }
    assert_eq!(world.get("/MAYA/?lang=fr").await.location(), "/maya?lang=fr");
    assert!(world.post("/Maya/book", &[]).await.status.is_client_error(), "a form is led nowhere");
}

#[tokio::test]
async fn no_page_repeats_control_characters() {
    let world = World::new().await;
    world.open_page("maya").await;
    let page = world.get("/maya?tz=Europe/London%00%1b").await.text();
    assert!(page.contains("Europe/London") && !page.contains(['\u{0}', '\u{1b}']), "{page}");
}
