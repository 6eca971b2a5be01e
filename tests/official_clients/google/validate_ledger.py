#!/usr/bin/env python3
"""Checks every Google request and answer of a sandbox ledger against Google's own discovery documents.

Usage: validate_ledger.py LEDGER.json [LEDGER.json …]

A ledger is what `GET /control/ledger` answers. Answers are checked where the sandbox kept them
(`--ledger-bodies`). An entry with a `fault` met an armed one: its answer may be made up or broken on
purpose and is left alone; its request is the client's own and is checked like any other. Exit status 1
means that something does not fit; each line then names the request and what is wrong with it.
"""

import functools
import json
import pathlib
import sys

from discovery import Api

ERROR_FIELDS = {"code", "message", "errors", "status", "details"}
# OpenID's userinfo is described by OpenID, not by a discovery document. A connection test asks the bare address
# to learn whether anybody answers; it calls no method.
ELSEWHERE = {"/google/oauth2/v3/userinfo", "/google/"}


@functools.cache
def apis():
    return [Api("calendar.v3"), Api("oauth2.v2")]


def found(entry):
    """The API and its method that a request is for, or two times nothing."""
    tried = ((api, api.find(entry["method"], entry["path"])) for api in apis())
    return next(((api, method) for api, method in tried if method), (None, None))


def is_checked(entry):
    return entry["path"].startswith("/google/") and entry["path"] not in ELSEWHERE


def methods_used(entries):
    """The names of the methods that were called."""
    methods = (found(entry)[1] for entry in entries if is_checked(entry))
    return {method.id for method in methods if method}


def error_faults(answer):
    """What is wrong with the body of an error."""
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        yield "error: the body has no error object"
        return
    yield from (f"error: {name} is unknown" for name in error.keys() - ERROR_FIELDS)
    if not isinstance(error.get("code"), int) or not isinstance(error.get("message"), str):
        yield "error: code and message are needed"
    for entry in error.get("errors", []):
        if not {"domain", "reason", "message"} <= entry.keys():
            yield "error: each of errors needs domain, reason and message"


def entry_faults(entry):
    """What is wrong with one request and its answer."""
    api, method = found(entry)
    if method is None:
        yield "no method of the API has this address"
        return
    yield from api.query_faults(method, entry["query"])
    body = entry.get("body")
    if body is not None:
        if method.request is None:
            yield "request: a body where none belongs"
        else:
            yield from api.value_faults(method.request, body, "request")
    answer, status = entry.get("answer"), entry.get("status")
    if answer is None or entry.get("fault") is not None or status is None:
        return
    if status >= 400:
        yield from error_faults(answer)
    elif method.response:
        yield from api.value_faults(method.response, answer, "answer")
    else:
        yield "answer: a body where none belongs"


def ledger_faults(entries):
    """All faults of a ledger as lines, and the number of requests that were looked at."""
    lines, checked = [], 0
    for entry in filter(is_checked, entries):
        checked += 1
        request = f"#{entry['seq']} {entry['method']} {entry['path']}"
        lines += [f"{request}: {fault}" for fault in entry_faults(entry)]
    return lines, checked


def main(paths):
    if not paths:
        sys.exit(__doc__)
    failed = False
    for path in paths:
        try:
            ledger = json.loads(pathlib.Path(path).read_text())
        except (OSError, ValueError) as error:
            sys.exit(f"{path} cannot be read as a ledger: {error}")
        entries = ledger["entries"] if isinstance(ledger, dict) else ledger
        lines, checked = ledger_faults(entries)
        print("\n".join([*lines, f"{path}: {checked} requests checked, {len(lines)} faults"]))
        failed = failed or bool(lines)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
