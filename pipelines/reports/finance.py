"""The finance report: every money table of the published snapshot, with the proof that it adds up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipelines.company import Company
from pipelines.reports.closing import late_changes, late_section
from pipelines.reports.equations import equations
from pipelines.reports.listing import open_money, table
from pipelines.reports.sections import SPECS, Sources, assumed, findings, section
from pipelines.reports.shape import Equation, Report, Section, Source
from pipelines.reports.words import many, money
from pipelines.warehouse import Warehouse

SOURCES = (
    "SELECT entity, core_id, system, source_id, raw_load, read_at FROM source_records "
    "WHERE core_id IS NOT NULL AND deleted_at IS NULL ORDER BY ALL"
)


def finance(company: Company) -> Report:
    """The report as of now; PlumblineError when nothing was published yet."""
    with open_money(company) as warehouse:
        tables = {spec.name: table(warehouse, spec.name) for spec in SPECS}
        tables["money_mismatches"] = table(warehouse, "money_mismatches")
        tables["set_by_hand"] = warehouse.rows(warehouse.statement("money_by_hand"))
        tallies = warehouse.rows(warehouse.statement("money_sources"))
        sources = _sources(warehouse)
        today = warehouse.value("SELECT getvariable('today')")
    proofs = equations(tables, tallies)
    sections = (
        *findings(tables["money_mismatches"], sources),
        *(section(spec, tables[spec.name], sources) for spec in SPECS),
        late_section(late_changes(company), sources, today),
    )
    return Report(
        name="finance",
        title="Finance",
        company=company.stack.company,
        currency=company.stack.currency,
        at=company.clock(),
        verdict=verdict(proofs, sections),
        equations=proofs,
        sections=_ordered(sections),
    )


def _sources(warehouse: Warehouse) -> Sources:
    found: dict[tuple[str, str], list[Source]] = {}
    for row in warehouse.rows(SOURCES):
        one = Source(system=row["system"], source_id=row["source_id"], raw_load=row["raw_load"], read_at=row["read_at"])
        found.setdefault((row["entity"], row["core_id"]), []).append(one)
    return found


def _ordered(sections: Sequence[Section]) -> tuple[Section, ...]:
    """What people decide by first, the long lists behind it last."""
    last = ("money_mismatches", "invoices", "payments")
    return tuple(sorted(sections, key=lambda one: last.index(one.name) if one.name in last else -1))


def verdict(proofs: Sequence[Equation], sections: Sequence[Section]) -> tuple[str, ...]:
    """What an owner wants to know in the first ten seconds."""
    named: Mapping[str, Section] = {one.name: one for one in sections}
    wrong = [one for one in proofs if one.difference]
    added = (
        f"{len(wrong)} of {many(len(proofs), 'check')} do not add up: {', '.join(one.title for one in wrong)}."
        if wrong
        else f"Everything adds up to the cent: {many(len(proofs), 'check')}, no difference."
    )
    urgent = [row.values for row in named["findings"].rows if row.values["urgent"]]
    todo = "; ".join(f"{row['finding'].lower()}: {row['rows']:,} ({money(row['amount'])})" for row in urgent)
    look = f"To look at: {todo}." if todo else "Nothing needs a look."
    told = (
        added,
        named["ageing"].sentence,
        named["unapplied"].sentence,
        assumed([r.values for r in named["payments"].rows]),
    )
    late = named["late_changes"]
    return (*(line for line in told if line), *((late.sentence,) if late.rows else ()), look)
