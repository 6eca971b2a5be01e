//! The calendar list, calendars, free/busy.

use serde_json::json;

use crate::world::{MAYA, fake, hour, ids, standup};

const LIST: &str = "/users/me/calendarList";

#[tokio::test]
async fn the_list_leaves_out_hidden_calendars_unless_asked() {
    let fake = fake();
    assert_eq!(ids(&fake.get(LIST).await.json()), [MAYA, "visits"]);
    let all = fake.get(&format!("{LIST}?showHidden=true")).await.json();
    assert_eq!(ids(&all), ["hidden", MAYA, "visits"]);
    assert_eq!(all["items"][0]["hidden"], true);
}

#[tokio::test]
async fn entries_say_role_and_primary() {
    let fake = fake();
    let maya = fake.get(&format!("{LIST}/primary")).await.json();
    assert_eq!(
        (maya["id"].as_str(), &maya["primary"], &maya["accessRole"]),
        (Some(MAYA), &json!(true), &json!("owner"))
    );
    let ben = fake.seen_by("ben@northcare.example", &["calendar"]);
    let list = ben.get(LIST).await.json();
    let roles: Vec<_> =
        list["items"].as_array().unwrap().iter().map(|item| item["accessRole"].clone()).collect();
    assert_eq!(roles, ["owner", "freeBusyReader", "reader"]);
    assert_eq!(
        ids(&ben.get(&format!("{LIST}?minAccessRole=reader")).await.json()),
        ["ben@northcare.example", "visits"]
    );
}

#[tokio::test]
async fn the_list_has_pages_and_its_own_sync_token() {
    let fake = fake();
    let first = fake.get(&format!("{LIST}?maxResults=1")).await.json();
    let page = first["nextPageToken"].as_str().unwrap();
    let last = fake.get(&format!("{LIST}?maxResults=1&pageToken={page}")).await.json();
    let sync = last["nextSyncToken"].as_str().unwrap();
    assert!(ids(&fake.get(&format!("{LIST}?syncToken={sync}")).await.json()).is_empty());
    fake.control.google().share(MAYA, "visits", None).unwrap();
    let changes = fake.get(&format!("{LIST}?syncToken={sync}")).await.json();
    assert_eq!((ids(&changes), &changes["items"][0]["deleted"]), (vec!["visits".to_owned()], &json!(true)));
    assert_eq!(fake.get("/calendars/visits/events").await.status, 404);
}

#[tokio::test]
async fn the_lists_sync_token_forbids_roles_and_hiding() {
    let fake = fake();
    let sync = fake.get(LIST).await.json()["nextSyncToken"].as_str().unwrap().to_owned();
    for parameter in
        ["minAccessRole=reader", "showOwnOrganizationOnly=true", "showHidden=false", "showDeleted=false"]
    {
        assert_eq!(
            fake.get(&format!("{LIST}?syncToken={sync}&{parameter}")).await.status,
            400,
            "{parameter}"
        );
    }
}

#[tokio::test]
async fn a_calendar_and_its_entry_have_different_etags() {
    let fake = fake();
    let calendar = fake.get("/calendars/primary").await.json();
    let entry = fake.get(&format!("{LIST}/primary")).await.json();
    assert_eq!(
        (calendar["id"].as_str(), calendar["timeZone"].as_str()),
        (Some(MAYA), Some("America/Toronto"))
    );
    assert_ne!(calendar["etag"], entry["etag"]);
}

#[tokio::test]
async fn free_busy_merges_leaves_out_transparent_and_names_what_it_cannot_see() {
    let fake = fake();
    fake.insert(hour("visit1", "a", 9)).await;
    fake.insert(hour("visit2", "b", 10)).await;
    let mut free = hour("visit3", "c", 13);
    free["transparency"] = json!("transparent");
    fake.insert(free).await;
    fake.insert(standup()).await;
    let ask = json!({
        "timeMin": "2026-03-05T05:00:00Z", "timeMax": "2026-03-06T05:00:00Z",
        "items": [{"id": "primary"}, {"id": "unknown"}, {"id": "visits"}],
    });
    fake.control.google().forget_in_free_busy("visits");
    let answer = fake.post("/freeBusy", ask).await.json();
    let busy = json!([{"start": "2026-03-05T14:00:00Z", "end": "2026-03-05T16:00:00Z"}]);
    assert_eq!(answer["calendars"]["primary"]["busy"], busy);
    assert_eq!(answer["calendars"]["unknown"]["errors"][0]["reason"], "notFound");
    assert_eq!(answer["calendars"].get("visits"), None);
}

#[tokio::test]
async fn the_zone_setting_is_the_accounts() {
    let fake = fake();
    let ben = fake.seen_by("ben@northcare.example", &["calendar.settings.readonly"]);
    assert_eq!(ben.get("/users/me/settings/timezone").await.json()["value"], "Europe/Zurich");
}
