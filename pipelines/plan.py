"""Planning: what one handoff would write, frozen before anything is sent, and held when it looks wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.spec import Connector, Write
from models.change import Action, Cause, Change, HeldChange, Plan, digest
from models.compile import conditions
from models.compile import plan as compiled
from models.conditions import unmet
from models.errors import DeclarationError
from models.handoff import Handoff
from models.likeness import LIKENESS
from models.schema import Entity, Field, Map, Model, Type
from pipelines.comparing import compare
from pipelines.owing import overpaid
from pipelines.provenance import causes
from pipelines.reviving import revived
from pipelines.settings import Guards
from pipelines.spelling import same_spelled

if TYPE_CHECKING:
    from pipelines.warehouse import Warehouse

Row = Mapping[str, Any]
Clashes = Callable[[Sequence[Change]], Mapping[str, str]]
Overwritten = Callable[[Sequence[str]], Mapping[str, Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]]]


def write_of(connector: Connector, entity: str) -> Write:
    """The connector's write for an entity; DeclarationError when it has none."""
    for write in connector.writes:
        if write.entity == entity:
            return write
    known = ", ".join(w.entity for w in connector.writes) or "nothing"
    raise DeclarationError(f"{connector.name} does not write {entity}; it writes: {known}")


def map_of(maps: Iterable[Map], write: Write) -> Map:
    """The map that encodes what a write sends and reads it back."""
    for one in maps:
        if one.resource == write.resource and one.to == write.entity:
            return one
    raise DeclarationError(f"no map reads {write.entity} from {write.resource!r}, which its write relies on")


def no_clashes(changes: Sequence[Change]) -> Mapping[str, str]:  # noqa: ARG001 - the same for every change
    """Where nobody's time is taken."""
    return {}


def make_plan(
    warehouse: Warehouse,
    model: Model,
    handoff: Handoff,
    write: Write,
    *,
    guards: Guards,
    overwritten: Overwritten,
    hold: str | None,
    clashes: Clashes = no_clashes,
    run: str,
    now: datetime,
    usual: Mapping[str, int] | None = None,
) -> Plan:
    """Compare core with the target as last observed.

    overwritten  what our delivered updates overwrote, for values that a system always keeps in its own form
    hold         a reason known beforehand (unsigned, unread)
    usual        action -> the most that a plan of late had of it; None while too little is known
    clashes      core_id -> why a change waits because of others in the same technician's time
    """
    one = map_of(model.binding(handoff.system).maps, write)
    fields = compiled.written_fields(model, handoff, one, write.extra)
    rows = _unforced(_found(warehouse, model, handoff, one, fields), fields, overwritten, write.only_new)
    told = _told(warehouse, model, handoff, write, fields, rows)
    waiting = clashes([change for change, reason in told if reason is None])
    made = [change.core_id for change, _ in told if change.action == "create"]
    waiting = {**waiting, **_unsure(warehouse, handoff, made), **_unmet(warehouse, model, handoff, made)}
    free = [change for change, reason in told if reason is None and change.core_id not in waiting]
    waiting |= overpaid(warehouse, model, handoff.system, free)
    sorted_out = [(change, reason or waiting.get(change.core_id)) for change, reason in told]
    changes = [change for change, reason in sorted_out if reason is None]
    held = [HeldChange(change=change, reason=reason) for change, reason in sorted_out if reason is not None]
    return Plan(
        system=handoff.system,
        entity=handoff.entity,
        mode=handoff.mode,
        run=run,
        created_at=now.replace(tzinfo=None),
        changes=tuple(changes),
        held=tuple(held),
        knows=int(warehouse.value(warehouse.statement("newest_link"), [handoff.system, handoff.entity])),
        hold=hold or _guard(warehouse, model, handoff, guards, changes, usual),
    )


def _found(warehouse: Warehouse, model: Model, handoff: Handoff, one: Map, fields: tuple[str, ...]) -> list[Row]:
    """The rows of a plan, those of what somebody deleted as it was decided."""
    text = _changes(warehouse, model, handoff, one, fields)
    return revived(warehouse, handoff, compare(warehouse, model.entity(handoff.entity), handoff, text))


def _changes(warehouse: Warehouse, model: Model, handoff: Handoff, one: Map, fields: tuple[str, ...]) -> str:
    """The SQL of a plan."""
    bounds = (handoff.starts is not None, handoff.ends is not None)
    name = f"plan/{handoff.name}/{one.resource}/{digest(handoff.creates, handoff.deletes, fields, bounds)}"
    return warehouse.compiled(name, lambda: compiled.changes(model, handoff, one, fields))


def _unforced(
    rows: Sequence[Row], fields: Sequence[str], overwritten: Overwritten, only_new: Sequence[str]
) -> list[Row]:
    """The rows without values that came back in another spelling after we had written over that very spelling.

    Such a value is the system's own form: it rewrote what we sent twice in the same way, and would do so for ever.
    Neither are values forced that the system takes for a new record alone (``only_new``).
    """
    before = overwritten([row["core_id"] for row in rows if row["action"] == "update"])
    if not (before or only_new):
        return list(rows)
    kept: list[Row] = []
    for row in rows:
        update = row["action"] == "update"
        was = before.get(row["core_id"], ()) if update else ()
        forms = [n for n in fields if row[f"c_{n}"] and _returned(n, row[f"o_{n}"], row[f"d_{n}"], was)]
        forms += [n for n in only_new if update and n in fields]
        kept.append({**row, **{f"c_{n}": False for n in forms}} if forms else row)
    return [row for row in kept if row["action"] != "update" or any(row[f"c_{n}"] for n in fields)]


def _returned(
    name: str, observed: Any, desired: Any, was: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]
) -> bool:
    written_over = any(name in b and b[name] == observed and a.get(name) == desired for b, a in was)
    return written_over and same_spelled(observed, desired)


def _told(
    warehouse: Warehouse, model: Model, handoff: Handoff, write: Write, fields: Sequence[str], rows: Sequence[Row]
) -> list[tuple[Change, str | None]]:
    """Each row as a change, with the reason why it cannot be sent now."""
    entity = model.entity(handoff.entity)
    moving = [(row, _moved(fields, row)) for row in rows]
    decided = {row["core_id"]: {n: row[f"f_{n}"] for n in moved} for row, moved in moving}
    why = causes(warehouse, model, handoff.entity, decided)
    stated = _stated(entity, fields)
    return [
        (
            _change(handoff, entity, moved, stated, row, why.get(row["core_id"], {})),
            _waits(handoff, entity, write, fields, row),
        )
        for row, moved in moving
    ]


def _stated(entity: Entity, fields: Sequence[str]) -> list[tuple[str, str]]:
    """Where a row says what the target may take: what core says, and over it what the target is to say.

    A list that points to others has the ids of the system that said it: only what was put into ours may leave.
    """
    return [
        *((f.name, f"s_{f.name}") for f in entity.fields if not f.refers),
        *((name, f"d_{name}") for name in fields if not entity.field(name).ref),
    ]


def _change(
    handoff: Handoff,
    entity: Entity,
    moved: Sequence[str],
    stated: Sequence[tuple[str, str]],
    row: Row,
    why: Mapping[str, Cause],
) -> Change:
    action: Action = "create" if row["action"] in ("revive", "remake") else row["action"]
    return Change(
        system=handoff.system,
        entity=handoff.entity,
        core_id=row["core_id"],
        action=action,
        target_id=None if row["action"] == "remake" else row["target_id"],
        version=row["version"],
        before={n: row[f"o_{n}"] for n in moved if action == "update"},
        after={n: row[f"d_{n}"] for n in moved},
        desired={name: row[side] for name, side in stated if row[side] is not None},
        refs={r.name: row[f"r_{r.name}"] for r in entity.refs if row[f"r_{r.name}"] is not None},
        cause={n: why[n] for n in moved if n in why},
        starts=row.get("s_starts_at"),
    )


def _moved(fields: Sequence[str], row: Row) -> list[str]:
    """The fields that a change writes."""
    if row["action"] == "update":
        return [n for n in fields if row[f"c_{n}"]]
    return [] if row["action"] == "delete" else [n for n in fields if row[f"d_{n}"] is not None]


def _waits(handoff: Handoff, entity: Entity, write: Write, fields: Sequence[str], row: Row) -> str | None:
    """Why this change cannot be sent now; None when it can."""
    if row["action"] == "revive":
        ask = (
            f"; `plumbline decide {row['conflict']} --keep` makes it again, --delete lets it be"
            if "conflict" in row
            else ""
        )
        return f"somebody deleted {row['target_id']} in {handoff.system}{ask}"
    for ref in entity.refs:
        if ref.name in fields and row[f"s_{ref.name}"] is not None and row[f"r_{ref.name}"] is None:
            return f"waits until its {ref.name} {row[f's_{ref.name}']} exists in {handoff.system}"
    if row["action"] in ("create", "remake"):
        for listed in entity.lists:
            if listed.name in fields and (reason := _lacks(listed, handoff.system, row)) is not None:
                return reason
    create, update = write.create or write.many, write.update or write.many
    send = {"create": create, "remake": create, "update": update, "delete": write.delete}[row["action"]]
    if send is None:
        return f"{handoff.system} takes no {row['action']} of {handoff.entity} from us"
    return None


def _lacks(field: Field, system: str, row: Row) -> str | None:
    """What an element of a list points to and has no id in the target; None when nothing is lacking."""
    for key, parent in field.refers.items():
        if (id := row[f"{field.name}.unknown.{key}"]) is not None:
            return f"waits for {parent} {id} of {row[f'f_{field.name}']}, which nobody has told us of"
        if (core_id := row[f"{field.name}.waits.{key}"]) is not None:
            return f"waits until its {parent} {core_id} exists in {system}"
    return None


def _unmet(warehouse: Warehouse, model: Model, handoff: Handoff, made: Sequence[str]) -> Mapping[str, str]:
    """Creates whose conditions do not hold yet, by core_id (an invoice before the job is approved)."""
    if not made or not handoff.conditions:
        return {}
    paths = [path for one in handoff.conditions for path in one.paths]
    warehouse.set(core_ids=list(made))
    rows = warehouse.rows(conditions.values(model.entity(handoff.entity), paths))
    return {row["core_id"]: reason for row in rows if (reason := unmet(handoff.conditions, row)) is not None}


def _unsure(warehouse: Warehouse, handoff: Handoff, made: Sequence[str]) -> Mapping[str, str]:
    """Creates of what the target may have already, by core_id: a person says first whether it is the same."""
    if not made or handoff.entity not in LIKENESS:
        return {}
    warehouse.set(entity=handoff.entity, system=handoff.system)
    return {
        row["core_id"]: f"may be {handoff.system} {row['other']} ({row['probability']:.0%} likely); "
        "say whether it is: `plumbline match`"
        for row in warehouse.rows(warehouse.statement("unsure"))
        if row["core_id"] in made
    }


def _guard(
    warehouse: Warehouse,
    model: Model,
    handoff: Handoff,
    guards: Guards,
    changes: Sequence[Change],
    usual: Mapping[str, int] | None,
) -> str | None:
    """Why the plan as a whole is too much to send without a person; None when it is not."""
    if not changes:
        return None
    count = {action: sum(c.action == action for c in changes) for action in ("create", "update", "delete")}
    held = warehouse.value(
        "SELECT count(*) FROM meta.links WHERE system = ? AND entity = ? AND action = 'create'",
        [handoff.system, handoff.entity],
    )
    limits = {"delete": guards.delete_limit(held), "create": guards.creates, "update": guards.overwrites}
    for action, limit in limits.items():
        if count[action] > limit:
            return f"{count[action]} {action}s are more than the {limit} that guards allow; release it by name to go on"
        norm = guards.norm_limit(action, usual)
        if norm is not None and count[action] > norm:
            most = (usual or {}).get(action, 0)
            return (
                f"{count[action]} {action}s are far more than the {most} of the largest plan of late; release by name"
            )
    moved = _money(model, handoff, changes)
    if moved > guards.money:
        return f"money amounts of {moved} change, more than the {guards.money} that guards allow; release it by name"
    return None


def _money(model: Model, handoff: Handoff, changes: Sequence[Change]) -> Decimal:
    """The sum of what the changes move in money fields."""
    names = [f.name for f in model.entity(handoff.entity).fields if f.type is Type.MONEY]
    total = Decimal(0)
    for change in changes:
        for name in names:
            if name in change.after:
                total += abs((change.after[name] or Decimal(0)) - (change.before.get(name) or Decimal(0)))
    return total
