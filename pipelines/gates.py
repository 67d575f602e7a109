"""Asset checks: what has to hold at each stage, as Dagster shows it; derived from the contracts and run elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dagster import AssetCheckResult, AssetCheckSeverity, AssetCheckSpec, AssetKey, MetadataValue

from models.schema import Entity
from pipelines import keys
from quality.checks import checks_of
from quality.spec import Check, Verdict

if TYPE_CHECKING:  # these open databases, and definitions load without them
    from connectors.reading import ReadReport
    from pipelines.ledger import Counts
    from pipelines.reconcile import Reconciled
    from pipelines.steps import Accounted

READ, ROWS, BOOKS, FREE = "read", "rows_add_up", "books_balance", "no_double_bookings"


def read_spec(key: AssetKey) -> AssetCheckSpec:
    """Whether a resource was read, and is believed. Not blocking: the other systems go on."""
    return AssetCheckSpec(
        READ,
        asset=key,
        description="The newest read ended well and is not suspiciously small. A failed one deletes nothing.",
    )


def read_result(key: AssetKey, report: ReadReport | None, problem: str) -> AssetCheckResult:
    """How a read ended; ``problem`` says why there is no report."""
    error = report.error if report else problem
    numbers = {"rows": report.rows, "deleted": report.deleted, "seconds": report.seconds} if report else {}
    return AssetCheckResult(
        asset_key=key,
        check_name=READ,
        passed=report is not None and report.status == "ok",
        description=error,
        metadata=numbers,
    )


def rows_spec(key: AssetKey) -> AssetCheckSpec:
    """Conservation: every record read is staged or in quarantine."""
    return AssetCheckSpec(
        ROWS, asset=key, description="Rows read = rows staged + rows in quarantine, with a reason each."
    )


def rows_result(key: AssetKey, said: Accounted) -> AssetCheckResult:
    """The rows of this run. Quarantined ones are no failure of it; they are numbers to watch."""
    return AssetCheckResult(
        asset_key=key,
        check_name=ROWS,
        passed=said.read == said.staged + said.quarantined,
        metadata={"read": said.read, "staged": said.staged, "quarantined": said.quarantined},
    )


def books_spec(key: AssetKey) -> AssetCheckSpec:
    """Nothing that was planned is lost: it is delivered, held or rejected."""
    return AssetCheckSpec(BOOKS, asset=key, description="Changes planned = delivered + held + rejected.")


def books_result(key: AssetKey, counts: Counts) -> AssetCheckResult:
    """The books of the run that made the plan."""
    return AssetCheckResult(
        asset_key=key,
        check_name=BOOKS,
        passed=counts.balanced,
        metadata={name: getattr(counts, name) for name in ("planned", "delivered", "held", "rejected")},
    )


def free_spec(key: AssetKey) -> AssetCheckSpec:
    """Nobody is meant to be at two places at once; also what a person did outside is seen here."""
    return AssetCheckSpec(FREE, asset=key, description="No coming appointment meets another one or busy time.")


def free_result(key: AssetKey, said: Mapping[str, int]) -> AssetCheckResult:
    """What waits for a person, as ``looking.overview`` counts it: a double booking is told and stops nothing."""
    return AssetCheckResult(
        asset_key=key,
        check_name=FREE,
        passed=not said["double bookings"],
        severity=AssetCheckSeverity.WARN,
        metadata={"double_bookings": said["double bookings"]},
    )


def contract_specs(entity: Entity) -> tuple[AssetCheckSpec, ...]:
    """An entity's checks, derived from its declaration and from the business; blocking where they keep rows out."""
    return tuple(
        AssetCheckSpec(
            one.name,
            asset=keys.core(entity.name),
            description=one.why,
            blocking=one.severity == "block",
            metadata={"field": one.field, "kind": one.kind},
        )
        for one in checks_of(entity)
    )


def contract_results(entity: Entity, done: Reconciled) -> Iterator[AssetCheckResult]:
    """What the checks said about the rows decided now.

    With nothing decided a check that warns keeps its last result or says what stands, and one that blocks passes:
    records that it keeps out are decided again each time, so there are none.
    """
    for verdict in done.verdicts:
        yield _result(entity, verdict)
    if not done.decided:
        for one in checks_of(entity):
            if one.severity == "block":
                yield _result(entity, Verdict(check=one, outcome="pass"))


def _result(entity: Entity, verdict: Verdict) -> AssetCheckResult:
    return AssetCheckResult(
        asset_key=keys.core(entity.name),
        check_name=verdict.check.name,
        passed=verdict.outcome == "pass",
        severity=_severity(verdict.check),
        description=_sentence(verdict),
        metadata=_numbers(verdict),
    )


def _severity(check: Check) -> AssetCheckSeverity:
    return AssetCheckSeverity.ERROR if check.severity == "block" else AssetCheckSeverity.WARN


def _sentence(verdict: Verdict) -> str:
    if verdict.outcome == "broken":
        return f"The check itself could not be run, which says nothing about the data: {verdict.problem}"
    said = [f"{verdict.violations} of {verdict.rows} changed rows break it."] if verdict.violations else []
    return " ".join(said + ([f"{verdict.standing} records that did not change still do."] if verdict.standing else []))


def _numbers(verdict: Verdict) -> Mapping[str, Any]:
    """Counts, which the UI plots over time, and up to ten violating rows, personal values hidden."""
    numbers: dict[str, Any] = {"rows": verdict.rows, "violations": verdict.violations, "standing": verdict.standing}
    if verdict.examples:
        numbers["examples"] = MetadataValue.md(_markdown(verdict.examples))
    return numbers


def _markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as a Markdown table; a bar inside a value does not end its cell."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, ["---"] * len(names)] + [[str(row.get(name, "")) for name in names] for row in rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
