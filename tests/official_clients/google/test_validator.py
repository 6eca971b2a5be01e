"""The validator can fail: what does not fit discovery is named."""

import pytest

from validate_ledger import ledger_faults

EVENTS = "/google/calendar/v3/calendars/primary/events"


def entry(**fields):
    base = {"seq": 1, "method": "GET", "path": EVENTS, "query": "", "body": None, "status": 200, "answer": None}
    return {**base, "fault": None, **fields}


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"query": "singleEvent=true"}, "query: singleEvent is unknown"),
        ({"query": "singleEvents=yes"}, "is no boolean"),
        ({"query": "maxResults=0"}, "is below 1"),
        ({"query": "orderBy=summary"}, "is none of"),
        ({"query": "timeMin=2026-03-02T09:00:00"}, "with an offset"),
        ({"query": "timeZone=UTC&timeZone=UTC"}, "is given 2 times"),
        ({"method": "POST", "path": f"{EVENTS}/a/move"}, "destination is required"),
        ({"method": "POST", "body": {"title": "x"}}, "request.title: is unknown"),
        ({"method": "POST", "body": {"start": {"date": "5 March"}}}, "is no date"),
        ({"method": "POST", "body": {"attendees": {"email": "a"}}}, "is no array"),
        ({"answer": {"items": [{"sequence": "1"}]}}, "answer.items[0].sequence"),
        ({"status": 404, "answer": {"error": "gone"}}, "no error object"),
        ({"path": "/google/calendar/v3/nothing"}, "no method of the API"),
        ({"method": "DELETE", "path": f"{EVENTS}/a", "answer": {"kind": "x"}}, "a body where none belongs"),
    ],
)
def test_a_fault_is_named(fields, fault):
    faults, checked = ledger_faults([entry(**fields)])
    assert checked == 1
    assert any(fault in line for line in faults), faults


def test_what_fits_is_let_through():
    entries = [
        entry(query="syncToken=a&maxResults=2500&eventTypes=default&eventTypes=birthday", answer={"items": []}),
        entry(path="/graph/v1.0/me", query="anything"),
        entry(status=503, fault=1, answer="not even JSON"),
    ]
    assert ledger_faults(entries) == ([], 2)
