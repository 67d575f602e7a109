"""Changes, plans, receipts and intents that the tests of the ledger put into it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from models.change import Action, Cause, Change, HeldChange, Mode, Plan, Receipt
from pipelines.ledger import Intent, Ledger, next_generations

T0 = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return T0 + timedelta(minutes=minutes)


def change(core_id: str = "cus_1", action: Action = "create", **more: Any) -> Change:
    """A change with a value of every kind in it."""
    values = {
        "name": "Ada Löwe",
        "balance": Decimal("12.50"),
        "since": date(2026, 5, 4),
        "seen": datetime(2026, 5, 4, 9, 30),  # noqa: DTZ001  # canonical instants are naive UTC
        "tags": ["vip", "north"],
        "vat": None,
        "active": True,
    }
    told = {
        "system": "hubspot",
        "entity": "customer",
        "target_id": None if action == "create" else f"t_{core_id}",
        "before": {} if action == "create" else {"name": "Ada"},
        "after": {} if action == "delete" else values,
        "desired": values,
        "refs": {"location": "loc_9"},
        "cause": {"name": Cause(system="jobber", source_id="77", load="l1", rule="prefer(jobber, hubspot)")},
        "starts": datetime(2026, 5, 5, 14, 0),  # noqa: DTZ001  # canonical instants are naive UTC
    }
    return Change(core_id=core_id, action=action, **(told | more))


def plan(
    *changes: Change, run: str = "r1", mode: Mode = "live", held: tuple[HeldChange, ...] = (), **more: Any
) -> Plan:
    told: dict[str, Any] = {"system": "hubspot", "entity": "customer", "created_at": at(1)}
    return Plan(mode=mode, run=run, changes=changes, held=held, **(told | more))


def receipt(of: Change, *, minutes: int = 5, **more: Any) -> Receipt:
    told = {
        "target_id": of.target_id or f"t_{of.core_id}",
        "version": "v1",
        "pushed": dict(of.after),
        "observed": dict(of.after) | {"name": "ADA"},
    }
    return Receipt(
        change_id=of.id,
        system=of.system,
        entity=of.entity,
        core_id=of.core_id,
        action=of.action,
        at=at(minutes),
        **(told | more),
    )


def intent(ledger: Ledger, of: Change, *, minutes: int = 2) -> Intent:
    """The next attempt at a change, with a key that follows its generation."""
    generation = next_generations(ledger, [of.id])[of.id]
    return Intent(
        change=of,
        generation=generation,
        key=f"{of.id}.{generation}",
        request={"method": "POST", "headers": {"Authorization": "Bearer s3cret"}, "body": {"name": "Ada"}},
        started_at=at(minutes),
    )
