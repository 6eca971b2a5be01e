"""The official calendar client against the sandbox: what works, and how each refusal arrives."""

import pytest
from googleapiclient.errors import HttpError

SERIES = "standup0northcare"


def hour(event_id, title, start):
    edge = "2026-03-05T{:02}:00:00-05:00"
    times = {"start": {"dateTime": edge.format(start)}, "end": {"dateTime": edge.format(start + 1)}}
    return {"id": event_id, "summary": title, **times}


def pages(events, **query):
    """All pages of a listing, by the client's own paging."""
    request = events.list(calendarId="primary", **query)
    while request is not None:
        answer = request.execute()
        yield answer
        request = events.list_next(request, answer)


def listed(events, **query):
    answers = list(pages(events, **query))
    return [item for answer in answers for item in answer["items"]], answers[-1].get("nextSyncToken")


def refusal(request):
    """Status and reason with which a request is refused."""
    with pytest.raises(HttpError) as caught:
        request.execute()
    return caught.value.status_code, caught.value.error_details[0]["reason"]


def with_etag(request, etag):
    request.headers["If-Match"] = etag
    return request


def test_the_list_of_calendars_is_read(calendar):
    entries = calendar.calendarList().list().execute()["items"]
    assert {entry["summary"]: entry["accessRole"] for entry in entries} == {"Northcare": "owner", "Visits": "owner"}
    primary = calendar.calendars().get(calendarId="primary").execute()
    assert primary["timeZone"] == "America/Toronto"
    assert calendar.settings().get(setting="timezone").execute()["value"] == "America/Toronto"


def test_paging_ends_and_skips_nothing_in_spite_of_empty_pages(calendar):
    events = calendar.events()
    for index in range(6):
        events.insert(calendarId="primary", body=hour(f"visit{index}", "Visit", 8 + index)).execute()
    whole, _ = listed(events)
    answers = list(pages(events, maxResults=2))
    assert any(not answer["items"] for answer in answers[:-1])
    assert all("nextSyncToken" not in answer for answer in answers[:-1])
    assert [item["id"] for answer in answers for item in answer["items"]] == [item["id"] for item in whole]


def test_a_sync_brings_changes_and_tombstones(sandbox, calendar):
    events = calendar.events()
    _, token = listed(events)
    sandbox.edit("suppliercall01", {"summary": "Supplier call, moved"})
    events.delete(calendarId="primary", eventId="routeplan01").execute()
    changes, token = listed(events, syncToken=token)
    assert {item["id"]: item["status"] for item in changes} == {
        "suppliercall01": "tentative",
        "routeplan01": "cancelled",
    }
    assert listed(events, syncToken=token)[0] == []


def test_an_expired_sync_token_is_410(sandbox, calendar):
    events = calendar.events()
    _, token = listed(events)
    sandbox.arm({"kind": "expire_sync"})
    assert refusal(events.list(calendarId="primary", syncToken=token)) == (410, "fullSyncRequired")


def test_a_sync_token_with_a_forbidden_parameter_is_400(calendar):
    events = calendar.events()
    _, token = listed(events)
    request = events.list(calendarId="primary", syncToken=token, orderBy="updated")
    assert refusal(request) == (400, "invalid")


def test_insert_patch_update_delete(calendar):
    events = calendar.events()
    created = events.insert(calendarId="primary", body=hour("visit1", "Visit", 9)).execute()
    patched = events.patch(calendarId="primary", eventId="visit1", body={"location": "5 King St W"}).execute()
    assert (patched["summary"], patched["location"]) == ("Visit", "5 King St W")
    assert patched["etag"] != created["etag"]
    replaced = events.update(calendarId="primary", eventId="visit1", body=hour("visit1", "Visit", 9)).execute()
    assert "location" not in replaced
    assert events.delete(calendarId="primary", eventId="visit1").execute() == ""
    assert events.get(calendarId="primary", eventId="visit1").execute()["status"] == "cancelled"


def test_a_taken_or_burnt_id_is_409_and_a_wrong_one_400(calendar):
    events = calendar.events()
    insert = lambda event_id: events.insert(calendarId="primary", body=hour(event_id, "Visit", 9))  # noqa: E731
    insert("visit1").execute()
    assert refusal(insert("visit1")) == (409, "duplicate")
    events.delete(calendarId="primary", eventId="visit1").execute()
    assert refusal(insert("visit1")) == (409, "duplicate")
    assert refusal(insert("Visit-1")) == (400, "invalid")


def test_a_stale_etag_is_412(sandbox, calendar):
    events = calendar.events()
    etag = events.get(calendarId="primary", eventId="suppliercall01").execute()["etag"]
    sandbox.edit("suppliercall01", {"summary": "Changed by someone else"})
    patch = events.patch(calendarId="primary", eventId="suppliercall01", body={"summary": "Mine"})
    assert refusal(with_etag(patch, etag)) == (412, "conditionNotMet")
    delete = events.delete(calendarId="primary", eventId="suppliercall01")
    assert refusal(with_etag(delete, etag)) == (412, "conditionNotMet")


def test_instances_of_a_series_with_a_moved_and_a_cancelled_one(calendar):
    events = calendar.events()
    week = {"timeMin": "2026-03-02T00:00:00-05:00", "timeMax": "2026-03-07T00:00:00-05:00"}
    items = events.instances(calendarId="primary", eventId=SERIES, showDeleted=True, **week).execute()["items"]
    starts = {item["id"].rsplit("_")[1]: item.get("start", {}).get("dateTime", item["status"]) for item in items}
    assert starts == {
        "20260302T140000Z": "2026-03-02T09:00:00-05:00",
        "20260303T140000Z": "2026-03-03T09:00:00-05:00",
        "20260304T140000Z": "2026-03-04T09:00:00-05:00",
        "20260305T140000Z": "cancelled",
        "20260306T140000Z": "2026-03-06T09:30:00-05:00",
    }
    one = f"{SERIES}_20260309T130000Z"
    events.patch(calendarId="primary", eventId=one, body={"summary": "Without me"}).execute()
    again = events.instances(calendarId="primary", eventId=one).execute()["items"]
    assert [item["summary"] for item in again] == ["Without me"]


def test_single_events_in_order_of_start(calendar):
    week = {"timeMin": "2026-03-03T00:00:00-05:00", "timeMax": "2026-03-04T00:00:00-05:00"}
    items, token = listed(calendar.events(), singleEvents=True, orderBy="startTime", **week)
    titles = [item["summary"] for item in items]
    assert titles == ["Stock count week", "Team stand-up", "Supplier call: ramp parts", "Training: safe lifting"]
    assert token is None


def test_import_and_move(calendar):
    events = calendar.events()
    body = hour("unused", "Imported", 9)
    del body["id"]
    imported = events.import_(calendarId="primary", body={**body, "iCalUID": "a@b.example"}).execute()
    visits = "visits.northcare@group.calendar.example"
    moved = events.move(calendarId="primary", eventId=imported["id"], destination=visits).execute()
    assert moved["status"] == "cancelled"
    assert events.get(calendarId=visits, eventId=imported["id"]).execute()["status"] == "confirmed"


def test_free_busy(calendar):
    body = {
        "timeMin": "2026-03-04T13:00:00-05:00",
        "timeMax": "2026-03-06T18:00:00-05:00",
        "items": [{"id": "primary"}, {"id": "nobody@nowhere.example"}],
    }
    answer = calendar.freebusy().query(body=body).execute()["calendars"]
    assert [busy["start"] for busy in answer["primary"]["busy"]] == ["2026-03-06T14:30:00Z", "2026-03-06T15:00:00Z"]
    assert answer["nobody@nowhere.example"]["errors"][0]["reason"] == "notFound"


def test_a_read_only_calendar_refuses_to_be_written(sandbox):
    maya = sandbox.client("maya.okafor@gmail.example")
    request = maya.events().insert(
        calendarId="en.canadian.holiday@group.v.calendar.example", body=hour("visit1", "Visit", 9)
    )
    assert refusal(request) == (403, "requiredAccessLevel")


def test_armed_rate_limits_arrive_by_reason(sandbox, calendar):
    sandbox.arm({"kind": "status", "status": 403, "reason": "quotaExceeded"})
    assert refusal(calendar.events().list(calendarId="primary")) == (403, "quotaExceeded")
    sandbox.arm({"kind": "status", "status": 429, "retry_after_s": 1})
    assert refusal(calendar.events().list(calendarId="primary")) == (429, "rateLimitExceeded")


def test_a_lost_answer_makes_no_second_event_when_the_id_is_chosen(sandbox, calendar):
    sandbox.arm({"kind": "lose_answer"}, method="POST")
    insert = calendar.events().insert(calendarId="primary", body=hour("visit1", "Visit", 9))
    # The transport below the client sends the request again by itself when the connection ends.
    assert refusal(insert) == (409, "duplicate")
    posts = [(entry["status"], entry["wrote"]) for entry in sandbox.ledger() if entry["method"] == "POST"]
    assert posts == [(None, True), (409, False)]


def test_nobody_is_mailed_unless_asked(sandbox, calendar):
    body = {**hour("visit1", "Visit", 9), "attendees": [{"email": "someone@else.example"}]}
    calendar.events().insert(calendarId="primary", body=body, sendUpdates="none").execute()
    assert sandbox.call("GET", "/mail")["mail"] == []
    calendar.events().delete(calendarId="primary", eventId="visit1", sendUpdates="all").execute()
    assert [mail["about"] for mail in sandbox.call("GET", "/mail")["mail"]] == ["cancellation"]
