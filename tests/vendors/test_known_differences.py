"""The table of exceptions is true to its sources, and what vendors themselves publish as examples passes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.vendors.description import SHARED, VENDORS, load, read
from tests.vendors.exchange import Exchange
from tests.vendors.known_differences import DIFFERENCES
from tests.vendors.openapi import OpenApi
from tests.vendors.samples import exchange, form

OPENAPI = sorted(name for name, one in DIFFERENCES.items() if one.kind == "openapi")


def engines(system: str) -> list[OpenApi]:
    return [one for one in load(system).engines if isinstance(one, OpenApi)]


@pytest.mark.parametrize("system", sorted(DIFFERENCES))
def test_each_exception_names_a_source_that_exists(system: str) -> None:
    load(system)
    differences = DIFFERENCES[system]
    sources = [*(one.source for one in differences.patches), *(one.source for one in differences.extra_paths)]
    for source in sources:
        name, *sections = re.split(r"[,;] ", source, maxsplit=1)
        text = (VENDORS / system / name).read_text(encoding="utf-8")
        if sections and name == "facts.md":
            section = sections[0].partition(";")[0]
            assert f"## {section}" in text, source
        elif sections:
            assert sections[0] in text, source


@pytest.mark.parametrize("system", OPENAPI)
def test_every_schema_of_a_description_becomes_a_valid_json_schema(system: str) -> None:
    for engine in engines(system):
        Draft202012Validator.check_schema({"$defs": engine.answers.translation.definitions()})
        for library in (engine.requests, engine.answers):
            for name in library.translation.components:
                # Resolves all references that validation meets; the verdict on an empty object does not matter.
                assert library.fits({"$ref": library.translation.dialect.prefix + name}, {}) in (True, False)


def fixtures() -> list[tuple[str, dict[str, Any]]]:
    if not (VENDORS / "stripe" / "fixtures3.json").is_file():
        return []
    return sorted(read("stripe", "fixtures3.json")["resources"].items())


def test_the_vendors_own_example_objects_are_valid() -> None:
    *_, engine = engines("stripe")  # the last one is the document; what it leaves out stands before it
    components = engine.answers.translation.components
    by_object = {node.get("x-object-name"): name for name, node in components.items()}
    judged = {
        name: engine.answers.problems({"$ref": f"#/components/schemas/{by_object[one['object']]}"}, one, name)
        for name, one in fixtures()
        if one["object"] in by_object
    }
    assert len(judged) > 20
    assert {name: problems for name, problems in judged.items() if problems} == {}


def bracketed(name: str, value: Any) -> list[tuple[str, str]]:
    """A nested value as the form fields that a client sends for it."""
    if isinstance(value, dict):
        return [pair for key, inner in value.items() for pair in bracketed(f"{name}[{key}]", inner)]
    if isinstance(value, list):
        return [pair for number, inner in enumerate(value) for pair in bracketed(f"{name}[{number}]", inner)]
    return [(name, str(value).lower() if isinstance(value, bool) else str(value))]


def calls() -> list[dict[str, Any]]:
    files = sorted((SHARED / "data" / "stripe_cli_triggers").glob("*.json"))
    if not files:
        pytest.skip("no recorded calls: ../shared/data/stripe_cli_triggers is absent")
    found = [one for path in files for one in json.loads(path.read_text(encoding="utf-8"))["fixtures"]]
    return [one for one in found if one["method"] == "post"]


def test_the_calls_of_the_vendors_own_client_are_valid_requests() -> None:
    description, judged, refused = load("stripe"), 0, set()
    for call in calls():
        path = re.sub(r"\$\{[^}]*\}", "x_1", call["path"])
        fields = [pair for name, value in call.get("params", {}).items() for pair in bracketed(name, value)]
        if not any(engine.knows(path) for engine in description.engines):
            continue
        given = form("stripe", path, dict(fields))
        problems = [one for one in description.problems(given) if one.startswith("request")]
        judged += 1
        refused |= {re.sub(r"\[\d+\]", "", one) for one in problems}
    assert judged > 50
    # The client's calls are older than the described version, which has allowed_payment_method_types instead.
    assert refused == {"request body: unknown member 'payment_method_types'"}


BILLING = {"customer": "cus_1", "metadata[job]": "1", "auto_advance": "false", "days_until_due": "30"}
CONTACT = {"Contacts": [{"Name": "Acme", "ContactNumber": "ext-1"}]}
TENANT = {"xero-tenant-id": "c2cc9b6e-9458-4c7d-93cc-f02b81b0594f"}

VALID = [
    exchange("stripe", "GET", "/v1/customers?limit=3&created[gte]=1704067200&expand[]=data.discount",
             got={"object": "list", "data": [], "has_more": False, "url": "/v1/customers"}),
    exchange("asana", "GET", "/api/1.0/tasks?project=1&opt_fields=name,due_on&limit=50", got={"data": []}),
    exchange("xero", "POST", "/api.xro/2.0/Contacts", sent=CONTACT, headers=TENANT,
             got={"Id": "x", "Status": "OK", "Contacts": [{"Name": "Acme"}]}),
    exchange("xero", "GET", "/connections", got=[]),
    exchange("microsoft_graph", "GET", "/v1.0/users/t%40example.com/events?$top=10&$skiptoken=abc",
             got={"@odata.context": "x", "value": [{"@odata.etag": "W/1", "id": "1", "subject": "s"}]}),
    exchange("salesforce", "PATCH", "/services/data/v59.0/sobjects/Contact/003x",
             sent={"LastName": "A", "Ext_Id__c": "1"}, status=204),
    exchange("slack", "POST", "/api/chat.postMessage", sent={"channel": "C1", "text": "hi", "blocks": []},
             got={"ok": True, "channel": "C012AB3CD", "ts": "1503435956.000247",
                  "message": {"type": "message", "text": "hi", "ts": "1503435956.000247", "newer": 1}}),
]  # fmt: skip
WRONG = [
    ("request: unknown query parameter 'page'", replace(VALID[0], query=(("page", "2"),))),
    ("request: query parameter created", replace(VALID[0], query=(("created[gte]", "yesterday"),))),
    ("request body: unknown member 'client'", form("stripe", "/v1/invoices", BILLING | {"client": "x"}, got={})),
    ("request body.days_until_due: 'soon'", form("stripe", "/v1/invoices", BILLING | {"days_until_due": "soon"})),
    ("request: missing header parameter 'xero-tenant-id'",
     replace(VALID[2], request_headers=(("content-type", "application/json"),))),
    ("answer body.value[0]: unknown member 'title'",
     exchange("microsoft_graph", "GET", "/v1.0/users/t/events", got={"value": [{"title": "s"}]})),
    ("request body: unknown member 'Ext'",
     exchange("salesforce", "PATCH", "/services/data/v59.0/sobjects/Contact/003x", sent={"Ext": 1}, status=204)),
]  # fmt: skip


@pytest.mark.parametrize("given", VALID, ids=str)
def test_a_valid_exchange_of_each_vendor_has_no_problem(given: Exchange) -> None:
    assert load(given.system).problems(given) == []


@pytest.mark.parametrize(("expected", "given"), WRONG, ids=[expected for expected, _ in WRONG])
def test_one_fault_is_found_and_named(expected: str, given: Exchange) -> None:
    problems = load(given.system).problems(given)
    assert any(problem.startswith(expected) for problem in problems), problems
