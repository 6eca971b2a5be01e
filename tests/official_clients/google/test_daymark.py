"""What Daymark's own client sent and was answered, in the contracts and journeys, fits discovery too."""

import json
import os
import pathlib

from validate_ledger import ledger_faults, methods_used

# The folder that the tests in Rust wrote their ledgers to.
FOLDER = "DAYMARK_LEDGERS"
# What the client is known to do; a run that left one of them out proved less than it says.
USED = {
    "calendar.calendarList.list",
    "calendar.events.list",
    "calendar.events.get",
    "calendar.events.insert",
    "calendar.events.patch",
    "calendar.events.delete",
}


def ledgers():
    assert FOLDER in os.environ, f"set {FOLDER} to the folder that `cargo test` wrote its ledgers to"
    paths = sorted(pathlib.Path(os.environ[FOLDER]).glob("*.json"))
    assert paths, f"{os.environ[FOLDER]} holds no ledger"
    return [(path.name, json.loads(path.read_text())["entries"]) for path in paths]


def test_every_ledger_of_daymark_fits_discovery():
    lines, used = [], set()
    for name, entries in ledgers():
        faults, _ = ledger_faults(entries)
        lines += [f"{name} {fault}" for fault in faults]
        used |= methods_used(entries)
    assert not lines, "\n".join(lines)
    assert not USED - used, f"never asked: {sorted(USED - used)}"
