"""A small company for the tests of ``models``: three systems with awkward names, and a warehouse in memory.

``World`` puts staged rows, crosswalk, links and pins in place as the pipelines would, and runs one compiled pass.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from models import fields as f
from models.checking import check_entities
from models.compile import conflicts as compiled_conflicts
from models.compile import core as compiled_core
from models.compile import moving, spine
from models.compile import plan as compiled_plan
from models.compile import staged as compiled_staged
from models.compile import tables as t
from models.handoff import Handoff
from models.ownership import Ownership, furthest, latest, only, prefer, union
from models.schema import Binding, Context, Entity, Field, Map, Model, Type
from pipelines.warehouse import Warehouse, prepare

Row = dict[str, Any]

# Names that a stack may well give a system, and that no SQL parser takes unquoted.
CRM, SCHEDULING, BOOKS = "order", "my-system", 'say "cheese".com'
NOON = datetime(2026, 3, 11, 12)  # noqa: DTZ001 - the warehouse keeps UTC without saying so
STAGES = ("new", "working", "done")

PERSON = Entity(
    name="person",
    title="Person",
    description="Somebody.",
    prefix="per",
    owner=prefer("crm", "scheduling", "accounting"),
    keys=(("email",), ("phone", "name")),
    gone=MappingProxyType({"status": ("done",)}),
    fields=(
        Field("name"),
        Field("email"),
        Field("phone", owner=prefer("scheduling", "crm")),
        Field("street", group="address"),
        Field("city", group="address"),
        Field("state", group="address"),
        Field("place", joined=("street", "city")),
        Field("status", owner=furthest(STAGES, "crm", "scheduling"), one_of=STAGES),
        Field("note", owner=latest("crm", "scheduling")),
        Field("tags", Type.TAGS, owner=union("crm", "scheduling")),
        Field("balance", Type.MONEY, owner=only("accounting")),
        Field("group", description="A field may be called like a keyword."),
    ),
)
VISIT = Entity(
    name="visit",
    title="Visit",
    description="Somebody is visited.",
    prefix="vis",
    owner=prefer("scheduling", "crm"),
    fields=(
        Field("person", ref="person"),
        Field("title"),
        Field("starts_at", Type.INSTANT),
        Field("who", via="person.name"),
        Field("where", via="person.place"),
    ),
)
ENTITIES = check_entities([VISIT, PERSON])

PEOPLE = Map(
    "people",
    to="person",
    id="id",
    changed="changed",
    version="etag",
    deleted=f.flag("gone"),
    core_ref=f.text("mark"),
    peers=MappingProxyType({SCHEDULING: f.text("twin")}),
    fields=MappingProxyType(
        {
            "name": f.text("name", max=12),
            "email": f.email("email"),
            "phone": f.phone("phone"),
            "street": f.text("address.street"),
            "city": f.text("address.city"),
            "state": f.text("address.state"),
            "status": f.choice("status", {"N": "new", "W": "working", "D": "done"}),
            "note": f.text("note"),
            "tags": f.tags("tags"),
            "group": f.text("group"),
        }
    ),
)
CLIENTS = Map(
    "clients",
    to="person",
    id="id",
    changed="changed",
    fields=MappingProxyType(
        {
            "name": f.text("name"),
            "phone": f.phone("phone"),
            "street": f.text("street"),
            "city": f.text("city"),
            "status": f.choice("status", {"new": "new", "working": "working"}),
            "note": f.text("note"),
            "tags": f.tags("tags"),
        }
    ),
)
VISITS = Map(
    "visits",
    to="visit",
    id="id",
    fields=MappingProxyType({"person": f.ref("client"), "title": f.text("title"), "starts_at": f.instant("start")}),
)
ACCOUNTS = Map(
    "accounts",
    to="person",
    id="id",
    version="etag",
    fields=MappingProxyType({"name": f.text("name"), "city": f.text("city"), "balance": f.money("balance")}),
)
EVENTS = Map(
    "events",
    to="visit",
    id="id",
    fields=MappingProxyType({"person": f.ref("person"), "title": f.text("title"), "starts_at": f.instant("start")}),
)
BINDINGS = (
    Binding(name=CRM, roles=("crm",), maps=(PEOPLE, EVENTS)),
    Binding(name=SCHEDULING, roles=("scheduling",), maps=(CLIENTS, VISITS)),
    Binding(name=BOOKS, roles=("accounting",), maps=(ACCOUNTS,)),
)


def small(**rules: Ownership) -> Model:
    """The small company; ``rules`` are its own: ``person__phone=prefer(...)``."""
    named = {key.replace("__", "."): rule for key, rule in rules.items()}
    context = Context(time_zone="America/Chicago", currency="USD", region="US")
    return Model(entities=ENTITIES, bindings=BINDINGS, rules=named, context=context)


class World:
    """A warehouse in memory that holds what the passes read."""

    def __init__(self, model: Model | None = None) -> None:
        self.model = model or small()
        self.warehouse = Warehouse(":memory:")
        self.compiled: dict[str, str] = {}
        prepare(self.warehouse, self.model)

    def under(self, model: Model) -> World:
        """The same warehouse under other rules: they change what is compiled, not the tables."""
        other = object.__new__(World)
        other.model, other.warehouse, other.compiled = model, self.warehouse, {}
        return other

    def _sql(self, name: str, compile: Callable[[], exp.Expr]) -> str:
        """A pass as text, compiled once."""
        if name not in self.compiled:
            self.compiled[name] = compile().sql("duckdb")
        return self.compiled[name]

    def close(self) -> None:
        self.warehouse.close()

    def clear(self) -> None:
        """Forget every row, keep the tables."""
        for row in self.warehouse.rows(
            "SELECT schema_name AS s, table_name AS n FROM duckdb_tables() WHERE estimated_size > 0 "
            "AND database_name = current_database() "
            "AND schema_name IN ('staged', 'xref', 'core', 'meta') AND table_name <> 'zones'"
        ):
            name = row["n"].replace('"', '""')
            self.warehouse.run(f'DELETE FROM {row["s"]}."{name}"')  # noqa: S608 - our own tables

    def stage(
        self,
        system: str,
        source_id: str,
        core_id: str | None,
        entity: str = "person",
        *,
        at: datetime | None = NOON,
        clocks: Mapping[str, datetime | None] = MappingProxyType({}),
        deleted_at: datetime | None = None,
        changed_at: datetime | None = None,
        first_read_at: datetime | None = None,
        version: str | None = None,
        **values: Any,
    ) -> None:
        """One staged row and its place in the crosswalk. ``at`` is every field's clock but those in ``clocks``."""
        row = {"source_id": source_id, "parent_id": source_id, "read_at": NOON, "deleted_at": deleted_at}
        row |= {"changed_at": changed_at, "version": version, "first_read_at": first_read_at}
        for name, value in values.items():
            row |= {name: value, f"{name}__at": clocks.get(name, at)}
        self._insert(t.staged(system, entity).sql("duckdb"), row)
        if core_id is not None:
            self._insert(f"xref.{entity}", {"core_id": core_id, "system": system, "source_id": source_id})

    def alter(self, system: str, change: str, entity: str = "person") -> None:
        """Change the staged rows of a system."""
        self.warehouse.run(f"UPDATE {t.staged(system, entity).sql('duckdb')} SET {change}")  # noqa: S608

    def link(
        self,
        system: str,
        core_id: str,
        target_id: str,
        entity: str = "person",
        *,
        action: str = "create",
        at: datetime = NOON + timedelta(hours=1),
        receipt: int = 1,
        version: str | None = None,
        pushed: Mapping[str, Any] = MappingProxyType({}),
        observed: Mapping[str, Any] | None = None,
        earlier: Mapping[str, datetime] = MappingProxyType({}),
    ) -> None:
        """The newest receipt of a target record."""
        row = {"system": system, "entity": entity, "core_id": core_id, "target_id": target_id, "action": action}
        seen = pushed if observed is None else observed
        row |= {"pushed": json.dumps(dict(pushed)), "observed": json.dumps(dict(seen)), "at": at}
        row["earlier"] = json.dumps({name: moment.isoformat(sep=" ") for name, moment in earlier.items()})
        self._insert("meta.links", row | {"receipt": receipt, "version": version})

    def pin(self, core_id: str, field: str, value: str, entity: str = "person") -> None:
        self._insert("meta.pins", {"entity": entity, "core_id": core_id, "field": field, "value": value})

    def _insert(self, table: str, row: Mapping[str, Any]) -> None:
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join("?" for _ in row)
        self.warehouse.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(row.values()))  # noqa: S608

    def decide(self, entity: str = "person") -> dict[str, Row]:
        """The core rows of everything in the crosswalk, stored as core; by core_id."""
        found = self.model.entity(entity)
        self.warehouse.run(f"CREATE OR REPLACE TEMP TABLE scope AS SELECT DISTINCT core_id FROM xref.{entity}")  # noqa: S608
        self.warehouse.replace_table("placed", self._sql(f"placed/{entity}", lambda: spine.placed(self.model, found)))
        self.warehouse.run(spine.behind())
        self.warehouse.replace_table("spine", self._sql(f"spine/{entity}", lambda: spine.spine(self.model, found)))
        query = self._sql(f"records/{entity}", lambda: compiled_core.records(self.model, found))
        self.warehouse.replace_table("next", query)
        rows = self.warehouse.rows(t.everything(t.plain("next")))
        assert len({row["core_id"] for row in rows}) == len(rows), "one row for each core_id"
        return {row["core_id"]: row for row in rows}

    def publish(self, entity: str = "person") -> dict[str, Row]:
        """Decide, and let the result be core."""
        rows = self.decide(entity)
        table = t.core(entity)
        self.warehouse.run(t.delete(table, "true"))
        columns = list(t.core_columns(self.model.entity(entity)))
        self.warehouse.run(t.insert(table, columns, t.everything(t.plain("next"))))
        return rows

    def changes(self, entity: str = "person") -> list[Row]:
        self.decide(entity)
        found = self.model.entity(entity)
        return self.warehouse.rows(self._sql(f"changes/{entity}", lambda: compiled_core.changes(found)))

    def conflicts(self, entity: str = "person") -> list[Row]:
        self.publish(entity)
        found = self.model.entity(entity)
        return self.warehouse.rows(
            self._sql(f"conflicts/{entity}", lambda: compiled_conflicts.fields(self.model, found))
        )

    def plan(self, handoff: Handoff, one: Map) -> dict[str, Row]:
        """The rows to write, by core_id."""
        for entity in self.model.entities:
            self.publish(entity.name)
        fields = compiled_plan.written_fields(self.model, handoff, one)
        self.warehouse.set(window_starts=handoff.starts, window_ends=handoff.ends)
        self.warehouse.replace_table("scope", moving.everything(self.model.entity(handoff.entity)).sql("duckdb"))
        rows = self.warehouse.rows(compiled_plan.changes(self.model, handoff, one, fields))
        assert len({row["core_id"] for row in rows}) == len(rows), "one row for each core_id"
        return {row["core_id"]: row for row in rows}

    def read(self, system: str, one: Map, records: Sequence[Mapping[str, Any]], read_at: datetime = NOON) -> list[Row]:
        """Raw records as rows of the staging pass, with why they may not pass."""
        self.warehouse.script("no_batch")
        for seq, record in enumerate(records):
            row = [str(record.get("id")), json.dumps(record), bool(record.get("_deleted")), read_at, "load", seq]
            self.warehouse.run("INSERT INTO batch VALUES (?, ?::JSON, ?, ?, ?, ?)", row)
        name = f"rows/{system}/{one.resource}/{one.to}"
        query = self._sql(name, lambda: compiled_staged.rows(self.model, system, one))
        self.warehouse.replace_table("candidates", query)
        return self.warehouse.rows("FROM candidates ORDER BY seq")

    def arrive(
        self, system: str, one: Map, records: Sequence[Mapping[str, Any]], read_at: datetime = NOON
    ) -> dict[str, Row]:
        """Stage raw records: what arrived of them, by source id, stored as staged rows."""
        self.read(system, one, records, read_at)
        self.warehouse.run(
            "CREATE OR REPLACE TEMP VIEW passed AS SELECT rowid AS row__number, * EXCLUDE (broken) FROM candidates "
            "WHERE broken IS NULL"
        )
        entity = self.model.entity(one.to)
        name = f"arrivals/{system}/{one.resource}/{one.to}"
        query = self._sql(name, lambda: compiled_staged.arrivals(self.model, system, one))
        self.warehouse.replace_table("arrived", query)
        arrived = self.warehouse.rows("FROM arrived")
        assert len({row["source_id"] for row in arrived}) == len(arrived), "one row for each source record"
        table = t.staged(system, entity.name)
        self.warehouse.run(t.delete(table, "source_id IN (SELECT source_id FROM arrived)"))
        columns = list(t.staged_columns(self.model, system, entity))
        self.warehouse.run(t.insert(table, columns, compiled_staged.stored(self.model, system, entity, one)))
        return {row["source_id"]: row for row in arrived}

    def staged(self, system: str, entity: str = "person") -> dict[str, Row]:
        return {row["source_id"]: row for row in self.warehouse.rows(t.everything(t.staged(system, entity)))}


def iso(at: datetime) -> str:
    return at.replace(tzinfo=UTC).isoformat()
