"""Change, Plan, Receipt: what is to be written, what was approved, and the proof that it was done.

All three are frozen and carry canonical values; ``to_json`` gives the one textual form that is
hashed, stored and shown.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Literal

Action = Literal["create", "update", "delete"]
Mode = Literal["off", "shadow", "review", "live"]
MODES: tuple[Mode, ...] = ("off", "shadow", "review", "live")
Value = Any  # str, int, Decimal, bool, datetime (UTC, naive), date, list, or None

EMPTY: Mapping[str, Any] = MappingProxyType({})
# Most values are these, and asking whether each is a mapping takes longer than all the rest.
_PLAIN = frozenset((str, int, bool, float))


def to_json(value: Any) -> Any:
    """A JSON value for a canonical one: decimals and times become text, always spelled the same way."""
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): to_json(v) for k, v in value.items()}
    return [to_json(v) for v in value] if isinstance(value, list | tuple) else value


def digest(*parts: Any, length: int = 24) -> str:
    """A hash of the canonical form of the parts, ``length`` hex digits of SHA-256."""
    text = json.dumps(to_json(parts), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:length]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why one field of a change has its value: the source record version and the rule that chose it."""

    system: str | None
    source_id: str | None
    load: str | None
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One create, update or delete of one target record.

    before   the target's values of the changed fields as last observed
    after    the values these fields shall have; empty for a delete
    desired  everything the target can take, for bodies that are written whole
    refs     reference field -> the target system's own id of that record
    version  the target version the change was planned against (ETag, SyncToken), when there is one
    cause    field -> why
    starts   the UTC instant of the appointment it touches, for priority; None otherwise
    """

    system: str
    entity: str
    core_id: str
    action: Action
    target_id: str | None = None
    version: str | None = None
    before: Mapping[str, Value] = field(default_factory=lambda: EMPTY)
    after: Mapping[str, Value] = field(default_factory=lambda: EMPTY)
    desired: Mapping[str, Value] = field(default_factory=lambda: EMPTY)
    refs: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    cause: Mapping[str, Cause] = field(default_factory=lambda: EMPTY)
    starts: datetime | None = None
    _id: str = field(default="", init=False, compare=False, repr=False)

    @property
    def id(self) -> str:
        """Content hash: the same change planned twice has the same id."""
        if not self._id:  # asked for some twenty times on its way to a receipt
            parts = (self.system, self.entity, self.core_id, self.action, self.target_id, self.before, self.after)
            object.__setattr__(self, "_id", "chg_" + digest(*parts))
        return self._id


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldChange:
    """A change that is not to be applied now, and why."""

    change: Change
    reason: str

    @property
    def goes_on_by_itself(self) -> bool:
        """Whether no person has to do anything: it waits for a condition or a record, or the next run settles it."""
        waits = self.reason.startswith(("waits: ", "waits until ")) or self.reason.endswith("nobody has told us of")
        return waits or "the next run" in self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A frozen list of changes for one handoff (one system, one entity).

    ``held`` are changes that wait (a reference without a target id yet, a guard); ``changes`` are the
    ones to apply. ``hold`` is the reason why the plan as a whole waits, None when it does not.
    ``undoes`` is the plan that this one takes back, None for all others.
    ``knows`` is the newest receipt of its handoff that it was made with: what was written since, it does not know.
    """

    system: str
    entity: str
    mode: Mode
    run: str
    created_at: datetime
    changes: tuple[Change, ...] = ()
    held: tuple[HeldChange, ...] = ()
    hold: str | None = None
    knows: int | None = None
    undoes: str | None = None

    @property
    def id(self) -> str:
        """Content hash over every change: approving it approves exactly these rows."""
        return "pln_" + digest(
            self.system,
            self.entity,
            [c.id for c in self.changes],
            [(h.change.id, h.reason) for h in self.held],
            *([self.undoes] if self.undoes else []),
        )

    @property
    def handoff(self) -> str:
        return f"{self.system}.{self.entity}"

    def count(self, action: Action) -> int:
        return sum(1 for c in self.changes if c.action == action)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The proof of one applied change: what was sent and what the system held afterwards.

    ``pushed`` and ``observed`` hold canonical values by field; they differ where the system keeps its own form.
    """

    change_id: str
    system: str
    entity: str
    core_id: str
    action: Action
    target_id: str
    version: str | None
    pushed: Mapping[str, Value]
    observed: Mapping[str, Value]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A change that the system refused for good, in the system's own words."""

    change: Change
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of one plan's changes: planned = delivered + held + rejected."""

    delivered: tuple[Receipt, ...] = ()
    held: tuple[HeldChange, ...] = ()
    rejected: tuple[Rejection, ...] = ()

    @property
    def planned(self) -> int:
        return len(self.delivered) + len(self.held) + len(self.rejected)


def merge(deliveries: Sequence[Delivery]) -> Delivery:
    """Several deliveries as one."""
    return Delivery(
        delivered=tuple(r for d in deliveries for r in d.delivered),
        held=tuple(h for d in deliveries for h in d.held),
        rejected=tuple(r for d in deliveries for r in d.rejected),
    )
