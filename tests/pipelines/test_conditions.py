"""A record is made in another system only when its status and every gate of the handoff say so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from connectors.spec import Write, Written
from models.change import Plan
from models.conditions import Condition
from models.fields import choice, json_list, money, ref, text
from models.handoff import Handoff
from models.ownership import prefer
from models.schema import Map
from pipelines.plan import make_plan
from pipelines.settings import Guards
from tests.pipelines.bench import Bench, model_of

JOBS = Map(
    "jobs",
    to="job",
    id="id",
    fields={
        "title": text("title"),
        "status": choice("status", {"doing": "in_progress", "approved": "completed"}),
        "kind": text("kind"),
        "total": money("limit"),
    },
)
PAYMENTS = Map(
    "payments",
    to="payment",
    id="id",
    fields={
        "amount": money("amount"),
        "allocations": json_list("of", {"invoice": text("@.bill"), "amount": money("@.amount")}),
    },
)
DEPOSITS = Map("deposits", to="payment", id="id", fields={"amount": money("amount")})
BILL = {
    "number": text("number"),
    "status": choice("status", {"draft": "draft", "open": "open"}),
    "total": money("total"),
}
BILLS = Map("bills", to="invoice", id="id", fields={**BILL, "job": ref("job")})
INVOICES = Map("invoices", to="invoice", id="id", fields=BILL)
MODEL = model_of(
    {"scheduling": [JOBS, BILLS, PAYMENTS], "accounting": [INVOICES, DEPOSITS]},
    {"invoice.total": prefer("scheduling", "accounting")},
)
WRITE = Write(
    entity="invoice",
    resource="invoices",
    create=lambda _, out: Written(id=out.key),
    update=lambda _, out: Written(id=str(out.change.target_id)),
    fetch=lambda *_: None,
    identity="key",
)
# Bill what is approved, never a warranty, and no more than was agreed on.
GATES = (
    Condition(path="status", one_of=("open",)),
    Condition(path="job.status", one_of=("completed",)),
    Condition(path="job.kind", none_of=("warranty",)),
    Condition(path="total", at_most="job.total"),
)
APPROVED = {"status": "approved", "kind": "repair", "limit": "500.00", "title": "Boiler"}
OPEN = {"number": "1", "status": "open", "total": "480.00", "job": "j"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Bench(tmp_path_factory.mktemp("bench"), MODEL, "conditions") as one:
        yield one


@pytest.fixture
def office(kept: Bench) -> Bench:
    return kept.reset()


DEPOSIT = Write(
    entity="payment",
    resource="deposits",
    create=lambda _, out: Written(id=out.key),
    fetch=lambda *_: None,
    identity="key",
)


def planned(bench: Bench, *, job: Mapping[str, Any] = {}, bill: Mapping[str, Any] = {}) -> Plan:
    """One job and its bill, and what the accounts would be sent."""
    bench.take("scheduling", [{"id": "j", **APPROVED, **job}], resource="jobs", full=True)
    bench.take("scheduling", [{"id": "b", **OPEN, **bill}], resource="bills", full=True)
    return drawn(bench, Handoff(system="accounting", entity="invoice", mode="live", conditions=GATES), WRITE)


def drawn(bench: Bench, handoff: Handoff, write: Write) -> Plan:
    bench.decide()
    return make_plan(
        bench.warehouse,
        MODEL,
        handoff,
        write,
        guards=Guards(),
        overwritten=lambda _: {},
        hold=None,
        run="run",
        now=bench.now,
    )


def test_story_57_what_every_gate_lets_through_is_billed(office: Bench) -> None:
    [made] = planned(office).changes
    assert (made.action, made.after["total"]) == ("create", Decimal(480))


@pytest.mark.parametrize(
    ("job", "bill", "reason"),
    [
        ({"status": "doing"}, {}, "waits: job.status is in_progress and must be completed"),
        ({"kind": "warranty"}, {}, "waits: job.kind is warranty"),
        ({}, {"status": "draft"}, "waits: status is draft and must be open"),
        ({}, {"total": "500.01"}, "waits: total is 500.0100, above the 500.0000 allowed"),
        ({"limit": None}, {}, "waits: job.total is not known"),
        ({}, {"job": None}, "waits: job.status is not known and must be completed, and job.total is not known"),
        (
            {"status": "doing", "kind": "warranty"},
            {},
            "waits: job.status is in_progress and must be completed, and job.kind is warranty",
        ),
    ],
)
def test_story_57_a_status_alone_makes_no_invoice(
    job: dict[str, Any], bill: dict[str, Any], reason: str, office: Bench
) -> None:
    plan = planned(office, job=job, bill=bill)
    assert plan.changes == ()
    assert [one.reason for one in plan.held] == [reason]


def test_story_57_it_goes_out_when_the_last_gate_opens(office: Bench) -> None:
    assert planned(office, job={"status": "doing"}).changes == ()
    assert [change.action for change in planned(office).changes] == ["create"]


def test_what_was_made_before_is_kept_up_to_date_behind_a_closed_gate(office: Bench) -> None:
    office.take("accounting", [{"id": "7", **OPEN, "total": "450.00"}], resource="invoices", full=True)
    [change] = planned(office, job={"status": "doing"}).changes
    assert (change.action, change.after) == ("update", {"total": Decimal(480)})


@pytest.mark.parametrize(
    ("states", "reason"),
    [
        (("open", "open"), None),
        (("open", "draft"), "waits: allocations.invoice.status is draft, open and must be open"),
        ((), "waits: allocations.invoice.status is not known and must be open"),
    ],
)
def test_a_gate_may_stand_at_everything_that_a_list_points_to(
    states: tuple[str, ...], reason: str | None, office: Bench
) -> None:
    bills = [{"id": f"b{n}", **OPEN, "number": str(n), "status": state} for n, state in enumerate(states)]
    office.take("scheduling", bills, resource="bills", full=True)
    of = [{"bill": bill["id"], "amount": "1.00"} for bill in bills]
    office.take("scheduling", [{"id": "p", "amount": "2.00", "of": of}], resource="payments", full=True)
    gate = Condition(path="allocations.invoice.status", one_of=("open",))
    plan = drawn(office, Handoff(system="accounting", entity="payment", mode="live", conditions=(gate,)), DEPOSIT)
    assert [one.reason for one in plan.held] == ([] if reason is None else [reason])
    assert len(plan.changes) == (reason is None)
