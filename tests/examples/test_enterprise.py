"""The enterprise example as it stands: its stack against the sandbox, and the way of an invoice into the books."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pipelines.company import Company, assemble
from pipelines.demo import ADDRESS, HEADROOM
from pipelines.session import Session
from pipelines.settings import load
from pipelines.sync import run_sync, totals
from sandbox import records
from sandbox.app import build_app
from sandbox.estate import Estate, Served
from sandbox.faults import Fault
from sandbox.serving import listen, serving_app, url

STACK = Path(__file__).parents[2] / "examples" / "enterprise" / "stack.yml"
SYSTEMS = ("microsoft_graph", "salesforce", "servicetitan", "slack", "xero")


@dataclass(frozen=True, slots=True, kw_only=True)
class Business:
    """The company of the example after two syncs."""

    estate: Estate
    company: Company
    syncs: list[Session] = field(default_factory=list)

    def served(self, name: str) -> Served:
        return self.estate.served[name]

    def all(self, name: str, collection: str) -> list[dict[str, Any]]:
        return [record for _, record in records.items(self.served(name), collection)]

    def sync(self) -> Session:
        self.syncs.append(run_sync(self.company, check=lambda *_: ()))
        return self.syncs[-1]


@pytest.fixture(scope="module")
def business(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Business]:
    """Answers to some of the first writes are lost: what they made must not be made again."""
    folder = tmp_path_factory.mktemp("enterprise")
    shutil.copyfile(STACK, folder / "stack.yml")
    with listen("127.0.0.1", 0) as bound, pytest.MonkeyPatch.context() as patch:
        patch.setenv(ADDRESS, url(bound))
        app = build_app(only=SYSTEMS, base_url=url(bound), headroom=HEADROOM)
        with serving_app(app, bound):
            estate = app.state.estate
            lost = (
                ("xero", "PUT", "/Contacts"),
                ("slack", "POST", "postMessage"),
                ("microsoft_graph", "POST", "batch"),
            )
            for system, method, path in lost:
                fault = Fault(system=system, kind="dropped_answer", method=method, path=path, times=1)
                estate.served[system].store.faults.add(fault)
            one = Business(estate=estate, company=assemble(load(folder / "stack.yml")))
            one.sync()
            one.sync()
            yield one


def test_the_stack_names_the_systems_that_it_is_told_of() -> None:
    assert set(load(STACK).systems) == {*SYSTEMS, "plumbline"}


def test_everything_is_read_and_delivered(business: Business) -> None:
    first = business.syncs[0]
    assert (first.problems, first.refused, totals(first.deliveries)["rejected"]) == ({}, {}, 0)
    assert totals(first.deliveries)["delivered"] > 800
    assert {name for name, sent in first.deliveries.items() if sent.delivered} == {
        "salesforce.customer", "servicetitan.customer", "servicetitan.invoice", "xero.customer",
        "microsoft_graph.assignment", "slack.assignment", "slack.alert",
    }  # fmt: skip


def test_the_second_sync_plans_nothing(business: Business) -> None:
    second = business.syncs[1]
    assert (second.problems, [plan.changes for plan in second.plans if plan.changes]) == ({}, [])


def test_a_lost_answer_made_nothing_twice(business: Business) -> None:
    marked = [one["ContactNumber"] for one in business.all("xero", "contacts") if one.get("ContactNumber")]
    assert len(marked) == len(set(marked)) > 200
    told = [one["metadata"] for one in business.all("slack", "messages") if one.get("metadata")]
    ids = [one["event_payload"]["core_id"] for one in told]
    visits = [id for id in ids if id.startswith("asg_")]
    assert (len(ids), len(visits) > 20) == (len(set(ids)), True)
    ours = [one["transactionId"] for one in business.all("microsoft_graph", "events") if one.get("transactionId")]
    assert len(ours) == len(set(ours)) == len(visits)


def test_what_waits_for_a_person_is_said_in_slack(business: Business) -> None:
    said = [one for one in business.all("slack", "messages") if one["text"].startswith(":warning:")]
    kinds = {one["metadata"]["event_payload"]["kind"] for one in said}
    assert {"held", "double_booking"} <= kinds
    assert all("plumbline" in one["text"] for one in said)  # what to do about it
    first, second = (run.deliveries["slack.alert"].delivered for run in business.syncs[:2])
    assert (len(first), len(second)) == (len(said), 0)


def test_every_company_is_called_as_its_people_do(business: Business) -> None:
    """What a vendor wants in a field that nobody has a value for comes back as nobody's name."""
    firms = {one["name"] for one in business.all("servicetitan", "customers") if one["type"] == "Commercial"}
    named = {one["Name"] for one in business.all("xero", "contacts")}
    assert len(firms & named) > 20
    odd = [one for one in business.all("xero", "contacts") if one.get("LastName") in firms | {"-"}]
    assert odd == []


def test_an_invoice_goes_to_the_books_when_it_is_posted_and_is_marked_when_it_stands_there(business: Business) -> None:
    bills = business.all("servicetitan", "invoices")
    held = [one for one in bills if one["syncStatus"] == "Pending" and not one["items"]]
    sold = next(one for one in bills if one["items"] and one["exportId"])
    amounts = {name: sold[name] for name in ("items", "subTotal", "salesTax", "total")}
    known = {one["InvoiceNumber"] for one in business.all("xero", "invoices")}
    bill = next(one for one in held if one["referenceNumber"] not in known)
    posted = bill | amounts | {"balance": sold["total"], "syncStatus": "Posted", "dueDate": bill["invoiceDate"]}
    records.keep(business.served("servicetitan"), "invoices", str(bill["id"]), posted)
    booked = business.sync()
    assert [receipt.action for receipt in booked.deliveries["xero.invoice"].delivered] == ["create"]
    (made,) = [one for one in business.all("xero", "invoices") if one["InvoiceNumber"] == bill["referenceNumber"]]
    assert (made["Status"], str(made["Total"])) == ("AUTHORISED", str(float(sold["total"])))
    business.sync()
    (marked,) = [one for one in business.all("servicetitan", "invoices") if one["id"] == bill["id"]]
    assert (marked["syncStatus"], marked["exportId"]) == ("Exported", made["InvoiceID"])
