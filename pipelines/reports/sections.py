"""The sections of the finance report: the rows of each table, the words above them, and where their rows lead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from pipelines.reports.shape import ZERO, Bar, Column, Drill, Kind, Row, Section, Source
from pipelines.reports.words import COLUMNS, MISMATCHES, finding, many, money, within

Rows = Sequence[Mapping[str, Any]]
Sources = Mapping[tuple[str, str], Sequence[Source]]
AGES = {"current": "not due yet", "1–30": "1–30 days late", "31–60": "31–60", "61–90": "61–90", "over 90": "over 90"}


def _sum(rows: Rows, column: str) -> Decimal:
    return sum((row[column] for row in rows if row[column] is not None), ZERO)


def _owed(rows: Rows) -> str:
    late = [row for row in rows if row["age"] != "current"]
    overdue = f"{money(_sum(late, 'open'))} of it, on {many(len(late), 'invoice')}, is past its due date"
    return f"{money(_sum(rows, 'open'))} is still open on {many(len(rows), 'invoice')}; {overdue}."


def _by_customer(rows: Rows) -> str:
    owing = [row for row in rows if row["open"] > 0]
    ahead = [row for row in rows if row["open"] < 0]
    return (
        f"{many(len(owing), 'customer')} of {len(rows):,} owe {money(_sum(owing, 'open'))}; "
        f"{many(len(ahead), 'customer')} paid {money(-_sum(ahead, 'open'))} more than was billed."
    )


def _left_over(rows: Rows) -> str:
    old = max((row["days_old"] for row in rows if row["days_old"] is not None), default=0)
    left = f"{money(_sum(rows, 'unapplied'))} of {many(len(rows), 'payment')}"
    return f"{left} settles no invoice; the oldest is {many(old, 'day')} old."


def _billed(rows: Rows) -> str:
    return f"{money(_sum(rows, 'total'))} was billed on {many(sum(row['invoices'] for row in rows), 'invoice')}."


def _by_technician(_: Rows) -> str:
    return (
        "An invoice is shared among those who were sent to its job, by the number of their visits, in whole cents; "
        "cents left over go to the largest remainders. An invoice of several counts for each of them."
    )


def _pace(what: str) -> Callable[[Rows], str]:
    def sentence(rows: Rows) -> str:
        days = [row["days"] for row in rows]
        half, most = within(days, Decimal("0.5")), within(days, Decimal("0.9"))
        return (
            f"Half of the {many(len(days), what)} within {many(half, 'day')}, nine of ten within {many(most, 'day')}."
        )

    return sentence


def _sent_to_bank(rows: Rows) -> str:
    return (
        f"{money(_sum(rows, 'deposited'))} reached the bank in {many(len(rows), 'payout')}: "
        f"{money(_sum(rows, 'payments'))} of payments, {money(_sum(rows, 'fees'))} of fees, "
        f"{money(_sum(rows, 'refunds'))} of refunds, {money(_sum(rows, 'adjustments'))} of adjustments; "
        f"{money(_sum(rows, 'difference'))} is not explained."
    )


def _disputed(rows: Rows) -> str:
    return (
        f"Systems disagree about {many(len(rows), 'value')} that touch money. The rule decides; the loser stands here."
    )


def _received(rows: Rows) -> str:
    return f"{money(_sum(rows, 'amount'))} was received in {many(len(rows), 'payment')}. {assumed(rows)}"


def assumed(payments: Rows) -> str:
    """How payments are applied that do not say it themselves; empty when all of them say it."""
    silent = [row for row in payments if row["applied_by"] != "told"]
    if not silent:
        return ""
    what = f"{money(_sum(silent, 'amount'))} of {many(len(silent), 'payment')}"
    return f"{what} comes without a word about what it is for; it is set against each customer's oldest invoices."


def _listed(noun: str) -> Callable[[Rows], str]:
    return lambda rows: f"{many(len(rows), noun)}, each with the records that it comes from."


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A section to be made of one table: its words, what it says when there is no row, and where its lines lead."""

    name: str
    title: str
    sentence: Callable[[Rows], str]
    empty: str
    columns: tuple[str, ...]
    drill: Drill | None = None
    bars: tuple[str, str] | None = None


SPECS = (
    Spec(
        name="ageing",
        title="Who owes us, and since when",
        sentence=_owed,
        empty="Nobody owes anything.",
        columns=(
            "number",
            "customer",
            "issued_on",
            "due_on",
            "days_overdue",
            "age",
            "total",
            "paid",
            "credited",
            "open",
        ),
    ),
    Spec(
        name="receivables",
        title="By customer",
        sentence=_by_customer,
        empty="Nobody was billed and nobody paid.",
        columns=("customer", "invoices", "billed", "credited", "payments_made", "paid", "open"),
        drill=Drill(key="customer", section="invoices", column="customer"),
    ),
    Spec(
        name="unapplied",
        title="Money received that settles nothing",
        sentence=_left_over,
        empty="Every payment is applied in full.",
        columns=("reference", "customer", "received_on", "days_old", "amount", "applied", "unapplied"),
    ),
    Spec(
        name="revenue_by_month",
        title="Revenue by month",
        sentence=_billed,
        empty="Nothing was billed.",
        columns=("month", "invoices", "net", "tax", "total"),
        drill=Drill(key="month", section="invoices", column="month"),
        bars=("month", "total"),
    ),
    Spec(
        name="revenue_by_business_unit",
        title="Revenue by business unit",
        sentence=_billed,
        empty="Nothing was billed.",
        columns=("business_unit", "invoices", "net", "tax", "total"),
        drill=Drill(key="business_unit", section="invoices", column="business_unit"),
        bars=("business_unit", "total"),
    ),
    Spec(
        name="revenue_by_technician",
        title="Revenue by technician",
        sentence=_by_technician,
        empty="Nothing was billed.",
        columns=("technician", "invoices", "total"),
        drill=Drill(key="technician", section="invoices", column="technicians"),
        bars=("technician", "total"),
    ),
    Spec(
        name="time_to_invoice",
        title="From finished work to the invoice",
        sentence=_pace("invoice"),
        empty="No invoice names a finished job.",
        columns=("number", "customer", "job", "completed_on", "issued_on", "days", "total"),
    ),
    Spec(
        name="time_to_payment",
        title="From the invoice to the money",
        sentence=_pace("settled invoice"),
        empty="No invoice is settled yet.",
        columns=("number", "customer", "issued_on", "last_paid_on", "days", "total"),
    ),
    Spec(
        name="payouts",
        title="Deposits and payouts",
        sentence=_sent_to_bank,
        empty="No connected system reports payouts.",
        columns=(
            "reference",
            "arrived_on",
            "status",
            "payments",
            "fees",
            "refunds",
            "adjustments",
            "deposited",
            "difference",
        ),
    ),
    Spec(
        name="money_conflicts",
        title="Where systems disagree about money",
        sentence=_disputed,
        empty="No two systems disagree about money.",
        columns=(
            "kind",
            "field",
            "winner",
            "winner_value",
            "loser",
            "loser_value",
            "difference",
            "cause",
            "rule",
            "since",
        ),
    ),
    Spec(
        name="invoices",
        title="Every invoice that counts",
        sentence=_listed("invoice"),
        empty="There is none.",
        columns=(
            *("number", "customer", "job", "issued_on", "due_on", "month", "business_unit", "technicians", "status"),
            *("subtotal", "tax", "total", "paid", "credited", "open"),
        ),
    ),
    Spec(
        name="payments",
        title="Every payment that counts",
        sentence=_received,
        empty="There is none.",
        columns=(
            "reference",
            "customer",
            "received_on",
            "method",
            "applied_by",
            "amount",
            "applied",
            "elsewhere",
            "unapplied",
        ),
    ),
)


def section(spec: Spec, rows: Rows, sources: Sources) -> Section:
    """The section of one table."""
    lines = tuple(_line(spec.columns, row, sources) for row in rows)
    return Section(
        name=spec.name,
        title=spec.title,
        sentence=spec.sentence(rows) if rows else spec.empty,
        columns=columns_of(spec.columns),
        rows=lines,
        drill=spec.drill,
        bars=_bars(rows, *spec.bars) if spec.bars else age_bars(rows) if spec.name == "ageing" else (),
    )


def columns_of(names: Sequence[str]) -> tuple[Column, ...]:
    return tuple(COLUMNS[name] for name in names)


def _line(columns: Sequence[str], row: Mapping[str, Any], sources: Sources) -> Row:
    entity, core_id = row.get("entity"), row.get("core_id")
    values = {name: row["entity" if name == "kind" else name] for name in columns}
    return Row(values=values, entity=entity, core_id=core_id, sources=sources.get((str(entity), str(core_id)), ()))


def _bars(rows: Rows, label: str, amount: str) -> tuple[Bar, ...]:
    return tuple(Bar(label=row[label], length=row[amount], text=money(row[amount])) for row in rows)


def age_bars(rows: Rows) -> tuple[Bar, ...]:
    """What is open, by how long it has been due; every age has its bar."""
    sums = {age: _sum([row for row in rows if row["age"] == age], "open") for age in AGES}
    return tuple(Bar(label=AGES[age], length=amount, text=money(amount)) for age, amount in sums.items())


def findings(rows: Rows, sources: Sources) -> tuple[Section, Section]:
    """What does not match, by kind with the remedy, and each case of it."""
    counted = Counter(row["finding"] for row in rows)
    kinds = sorted(counted, key=lambda name: (not finding(name).urgent, finding(name).title))
    lines = tuple(
        Row(
            values={
                "finding": finding(name).title,
                "rows": counted[name],
                "amount": _sum([row for row in rows if row["finding"] == name], "amount"),
                "meaning": finding(name).meaning,
                "remedy": finding(name).remedy,
                "urgent": finding(name).urgent,
            }
        )
        for name in kinds
    )
    names = ("finding", "kind", "record", "customer", "happened_on", "days_old", "amount")
    cases = tuple(_line(names, row | {"finding": finding(row["finding"]).title}, sources) for row in map(dict, rows))
    columns = tuple(replace(column, total=False) for column in columns_of(names))
    apart = replace(COLUMNS["amount"], total=False)  # amounts of different kinds of findings say nothing together
    return (
        Section(
            name="findings",
            title="What does not match",
            sentence="Jobs, invoices and payments were laid against each other. What needs a look comes first.",
            columns=(*columns_of(("finding", "rows")), apart, *columns_of(("meaning", "remedy"))),
            rows=lines,
            drill=Drill(key="finding", section="money_mismatches", column="finding"),
        ),
        Section(
            name="money_mismatches",
            title=MISMATCHES,
            sentence=f"{many(len(rows), 'case')}; a record stands here once for each thing that is odd about it.",
            columns=columns,
            rows=cases,
        ),
    )


def generic(name: str, rows: Rows) -> Section:
    """The section of a report that nobody wrote words for: the columns as they come, kinds by their values."""
    columns = tuple(
        Column(name=key, title=key.replace("_", " "), kind=_kind(rows, key)) for key in (rows[0] if rows else ())
    )
    title = name.replace("_", " ").capitalize()
    lines = tuple(Row(values=row) for row in rows)
    return Section(name=name, title=title, sentence=many(len(rows), "row") + ".", columns=columns, rows=lines)


def _kind(rows: Rows, column: str) -> Kind:
    value = next((row[column] for row in rows if row[column] is not None), None)
    if isinstance(value, bool) or not isinstance(value, Decimal | int | date):
        return "text"
    return "money" if isinstance(value, Decimal) else "count" if isinstance(value, int) else "date"
