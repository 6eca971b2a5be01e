"""A started sandbox for each test, and the official client pointed at it: nothing but the address differs."""

import json
import os
import pathlib
import subprocess
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build

from validate_ledger import ledger_faults

ROOT = pathlib.Path(__file__).parents[3]
MAYA = "maya@northcare.example"
SCOPES = ["https://www.googleapis.com/auth/calendar"]
CLIENT_ID = "daymark-desktop.apps.googleusercontent.example"
CLIENT_SECRET = "sandbox-secret"


def program(name):
    """A built program; they all stand beside the sandbox."""
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    path = pathlib.Path(os.environ.get("SANDBOX_BIN", target / "debug" / "sandbox")).with_name(name)
    if not path.exists():
        build = "cargo build -p daymark-sandbox -p daymarkctl -p journeys --bins"
        pytest.exit(f"{path} is missing: run `{build}`, or set SANDBOX_BIN", returncode=2)
    return path


@dataclass
class Sandbox:
    """A running sandbox and its control plane."""

    addresses: dict

    def call(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.addresses["control"] + path, data, {"content-type": "application/json"}, method=method
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def token(self, email=MAYA, scopes=SCOPES):
        ask = {"provider": "google", "email": email, "client_id": CLIENT_ID, "scopes": scopes}
        return self.call("POST", "/token", ask)

    def arm(self, fault, **where):
        return self.call("POST", "/faults", {"provider": "google", **where, "fault": fault})

    def edit(self, event, patch, calendar="primary"):
        return self.call("PATCH", f"/google/{MAYA}/calendars/{calendar}/events/{event}", patch)

    def ledger(self):
        return self.call("GET", "/ledger")["entries"]

    def client(self, email=MAYA, scopes=SCOPES):
        tokens = self.token(email, scopes)
        credentials = Credentials(
            tokens["access_token"],
            refresh_token=tokens["refresh_token"],
            token_uri=self.addresses["google_token"],
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
        )
        endpoint = self.addresses["google_api"] + "/calendar/v3/"
        return build(
            "calendar", "v3", credentials=credentials, static_discovery=True, client_options={"api_endpoint": endpoint}
        )


@contextmanager
def running(*options):
    """A sandbox with the week of the seed file; its ledger must fit discovery when the test is over."""
    command = [program("sandbox"), *options, "--ledger-bodies", "--seed", ROOT / "sandbox/seeds/week.json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            started = Sandbox(json.loads(process.stdout.readline()))
            yield started
            faults, _ = ledger_faults(started.ledger())
            assert not faults, "\n".join(faults)
        finally:
            process.terminate()


@pytest.fixture
def sandbox():
    """On a standing Wednesday."""
    with running("--clock", "2026-03-04T16:42:00Z") as started:
        yield started


@pytest.fixture
def calendar(sandbox):
    return sandbox.client()
