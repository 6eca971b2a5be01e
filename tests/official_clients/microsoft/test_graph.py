"""What the official Graph client makes of the sandbox: it must not notice the difference."""

import datetime

import pytest
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_abstractions.headers_collection import HeadersCollection
from msgraph.generated.models.date_time_time_zone import DateTimeTimeZone
from msgraph.generated.models.day_of_week import DayOfWeek
from msgraph.generated.models.event import Event
from msgraph.generated.models.event_type import EventType
from msgraph.generated.models.free_busy_status import FreeBusyStatus
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.patterned_recurrence import PatternedRecurrence
from msgraph.generated.models.recurrence_pattern import RecurrencePattern
from msgraph.generated.models.recurrence_pattern_type import RecurrencePatternType
from msgraph.generated.models.recurrence_range import RecurrenceRange
from msgraph.generated.models.recurrence_range_type import RecurrenceRangeType
from msgraph.generated.models.single_value_legacy_extended_property import SingleValueLegacyExtendedProperty
from msgraph.generated.users.item.calendars.item.calendar_view.delta.delta_request_builder import (
    DeltaRequestBuilder,
)
from msgraph.generated.users.item.events.item.event_item_request_builder import EventItemRequestBuilder
from msgraph.generated.users.item.events.item.instances.instances_request_builder import InstancesRequestBuilder
from msgraph_core.tasks import PageIterator

PROPERTY = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name booking"
WINDOW = {"start_date_time": "2026-03-01T00:00:00Z", "end_date_time": "2026-03-15T00:00:00Z"}
IMMUTABLE = 'IdType="ImmutableId"'


def visit(subject, date, zone="Eastern Standard Time"):
    return Event(
        subject=subject,
        start=DateTimeTimeZone(date_time=f"{date}T09:30:00", time_zone=zone),
        end=DateTimeTimeZone(date_time=f"{date}T10:00:00", time_zone=zone),
    )


def weekly(subject, date):
    event = visit(subject, date)
    first = datetime.date.fromisoformat(date)
    event.recurrence = PatternedRecurrence(
        pattern=RecurrencePattern(
            type=RecurrencePatternType.Weekly, interval=1, days_of_week=[DayOfWeek.Monday, DayOfWeek.Wednesday]
        ),
        range=RecurrenceRange(type=RecurrenceRangeType.NoEnd, start_date=first),
    )
    return event


def configured(query=None, **headers):
    collection = HeadersCollection()
    for name, value in headers.items():
        collection.add(name.replace("_", "-"), value)
    return RequestConfiguration(query_parameters=query, headers=collection)


async def calendar_id(graph, name):
    page = await graph.me.calendars.get()
    return next(calendar.id for calendar in page.value if calendar.name == name)


async def delta_round(graph, calendar, link=None, prefer="odata.maxpagesize=3"):
    """Every item of a round, and the link to the next."""
    builder = graph.me.calendars.by_calendar_id(calendar).calendar_view.delta
    query = DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters(**WINDOW)
    if link:
        page = await builder.with_url(link).get(configured(Prefer=prefer))
    else:
        page = await builder.get(configured(query, Prefer=prefer))
    items = list(page.value)
    while page.odata_next_link:
        page = await builder.with_url(page.odata_next_link).get(configured(Prefer=prefer))
        items += page.value
    return items, page.odata_delta_link


async def test_the_profile_and_the_calendars_read_as_models(graph):
    me = await graph.me.get()
    assert me.user_principal_name == "maya@partner.example"
    page = await graph.me.calendars.get()
    names = {calendar.name: calendar for calendar in page.value}
    assert names["Calendar"].is_default_calendar and names["Calendar"].can_edit
    assert names["Partner clinic"].hex_color == "#a0522d"
    assert names["Holidays"].can_edit is False


async def test_an_event_is_created_read_changed_and_deleted(graph):
    created = await graph.me.events.post(visit("Home assessment", "2026-03-05"))
    assert created.type == EventType.SingleInstance
    assert created.start.date_time == "2026-03-05T14:30:00.0000000"
    item = graph.me.events.by_event_id(created.id)
    changed = await item.patch(Event(subject="Moved", show_as=FreeBusyStatus.Tentative))
    assert (changed.subject, changed.show_as) == ("Moved", FreeBusyStatus.Tentative)
    assert (await item.get()).subject == "Moved"
    await item.delete()
    with pytest.raises(ODataError) as gone:
        await item.get()
    assert gone.value.response_status_code == 404
    assert gone.value.error.code == "ErrorItemNotFound"


async def test_a_transaction_id_makes_a_repeated_post_harmless(graph):
    event = visit("Visit", "2026-03-05")
    event.transaction_id = "t-1"
    first, second = await graph.me.events.post(event), await graph.me.events.post(event)
    assert first.id == second.id


async def test_a_stale_etag_is_refused(graph):
    created = await graph.me.events.post(visit("Visit", "2026-03-05"))
    item = graph.me.events.by_event_id(created.id)
    etag = created.additional_data["@odata.etag"]
    await item.patch(Event(subject="Second"), configured(If_Match=etag))
    with pytest.raises(ODataError) as stale:
        await item.patch(Event(subject="Third"), configured(If_Match=etag))
    assert stale.value.response_status_code == 412
    assert stale.value.error.code == "ErrorIrresolvableConflict"


async def test_a_zone_and_immutable_ids_are_preferred_together(graph):
    created = await graph.me.events.post(visit("Visit", "2026-03-05"))
    prefer = f'{IMMUTABLE}, outlook.timezone="Europe/Berlin"'
    event = await graph.me.events.by_event_id(created.id).get(configured(Prefer=prefer))
    assert (event.start.date_time, event.start.time_zone) == ("2026-03-05T15:30:00.0000000", "Europe/Berlin")
    assert event.id != created.id
    assert (await graph.me.events.by_event_id(event.id).get()).id == created.id


async def test_a_list_is_walked_by_the_page_iterator(graph):
    for day in range(5, 28):
        await graph.me.events.post(visit(f"Visit {day}", f"2026-03-{day:02}"))
    seen = []

    def note(event):
        seen.append(event.subject)
        return True

    await PageIterator(await graph.me.events.get(), graph.request_adapter).iterate(note)
    assert len(seen) == len(set(seen)) == 23


async def test_a_delta_round_has_stubs_exceptions_and_singles(graph, sandbox):
    calendar = await calendar_id(graph, "Calendar")
    series = await graph.me.events.post(weekly("Stand-up", "2026-03-02"))
    single = await graph.me.events.post(visit("Visit", "2026-03-05"))
    sandbox.act("edit_occurrence", series=series.id, date="2026-03-04", patch={"subject": "Stand-up with Dan"})
    items, link = await delta_round(graph, calendar)
    by_type = {kind: [item for item in items if item.type == kind] for kind in EventType}
    assert {item.id for item in by_type[EventType.SingleInstance]} == {single.id}
    assert len(by_type[EventType.Occurrence]) == 3
    assert all(item.subject is None and item.series_master_id == series.id for item in by_type[EventType.Occurrence])
    assert [item.subject for item in by_type[EventType.Exception]] == ["Stand-up with Dan"]
    master = by_type[EventType.SeriesMaster][0]
    assert master.recurrence.range.end_date == datetime.date(1, 1, 1)
    await graph.me.events.by_event_id(single.id).delete()
    items, link = await delta_round(graph, calendar, link)
    assert single.id in {item.id for item in items if "@removed" in item.additional_data}
    items, link = await delta_round(graph, calendar, link)
    items, link = await delta_round(graph, calendar, link)
    assert items == []


async def test_an_expired_delta_link_is_gone(graph, sandbox):
    calendar = await calendar_id(graph, "Calendar")
    _, link = await delta_round(graph, calendar)
    sandbox.act("expire_sync_states", calendar="Calendar")
    with pytest.raises(ODataError) as gone:
        await delta_round(graph, calendar, link)
    assert gone.value.response_status_code == 410
    assert gone.value.error.code.lower() == "syncstatenotfound"


async def test_instances_cancelled_and_changed_ones_are_told_by_the_master(graph):
    series = await graph.me.events.post(weekly("Stand-up", "2026-03-02"))
    item = graph.me.events.by_event_id(series.id)
    query = InstancesRequestBuilder.InstancesRequestBuilderGetQueryParameters(**WINDOW)
    instances = (await item.instances.get(configured(query))).value
    assert [instance.start.date_time[:10] for instance in instances] == [
        "2026-03-02",
        "2026-03-04",
        "2026-03-09",
        "2026-03-11",
    ]
    # Half past nine in Toronto, before and after the clocks change.
    assert [instance.start.date_time[11:16] for instance in instances] == ["14:30", "14:30", "13:30", "13:30"]
    await graph.me.events.by_event_id(instances[1].id).delete()
    await graph.me.events.by_event_id(instances[2].id).patch(Event(subject="Guest"))
    query = EventItemRequestBuilder.EventItemRequestBuilderGetQueryParameters(
        select=["subject", "cancelledOccurrences"], expand=["exceptionOccurrences"]
    )
    master = await item.get(configured(query))
    assert master.cancelled_occurrences == [f"OID.{series.id}.2026-03-04"]
    assert [exception.subject for exception in master.exception_occurrences] == ["Guest"]


async def test_an_own_mark_is_kept_and_found(graph):
    event = visit("Visit", "2026-03-05")
    event.single_value_extended_properties = [SingleValueLegacyExtendedProperty(id=PROPERTY, value="b-17")]
    created = await graph.me.events.post(event)
    query = EventItemRequestBuilder.EventItemRequestBuilderGetQueryParameters(
        expand=[f"singleValueExtendedProperties($filter=id eq '{PROPERTY}')"]
    )
    read = await graph.me.events.by_event_id(created.id).get(configured(query))
    assert [(mark.id, mark.value) for mark in read.single_value_extended_properties] == [(PROPERTY, "b-17")]


async def test_a_throttled_request_is_repeated_by_the_client_itself(graph, sandbox):
    fault = {"kind": "status", "status": 429, "retry_after_s": 0}
    sandbox.control("faults", {"provider": "microsoft", "method": "GET", "fault": fault})
    assert (await graph.me.calendars.get()).value
    statuses = [entry["status"] for entry in sandbox.control("ledger")["entries"] if "/calendars" in entry["path"]]
    assert statuses == [429, 200]


async def test_refresh_tokens_rotate_and_the_old_one_still_works(sandbox):
    tokens = sandbox.sign_in()
    assert "offline_access" not in tokens["scope"].split()
    for _ in range(2):
        renewed = sandbox.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        assert renewed["refresh_token"] != tokens["refresh_token"]
