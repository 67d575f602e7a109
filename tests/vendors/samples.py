"""Exchanges made by hand for the tests of the validators: short to write, complete enough to be valid."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from tests.vendors.exchange import Exchange, headers_of, query_of

JSON = "application/json"


def exchange(
    system: str,
    method: str,
    target: str,
    *,
    sent: Any = None,
    status: int = 200,
    got: Any = None,
    headers: dict[str, str] | None = None,
) -> Exchange:
    """An exchange with JSON bodies; ``target`` is path and query string as a client writes them."""
    path, _, query = target.partition("?")
    asked = ({"Content-Type": JSON} if sent is not None else {}) | (headers or {})
    return Exchange(
        system=system,
        method=method,
        path=path,
        query=query_of(query),
        request_headers=headers_of(asked.items()),
        request_body=b"" if sent is None else json.dumps(sent).encode(),
        status=status,
        response_headers=(("content-type", f"{JSON}; charset=utf-8"),) if got is not None else (),
        response_body=b"" if got is None else json.dumps(got).encode(),
    )


def form(system: str, path: str, fields: dict[str, str], *, status: int = 200, got: Any = None) -> Exchange:
    """A form that was posted, answered with JSON."""
    made = exchange(system, "POST", path, status=status, got=got)
    kind = (("content-type", "application/x-www-form-urlencoded"),)
    return replace(made, request_headers=kind, request_body=urlencode(fields).encode())


def contact(**members: Any) -> dict[str, Any]:
    """A HubSpot contact as lists give it."""
    stamp = "2026-03-12T10:04:17.969Z"
    properties = {"email": "a@example.com", "jobtitle": None, "hs_object_id": "51"}
    return {"id": "51", "properties": properties, "createdAt": stamp, "updatedAt": stamp, "archived": False} | members


def event(**members: Any) -> dict[str, Any]:
    """A Google event as reads give it."""
    return {
        "kind": "calendar#event",
        "etag": '"3181161784712000"',
        "id": "fs0a1b2c",
        "status": "confirmed",
        "updated": "2026-11-20T10:15:30.356Z",
        "summary": "Furnace tune-up",
        "start": {"dateTime": "2026-12-01T09:00:00-06:00", "timeZone": "America/Chicago"},
        "end": {"dateTime": "2026-12-01T10:30:00-06:00", "timeZone": "America/Chicago"},
        "extendedProperties": {"private": {"fsId": "visit-881"}},
        "reminders": {"useDefault": True},
        "sequence": 0,
    } | members


def invoice(**members: Any) -> dict[str, Any]:
    """A QuickBooks invoice in its envelope."""
    line = {
        "Id": "1",
        "LineNum": 1,
        "Amount": 275,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": {"ItemRef": {"value": "5", "name": "Rock Fountain"}, "UnitPrice": 275, "Qty": 1},
    }
    made = {
        "Id": "130",
        "SyncToken": "3",
        "domain": "QBO",
        "sparse": False,
        "MetaData": {"CreateTime": "2026-04-08T13:16:17-07:00", "LastUpdatedTime": "2026-05-05T03:13:29-07:00"},
        "DocNumber": "1037",
        "TxnDate": "2026-04-08",
        "CustomerRef": {"value": "24", "name": "Sonnenschein Family Store"},
        "Line": [line, {"Amount": 275, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}],
        "TotalAmt": 275.5,
        "Balance": 275.5,
        "EmailStatus": "NotSet",
    } | members
    return {"Invoice": made, "time": "2026-05-05T03:13:28.461-07:00"}


COST = {
    "requestedQueryCost": 142,
    "actualQueryCost": 47,
    "throttleStatus": {"maximumAvailable": 10000, "currentlyAvailable": 9953, "restoreRate": 500},
}
VERSION = {"X-JOBBER-GRAPHQL-VERSION": "2025-04-16"}


def graphql(
    query: str, data: Any, *, variables: dict[str, Any] | None = None, status: int = 200, **answer: Any
) -> Exchange:
    """A Jobber call and its answer, cost included; ``answer`` adds or replaces members of the answer."""
    got = {"data": data, "extensions": {"cost": COST}} | answer
    sent = {"query": query, "variables": variables or {}}
    return exchange("jobber", "POST", "/api/graphql", sent=sent, status=status, got=got, headers=VERSION)
