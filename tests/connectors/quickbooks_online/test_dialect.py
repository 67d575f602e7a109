"""What a Fault means, and what the queries say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from connectors.gateway import Gateway, Patience, open_api
from connectors.quickbooks_online import CONNECTOR
from connectors.quickbooks_online.dialect import Taken, judge, listing, one_of, query
from connectors.quickbooks_online.writing import save
from models.errors import (
    Ambiguous,
    ClosedPeriod,
    Gone,
    NumberTaken,
    Rejected,
    Stale,
    SystemFailure,
    Throttled,
    Transient,
    Unauthorized,
    Unreachable,
)

TIME = "2026-03-11T08:00:00.000-07:00"


def fault(code: str, message: str = "No", detail: str = "why", kind: str = "ValidationFault") -> dict[str, Any]:
    errors = [{"Message": message, "Detail": detail, "code": code, "element": ""}]
    return {"Fault": {"Error": errors, "type": kind}, "time": TIME}


def opened(handler: Callable[[httpx.Request], httpx.Response]) -> Gateway:
    """The connector in front of a few answers; signing in always works."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/tokens/bearer"):
            return httpx.Response(200, json={"access_token": "a", "expires_in": 3600, "refresh_token": "r"})
        return handler(request)

    return open_api(
        CONNECTOR,
        credentials={"client_id": "i", "client_secret": "s", "refresh_token": "r"},
        settings={"realm_id": "123"},
        clock=lambda: datetime(2026, 3, 11, 15, tzinfo=UTC),
        sleep=lambda _: None,
        transport=httpx.MockTransport(answer),
        patience=Patience(tries=1),
    )


@pytest.mark.parametrize(
    ("status", "code", "error", "says"),
    [
        (400, "5010", Stale, "read the record again"),
        (400, "610", Gone, "inactive"),
        (401, "3200", Unauthorized, "connect the company again"),
        (401, "003200", Unauthorized, "connect the company again"),
        (403, "3100", Unauthorized, "realm_id"),
        (400, "6210", ClosedPeriod, "closed period"),
        (400, "6240", Taken, "display name"),
        (400, "6140", NumberTaken, "number"),
        (400, "6190", Unauthorized, "subscription"),
        (400, "2050", Rejected, "correct the record"),
        (400, "500", Rejected, "correct the record"),
        (403, "5000", Unauthorized, "correct the record"),
        (500, "10000", Transient, "try again"),
        (503, "9", Transient, "try again"),
        (200, "10000", Ambiguous, "look before"),
        (429, "3001", Throttled, "less often"),
        (403, "003001", Throttled, "less often"),
    ],
)
def test_a_code_means(status: int, code: str, error: type[SystemFailure], says: str) -> None:
    found = judge("books", status, {}, fault(code, "Short", "Long and plain"))
    assert type(found) is error
    assert says in str(found)
    assert str(found).startswith("books: ")
    assert "Long and plain" in str(found)


def test_a_refused_sign_in_in_its_other_case_is_understood() -> None:
    error = {"message": "message=AuthenticationFailed; errorCode=003200; statusCode=401", "detail": "Token expired",
             "code": "3200", "element": None}  # fmt: skip
    body = {"warnings": None, "fault": {"error": [error], "type": "AUTHENTICATION"}, "time": 1462386300000}
    assert isinstance(judge("books", 401, {}, body), Unauthorized)


def test_throttling_waits_as_long_as_it_is_told_else_a_minute() -> None:
    told, untold = judge("books", 429, {"retry-after": "7"}, "slow down"), judge("books", 429, {}, "slow down")
    assert isinstance(told, Throttled)
    assert isinstance(untold, Throttled)
    assert (told.wait, untold.wait) == (7, 60)


def test_what_is_no_fault_is_left_to_the_status() -> None:
    assert judge("books", 200, {}, {"QueryResponse": {}, "time": TIME}) is None
    assert judge("books", 502, {}, "<html>") is None


def test_a_fault_inside_a_change_reply_is_an_error() -> None:
    body = {"CDCResponse": [fault("4001")], "time": TIME}
    api = opened(lambda _: httpx.Response(200, json=body))
    with pytest.raises(Rejected, match="4001"):
        list(listing("Customer")(api, {"since": TIME}))


def test_texts_cannot_leave_their_quotes() -> None:
    assert one_of(["a", "b'c"]) == r"('a', 'b\'c')"


def test_every_call_names_the_company_and_the_version() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"QueryResponse": {}, "time": TIME})

    assert query(opened(answer), "Customer", "DisplayName = 'x'") == []
    (request,) = seen
    assert request.url.path == "/v3/company/123/query"
    assert dict(request.url.params) == {
        "query": "SELECT * FROM Customer WHERE DisplayName = 'x' AND Active IN (true, false) MAXRESULTS 1000",
        "minorversion": "75",
    }
    assert request.headers["accept"] == "application/json"


def test_an_answer_that_is_no_list_is_an_error_and_not_an_empty_one() -> None:
    api = opened(lambda _: httpx.Response(200, json={"time": TIME}))
    with pytest.raises(Unreachable, match="QueryResponse"):
        list(listing("Invoice")(api, {}))
    with pytest.raises(Unreachable, match="CDCResponse"):
        list(listing("Invoice")(api, {"since": TIME}))


def test_an_update_whose_answer_was_lost_is_repeated_and_a_create_is_not() -> None:
    sent: list[str] = []

    def cut(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.params["requestid"])
        raise httpx.ReadError("cut", request=request)

    api = replace(opened(cut), patience=Patience(tries=2))
    with pytest.raises(Ambiguous):
        save(api, "Payment", {"TotalAmt": 1}, requestid="k1")
    with pytest.raises(Ambiguous):
        save(api, "Customer", {"Id": "1", "SyncToken": "0"}, requestid="update", repeatable=True)
    assert sent == ["k1", "update", "update"]
