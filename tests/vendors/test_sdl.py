"""GraphQL exchanges: the document, the variables and the answer's shape are each told apart from a wrong one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.vendors.description import load
from tests.vendors.exchange import Exchange
from tests.vendors.samples import VERSION, exchange, form, graphql

CLIENT_ID = "Z2lkOi8vSm9iYmVyL0NsaWVudC8xMTg0MDQwMzk="
CLIENTS = """
query Clients($first: Int, $after: String, $since: ISO8601DateTime) {
  clients(first: $first, after: $after, filter: {updatedAt: {after: $since}}) {
    nodes { id firstName balance createdAt isCompany emails { address primary } ...address }
    pageInfo { endCursor hasNextPage }
    totalCount
  }
}
fragment address on Client { billingAddress { street1 city } }
"""
STATUS = "query { invoices(first: 5) { nodes { id invoiceStatus } } }"
CREATE = """
mutation Create($input: ClientCreateInput!) {
  clientCreate(input: $input) { client { id } userErrors { message path } }
}
"""
RECORD = "query R($id: EncodedId!) { paymentRecord(id: $id) { __typename id amount entryDate } }"


def node(**members: Any) -> dict[str, Any]:
    return {
        "id": CLIENT_ID,
        "firstName": "Deep",
        "balance": 0,
        "createdAt": "2025-09-15T14:09:40Z",
        "isCompany": False,
        "emails": [{"address": "a@example.com", "primary": True}],
        "billingAddress": None,
    } | members


def clients(*nodes: dict[str, Any]) -> dict[str, Any]:
    page = {"endCursor": "MQ", "hasNextPage": False}
    return {"clients": {"nodes": list(nodes), "pageInfo": page, "totalCount": len(nodes)}}


def status(value: str) -> dict[str, Any]:
    return {"invoices": {"nodes": [{"id": CLIENT_ID, "invoiceStatus": value}]}}


NULLED = {"clientCreate": {"client": None, "userErrors": [{"message": "is invalid", "path": ["input"]}]}}
THROTTLED = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
FULL = "2026-11-20T00:00:00Z"

VALID = [
    graphql(CLIENTS, clients(node()), variables={"first": 50, "after": None, "since": FULL}),
    graphql(CLIENTS, clients(), variables={}),
    graphql(STATUS, status("past_due")),
    graphql(CREATE, NULLED, variables={"input": {"firstName": "A", "lastName": "B"}}),
    graphql(RECORD, {"paymentRecord": None}, variables={"id": CLIENT_ID}),
    graphql(CLIENTS, None, errors=THROTTLED),
    replace(graphql(STATUS, None), status=401, response_body=b"Unauthorized"),
    form(
        "jobber",
        "/api/oauth/token",
        {"client_id": "c", "client_secret": "s", "grant_type": "refresh_token", "refresh_token": "r"},
        got={"access_token": "a", "refresh_token": "r", "expires_at": "2024-04-09 21:04:31 UTC"},
    ),
]

WRONG = [
    ("Cannot query field 'emailz' on type 'Client'", graphql("{ clients { nodes { emailz } } }", {"clients": {}})),
    ("Unknown argument 'page'", graphql("{ clients(page: 2) { totalCount } }", {"clients": {"totalCount": 1}})),
    ("Syntax Error", graphql("{ clients ", {})),
    ("got invalid value 'many'", graphql(CLIENTS, clients(), variables={"first": "many"})),
    ("unknown variable 'limit'", graphql(CLIENTS, clients(), variables={"limit": 5})),
    ("is not defined by type 'ClientCreateInput'", graphql(CREATE, NULLED, variables={"input": {"vip": True}})),
    ("Variable '$id' of required type", graphql(RECORD, {"paymentRecord": None})),
    ("not in the selection", graphql(CLIENTS, clients(node(lastName="x")))),
    ("missing member 'balance'", graphql(CLIENTS, clients({k: v for k, v in node().items() if k != "balance"}))),
    ("'0.00' is not of type Float", graphql(CLIENTS, clients(node(balance="0.00")))),
    ("null, but the type is String!", graphql(CLIENTS, clients(node(firstName=None)))),
    ("is not of type ISO8601DateTime", graphql(CLIENTS, clients(node(createdAt="yesterday")))),
    ("is not of type ISO8601DateTime", graphql(CLIENTS, clients(node(createdAt="2025-09-15T14:09:40")))),
    ("is not of type EncodedId", graphql(CLIENTS, clients(node(id="gid://Jobber/Client/1")))),
    ("is not of type EncodedId", graphql(CLIENTS, clients(node(id=118404039)))),
    ("is not a list", graphql(CLIENTS, clients(node(emails={"address": "a"})))),
    ("is not a value of enum InvoiceStatusTypeEnum", graphql(STATUS, status("PAID"))),
    ("is no possible type", graphql(RECORD, {"paymentRecord": {"__typename": "Client"}}, variables={"id": CLIENT_ID})),
    ("extensions.cost is missing", graphql(STATUS, status("paid"), extensions={})),
    ("extensions.cost: restoreRate is None", graphql(STATUS, status("paid"), extensions={"cost": {
        "requestedQueryCost": 1, "actualQueryCost": 1,
        "throttleStatus": {"maximumAvailable": 1, "currentlyAvailable": 1}}})),
    ("unknown member 'meta'", graphql(STATUS, status("paid"), meta={})),
    ("errors[0] has no message", graphql(STATUS, None, errors=[{"code": 1}])),
    ("refuses a valid document with undefinedField",
     graphql(STATUS, None, errors=[{"message": "no", "extensions": {"code": "undefinedField"}}])),
    ("errors must be a list that is not empty", graphql(STATUS, None, errors=[])),
    ("unknown status 422", graphql(STATUS, None, status=422)),
    ("a JSON object with a query is needed",
     exchange("jobber", "POST", "/api/graphql", sent={"q": STATUS}, got={}, headers=VERSION)),
    ("unknown method: GET", exchange("jobber", "GET", "/api/graphql?query=x", got={})),
    ("header x-jobber-graphql-version", replace(graphql(STATUS, status("paid")),
                                               request_headers=(("content-type", "application/json"),))),
    ("unknown path", exchange("jobber", "POST", "/graphql", sent={"query": STATUS}, got={})),
]  # fmt: skip


@pytest.mark.parametrize("given", VALID, ids=str)
def test_a_valid_exchange_has_no_problem(given: Exchange) -> None:
    assert load("jobber").problems(given) == []


@pytest.mark.parametrize(("expected", "given"), WRONG, ids=[expected for expected, _ in WRONG])
def test_one_fault_is_found_and_named(expected: str, given: Exchange) -> None:
    problems = load("jobber").problems(given)
    assert any(expected in problem for problem in problems), problems


def test_a_document_is_parsed_once_and_judged_each_time() -> None:
    first = load("jobber").problems(VALID[0])
    assert first == load("jobber").problems(VALID[0]) == []
    assert load("jobber").problems(graphql(CLIENTS, clients(node(balance="1")))) != []
