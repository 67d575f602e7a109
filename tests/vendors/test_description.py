"""The validators tell a valid exchange from one that is wrong in exactly one place."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from tests.vendors.description import load, problems_of
from tests.vendors.exchange import Exchange
from tests.vendors.samples import contact, event, exchange, form, invoice

CONTACTS = "/crm/v3/objects/contacts"
EVENTS = "/calendar/v3/calendars/tech1%40example.com/events"
INVOICES = "/v3/company/9341457021722234/invoice"
SEARCH = {
    "filterGroups": [{"filters": [{"propertyName": "lastmodifieddate", "operator": "GTE", "value": "1773300826615"}]}],
    "sorts": [{"propertyName": "lastmodifieddate", "direction": "ASCENDING"}],
    "properties": ["email"],
    "limit": 200,
    "after": "0",
}
SHORT_ERROR = {"status": "error", "message": "resource not found", "correlationId": "c033cdaa"}
THROTTLED = SHORT_ERROR | {"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}
FAULT = {
    "Fault": {"Error": [{"Message": "Stale", "Detail": "x", "code": "5010", "element": ""}], "type": "ValidationFault"},
    "time": "2026-09-29T09:17:31.892-07:00",
}
UNAUTHORISED = {"warnings": None, "fault": {"error": [{"message": "m", "code": "3200", "element": None}], "type": "A"}}
GONE = {
    "error": {"errors": [{"domain": "global", "reason": "deleted", "message": "Gone"}], "code": 410, "message": "Gone"}
}
WANTED = {"start": {"dateTime": "2026-12-01T09:00:00", "timeZone": "America/Chicago"}, "end": {"date": "2026-12-02"}}

UNDATED = {name: value for name, value in contact().items() if name != "updatedAt"}

VALID = [
    exchange("hubspot", "GET", f"{CONTACTS}?limit=100&properties=email,phone&archived=false",
             got={"results": [contact(url="https://app.example.com/1")], "paging": {"next": {"after": "52"}}}),
    exchange("hubspot", "GET", f"{CONTACTS}?properties=email&properties=phone", got={"results": []}),
    exchange("hubspot", "POST", f"{CONTACTS}/search", sent=SEARCH, got={"total": 1, "results": [contact()]}),
    exchange("hubspot", "POST", CONTACTS, sent={"properties": {"email": "a@example.com"}}, status=201, got=contact()),
    exchange("hubspot", "DELETE", f"{CONTACTS}/51", status=204),
    exchange("hubspot", "GET", "/crm/v3/objects/p123_site?limit=10", got={"results": []}),
    exchange("hubspot", "GET", "/crm/v3/owners/?limit=100", got={"results": []}),
    exchange("hubspot", "GET", "/crm/v3/owners?limit=100", got={"results": []}),
    exchange("hubspot", "GET", f"{CONTACTS}/9", status=404, got=SHORT_ERROR),
    exchange("hubspot", "GET", CONTACTS, status=429, got=THROTTLED),
    exchange("hubspot", "GET", "/account-info/v3/details",
             got={"portalId": 1, "accountType": "STANDARD", "timeZone": "US/Eastern", "companyCurrency": "USD"}),
    form("hubspot", "/oauth/v1/token", {"grant_type": "refresh_token", "client_id": "c", "refresh_token": "r"},
         got={"token_type": "bearer", "refresh_token": "r", "access_token": "a", "expires_in": 1800}),
    exchange("quickbooks_online", "GET", f"{INVOICES}/130?minorversion=75", got=invoice()),
    exchange("quickbooks_online", "POST", f"{INVOICES}?operation=void", sent={"Id": "130", "SyncToken": "3"},
             got=invoice(PrivateNote="Voided")),
    exchange("quickbooks_online", "GET", "/v3/company/1/query?query=select%20*%20from%20Invoice",
             got={"QueryResponse": {}, "time": "2026-05-05T03:13:28.461-07:00"}),
    exchange("quickbooks_online", "POST", INVOICES, sent={"CustomerRef": {"value": "1"}}, status=400, got=FAULT),
    exchange("quickbooks_online", "GET", f"{INVOICES}/130", status=401, got=UNAUTHORISED),
    form("quickbooks_online", "/oauth2/v1/tokens/bearer", {"grant_type": "refresh_token", "refresh_token": "r"},
         status=400, got={"error": "invalid_grant"}),
    exchange("google_calendar", "GET", f"{EVENTS}?maxResults=2500&singleEvents=true&alt=json",
             got={"kind": "calendar#events", "items": [event(), {"id": "x", "status": "cancelled"}]}),
    exchange("google_calendar", "GET", f"{EVENTS}?privateExtendedProperty=a%3D1,2&privateExtendedProperty=b%3D2",
             got={"kind": "calendar#events", "items": []}),
    exchange("google_calendar", "POST", f"{EVENTS}?sendUpdates=none", sent=WANTED, got=event()),
    exchange("google_calendar", "PATCH", f"{EVENTS}/fs0a1b2c", sent={"location": None}, got=event()),
    exchange("google_calendar", "DELETE", f"{EVENTS}/fs0a1b2c", status=204),
    exchange("google_calendar", "DELETE", f"{EVENTS}/fs0a1b2c", status=410, got=GONE),
    exchange("google_calendar", "GET", "/admin/directory/v1/users?customer=my_customer",
             got={"kind": "admin#directory#users", "users": [{"id": "1", "primaryEmail": "t@example.com"}]}),
    form("google_calendar", "/token", {"grant_type": "refresh_token", "refresh_token": "r"},
         got={"access_token": "a", "expires_in": 3599, "token_type": "Bearer"}),
]  # fmt: skip

WRONG = [
    ("request: unknown path", exchange("hubspot", "GET", "/crm/v9/contacts", got={})),
    ("request: unknown method", exchange("hubspot", "PUT", CONTACTS, got={})),
    ("request: unknown query parameter 'page'", exchange("hubspot", "GET", f"{CONTACTS}?page=2", got={"results": []})),
    ("request: query parameter limit", exchange("hubspot", "GET", f"{CONTACTS}?limit=all", got={"results": []})),
    ("request: query parameter archived", exchange("hubspot", "GET", f"{CONTACTS}?archived=no", got={"results": []})),
    ("request: the body is missing", exchange("hubspot", "POST", CONTACTS, status=201, got=contact())),
    ("request body: 'properties' is a required",
     exchange("hubspot", "POST", CONTACTS, sent={}, status=201, got=contact())),
    ("request body: unknown member 'name'",
     exchange("hubspot", "POST", CONTACTS, sent={"properties": {}, "name": "x"}, status=201, got=contact())),
    ("request body.properties.email: 5 is not of type 'string'",
     exchange("hubspot", "POST", CONTACTS, sent={"properties": {"email": 5}}, status=201, got=contact())),
    ("request body.sorts[0].direction: 'UP' is not one of",
     exchange("hubspot", "POST", f"{CONTACTS}/search",
              sent={"sorts": [{"propertyName": "x", "direction": "UP"}]}, got={"total": 0, "results": []})),
    ("request body.filterGroups[0].filters[0].operator: 'AFTER' is not one of",
     exchange("hubspot", "POST", f"{CONTACTS}/search", got={"total": 0, "results": []},
              sent={"filterGroups": [{"filters": [{"propertyName": "x", "operator": "AFTER", "value": "1"}]}]})),
    ("request: a body where none is described", exchange("hubspot", "DELETE", f"{CONTACTS}/1", sent={}, status=204)),
    ("answer: unknown status 200", exchange("hubspot", "POST", CONTACTS, sent={"properties": {}}, got=contact())),
    ("answer body.results[0]: 'updatedAt' is a required",
     exchange("hubspot", "GET", CONTACTS, got={"results": [UNDATED]})),
    ("answer body.results[0]: unknown member 'vid'",
     exchange("hubspot", "GET", CONTACTS, got={"results": [contact(vid=5)]})),
    ("answer body.results[0].id: 51 is not of type 'string'",
     exchange("hubspot", "GET", CONTACTS, got={"results": [contact(id=51)]})),
    ("answer body.results[0].createdAt: '2026-03-12' is not a 'date-time'",
     exchange("hubspot", "GET", CONTACTS, got={"results": [contact(createdAt="2026-03-12")]})),
    ("answer: the body is missing", exchange("hubspot", "GET", CONTACTS)),
    ("answer: a body where none is described", exchange("hubspot", "DELETE", f"{CONTACTS}/1", status=204, got={})),
    ("answer body: 'correlationId' is a required",
     exchange("hubspot", "GET", CONTACTS, status=403, got={"message": "m", "category": "MISSING_SCOPES"})),
    ("request body: 'grant_type' is a required",
     form("quickbooks_online", "/oauth2/v1/tokens/bearer", {"refresh_token": "r"}, status=400, got={"error": "x"})),
    ("request: query parameter minorversion: 70 is less than",
     exchange("quickbooks_online", "GET", f"{INVOICES}/130?minorversion=70", got=invoice())),
    ("request: missing query parameter 'query'",
     exchange("quickbooks_online", "GET", "/v3/company/1/query", got={"QueryResponse": {}})),
    ("request body: unknown member 'CustomerId'",
     exchange("quickbooks_online", "POST", INVOICES, sent={"CustomerId": "1"}, got=invoice())),
    ("request body.CustomerRef.value: 1 is not of type 'string'",
     exchange("quickbooks_online", "POST", INVOICES, sent={"CustomerRef": {"value": 1}}, got=invoice())),
    ("answer body.Invoice.TotalAmt: '275.50' is not of type 'number'",
     exchange("quickbooks_online", "GET", f"{INVOICES}/130", got=invoice(TotalAmt="275.50"))),
    ("answer body.Invoice.EmailStatus: 'Sent' is not one of",
     exchange("quickbooks_online", "GET", f"{INVOICES}/130", got=invoice(EmailStatus="Sent"))),
    ("answer body.Invoice: unknown member 'Status'",
     exchange("quickbooks_online", "GET", f"{INVOICES}/130", got=invoice(Status="paid"))),
    ("answer: unknown status 201",
     exchange("quickbooks_online", "POST", INVOICES, sent={}, status=201, got=invoice())),
    ("answer body: unknown member 'errors'",
     exchange("quickbooks_online", "GET", f"{INVOICES}/1", status=401, got={"errors": []})),
    ("request: unknown query parameter 'limit'",
     exchange("google_calendar", "GET", f"{EVENTS}?limit=5", got={"items": []})),
    ("request: query parameter orderBy: 'start' is not one of",
     exchange("google_calendar", "GET", f"{EVENTS}?orderBy=start", got={"items": []})),
    ("request: query parameter maxResults: 0 is less than",
     exchange("google_calendar", "GET", f"{EVENTS}?maxResults=0", got={"items": []})),
    ("request body: 'start' is a required",
     exchange("google_calendar", "POST", EVENTS, sent={"end": {"date": "2026-12-02"}}, got=event())),
    ("request body: unknown member 'title'",
     exchange("google_calendar", "POST", EVENTS, sent=WANTED | {"title": "x"}, got=event())),
    ("request body.start.dateTime: '9 am' is not a",
     exchange("google_calendar", "POST", EVENTS, sent=WANTED | {"start": {"dateTime": "9 am"}}, got=event())),
    ("answer body.sequence: '0' is not of type 'integer'",
     exchange("google_calendar", "GET", f"{EVENTS}/fs0a1b2c", got=event(sequence="0"))),
    ("answer body.error: 'errors' is a required",
     exchange("google_calendar", "GET", f"{EVENTS}/x", status=404, got={"error": {"code": 404, "message": "m"}})),
    ("request: unknown path", exchange("google_calendar", "GET", "/calendar/v3/events", got={"items": []})),
]  # fmt: skip


@pytest.mark.parametrize("given", VALID, ids=str)
def test_a_valid_exchange_has_no_problem(given: Exchange) -> None:
    assert load(given.system).problems(given) == []


@pytest.mark.parametrize(("expected", "given"), WRONG, ids=[expected for expected, _ in WRONG])
def test_one_fault_is_one_problem_that_names_it(expected: str, given: Exchange) -> None:
    problems = load(given.system).problems(given)
    assert len(problems) == 1, problems
    assert problems[0].startswith(expected)


def test_an_answer_that_is_not_json_is_a_problem_and_a_gateway_page_is_not() -> None:
    broken = exchange("hubspot", "GET", CONTACTS, got={"results": []})
    page = replace(broken, response_body=b"<html>", response_headers=(("content-type", "text/html"),))
    assert load("hubspot").problems(replace(broken, response_body=b"{"))[0].startswith("answer: the body is not JSON")
    assert load("hubspot").problems(page) == ["answer: content type 'text/html' is not one of ['application/json']"]
    assert load("hubspot").problems(replace(page, status=503)) == []


def test_a_body_of_another_content_type_is_a_problem() -> None:
    sent = exchange("quickbooks_online", "POST", INVOICES, sent={"Id": "1"}, got=invoice())
    text = replace(sent, request_headers=(("content-type", "text/plain"),))
    assert load("quickbooks_online").problems(text) == [
        "request: content type 'text/plain' is not one of ['application/json']"
    ]


def test_problems_of_many_exchanges_say_which_exchange_and_which_side() -> None:
    wrong = exchange("hubspot", "GET", f"{CONTACTS}?page=2", got={"results": []})
    assert problems_of([VALID[0], wrong]) == [
        f"hubspot GET {CONTACTS} -> 200: request: unknown query parameter 'page'",
    ]


def test_an_absent_description_skips_with_its_reason() -> None:
    with pytest.raises(pytest.skip.Exception, match=r"\.\./shared/vendors/nobody is absent"):
        load("nobody")


def test_two_thousand_exchanges_are_judged_in_under_ten_seconds() -> None:
    page = {"results": [contact(id=str(number)) for number in range(20)]}
    given = exchange("hubspot", "GET", f"{CONTACTS}?limit=20", got=page)
    bill = exchange("quickbooks_online", "GET", f"{INVOICES}/130", got=invoice())
    started = time.process_time()
    assert problems_of([given, bill] * 1000) == []
    assert time.process_time() - started < 10, json.dumps({"seconds": time.process_time() - started})
