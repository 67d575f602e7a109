"""Header and detail in two files: the rows of the second become lists inside the rows of the first.

    resources:
      orders: {path: orders.csv, id: orderNumber, nest: {lines: {path: orderdetails.csv, id: orderNumber}}}

``id`` of a nested file names the columns that hold the outer row's id. A detail row that cannot be read, or that
belongs to no outer row, is a broken row of the resource: it is set aside with that reason, never dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from connectors.files.rows import PROBLEM, ROW, broken
from connectors.spec import Record

Key = Callable[[Record], str | None]
Rows = Callable[[], Iterator[Record]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nest:
    """One detail file: the key under which its rows stand, how to read them, and the outer row they belong to."""

    name: str
    rows: Rows
    key: Key


def nested(outer: Iterator[Record], key: Key, nests: Mapping[str, Nest]) -> Iterator[Record]:
    """The outer rows with their details; then what of the details could not be placed."""
    waiting = {name: _grouped(nest) for name, nest in nests.items()}
    used: dict[str, set[str]] = {name: set() for name in nests}
    for row in outer:
        own = None if PROBLEM in row else key(row)
        found = {name: waiting[name][0].get(own or "", []) for name in nests}
        for name in nests:
            used[name].add(own or "")
        yield row if PROBLEM in row else {**row, **found}
    for name, (groups, problems) in waiting.items():
        yield from problems
        for own in groups.keys() - used[name]:
            for row in groups[own]:
                yield broken(f"{name}, {row.get(ROW) or own}", f"there is no row {own!r} that it belongs to", dict(row))


def _grouped(nest: Nest) -> tuple[dict[str, list[Record]], list[Record]]:
    """Detail rows by the id of their outer row, and those that cannot be read or name none."""
    groups: dict[str, list[Record]] = {}
    problems: list[Record] = []
    for row in nest.rows():
        own = None if PROBLEM in row else nest.key(row)
        if PROBLEM in row:
            problems.append(row)
        elif own is None:
            problems.append(broken(str(row.get(ROW) or nest.name), "it names no row that it belongs to", dict(row)))
        else:
            groups.setdefault(own, []).append(row)
    return groups, problems
