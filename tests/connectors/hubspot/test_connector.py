"""The declarations: what is asked of the portal, what its refusals mean, how its example records read."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from connectors import registry
from connectors.hubspot import CONNECTOR, PASSING, WAITS
from models.errors import Rejected, Throttled, Transient
from tests.connectors.hubspot.conftest import NOW, Portal, pages_of, rows, scripted
from tests.vendors.description import load, problems_of


def test_it_contradicts_itself_nowhere() -> None:
    assert registry.load("hubspot") is CONNECTOR


def test_the_example_records_read_as_they_should() -> None:
    first, second, third = rows(pages_of("contacts"))
    assert [row["broken"] for row in (first, second, third)] == [None, None, None]
    assert (first["email"], first["phone"], first["status"]) == ("ruth.okafor@example.com", "+15125550142", "active")
    assert (second["phone"], second["status"], second["company_name"]) == ("+17375550111", "lead", "Brandt Bakery LLC")
    assert second["core_ref"] == "cus_0123456789abcdef01234567"
    assert (third["email"], third["phone"], third["street"], third["status"]) == (None, None, None, "lead")
    assert len(third["warnings"]) == 2


def test_the_account_is_the_portal(portal: Portal) -> None:
    assert CONNECTOR.account is not None
    told = CONNECTOR.account(portal.api)
    assert told.id.isdigit()
    assert told.environment == "production"
    assert told.time_zone


def test_a_sandbox_portal_is_no_production() -> None:
    body = {"portalId": 7, "accountType": "DEVELOPER_TEST", "timeZone": "US/Eastern"}
    assert CONNECTOR.account is not None
    with scripted(lambda _request: httpx.Response(200, json=body)) as api:
        assert CONNECTOR.account(api).environment == "developer_test"


def test_the_marker_is_made_once(portal: Portal) -> None:
    assert CONNECTOR.prepare is not None
    CONNECTOR.prepare(portal.api)
    CONNECTOR.prepare(portal.api)
    posts = [one for one in portal.recording if one.method == "POST"]
    assert [(one.path, one.status) for one in posts] == [("/crm/v3/properties/contacts", 201)]


def test_a_marker_that_allows_a_value_twice_is_refused() -> None:
    body = {"name": "plumbline_id", "hasUniqueValue": False}
    assert CONNECTOR.prepare is not None
    with scripted(lambda _request: httpx.Response(200, json=body)) as api, pytest.raises(Rejected, match="unique"):
        CONNECTOR.prepare(api)


@pytest.mark.parametrize(("policy", "wait"), [*WAITS.items(), ("SOMETHING_NEW", 10.0), (None, 10.0)])
def test_a_throttle_waits_as_long_as_its_policy_takes(policy: str | None, wait: float) -> None:
    body = {"status": "error", "message": "You have reached your limit.", "policyName": policy}
    assert CONNECTOR.judge is not None
    problem = CONNECTOR.judge("hubspot", 429, {}, body)
    assert isinstance(problem, Throttled)
    assert problem.wait == wait


@pytest.mark.parametrize("status", PASSING)
def test_a_locked_record_and_a_moving_portal_pass(status: int) -> None:
    assert CONNECTOR.judge is not None
    problem = CONNECTOR.judge("hubspot", status, {}, {"message": "locked"})
    assert isinstance(problem, Transient)
    assert problem.wait == PASSING[status]


@pytest.mark.parametrize("body", ["", {"results": []}])
def test_everything_else_is_left_to_the_status(body: Any) -> None:
    assert CONNECTOR.judge is not None
    assert [CONNECTOR.judge("hubspot", status, {}, body) for status in (200, 207, 400, 404, 500)] == [None] * 5


def test_every_request_and_answer_is_as_the_vendor_describes_it(portal: Portal) -> None:
    load("hubspot")  # skips where the description is absent
    assert CONNECTOR.prepare is not None
    assert CONNECTOR.account is not None
    CONNECTOR.prepare(portal.api)
    CONNECTOR.account(portal.api)
    cursor = portal.read()[-1].cursor
    portal.read(cursor)
    assert len(portal.recording) > 5
    assert problems_of(portal.recording) == []
    assert portal.store.clock.now() >= NOW
