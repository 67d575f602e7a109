"""Handoff: one target system and entity that we write, in a mode, inside a window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from models.change import Mode
from models.conditions import Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoff:
    """What may be written to one system for one entity.

    creates   whether records that the target lacks are made there
    deletes   ``mirror``: what is gone from core is deleted in the target, if we made it; ``off``: never
    starts, ends   UTC instants: only appointments inside are created; None: no bound
    fields    the only fields to write; None: every field the target can take
    """

    system: str
    entity: str
    mode: Mode = "off"
    creates: bool = True
    deletes: Literal["mirror", "off"] = "off"
    starts: datetime | None = None
    ends: datetime | None = None
    fields: tuple[str, ...] | None = None
    conditions: tuple[Condition, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.system}.{self.entity}"
