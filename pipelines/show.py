"""What people see on a terminal: tables and sentences, from the same plain values that ``--json`` prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from models.change import to_json

CHECKED = ("check", "severity", "outcome", "violations", "rows", "standing", "why")
WIDE = 140  # columns where there is no terminal to ask


def _console(stream: TextIO, *, stderr: bool) -> Console:
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else WIDE)


out = _console(sys.stdout, stderr=False)
err = _console(sys.stderr, stderr=True)


def as_json(data: Any) -> None:
    """Print data as JSON on standard output, nothing else."""
    print(json.dumps(to_json(data), ensure_ascii=False, indent=2, default=str))  # noqa: T201 - this is the output


def table(
    title: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str] | None = None, empty: str = "none"
) -> None:
    """A table of plain rows; a sentence when there are none."""
    if not rows:
        out.print(f"{title}: {empty}")
        return
    names = list(columns or rows[0])
    grid = Table(title=title, title_justify="left", title_style="bold", header_style="dim", pad_edge=False)
    for name in names:
        right = all(isinstance(row.get(name), int | float) for row in rows)
        grid.add_column(name.replace("_", " "), justify="right" if right else "left", overflow="fold")
    for row in rows:
        grid.add_row(*[Text(plain(row.get(name))) for name in names])
    out.print(grid)


def plain(value: Any) -> str:
    """A value as people read it."""
    if value is None:
        return "–"
    shown = to_json(value)
    if isinstance(shown, list) and all(isinstance(part, str) for part in shown):
        return ", ".join(shown) or "–"
    return shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False, default=str)


def sync(said: Mapping[str, Any]) -> None:
    """The account of a sync: one table per stage."""
    systems = [{"system": name, **values} for name, values in said["systems"].items()]
    table("Read and staged", systems, ["system", "read", "staged", "quarantined", "status"])
    for row in systems:
        if "error" in row:
            said_by = f"{row['system']}: "
            err.print(f"[red]{row['system']}[/red]: {row['error'].removeprefix(said_by)}")
    if said["drift"]:
        table("Drift", said["drift"])
    table("Core", [{"entity": name, "records": count} for name, count in said["core"].items()])
    if said["checks"]:
        table("Checks that did not pass", said["checks"], CHECKED)
    names = ["handoff", "mode", "creates", "updates", "deletes", "delivered", "held", "rejected"]
    table("Plan and push", said["handoffs"], names, empty="no handoff is on")
    for row in said["handoffs"]:
        if row["hold"]:
            err.print(f"[yellow]{row['handoff']}[/yellow] waits: {row['hold']}")
    found = f"{said['conflicts']} open conflicts · {said['double_bookings']} double bookings"
    out.print(f"{found} · {said['seconds']} s · {said['run']}")


def story(said: Mapping[str, Any]) -> None:
    """Why a record's fields have their values."""
    out.print(f"[bold]{said['entity']} {said['core_id']}[/bold]" + (" (deleted)" if said["deleted_at"] else ""))
    table("Source records", said["records"], ["system", "source_id", "changed_at", "raw_load"])
    for field in said["fields"]:
        _field(field)


def _field(field: Mapping[str, Any]) -> None:
    out.print(f"\n[bold]{field['field']}[/bold] = {plain(field['value'])}")
    where = f"{field['system']} {field['source_id'] or ''}".strip() if field["system"] else "nobody"
    out.print(f"  from {where}, rule {field['rule']}, loaded {plain(field['loaded_at'])} in {field['raw_load'] or '–'}")
    if field["override"]:
        pin = field["override"]
        out.print(f"  overridden by {pin['who']}: {pin['why']}")
    for lost in field["losers"]:
        out.print(f"  {lost['system']} said {plain(lost['value'])} ({lost['state']}, {lost['rule']})")
    for write in field["written"]:
        kept = "" if write["pushed"] == write["read_back"] else f", kept there as {plain(write['read_back'])}"
        out.print(f"  written to {write['system']} {write['target_id']} at {plain(write['at'])}{kept}")
    for event in field["events"][:5]:
        out.print(f"  {plain(event['at'])}: {plain(event['old'])} → {plain(event['new'])} ({event['source'] or '–'})")
