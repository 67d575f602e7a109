"""The command ``plumbline whatif``: what other ownership rules would cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.errors import StackError
from pipelines import show

if TYPE_CHECKING:
    from models.ownership import Ownership
    from pipelines.whatif import WhatIf, WriteChange

CORE = ["entity", "core_id", "field", "old", "old_from", "new", "new_from"]
WRITES = ["effect", "handoff", "mode", "action", "core_id", "target_id", "before", "after", "instead_of", "held"]
CONFLICTS = ["effect", "entity", "core_id", "field", "winner", "winner_value", "loser", "loser_value"]

SPARSE = ("instead_of", "held")  # shown only where a row has one


def whatif(
    rules: Annotated[list[str], typer.Option("--set", help="KEY=RULE as in stack.yml; may be given several times.")],
    stack: Annotated[Path, typer.Option("--stack", help="The company's stack.yml.", envvar="PLUMBLINE_STACK")] = Path(
        "stack.yml"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print data as JSON.")] = False,
    limit: Annotated[int, typer.Option(help="At most so many rows of each table.")] = 50,
) -> None:
    """Show every core value and every write that other ownership rules would cause; nothing is written."""
    from pipelines.checks import check
    from pipelines.company import assemble
    from pipelines.settings import load
    from pipelines.whatif import whatif as predict

    said = predict(assemble(load(stack)), parse(rules), check=check)
    if as_json:
        show.as_json(asdict(said))
    else:
        display(said, limit)


def parse(texts: Sequence[str]) -> dict[str, Ownership]:
    """``customer.phone=prefer: [hubspot, jobber]`` -> key and rule; StackError for anything else."""
    from pipelines.rulings import parse_rule

    found: dict[str, Ownership] = {}
    for text in texts:
        key, sign, rule = (part.strip() for part in text.partition("="))
        if not (key and sign and rule):
            raise StackError(f"--set {text!r} is no rule; write --set customer.phone='prefer: [hubspot, jobber]'")
        if key in found:
            raise StackError(f"--set {key} is given twice; give it once")
        found[key] = parse_rule(key, rule)
    return found


def display(said: WhatIf, limit: int) -> None:
    """The answer as people read it: the rules, then a table for each kind of effect, with counts."""
    for rule in said.rules:
        show.out.print(f"{rule.key}: {rule.present} → {rule.asked}", markup=False)
    if said.nothing:
        show.out.print("This would change nothing: no core value, no write, no conflict.")
        return
    show.out.print(summary(said))
    parts = (
        ("Core values", [asdict(change) for change in said.core], CORE),
        ("Writes", [_row(write) for write in said.writes], WRITES),
        ("Conflicts", [asdict(change) for change in said.conflicts], CONFLICTS),
    )
    for title, rows, columns in parts:
        told = [name for name in columns if name not in SPARSE or any(row[name] for row in rows)]
        show.table(title, rows[:limit], told)
        if len(rows) > limit:
            show.out.print(f"… and {len(rows) - limit} more; --limit shows them, --json all")
    for entity, names in said.blocked.items():
        show.err.print(f"[yellow]{entity}[/yellow] would be blocked by its checks and stay as it is: {names}")
    for handoff, reason in said.waits.items():
        show.err.print(f"[yellow]{handoff}[/yellow] would wait: {reason}")


def _row(write: WriteChange) -> dict[str, Any]:
    return asdict(write) | {"instead_of": dict(write.instead_of.after) if write.instead_of else None}


def summary(said: WhatIf) -> str:
    """The counts in one line."""
    effects = Counter(write.effect for write in said.writes)
    shadow = sum(write.mode == "shadow" for write in said.writes)
    records = len({(change.entity, change.core_id) for change in said.core})
    opened = sum(change.effect == "opened" for change in said.conflicts)
    parts = [
        f"{_count(len(said.core), 'core value')} of {_count(records, 'record')}",
        f"{_count(effects['added'], 'write')} added, {effects['altered']} altered, {effects['dropped']} dropped"
        + (f" ({shadow} of these in shadow: not sent)" if shadow else ""),
        f"{_count(opened, 'conflict')} opened, {len(said.conflicts) - opened} settled",
    ]
    return " · ".join(parts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def add(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(whatif)
