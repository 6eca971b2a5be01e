"""A sandbox of its own for every test, and the official client pointed at it.

The sandbox's program is named by DAYMARK_SANDBOX, or found in the workspace's target directory.
"""

import base64
import hashlib
import json
import os
import pathlib
import secrets
import subprocess
import urllib.parse

import httpx
import pytest
from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    BaseBearerTokenAuthenticationProvider,
)
from msgraph import GraphRequestAdapter, GraphServiceClient

WORKSPACE = pathlib.Path(__file__).resolve().parents[3]
USER = "maya@partner.example"
CLIENT = "daymark-tests"
REDIRECT = "http://localhost:49152"
SCOPES = "offline_access openid User.Read Calendars.ReadWrite"
SEED = {
    "zone": "America/Toronto",
    "clients": [{"provider": "microsoft", "id": CLIENT}],
    "accounts": [
        {
            "provider": "microsoft",
            "email": USER,
            "name": "Maya Okafor",
            "zone": "America/Toronto",
            "calendars": [
                {"name": "Calendar", "primary": True},
                {"name": "Partner clinic", "color": "#a0522d"},
                {"name": "Holidays", "access": "reader"},
            ],
        }
    ],
}


class Sandbox:
    """A running sandbox and its control plane."""

    def __init__(self, addresses):
        self.addresses = addresses
        self.http = httpx.Client(timeout=30)

    def control(self, path, body=None, method=None):
        url = f"{self.addresses['control']}/{path}"
        answer = self.http.request(method or ("GET" if body is None else "POST"), url, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def act(self, act, **what):
        return self.control("microsoft/act", {"act": act, "user": USER, **what})

    def quirks(self, **change):
        self.control("microsoft/quirks", {**self.control("microsoft/quirks"), **change})

    def sign_in(self):
        """The code flow with PKCE, as a desktop application does it."""
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "client_id": CLIENT,
            "response_type": "code",
            "redirect_uri": REDIRECT,
            "scope": SCOPES,
            "state": "s-1",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        url = f"{self.addresses['microsoft_login']}/common/oauth2/v2.0/authorize?{urllib.parse.urlencode(asked)}"
        location = self.control("consent", {"url": url, "account": USER})["location"]
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)["code"][0]
        return self.token(
            grant_type="authorization_code", code=code, redirect_uri=REDIRECT, code_verifier=verifier
        )

    def token(self, **form):
        url = f"{self.addresses['microsoft_login']}/common/oauth2/v2.0/token"
        answer = self.http.post(url, data={"client_id": CLIENT, **form})
        assert answer.status_code == 200, answer.text
        return answer.json()


class Token(AccessTokenProvider):
    def __init__(self, token):
        self.token = token
        self.hosts = AllowedHostsValidator([])

    async def get_authorization_token(self, uri, additional_authentication_context=None):
        return self.token

    def get_allowed_hosts_validator(self):
        return self.hosts


def program():
    named = os.environ.get("DAYMARK_SANDBOX")
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", WORKSPACE / "target"))
    path = pathlib.Path(named) if named else target / "debug" / "sandbox"
    assert path.exists(), f"no sandbox at {path}: build it with `cargo build -p daymark-sandbox`, or set DAYMARK_SANDBOX"
    return path


@pytest.fixture
def sandbox(tmp_path):
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps(SEED))
    command = [program(), "--port", "0", "--clock", "2026-03-04T16:42:00Z", "--seed", seed]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            running = Sandbox(json.loads(process.stdout.readline()))
            yield running
            running.http.close()
        finally:
            process.terminate()


@pytest.fixture
def graph(sandbox):
    """The official client, unmodified but for the address."""
    provider = BaseBearerTokenAuthenticationProvider(Token(sandbox.sign_in()["access_token"]))
    adapter = GraphRequestAdapter(provider)
    adapter.base_url = f"{sandbox.addresses['graph']}/v1.0"
    return GraphServiceClient(request_adapter=adapter)
