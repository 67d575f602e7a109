"""What Xero's refusals mean, how dates are read, and what a webhook touches."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.xero import CONNECTOR
from connectors.xero.dialect import Taken, instant, judge
from connectors.xero.hooks import HOOKS
from models.errors import ClosedPeriod, NumberTaken, Rejected, Throttled, Unauthorized
from tests.connectors.desk import Desk


def refused(*messages: str) -> dict[str, Any]:
    told = [{"Message": text} for text in messages]
    return {"ErrorNumber": 10, "Type": "ValidationException", "Elements": [{"ValidationErrors": told}]}


@pytest.mark.parametrize(
    ("status", "headers", "body", "error", "said"),
    [
        (429, {"x-rate-limit-problem": "day", "retry-after": "7200"}, "", Throttled, "day limit"),
        (429, {}, "", Throttled, "some limit"),
        (403, {}, {"Title": "Forbidden", "Detail": "AuthenticationUnsuccessful"}, Unauthorized, "tenant_id"),
        (400, {}, refused("The document date cannot be before the period lock date."), ClosedPeriod, "lock date"),
        (400, {}, refused("The document date cannot be before the end of year lock date."), ClosedPeriod, "lock date"),
        (400, {}, refused("Invoice # must be unique."), NumberTaken, "another number"),
        (400, {}, refused("The contact name Ann is already assigned to another contact."), Taken, "another name"),
        (400, {}, refused("Email address must be valid.", "Account code is missing"), Rejected, "valid.; Account code"),
    ],
)
def test_a_refusal_says_what_to_do(
    status: int, headers: dict[str, str], body: Any, error: type[Exception], said: str
) -> None:
    verdict = judge("xero", status, headers, body)
    assert type(verdict) is error
    assert said in str(verdict)


def test_a_day_limit_says_how_long_to_wait() -> None:
    verdict = judge("xero", 429, {"retry-after": "7200"}, "")
    assert isinstance(verdict, Throttled)
    assert verdict.wait == 7200


@pytest.mark.parametrize("body", [{"ErrorNumber": 16, "Message": "x"}, refused(), {"Elements": "x"}, "text"])
def test_other_refusals_are_left_to_their_status(body: Any) -> None:
    assert judge("xero", 400, {}, body) is None


def test_a_date_of_net() -> None:
    assert instant("/Date(1439434356790)/") == datetime(2015, 8, 13, 2, 52, 36, 790_000, tzinfo=UTC)
    assert instant("/Date(-86400000+0000)/") == datetime(1969, 12, 31, tzinfo=UTC)
    with pytest.raises(ValueError, match="no date"):
        instant("2026-01-01")


def test_a_webhook_touches_what_is_read_and_a_first_call_touches_nothing() -> None:
    events = [{"eventCategory": kind, "resourceId": kind.lower()} for kind in ("CONTACT", "SUBSCRIPTION", "INVOICE")]
    assert HOOKS.touched({}, json.dumps({"events": events}).encode()) == [
        ("contacts", "contact"),
        ("invoices", "invoice"),
    ]
    assert HOOKS.touched({}, b'{"events":[],"firstEventSequence":0,"lastEventSequence":0,"entropy":"X"}') == []


def test_the_account_is_the_organisation(books: Desk) -> None:
    assert CONNECTOR.account is not None
    told = CONNECTOR.account(books.api)
    assert (told.name, told.environment) == ("Acme Heating", "production")
    assert told.id == books.api.settings["tenant_id"]
