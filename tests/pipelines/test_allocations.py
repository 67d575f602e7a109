"""What a payment was for reaches the books in their own ids, and waits while they lack what it was for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from connectors.spec import Write, Written
from models.change import Action, Change
from models.fields import email, json_list, money, ref, text
from models.handoff import Handoff
from models.ownership import prefer
from models.schema import Map
from pipelines.owing import overpaid
from pipelines.plan import make_plan
from pipelines.settings import Guards
from tests.pipelines.bench import Bench, model_of

PARTS = json_list("parts", {"invoice": ref("@.bill"), "amount": money("@.sum")})
TURNED = json_list("parts", {"amount": money("@.sum"), "invoice": ref("@.bill")})
PEOPLE = Map("people", to="customer", id="id", fields={"email": email("email")})
BILLS = Map("bills", to="invoice", id="id", fields={"number": text("number"), "balance": money("open")})
MONEY = {
    "reference": text("reference"), "customer": ref("payer"), "amount": money("amount"), "memo": text("memo"),
}  # fmt: skip
PAID = Map("paid", to="payment", id="id", fields={**MONEY, "allocations": PARTS})
BOOKED = Map("paid", to="payment", id="id", fields={**MONEY, "allocations": TURNED})
RULES = {"payment": prefer("scheduling", "accounting")}
MODEL = model_of({"scheduling": [PEOPLE, BILLS, PAID], "accounting": [PEOPLE, BILLS, BOOKED]}, RULES)
WRITE = Write(
    entity="payment",
    resource="paid",
    create=lambda _, out: Written(id=out.key),
    update=lambda _, out: Written(id=str(out.change.target_id)),
    fetch=lambda *_: None,
    identity="key",
    extra=("allocations",),
)
Parts = Sequence[tuple[str | None, str]] | None
NEW = {  # payments that the books do not have: what the office says that they were for
    "whole": [("j1", "50.00"), (None, "10.00")],
    "second": [("j1", "50.00"), ("j2", "10.00")],
    "strange": [("j1", "50.00"), ("j9", "10.00")],
}
BOTH = {  # payments that both have: what the office says, and the books
    "same": ([("j1", "50.00"), ("j3", "10.00")], [("q1", "50.00"), ("q3", "10.00")]),
    "turned": ([("j1", "50.00"), ("j3", "10.00")], [("q3", "10.00"), ("q1", "50.00")]),
    "moved": ([("j3", "60.00")], [("q1", "60.00")]),
    "taken off": ([], [("q1", "60.00")]),
    "put on": ([("j1", "60.00")], []),
    "late": ([("j2", "60.00")], [("q2", "60.00")]),
    "theirs": (None, [("q7", "60.00")]),
}


def payment(name: str, parts: Parts, **more: Any) -> dict[str, Any]:
    said = None if parts is None else [{"bill": bill, "sum": amount} for bill, amount in parts]
    return {"id": name, "reference": name, "payer": "a", "amount": "60.00", "memo": None, "parts": said, **more}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Three bills in the office, the second of which the books do not have yet."""
    with Bench(tmp_path_factory.mktemp("bench"), MODEL, "allocations") as bench:
        for system, prefix, numbers in (("scheduling", "j", (1, 2, 3)), ("accounting", "q", (1, 3))):
            bench.take(system, [{"id": "a", "email": "ann@example.com"}], full=True)
            bench.take(system, [{"id": f"{prefix}{n}", "number": str(n)} for n in numbers], resource="bills", full=True)
        said = NEW | {name: parts for name, (parts, _) in BOTH.items()}
        told = [payment(name, parts, memo="corrected" if parts is None else None) for name, parts in said.items()]
        bench.take("scheduling", told, resource="paid", full=True)
        bench.take(
            "accounting", [payment(name, parts) for name, (_, parts) in BOTH.items()], resource="paid", full=True
        )
        bench.decide()
        yield bench


def planned(bench: Bench, write: Write = WRITE, **handoff: Any) -> dict[str, tuple[Change, str | None]]:
    """Name of the payment -> its change, and why it waits."""
    plan = make_plan(
        bench.warehouse,
        MODEL,
        Handoff(system="accounting", entity="payment", mode="live", **handoff),
        write,
        guards=Guards(),
        overwritten=lambda _: {},
        hold=None,
        run="run",
        now=bench.now,
    )
    found = [(one, None) for one in plan.changes] + [(one.change, one.reason) for one in plan.held]
    return {change.desired["reference"]: (change, reason) for change, reason in found}


@pytest.fixture(scope="module")
def plan(office: Bench) -> dict[str, tuple[Change, str | None]]:
    return planned(office)


Plans = Mapping[str, tuple[Change, str | None]]


def told(values: Mapping[str, Any]) -> list[tuple[str | None, str]]:
    return [(part.get("invoice"), part["amount"]) for part in json.loads(values["allocations"])]


def test_a_payment_leaves_with_the_ids_that_the_books_have(plan: Plans) -> None:
    made, reason = plan["whole"]
    assert (made.action, reason) == ("create", None)
    assert told(made.after) == told(made.desired) == [("q1", "50.0000"), (None, "10.0000")]


def test_a_payment_of_an_invoice_that_nobody_told_of_says_so(plan: Plans) -> None:
    assert plan["strange"][1] == "waits for invoice j9 of scheduling, which nobody has told us of"


@pytest.mark.parametrize("name", ["same", "turned"])
def test_the_same_in_other_ids_is_the_same(office: Bench, plan: Plans, name: str) -> None:
    """Ids, order of the parts and of their members differ: nothing is written, and nobody disagrees."""
    assert name not in plan
    assert name not in disputed(office)


def disputed(office: Bench) -> dict[str, str]:
    """Name of the payment -> who says something else of what it was for than core."""
    rows = office.rows(
        "SELECT reference, loser FROM core.conflicts JOIN core.payment USING (core_id) "
        "WHERE field = 'allocations' AND state = 'open'"
    )
    return {row["reference"]: row["loser"] for row in rows}


def test_what_was_moved_to_another_invoice_is_an_update_and_a_conflict(office: Bench, plan: Plans) -> None:
    moved, reason = plan["moved"]
    assert (moved.action, reason) == ("update", None)
    assert (told(moved.before), told(moved.after)) == ([("q1", "60.0000")], [("q3", "60.0000")])
    assert disputed(office)["moved"] == "accounting"


def test_what_its_owner_takes_off_every_invoice_is_taken_off(plan: Plans) -> None:
    assert plan["taken off"][0].after == {"allocations": "[]"}


def test_a_system_that_does_not_say_what_it_was_for_disagrees_with_nobody(office: Bench, plan: Plans) -> None:
    assert told(plan["put on"][0].after) == [("q1", "60.0000")]
    assert "put on" not in disputed(office)


def test_what_the_books_said_themselves_stays_as_it_is(plan: Plans) -> None:
    """Their ids mean what they mean there, also where we never read the invoice."""
    noted, reason = plan["theirs"]
    assert (noted.after, reason) == ({"memo": "corrected"}, None)
    assert told(noted.desired) == [("q7", "60.0000")]


def test_a_system_that_cannot_move_a_payment_holds_it_where_people_see_it(office: Bench) -> None:
    assert planned(office, replace(WRITE, update=None))["moved"][1] == "accounting takes no update of payment from us"


def test_a_system_that_is_not_told_what_a_payment_was_for_waits_for_nothing(office: Bench) -> None:
    for plan in (planned(office, replace(WRITE, extra=())), planned(office, fields=("reference", "amount"))):
        for name in NEW:
            made, reason = plan[name]
            assert (made.action, reason) == ("create", None)
            assert "allocations" not in {*made.after, *made.desired}  # ids of another system would mean something else


def test_a_payment_waits_for_every_invoice_that_it_was_for(office: Bench, plan: Plans) -> None:
    [bill] = [row["core_id"] for row in office.rows("SELECT core_id FROM xref.invoice WHERE source_id = 'j2'")]
    assert plan["second"][1] == f"waits until its invoice {bill} exists in accounting"
    assert disputed(office)["late"] == "accounting"
    office.take("accounting", [{"id": "q2", "number": "2"}], resource="bills")
    office.decide()
    made, reason = planned(office)["second"]
    assert (told(made.after), reason) == ([("q1", "50.0000"), ("q2", "10.0000")], None)
    assert "late" not in disputed(office)  # what it points to turned out to be the same


def paying(id: str, now: str | None, was: str | None = None, on: str = "q1") -> Change:
    """A change of what a payment puts on an invoice of the books."""
    parts = [json.dumps([{"invoice": on, "amount": amount}]) if amount else "[]" for amount in (now, was)]
    action: Action = "create" if was is None else "update"
    before = {} if was is None else {"allocations": parts[1]}
    return Change(
        system="accounting", entity="payment", core_id=id, action=action, before=before, after={"allocations": parts[0]}
    )


HALVES = [paying("a", "30.00"), paying("b", "30.00")]


@pytest.mark.parametrize(
    ("left", "changes", "waits"),
    [
        ("60.00", HALVES, set()),
        ("59.996", HALVES, set()),
        ("59.99", HALVES, {"b"}),
        ("0.00", HALVES, {"a", "b"}),  # the books have them as one: it is not paid again
        ("0.00", [*HALVES, paying("c", None, "60.00")], set()),
        ("0.00", [paying("a", "60.00", "60.00")], set()),
        ("0.00", [paying("a", "60.01", "60.00")], {"a"}),
        ("0.00", [paying("a", "60.00", on="new")], set()),
        (None, HALVES, set()),
    ],
)
def test_a_payment_of_more_than_is_open_in_the_books_waits(
    office: Bench, left: str | None, changes: list[Change], waits: set[str]
) -> None:
    office.take("accounting", [{"id": "q1", "number": "1", "open": left}], resource="bills")
    found = overpaid(office.warehouse, MODEL, "accounting", changes)
    assert set(found) == waits
    assert all("is open; the money may stand there already" in reason for reason in found.values())


def test_the_plan_holds_what_would_pay_an_invoice_twice(office: Bench) -> None:
    """Of two payments of 50.00 on one that has 50.00 open one leaves; the other says why it waits."""
    office.take("accounting", [{"id": "q1", "number": "1", "open": "-10.00"}], resource="bills")
    made = planned(office)
    reasons = [made[name][1] for name in ("whole", "second") if made[name][1] is not None]
    assert [reason[:44] for reason in reasons] == ["would put 50.00 on invoice q1 of accounting,"]


def test_a_person_says_what_a_payment_was_for_by_our_own_ids(office: Bench) -> None:
    ids = {row["source_id"]: row["core_id"] for row in office.rows("SELECT source_id, core_id FROM xref.invoice")}
    told_by_hand = json.dumps([{"invoice": ids["j3"], "amount": "60.0000"}])
    [stray] = office.rows("SELECT core_id FROM core.payment WHERE reference = 'strange'")
    pin = [stray["core_id"], told_by_hand]
    office.warehouse.run(
        "INSERT INTO meta.pins (entity, core_id, field, value) VALUES ('payment', ?, 'allocations', ?)", pin
    )
    office.warehouse.run("INSERT INTO meta.touched_core (entity, core_id) VALUES ('payment', ?)", pin[:1])
    office.decide("payment")
    made, reason = planned(office)["strange"]
    assert (told(made.after), reason) == ([("q3", "60.0000")], None)
