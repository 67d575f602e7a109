"""The twin among the others: served by the kit, edited through the admin surface, held against any body."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.app import build_app
from sandbox.clock import Clock
from sandbox.quickbooks_online import TWIN
from sandbox.quickbooks_online.members import ENTITIES
from tests.sandbox.quickbooks_online.desk import NOW, PREFIX, Desk, InProcess
from tests.vendors.exchange import RecordingApp

TOKEN = {"Authorization": f"Bearer {TWIN.credentials['access_token']}", "Accept": "application/json"}
MEMBERS = sorted({name for entity in ENTITIES for name in entity.types} | {"Id", "SyncToken", "sparse", "Amount"})
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.sampled_from(["", "1", "x", "2026-03-01", "TAX"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from([*MEMBERS, "value"]), inner, max_size=3)
    ),
    max_leaves=6,
)
BODIES = st.dictionaries(st.sampled_from(MEMBERS), VALUES, max_size=6)
PATHS = [f"/{entity.name.lower()}" for entity in ENTITIES]


@pytest.fixture
def served() -> httpx.Client:
    app = build_app(clock=Clock(NOW, ticker=lambda: 0.0), only=["quickbooks_online"])
    return httpx.Client(transport=InProcess(RecordingApp(app)), base_url="http://127.0.0.1:8700")


def test_a_persons_edit_is_seen_through_the_api(served: httpx.Client) -> None:
    customer = served.get("/_sandbox/state/quickbooks_online/customers").json()["records"][0]
    path = f"/_sandbox/state/quickbooks_online/customers/{customer['id']}"
    served.patch(path, json={"PrimaryPhone": {"FreeFormNumber": "(512) 474-0000"}, "PrimaryEmailAddr": None})
    seen = served.get(f"{PREFIX}/customer/{customer['id']}", headers=TOKEN).json()["Customer"]
    assert (seen["SyncToken"], seen["PrimaryPhone"]["FreeFormNumber"]) == ("1", "(512) 474-0000")
    assert "PrimaryEmailAddr" not in seen
    served.delete(path)
    assert served.get(f"{PREFIX}/customer/{customer['id']}", headers=TOKEN).json()["Customer"]["Active"] is False


def test_a_person_is_told_why_an_edit_is_refused(served: httpx.Client) -> None:
    first, second = served.get("/_sandbox/state/quickbooks_online/customers").json()["records"][:2]
    path = f"/_sandbox/state/quickbooks_online/customers/{second['id']}"
    response = served.patch(path, json={"DisplayName": first["record"]["DisplayName"]})
    assert response.status_code == 400
    assert "name supplied already exists" in response.json()["error"]


def test_credentials_and_collections_are_listed(served: httpx.Client) -> None:
    (system,) = served.get("/_sandbox/systems").json()["systems"]
    assert set(system["credentials"]) == {"realm_id", "client_id", "client_secret", "access_token", "refresh_token"}
    assert system["collections"][0] == "customers"
    found = served.get("/quickbooks_online/.well-known/openid_configuration").json()
    assert found["token_endpoint"].startswith("http://127.0.0.1:8700/quickbooks_online/oauth2/")


@settings(max_examples=150)
@given(st.lists(st.tuples(st.sampled_from(PATHS), BODIES), min_size=1, max_size=4))
def test_no_body_breaks_the_twin(calls: list[tuple[str, dict[str, Any]]]) -> None:
    desk = Desk()
    for path, body in calls:
        response = desk.http.post(PREFIX + path, content=json.dumps(body))
        assert response.status_code in (200, 400), response.text
