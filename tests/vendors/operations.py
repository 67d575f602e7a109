"""Everything that a connector can do beyond reading, done once: each function of each write, account and prepare.

No system is named. What is written is made from records that the company already has there, so that every reference
leads somewhere: new ones with other names, existing ones with each other's values.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.spec import Outgoing, Written
from models.change import Action, Change, digest
from models.compile import moving
from models.compile import plan as compiled
from models.errors import Ambiguous
from models.fields import Codec
from models.handoff import Handoff
from models.schema import Entity, Type
from pipelines.session import Session
from pipelines.sync import targets
from pipelines.target import Target, outgoing
from pipelines.warehouse import Warehouse
from tests.vendors.listening import Sandbox

LITTLE = Decimal("1.00")
UNSAFE = ("POST", "PUT", "PATCH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What one write may say: canonical values by field, and the target's ids of what they refer to."""

    core_id: str
    target_id: str
    desired: Mapping[str, Any]
    refs: Mapping[str, str]


@dataclass(slots=True, kw_only=True)
class Walk:
    """The operations done so far, (system, entity, operation) -> how many requests it took; what must exist once.

    standing  (system, entity) -> the first that was made there, for what points to such a thing
    """

    sandbox: Sandbox
    session: Session
    warehouse: Warehouse
    done: dict[tuple[str, str, str], int] = field(default_factory=dict)
    created: set[tuple[str, str]] = field(default_factory=set)
    standing: dict[tuple[str, str], Example] = field(default_factory=dict)

    def run(self, where: tuple[str, str, str], act: Callable[..., Any], *given: Any) -> Any:
        """Do one operation and count what it said."""
        before = len(self.sandbox.recording)
        answer = act(*given)
        self.done[where] = self.done.get(where, 0) + len(self.sandbox.said(where[0], before))
        return answer

    def do(self, target: Target, name: str, given: Any) -> Any:
        """Do one function of a write."""
        act = getattr(target.write, name)
        return self.run((target.api.system, target.write.entity, name), act, target.api, given)


def walk(sandbox: Sandbox, session: Session, warehouse: Warehouse, systems: tuple[str, ...]) -> Walk:
    """Walk every operation of these systems."""
    made = Walk(sandbox=sandbox, session=session, warehouse=warehouse)
    for system in systems:
        connector, api = session.company.connectors[system], session.apis[system]
        for name, act in (("account", connector.account), ("prepare", connector.prepare)):
            if act is not None:
                made.run((system, "", name), act, api)
        for target in targets(session, system).values():
            _walk_write(made, target)
    return made


def expected(session: Session, systems: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    """Every operation that these systems' connectors declare."""
    for system in systems:
        connector = session.company.connectors[system]
        yield from ((system, "", name) for name in ("account", "prepare") if getattr(connector, name) is not None)
        for write in connector.writes:
            for name in ("create", "update", "delete", "fetch", "find", "fetch_many", "many"):
                if getattr(write, name) is not None:
                    yield system, write.entity, name


def _walk_write(made: Walk, target: Target) -> None:
    first, second = (_pointed(made, target, one) for one in examples(made, target))
    if target.write.create is None:
        _change(made, target, first, second)
        return
    new = _renamed(target, first, "walk0000000000a1")
    written, method = _create(made, target, new)
    new = replace(new, target_id=written.id)
    made.standing[target.api.system, target.write.entity] = new
    if target.write.find is not None:
        found = made.do(target, "find", message(target, new))
        assert found is not None
        assert found.id == written.id
    moved = _change(made, target, new, _renamed(target, second, "walk0000000000a1"))
    made.standing[target.api.system, target.write.entity] = replace(new, target_id=moved)
    lost = _create_unheard(made, target, _renamed(target, first, "walk0000000000b2"), method)
    _send_many(made, target, lost, _renamed(target, second, "walk0000000000c3"))
    if target.write.delete is not None:
        _delete(made, target, lost)


def _create(made: Walk, target: Target, example: Example) -> tuple[Written, str]:
    """Create it; also the method of the request that made it."""
    before = len(made.sandbox.recording)
    written = made.do(target, "create", message(target, example))
    unsafe = [one.method for one in made.sandbox.said(target.api.system, before) if one.method in UNSAFE]
    made.created.add((target.api.system, example.core_id))
    return written, unsafe[0]


def _create_unheard(made: Walk, target: Target, example: Example, method: str) -> Example:
    """Create one whose answer is lost, and settle it as a push does after a crash."""
    made.sandbox.fault(target.api.system, "dropped_answer", method=method)
    sent = message(target, example)
    try:
        written = made.do(target, "create", sent)
    except Ambiguous:
        written = made.do(target, "find" if target.write.find else "create", sent)
    made.created.add((target.api.system, example.core_id))
    return replace(example, target_id=written.id)


def _change(made: Walk, target: Target, example: Example, other: Example) -> str:
    """Change one field, then every field that may be changed to another record's values; gives its id afterwards.

    A visit that goes to somebody else's calendar has another one there.
    """
    titles = [n for n in _writable(target) if _is_title(target, n) and example.desired.get(n)]
    if titles:
        _update(made, target, example, {titles[0]: f"{example.desired[titles[0]]} again"})
    values = {n: v for n, v in other.desired.items() if n in _writable(target) and not _entity(target).field(n).ref}
    id = _update(made, target, example, values)
    if target.write.fetch_many is not None:
        many = made.do(target, "fetch_many", [id])
        assert len(many) == 1
    return id


def _update(made: Walk, target: Target, example: Example, values: Mapping[str, Any]) -> str:
    now = made.do(target, "fetch", example.target_id)
    if target.write.update is None:
        return str(now.id)
    desired = replace(example, desired={**example.desired, **values}, target_id=now.id)
    sent = message(target, desired, "update", after=values, version=now.version)
    written = made.do(target, "update", sent)
    assert target.write.fetch(target.api, written.id) is not None
    return str(written.id)


def _send_many(made: Walk, target: Target, old: Example, new: Example) -> None:
    if target.write.many is None:
        return
    values = {n: v for n, v in old.desired.items() if n in _writable(target)}
    batch = [message(target, new), message(target, old, "update", after=values)]
    answers = made.do(target, "many", batch)
    assert [type(one) for one in answers] == [Written, Written], answers


def _delete(made: Walk, target: Target, example: Example) -> None:
    now = made.do(target, "fetch", example.target_id)
    sent = message(target, replace(example, target_id=now.id), "delete", version=now.version)
    made.do(target, "delete", sent)
    assert made.do(target, "fetch", now.id) is None
    made.created.remove((target.api.system, example.core_id))


def message(
    target: Target,
    example: Example,
    action: Action = "create",
    *,
    after: Mapping[str, Any] | None = None,
    version: str | None = None,
) -> Outgoing:
    """A change on its way, as a push encodes it."""
    whole = {n: v for n, v in example.desired.items() if n in _writable(target)}
    change = Change(
        system=target.api.system,
        entity=target.write.entity,
        core_id=example.core_id,
        action=action,
        target_id=None if action == "create" else example.target_id,
        version=version,
        after={} if action == "delete" else (whole if after is None else after),
        desired=example.desired,
        refs=example.refs,
    )
    return outgoing(target, change, digest(example.core_id, length=32))


def examples(made: Walk, target: Target) -> tuple[Example, Example]:
    """Two records that stand in the target, among those that say most."""
    model, entity, system = made.session.company.model, _entity(target), target.api.system
    fields = tuple(_writable(target))
    handoff = Handoff(system=system, entity=entity.name, mode="live")
    made.warehouse.replace_table("scope", moving.everything(entity).sql("duckdb"))
    rows = made.warehouse.rows(compiled.compare(model, handoff, target.map, fields))
    usable = [row for row in rows if row["target_id"] and not row["core_deleted_at"] and not row["target_deleted_at"]]
    usable = [row for row in usable if all(row[f"r_{ref.name}"] for ref in entity.refs if ref.name in fields)]
    usable = [row for row in usable if "s_starts_at" not in row or row["s_starts_at"] is not None]
    ranked = sorted(usable, key=lambda row: (-sum(v is not None for v in row.values()), row["core_id"]))
    first, second, *_ = (_example(entity, fields, row) for row in ranked)
    return first, second


def _example(entity: Entity, fields: tuple[str, ...], row: Mapping[str, Any]) -> Example:
    desired = {f.name: row[f"s_{f.name}"] for f in entity.fields if row[f"s_{f.name}"] is not None}
    desired |= {n: row[f"d_{n}"] for n in fields if row[f"d_{n}"] is not None and not entity.field(n).ref}
    refs = {ref.name: row[f"r_{ref.name}"] for ref in entity.refs if row[f"r_{ref.name}"]}
    return Example(core_id=row["core_id"], target_id=row["target_id"], desired=desired, refs=refs)


def _pointed(made: Walk, target: Target, example: Example) -> Example:
    """The same, but what its lists point to was made by this walk: no payment finds its own invoice open once more."""
    for listed in _entity(target).lists:
        for key, parent in listed.refers.items():
            if (there := made.standing.get((target.api.system, parent))) is not None and listed.name in example.desired:
                parts = json.dumps([{key: there.target_id, "amount": str(LITTLE)}])
                desired = {**example.desired, "amount": LITTLE, listed.name: parts}
                shared = {name: id for name, id in there.refs.items() if name in example.refs}
                example = replace(example, desired=desired, refs={**example.refs, **shared})
    return example


def _renamed(target: Target, example: Example, mark: str) -> Example:
    """The same under another core id, with other names and numbers wherever a record is known by them."""
    entity = _entity(target)
    known_by = {name for key in entity.keys for name in key if not entity.field(name).ref}
    fresh = {
        n: _fresh(target.map.fields[n], v, mark) for n, v in example.desired.items() if _is_known(target, known_by, n)
    }
    later = {n: v + timedelta(minutes=5) for n, v in example.desired.items() if _is_time(target, n, v)}
    return replace(example, core_id=f"{entity.prefix}_{mark}", desired={**example.desired, **later, **fresh})


def _is_known(target: Target, known_by: set[str], name: str) -> bool:
    return name in known_by and name in _writable(target) and _entity(target).field(name).type is Type.TEXT


def _is_time(target: Target, name: str, value: Any) -> bool:
    return isinstance(value, datetime) and name in _writable(target)


def _fresh(codec: Codec, value: Any, mark: str) -> Any:
    if codec.kind == "email":
        return f"{mark}@walk.example.com"
    if codec.kind == "phone":
        return f"+1512479{int(mark[-2:], 16):04d}"
    return f"{value} {mark[-2:]}"


def _writable(target: Target) -> list[str]:
    return [n for n in target.map.fields if n in target.map.writable() or n in target.write.extra]


def _is_title(target: Target, name: str) -> bool:
    declared = _entity(target).field(name)
    return (
        declared.type is Type.TEXT
        and not declared.ref
        and not declared.one_of
        and target.map.fields[name].kind == "text"
    )


def _entity(target: Target) -> Entity:
    return target.decoder.model.entity(target.write.entity)
