"""Google's own OAuth libraries against the sandbox: consent, PKCE, refresh, revocation."""

import os

import pytest
from google.auth.exceptions import RefreshError
from google_auth_oauthlib.flow import InstalledAppFlow

from conftest import CLIENT_ID, CLIENT_SECRET, MAYA, SCOPES


@pytest.fixture
def flow(sandbox, monkeypatch):
    # The library refuses plain http otherwise, which loopback is.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    config = {
        "installed": {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "auth_uri": sandbox.addresses["google_authorize"],
            "token_uri": sandbox.addresses["google_token"],
            "redirect_uris": ["http://localhost"],
        }
    }
    return InstalledAppFlow.from_client_config(config, SCOPES, redirect_uri="http://127.0.0.1:49321/")


def consent(sandbox, flow, **how):
    url, _ = flow.authorization_url(access_type="offline")
    answer = sandbox.call("POST", "/consent", {"url": url, "account": MAYA, **how})
    return answer["location"]


def test_the_installed_app_flow_ends_in_credentials(sandbox, flow):
    assert os.environ["OAUTHLIB_INSECURE_TRANSPORT"]
    flow.fetch_token(authorization_response=consent(sandbox, flow))
    assert flow.credentials.refresh_token
    assert set(flow.credentials.granted_scopes) == set(SCOPES)


def test_denied_consent_is_an_error(sandbox, flow):
    with pytest.raises(Exception, match="access_denied"):
        flow.fetch_token(authorization_response=consent(sandbox, flow, deny=True))


def test_an_expired_access_token_is_refreshed_once_on_401(sandbox, calendar):
    sandbox.call("POST", "/expire", {"provider": "google", "email": MAYA})
    calendar.events().list(calendarId="primary").execute()
    statuses = [entry["status"] for entry in sandbox.ledger()]
    assert statuses == [401, 200, 200]


def test_a_revoked_grant_cannot_be_refreshed(sandbox, calendar):
    sandbox.call("POST", "/revoke", {"provider": "google", "email": MAYA})
    with pytest.raises(RefreshError, match="invalid_grant"):
        calendar.events().list(calendarId="primary").execute()
