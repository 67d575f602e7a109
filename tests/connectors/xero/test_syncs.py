"""Whole syncs from the office's files into Xero: nothing twice, nothing for ever, nobody's edit lost."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors import gateway
from pipelines.company import Company, assemble
from pipelines.session import Session
from pipelines.settings import load
from pipelines.sync import run_sync
from sandbox.app import assemble as serve
from sandbox.clock import Clock
from sandbox.estate import Estate, Served
from sandbox.faults import Fault, Faults
from sandbox.records import keep
from sandbox.serving import listen, serving_app
from sandbox.store import Store
from sandbox.xero import TWIN
from tests.pipelines import short_read
from tests.sandbox.quickbooks_online.desk import COMPANY, NOW

PEOPLE = [
    {"id": str(n), "given": given, "family": family, "email": f"p{n}@rest.example", "phone": f"+1512474{n:04}",
     "street": f"{n} Oak  St", "city": "san  Marcos"}
    for n, (given, family) in enumerate([("mary  ann", "McDonald"), ("José", "van Dyke"), ("Bo", "Lee")], start=1)
]  # fmt: skip
LINES = [{"description": "Fix the sink", "quantity": "1.5", "price": "19.99", "amount": "29.99"},
         {"description": "Part", "quantity": "1", "price": "10.00", "amount": "10.00"}]  # fmt: skip
BILLS = [
    {"id": f"i{n}", "number": None if n == 2 else str(1000 + n), "customer": str(n), "issued": "2026-03-02",
     "due": "2026-04-02", "status": "open", "tax": "3.30", "memo": f"job {n}", "lines": LINES}
    for n in (1, 2, 3)
]  # fmt: skip
MAPS = [
    {"resource": "people", "to": "customer", "fields": {
        "given_name": {"text": "given"}, "family_name": {"text": "family"}, "email": {"email": "email"},
        "phone": {"phone": "phone"}, "street": {"text": "street"}, "city": {"text": "city"}}},
    {"resource": "bills", "to": "invoice", "fields": {
        "number": {"text": "number"}, "customer": {"ref": "customer"}, "issued_on": {"date": "issued"},
        "due_on": {"date": "due"}, "status": {"text": "status"}, "tax": {"money": "tax"}, "memo": {"text": "memo"},
        "lines": {"json_list": {"path": "lines", "parts": {
            "description": {"text": "@.description"}, "quantity": {"decimal": "@.quantity"},
            "unit_price": {"money": "@.price"}, "amount": {"money": "@.amount"}}}}}},
]  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Office:
    """The office's files, the twin that they are written to, and the company between them."""

    folder: Path
    served: Served
    company: Company

    @property
    def store(self) -> Store:
        return self.served.store

    def say(self, people: list[dict[str, Any]], bills: list[dict[str, Any]]) -> None:
        for name, records in (("people", people), ("bills", bills)):
            (self.folder / f"{name}.json").write_text(json.dumps(records), encoding="utf-8")

    def sync(self) -> Session:
        self.store.clock.advance(timedelta(minutes=20))
        return run_sync(self.company, check=lambda *_: ())

    def wanted(self) -> list[tuple[str, str, dict[str, Any]]]:
        """What a sync wants to change."""
        plans = self.sync().plans
        return [(one.entity, one.action, dict(one.after)) for plan in plans for one in plan.changes]

    def fault(self, kind: str, **more: Any) -> None:
        self.store.faults.add(Fault(system="xero", kind=kind, **more))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One company goes through all tests in their order: compiling its plans takes longer than all of its syncs."""
    folder, clock = tmp_path_factory.mktemp("syncs"), Clock(NOW, ticker=lambda: 0.0)
    store = Store(clock=clock, faults=Faults(), base_url="http://xero.test", headroom=100)
    TWIN.seed(COMPANY, store)
    served = Served(twin=TWIN, store=store)
    passing = partial(gateway.open_api, sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)))
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.closing(listen("127.0.0.1", 0)) as bound,
        serving_app(serve(Estate(clock=clock, served={"xero": served}, seed=1)), bound) as address,
    ):
        patch.setattr(gateway, "open_api", passing)
        patch.setattr("pipelines.sync.read_all", short_read.read_all)
        for name in ("client_id", "client_secret", "refresh_token"):
            patch.setenv(f"XERO_{name.upper()}", TWIN.credentials[name])
        (folder / "stack.yml").write_text(json.dumps(_stack(folder, f"{address}/xero")), encoding="utf-8")
        company = assemble(load(folder / "stack.yml"), clock=clock.now)
        found = Office(folder=folder, served=served, company=company)
        found.say(PEOPLE, BILLS)
        yield found


def _stack(folder: Path, address: str) -> dict[str, Any]:
    files = {
        "connector": "files", "roles": ["scheduling"], "maps": MAPS,
        "resources": {name: {"path": str(folder / f"{name}.json"), "id": "id"} for name in ("people", "bills")},
    }  # fmt: skip
    names = ("client_id", "client_secret", "refresh_token")
    xero = {"roles": ["accounting"], "environment": "sandbox", "base_url": address,
            "settings": {"tenant_id": TWIN.credentials["tenant_id"]},
            "credentials": {name: f"env:XERO_{name.upper()}" for name in names}}  # fmt: skip
    return {
        "company": "Acme Heating", "time_zone": "America/Chicago", "currency": "USD",
        "systems": {"office": files, "xero": xero}, "ownership": {"invoice": {"prefer": ["office", "xero"]}},
        "handoffs": {f"xero.{name}": {"mode": "live", "deletes": "mirror"} for name in ("customer", "invoice")},
    }  # fmt: skip


def test_lost_answers_make_nothing_twice_and_capitals_are_not_fought(office: Office) -> None:
    """Writes lose answers more often than the gateway is patient, keys are ignored, values are kept in capitals."""
    people, bills = len(office.store.all("contacts")), len(office.store.all("invoices"))
    office.fault("rewritten_values", form="upper")
    office.fault("ignored_idempotency_key")
    for path in ("/Contacts", "/Invoices"):
        office.fault("dropped_answer", method="PUT", path=path, times=2)
    office.sync()
    office.sync()
    assert office.wanted() == []
    assert (len(office.store.all("contacts")), len(office.store.all("invoices"))) == (people + 3, bills + 3)
    made = [one for one in office.store.all("invoices") if not one["InvoiceNumber"].startswith("J-")]
    assert {(one["Status"], one["Total"]) for one in made} == {("AUTHORISED", 43.29)}
    assert "SAN  MARCOS" in {one.get("City") for row in office.store.all("contacts") for one in row["Addresses"]}
    office.store.faults.clear()


def test_a_persons_edit_is_answered_once_and_what_the_office_says_follows(office: Office) -> None:
    one = next(row for row in office.store.all("contacts") if row["EmailAddress"] == "p2@rest.example")
    keep(office.served, "contacts", one["ContactID"], one | {"FirstName": "Joseph"})
    office.say([PEOPLE[0] | {"city": "Waco"}, *PEOPLE[1:]], [BILLS[0] | {"memo": "job 1, done"}, *BILLS[1:2]])
    office.sync()
    assert office.wanted() == []
    assert (office.store.get("contacts", one["ContactID"]) or {})["FirstName"] == "José"
    cities = [address.get("City") for row in office.store.all("contacts") for address in row["Addresses"]]
    assert cities.count("Waco") == 1
    told = {row["InvoiceNumber"]: (row["Status"], row["Reference"]) for row in office.store.all("invoices")}
    assert told["1001"] == ("AUTHORISED", "job 1, done")
    assert told["1003"][0] == "VOIDED"
