"""Random bills, payments and crews: every total of the report against arithmetic that shares nothing with the SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.entities import ENTITIES
from models.fields import money, ref, text
from models.schema import Binding, Map, Model
from pipelines.reports.equations import equations
from pipelines.reports.listing import lay_money, table
from pipelines.reports.sections import SPECS
from pipelines.warehouse import Warehouse, prepare

TODAY = date(2026, 3, 11)
BOOKS = Binding(
    name="books",
    roles=("accounting",),
    maps=(
        Map("invoices", to="invoice", id="id", fields={"customer": ref("customer"), "total": money("total")}),
        Map("payments", to="payment", id="id", fields={"customer": ref("customer"), "amount": money("amount")}),
        Map("payouts", to="payout", id="id", fields={"reference": text("reference")}),
    ),
)
MODEL = Model(entities=ENTITIES, bindings=(BOOKS,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    customer: int
    cents: int
    due_in: int  # days from today
    status: str
    visits: tuple[int, ...]  # of technician 0, 1, 2 to its job


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    customer: int
    cents: int
    age: int
    parts: tuple[tuple[int, int], ...] | None  # (bill, cents); None: it does not say what it was for


bills = st.lists(
    st.builds(
        Bill,
        customer=st.integers(0, 2),
        cents=st.integers(0, 100_000),
        due_in=st.sampled_from([-200, -91, -90, -61, -60, -31, -30, -1, 0, 1, 40]),
        status=st.sampled_from(["open", "open", "open", "paid", "draft", "void"]),
        visits=st.tuples(*[st.integers(0, 3)] * 3),
    ),
    max_size=7,
)
parts = st.one_of(st.none(), st.lists(st.tuples(st.integers(0, 8), st.integers(1, 60_000)), max_size=3).map(tuple))
payments = st.lists(
    st.builds(Paid, customer=st.integers(0, 2), cents=st.integers(1, 120_000), age=st.integers(0, 300), parts=parts),
    max_size=7,
)

credits = st.lists(st.tuples(st.integers(0, 8), st.integers(1, 60_000)), max_size=3)


@pytest.fixture(scope="module")
def warehouse() -> Iterator[Warehouse]:
    found = Warehouse(":memory:")
    prepare(found, MODEL)
    yield found
    found.close()


def dollars(cents: int) -> Decimal:
    return Decimal(cents) / 100


def put(warehouse: Warehouse, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    schema, _, name = table.partition(".")
    warehouse.run(f'DELETE FROM {schema}."{name}"')  # noqa: S608 - our own table
    if rows:
        names = ", ".join(f'"{key}"' for key in rows[0])
        warehouse.insert_many(f'{schema}."{name}" ({names})', [list(row.values()) for row in rows])


def lay(
    warehouse: Warehouse, billed: Sequence[Bill], paid: Sequence[Paid], credited: Sequence[tuple[int, int]] = ()
) -> None:
    """The company's canonical tables, as a sync would have left them."""
    at = TODAY - timedelta(days=5)
    invoices = [
        {"core_id": f"inv_{n}", "number": str(n), "customer": f"cus_{b.customer}", "job": f"job_{n}",
         "status": b.status, "issued_on": at, "due_on": TODAY + timedelta(days=b.due_in), "currency": "USD",
         "total": dollars(b.cents),
         "total__from": "books"} for n, b in enumerate(billed)]  # fmt: skip
    received = [
        {"core_id": f"pay_{n}", "customer": f"cus_{p.customer}", "received_on": TODAY - timedelta(days=p.age),
         "amount": dollars(p.cents), "amount__from": "books", "currency": "USD", "allocations__from": "books",
         "allocations": None if p.parts is None else allocations(p.parts),
         "unapplied": None if p.parts is None else dollars(p.cents - sum(c for _, c in p.parts))}
        for n, p in enumerate(paid)]  # fmt: skip
    for entity, rows, amount in (("invoice", invoices, "total"), ("payment", received, "amount")):
        ids = [(row["core_id"], row["core_id"][4:], row[amount]) for row in rows]
        put(warehouse, f"core.{entity}", rows)
        put(warehouse, f"xref.{entity}", [{"core_id": c, "system": "books", "source_id": s} for c, s, _ in ids])
        put(warehouse, f"staged.books__{entity}", [{"source_id": s, amount: value} for _, s, value in ids])
    notes = [
        {"core_id": f"crn_{n}", "status": "open", "allocations__from": "books", "allocations": allocations([one])}
        for n, one in enumerate(credited)
    ]
    put(warehouse, "core.credit_note", notes)
    visits = [(n, who, v) for n, b in enumerate(billed) for who, times in enumerate(b.visits) for v in range(times)]
    put(warehouse, "core.technician", [{"core_id": f"tec_{who}", "name": f"T{who}"} for who in range(3)])
    put(warehouse, "core.job", [{"core_id": f"job_{n}", "status": "scheduled"} for n in range(len(billed))])
    put(warehouse, "core.appointment", [{"core_id": f"v{n}-{w}-{v}", "job": f"job_{n}"} for n, w, v in visits])
    goes = [
        {"core_id": f"a{n}-{w}-{v}", "appointment": f"v{n}-{w}-{v}", "technician": f"tec_{w}"} for n, w, v in visits
    ]
    put(warehouse, "core.assignment", goes)
    lay_money(warehouse, MODEL, TODAY)


def allocations(given: Sequence[tuple[int, int]]) -> str:
    listed = ", ".join(f'{{"invoice": "{bill}", "amount": "{dollars(cents)}"}}' for bill, cents in given)
    return f"[{listed}]"


# --- the same by hand ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """By hand: what is open of each bill, and what is left over of each payment."""

    open: Mapping[int, int]
    left: Mapping[int, int]


def by_hand(billed: Sequence[Bill], paid: Sequence[Paid], credited: Sequence[tuple[int, int]]) -> Expected:
    """What is told first; then what says nothing, oldest first, each to the oldest bills of its customer."""
    counted = {n: b for n, b in enumerate(billed) if b.status not in ("draft", "void")}
    told: dict[int, int] = defaultdict(int)
    for p in paid:
        for bill, cents in p.parts or ():
            told[bill] += cents
    for bill, cents in credited:
        told[bill] += cents
    owing = {n: max(0, b.cents - told[n]) for n, b in counted.items()}
    left: dict[int, int] = {}
    for n, p in sorted(enumerate(paid), key=lambda pair: (-pair[1].age, f"pay_{pair[0]}")):
        rest = p.cents - sum(cents for _, cents in p.parts or ())
        if not p.parts:
            rest = p.cents
        if p.parts is None:
            for bill in sorted(owing, key=lambda n: (counted[n].due_in, f"inv_{n}")):
                if counted[bill].customer == p.customer:
                    used = min(rest, owing[bill])
                    owing[bill] -= used
                    rest -= used
        left[n] = rest
    return Expected(open=owing, left=left)


def shares(billed: Sequence[Bill]) -> dict[str, Decimal]:
    """Each bill in whole cents by visits, largest remainders first; exact fractions."""
    sums: dict[str, int] = defaultdict(int)
    for bill in billed:
        if bill.status in ("draft", "void"):
            continue
        if not sum(bill.visits):
            sums["(no technician)"] += bill.cents
            continue
        exact = {who: Fraction(bill.cents * times, sum(bill.visits)) for who, times in enumerate(bill.visits) if times}
        whole = {who: int(share) for who, share in exact.items()}
        ranked = sorted(exact, key=lambda who: (whole[who] - exact[who], who))
        for who in ranked[: bill.cents - sum(whole.values())]:
            whole[who] += 1
        for who, cents in whole.items():
            sums[f"T{who}"] += cents
    return {name: dollars(cents) for name, cents in sums.items()}


def age(due_in: int) -> str:
    return next(name for limit, name in ((0, "current"), (30, "1–30"), (60, "31–60"), (90, "61–90"), (9999, "over 90"))
                if -due_in <= limit)  # fmt: skip


@settings(max_examples=20)
@given(billed=bills, paid=payments, credited=credits)
def test_totals_equal_arithmetic_by_hand(
    warehouse: Warehouse, billed: list[Bill], paid: list[Paid], credited: list[tuple[int, int]]
) -> None:
    lay(warehouse, billed, paid, credited)
    expected = by_hand(billed, paid, credited)
    found = {spec.name: table(warehouse, spec.name) for spec in SPECS}
    owed = {int(row["number"]): (row["open"], row["age"]) for row in found["ageing"]}
    assert owed == {n: (dollars(cents), age(billed[n].due_in)) for n, cents in expected.open.items() if cents}
    left = {int(row["core_id"][4:]): row["unapplied"] for row in found["unapplied"]}
    assert left == {n: dollars(cents) for n, cents in expected.left.items() if cents}
    assert {row["technician"]: row["total"] for row in found["revenue_by_technician"]} == shares(billed)
    check_equations(warehouse, found)


def test_a_credit_that_is_left_is_told(warehouse: Warehouse) -> None:
    lay(warehouse, [], [])
    states = {"CN-1": "open", "CN-2": "used", "CN-3": "void"}
    notes = [
        {"core_id": f"crn_{number}", "number": number, "status": state, "remaining": 0 if state == "used" else 15}
        for number, state in states.items()
    ]
    put(warehouse, "core.credit_note", notes)
    told = [row for row in table(warehouse, "money_mismatches") if row["finding"] == "credit_left"]
    assert [(row["record"], row["amount"]) for row in told] == [("CN-1", Decimal(15))]


def check_equations(warehouse: Warehouse, found: dict[str, list[dict[str, Any]]]) -> None:
    """Whatever the data, each total is explained to the cent."""
    odd = {"money_mismatches": table(warehouse, "money_mismatches"), "set_by_hand": []}
    proofs = equations(found | odd, warehouse.rows(warehouse.statement("money_sources")))
    assert {one.title: one.difference for one in proofs if one.difference} == {}
