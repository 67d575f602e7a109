"""Whether the report adds up: each total beside the parts that it must be made of, computed from something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from pipelines.reports.shape import ZERO, Equation
from pipelines.reports.words import NOT_COUNTED, many

Tables = Mapping[str, Sequence[Mapping[str, Any]]]
SHOWN = {"invoice": ("invoices", "total"), "payment": ("payments", "amount"), "payout": ("payouts", "deposited")}


def equations(tables: Tables, tallies: Sequence[Mapping[str, Any]]) -> tuple[Equation, ...]:
    """Every equation of the finance report.

    tables   the rows of the tables by name
    tallies  the rows of ``sql/money_sources.sql``: what each system holds, and what became of it
    """
    return (*_sources(tallies), *_believed(tables, tallies), *_inner(tables))


def _sources(tallies: Sequence[Mapping[str, Any]]) -> list[Equation]:
    """What a system holds = what the report counts of it + what it does not count, by reason."""
    found = []
    for entity, system in sorted({(row["entity"], row["system"]) for row in tallies}):
        mine = [row for row in tallies if (row["entity"], row["system"]) == (entity, system)]
        held = many(sum(row["records"] for row in mine), entity)
        parts = [(_reason(row["reason"], row["records"], entity), row["shown"]) for row in mine]
        found.append(
            Equation(title=f"{system} holds {held}", total=_sum(mine, "held"), parts=tuple(sorted(parts, reverse=True)))
        )
    return found


def _reason(reason: str, records: int, entity: str) -> str:
    said = "counted in this report" if reason == "counted" else NOT_COUNTED[reason]
    return f"{many(records, entity)} {said}"


def _believed(tables: Tables, tallies: Sequence[Mapping[str, Any]]) -> list[Equation]:
    """What the report counts = what it counts of each system + what a person set by hand."""
    found = []
    for entity, (table, column) in SHOWN.items():
        mine = [row for row in tallies if row["entity"] == entity and row["reason"] == "counted"]
        by_hand = [row for row in tables["set_by_hand"] if row["entity"] == entity]
        if tables[table]:
            parts = [(f"of {row['system']}", row["shown"]) for row in mine] + [("set by hand", _sum(by_hand, "amount"))]
            title = f"This report counts {many(len(tables[table]), entity)}"
            found.append(Equation(title=title, total=_sum(tables[table], column), parts=tuple(parts)))
    return found


def _inner(tables: Tables) -> list[Equation]:
    """What holds between the sections."""
    billed, received = _sum(tables["invoices"], "total"), _sum(tables["payments"], "amount")
    odd = {name: _sum([r for r in tables["money_mismatches"] if r["finding"] == name], "amount") for name in _ODD}
    paid, credited = _sum(tables["payments"], "applied"), _sum(tables["invoices"], "credited")
    spent = (
        ("paid by payments", paid),
        ("taken off by credit notes", credited),
        ("still open", _sum(tables["ageing"], "open")),
        ("settled otherwise, as the balance says", odd["balance_differs"]),
        ("less what was paid beyond the total", -odd["overpaid"]),
    )
    used = (
        ("to invoices", paid),
        ("to invoices that are not counted", odd["paid_without_invoice"]),
        ("not applied", _sum(tables["unapplied"], "unapplied")),
        ("payments that do not add up", odd["payment_does_not_add_up"]),
    )
    owed = (("billed", billed), ("less credited", -credited), ("less received", -received))
    found = [
        Equation(title="Billed", total=billed, parts=spent),
        Equation(title="Received", total=received, parts=used),
        Equation(title="Open by customer", total=_sum(tables["receivables"], "open"), parts=owed),
    ]
    for name in ("revenue_by_month", "revenue_by_business_unit", "revenue_by_technician"):
        title = name.replace("_", " ").capitalize()
        found.append(Equation(title=title, total=_sum(tables[name], "total"), parts=(("every invoice", billed),)))
    return found + _payouts(tables, odd["payout_differs"] + odd["payout_without_lines"])


_ODD = (
    *("balance_differs", "overpaid", "paid_without_invoice", "payment_does_not_add_up"),
    *("payout_differs", "payout_without_lines"),
)


def _payouts(tables: Tables, odd: Decimal) -> list[Equation]:
    rows = tables["payouts"]
    parts = [(name, _sum(rows, name)) for name in ("payments", "fees", "refunds", "adjustments")]
    return (
        [Equation(title="Deposited", total=_sum(rows, "deposited"), parts=(*parts, ("not explained", odd)))]
        if rows
        else []
    )


def _sum(rows: Sequence[Mapping[str, Any]], column: str) -> Decimal:
    return sum((row[column] for row in rows if row[column] is not None), ZERO)
