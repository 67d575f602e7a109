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
from tests.sandbox.quickbooks_online.desk import NOW, PREFIX, Desk, InProcess, sale, settlement
from tests.vendors.exchange import RecordingApp

TOKEN = {"Authorization": f"Bearer {TWIN.credentials['access_token']}", "Accept": "application/json"}
LEAVES = st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.sampled_from(["", "1", "x", "2026-03-01"])
PARTS = [
    "value",
    "Id",
    "Amount",
    "DetailType",
    "LinkedTxn",
    "TxnId",
    "TxnType",
    "Address",
    "SalesItemLineDetail",
    "Qty",
]
VALUES = st.recursive(
    LEAVES | st.sampled_from([{"value": "1"}, "SalesItemLineDetail", "Invoice"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(PARTS), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A POST to some entity with members that it knows and values that it may not."""
    entity = draw(st.sampled_from(ENTITIES))
    members = st.sampled_from([*entity.members, "Id", "Active", "sparse"] if entity.members else ["Name"])
    body = draw(st.dictionaries(members, VALUES, max_size=4))
    known = draw(st.sampled_from([{}, {"Id": "1", "SyncToken": "0", "sparse": True}, STARTS.get(entity.name, {})]))
    return f"/{entity.name.lower()}", {**known, **body}


STARTS = {
    "Customer": {"DisplayName": "New"},
    "Invoice": sale("1"),
    "Estimate": sale("1"),
    "Payment": settlement("1", 5, ("2", 5)),
    "Item": {"Name": "New"},
}


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
@given(
    st.lists(calls(), min_size=1, max_size=4), st.dictionaries(st.sampled_from(["bId", "Query", "CDCQuery"]), VALUES)
)
def test_no_body_breaks_the_twin(posts: list[tuple[str, dict[str, Any]]], item: dict[str, Any]) -> None:
    desk = Desk()
    for path, body in [*posts, ("/batch", {"BatchItemRequest": [item]})]:
        response = desk.http.post(PREFIX + path, content=json.dumps(body))
        assert response.status_code in (200, 400), response.text
    assert desk.query("select * from Customer")["maxResults"] >= 1
