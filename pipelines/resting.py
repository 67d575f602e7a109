"""Handoffs at rest: a plan that found nothing finds nothing again, until something in the warehouse moves.

Whoever moves what plans are made of (staged rows, identity, core, links) says so in the same transaction: ``stir``.
What else a plan hangs on stands in its text, except for a window: that moves with the clock, and a handoff that has one
is always compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.change import digest

if TYPE_CHECKING:
    from pipelines.warehouse import Warehouse


def stir(warehouse: Warehouse) -> None:
    """Something moves: every handoff is to be compared again."""
    warehouse.run("DELETE FROM meta.resting")


def rests(warehouse: Warehouse, handoff: str, text: str) -> bool:
    """Whether this very text found nothing, and nothing moved since."""
    known = "SELECT count(*) FROM meta.resting WHERE handoff = ? AND hash = ?"
    return bool(warehouse.value(known, [handoff, digest(text)]))


def remember(warehouse: Warehouse, handoff: str, text: str) -> None:
    """The text found nothing."""
    warehouse.run("INSERT INTO meta.resting VALUES (?, ?)", [handoff, digest(text)])
