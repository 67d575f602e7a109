"""A walk over every endpoint, request and answer held against the vendor's own description."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.quickbooks_online.documents import INVOICE, PAYMENT
from sandbox.quickbooks_online.entity import Entity
from sandbox.quickbooks_online.members import ENTITIES
from tests.sandbox.quickbooks_online.desk import PREFIX, Desk, sale, settlement
from tests.vendors.description import load, problems_of, read

NEW = {
    "Customer": {"DisplayName": "New", "BillAddr": {"Line1": "1 A St", "City": "Austin"}},
    "Employee": {"GivenName": "Nell", "FamilyName": "New"},
    "Item": {"Name": "New", "Type": "Service", "UnitPrice": 10, "IncomeAccountRef": {"value": "1"}},
    "Invoice": sale("1", DocNumber="N-1", TxnTaxDetail={"TxnTaxCodeRef": {"value": "2"}}),
    "Payment": settlement("1", 50, ("2", 20)),
    "Estimate": sale("1"),
    "SalesReceipt": sale("1"),
    "CreditMemo": sale("1"),
    "RefundReceipt": sale("1"),
    "Account": {"Name": "New", "AccountType": "Bank"},
    "Term": {"Name": "Net 7", "DueDays": 7},
    "PaymentMethod": {"Name": "Voucher"},
}
SINCE = "2026-03-01T00:00:00-08:00"


def walk(desk: Desk) -> None:
    for entity in ENTITIES:
        desk.query(f"select * from {entity.name}")  # noqa: S608 - the vendor's language
        if entity.name in NEW:
            _write(desk, entity.name)
    for entity in (INVOICE, PAYMENT):
        _end(desk, entity.name)
    desk.get("/cdc", entities="Customer,Invoice,Payment,Item", changedSince=SINCE)
    items = [{"bId": "1", "Query": "select count(*) from Item"}, {"bId": "2", "operation": "create", "Term": {}}]
    cdc = {"bId": "3", "CDCQuery": {"Entities": "Invoice", "ChangedSince": SINCE}}
    desk.post("/batch", {"BatchItemRequest": [*items, cdc]})
    desk.get("/query", query="select nothing")
    desk.http.post(f"{PREFIX}/query", content="select * from Item", headers={"Content-Type": "application/text"})
    desk.http.get(f"{PREFIX}/customer/1", headers={"Authorization": "Bearer none"})
    desk.http.get("/quickbooks_online/v3/company/1/customer/1")


def _write(desk: Desk, entity: str) -> None:
    made = desk.made(entity, NEW[entity], requestid=f"make-{entity}")
    desk.made(entity, {**desk.read(entity, made["Id"]), "sparse": True})
    desk.post(f"/{entity.lower()}", made)  # stale by now
    desk.get(f"/{entity.lower()}/999")


def _end(desk: Desk, entity: str) -> None:
    path, number = f"/{entity.lower()}", {"DocNumber": "N-2"} if entity == "Invoice" else {}
    made = desk.made(entity, NEW[entity] | number)
    if entity == "Invoice":
        headers = {"Content-Type": "application/octet-stream"}
        desk.http.post(f"{PREFIX}{path}/{made['Id']}/send", params={"sendTo": "a@b.co"}, headers=headers)
        desk.post(path, {"Id": made["Id"], "SyncToken": "1"}, operation="void")
    else:
        desk.post(path, {"Id": made["Id"], "SyncToken": "0", "sparse": True}, operation="update", include="void")
    last = desk.read(entity, made["Id"])
    assert desk.post(path, {"Id": last["Id"], "SyncToken": last["SyncToken"]}, operation="delete").status_code == 200


def test_every_request_and_answer_is_as_described(desk: Desk) -> None:
    load("quickbooks_online")
    walk(desk)
    assert len(desk.app.recording) > 60
    assert problems_of(desk.app.recording) == []


def test_the_walk_reaches_every_entity(desk: Desk) -> None:
    walk(desk)
    paths = {exchange.path for exchange in desk.app.recording}
    for name in NEW:
        assert any(path.endswith(f"/{name.lower()}") for path in paths), name


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_every_member_that_the_twin_knows_is_the_vendors(entity: Entity) -> None:
    load("quickbooks_online")
    schemas = read("quickbooks_online", "openapi.json")["components"]["schemas"]
    own = {member.partition(".")[0] for member in entity.types}
    assert own - described(schemas, schemas[entity.name]) == set()


def described(schemas: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    """Every member of a schema and of what it extends."""
    if "$ref" in schema:
        return described(schemas, schemas[schema["$ref"].rpartition("/")[2]])
    return set(schema.get("properties", {})).union(*(described(schemas, part) for part in schema.get("allOf", [])))
