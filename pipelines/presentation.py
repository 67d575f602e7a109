"""What the Dagster UI says about each asset: description, exact SQL, columns with their lineage, names, owners.

The open-source UI draws no column-lineage graph, so the lineage of a column is written into its description as
links, and who decides it into its tags; ``dagster/column_lineage`` is emitted besides, for readers of the API.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dagster import AssetKey, TableColumn, TableColumnConstraints, TableColumnDep, TableColumnLineage, TableSchema

from models import lineage
from models.change import digest
from models.compile import core as compiled_core
from models.compile import plan as compiled_plan
from models.compile import staged as compiled_staged
from models.compile import tables
from models.compile import xref as compiled_xref
from models.handoff import Handoff
from models.lineage import Source
from models.schema import Entity, Field, Model
from pipelines import keys
from pipelines.company import Company
from pipelines.plan import map_of, write_of

RAW_COLUMNS = {
    "id": ("VARCHAR", "The record's id within its resource."),
    "record": ("JSON", "The record as the system returned it, numbers with every digit; empty for a deletion."),
    "deleted": ("BOOLEAN", "The system reported this id as deleted."),
    "read_at": ("TIMESTAMP", "When its page arrived, UTC."),
    "seq": ("BIGINT", "Order of arrival within the load."),
    "_dlt_load_id": ("VARCHAR", "The load."),
}
STAGED_TEXTS = {
    "source_id": "The record's id in its system.",
    "parent_id": "The id of the raw record that the row was taken from.",
    "resource": "The resource that the row was read from.",
    "raw_load": "The load that brought it.",
    "read_at": "When it was read, UTC.",
    "changed_at": "The system's own stamp of its last change, UTC.",
    "deleted_at": "Since when it is known to be gone, UTC.",
    "version": "The token that a conditional write must show.",
    "core_ref": "Our own core_id, where the system keeps it for us.",
    "merged_into": "The record of this system that it was merged into.",
    "peers": "Ids that the record keeps of its twins in other systems.",
    "warnings": "Values that could not be read and count as empty.",
    "first_read_at": "When we first read the record, UTC.",
    "edited_at": "When we last found that somebody had edited it, UTC.",
    "alive_at": "When a deleted record was last found alive, UTC.",
}
XREF_TEXTS = {
    "core_id": "The canonical record.",
    "system": "The system.",
    "source_id": "Its record.",
    "method": "What told that they are the same: a reference, a link of ours, an exact key, a match.",
    "since": "Since when, UTC.",
}
CHANGE_COLUMNS = {
    "action": ("VARCHAR", "create, update or delete."),
    "core_id": ("VARCHAR", "The canonical record."),
    "target_id": ("VARCHAR", "The target record; empty for a create."),
    "before": ("JSON", "What the target said, field by field."),
    "after": ("JSON", "What it is to say."),
    "cause": ("JSON", "The source record version and rule behind each value."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How an asset presents itself.

    version  changes when what the asset runs changes
    lineage  column -> the columns that it is made of
    """

    description: str
    metadata: Mapping[str, Any]
    version: str | None = None
    lineage: TableColumnLineage | None = None


def source_key(one: Source) -> AssetKey | None:
    """The asset that a lineage source stands in; None for a person's override, which is no asset."""
    if one.layer == "raw":
        return keys.raw(str(one.system), one.table)
    if one.layer == "staged":
        return keys.staged(str(one.system), one.table)
    if one.layer == "pin":
        return None
    return keys.core(one.table) if one.layer == "core" else keys.xref(one.table)


def link(one: Source) -> str:
    """A lineage source as a Markdown link to its asset."""
    key = source_key(one)
    if key is None:
        return "a person's override"
    column = f"`{one.column}`" if one.layer == "raw" else one.column
    return f"[{key.to_user_string()}.{column}]({keys.page(key)})"


def made_of(sources: Sequence[Source]) -> str:
    """Where a column's value comes from, what leads there and what decides, as Markdown."""
    words = {"value": "From", "leads": "found by", "decides": "decided by"}
    said = []
    for role, word in words.items():
        links = [link(one) for one in sources if one.role == role and one.layer != "pin"]
        if links:
            said.append(f"{word} {', '.join(links)}")
    return "; ".join(said)


def column_lineage(declared: lineage.Lineage) -> TableColumnLineage:
    """Declared lineage in Dagster's form. The column of a raw asset is ``record`` with the path inside it."""
    deps: dict[str, list[TableColumnDep]] = {}
    for column, sources in declared.items():
        deps[column] = []
        for one in sources:
            key = source_key(one)
            if key is not None:
                name = f"record.{one.column}" if one.layer == "raw" else one.column
                deps[column].append(TableColumnDep(asset_key=key, column_name=name))
    return TableColumnLineage(deps_by_column=deps)


def raw(company: Company, system: str, resource: str) -> Look:
    """A resource as it was read."""
    connector = company.connectors[system]
    one = next(r for r in company.resources[system] if r.name == resource)
    gone = {
        "event": "The system reports deletions.",
        "compare": "What is absent from a full read is gone.",
        "flag": "A deleted record says so itself.",
        "none": "Deletions do not show.",
    }[one.deletes]
    text = f"{one.description or resource} Every version as {connector.title} returned it, append-only. {gone}"
    return Look(
        description=f"{text}\n\n[{connector.title}: documentation]({connector.docs})",
        metadata=_table(f"raw.{system}.{resource}", _plain_columns(RAW_COLUMNS)),
    )


def staged(company: Company, system: str, entity: Entity) -> Look:
    """The newest version of each source record."""
    model = company.model
    binding = model.binding(system)
    statements = [_sql(compiled_staged.rows(model, system, one)) for one in binding.maps_to(entity.name)]
    declared = lineage.staged(binding, entity)
    columns = [
        _staged_column(entity, name, type_, declared)
        for name, type_ in tables.staged_columns(model, system, entity).items()
    ]
    title = company.connectors[system].title
    text = f"{entity.title} as {title} has it: the newest version of each record, in canonical names and types."
    return Look(
        description=_with_sql(text, statements),
        metadata=_table(f"staged.{system}__{entity.name}", columns),
        version=digest(*statements),
        lineage=column_lineage(declared),
    )


def _staged_column(entity: Entity, name: str, type_: str, declared: lineage.Lineage) -> TableColumn:
    if name in STAGED_TEXTS:
        text = STAGED_TEXTS[name]
    elif name.endswith("__at"):
        text = f"When this system last changed {name.removesuffix('__at')}, UTC."
    else:
        text = entity.field(name).description
    return TableColumn(name, type_, description=_sentences(text, made_of(declared.get(name, ()))))


def xref(company: Company, entity: Entity) -> Look:
    """The crosswalk of an entity."""
    model = company.model
    statements = [_sql(compiled_xref.nodes(model, s, entity)) for s in model.systems_of(entity.name)]
    keyed = "; ".join(" + ".join(key) for key in entity.keys) or "none: only ids that systems keep of each other"
    columns = _plain_columns({name: (type_, XREF_TEXTS[name]) for name, type_ in compiled_xref.XREF_COLUMNS.items()})
    text = f"Which source records are the same {entity.name}. Exact keys, strongest first: {keyed}."
    return Look(
        description=_with_sql(text, statements),
        metadata=_table(f"xref.{entity.name}", columns),
        version=digest(*statements, entity.keys),
    )


def core(company: Company, entity: Entity) -> Look:
    """The canonical records of an entity."""
    model = company.model
    statement = _sql(compiled_core.records(model, entity))
    declared = lineage.core(model, entity)
    columns = [TableColumn("core_id", "VARCHAR", description="Stable for ever; a merge leaves an alias.")]
    columns.append(
        TableColumn("deleted_at", "TIMESTAMP", description="Since when it is gone, UTC; empty while it lives.")
    )
    for field in entity.fields:
        columns += _core_columns(model, entity, field, declared)
    return Look(
        description=_with_sql(entity.description, [statement]),
        metadata=_table(f"core.{entity.name}", columns),
        version=digest(statement),
        lineage=column_lineage(declared),
    )


def _core_columns(model: Model, entity: Entity, field: Field, declared: lineage.Lineage) -> list[TableColumn]:
    """A field's three columns: value, the system that it comes from, and since when."""
    label, tags = _decided(model, entity, field)
    value = TableColumn(
        field.name,
        tables.column_type(field),
        description=_sentences(field.description, label, made_of(declared[field.name])),
        constraints=TableColumnConstraints(nullable=not field.required, other=_constraints(field)),
        tags=tags,
    )
    origin = TableColumn(
        f"{field.name}__from", "VARCHAR", description=f"The system that {field.name} comes from, or `pin`."
    )
    clock = TableColumn(f"{field.name}__at", "TIMESTAMP", description=f"When {field.name} last changed there, UTC.")
    return [value, origin, clock]


def _decided(model: Model, entity: Entity, field: Field) -> tuple[str, dict[str, str]]:
    """Who decides a field: in words, and as tags (letters, digits, dots, dashes, underscores; 63 at most)."""
    if field.via:
        return f"Looked up: {field.via}.", {"rule": "lookup"}
    if field.joined:
        return f"Joined: {', '.join(field.joined)}.", {"rule": "joined"}
    rule = lineage.order(model, entity, field)
    ranks = {f"owner_{place}": _tag(system) for place, system in enumerate(rule.order, start=1)}
    together = f" The whole of {field.group} comes from one system." if field.group else ""
    return f"Owner: {rule.label}.{together}", {"rule": rule.kind, **ranks}


def _tag(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.-]", "_", text)[:63]


def _constraints(field: Field) -> list[str]:
    said = [f"one of {len(field.one_of)}: {', '.join(field.one_of)}"] if field.one_of else []
    said += [f"→ core/{field.ref}"] if field.ref else []
    return said + ([field.unit] if field.unit else []) + (["personal"] if field.personal else [])


def plan(company: Company, handoff: Handoff) -> Look:
    """The plan of a handoff. Its window moves with the clock and is said in words instead of in the SQL."""
    model, entry = company.model, company.stack.handoffs[handoff.name]
    write = write_of(company.connectors[handoff.system], handoff.entity)
    one = map_of(model.binding(handoff.system).maps, write)
    fields = compiled_plan.written_fields(model, handoff, one, write.extra)
    timeless = replace(handoff, starts=None, ends=None)
    statement = _sql(compiled_plan.changes(model, timeless, one, fields))
    window = entry.window.model_dump(mode="json", exclude_none=True, by_alias=True) if entry.window else {}
    said = ", ".join(f"{name} {value}" for name, value in window.items())
    text = (
        f"What would be written to {handoff.system} for each {handoff.entity}, frozen before anything is sent. "
        f"Mode `{handoff.mode}`; fields: {', '.join(fields) or 'none'}."
    )
    return Look(
        description=_with_sql(text + (f" Window: {said}." if said else ""), [statement]),
        metadata=_table(f"plans and changes in the ledger, handoff {handoff.name}", _plain_columns(CHANGE_COLUMNS)),
        version=digest(statement, window, handoff.mode),
    )


def push(company: Company, handoff: Handoff) -> Look:
    """The push of a handoff."""
    connector = company.connectors[handoff.system]
    write = write_of(connector, handoff.entity)
    kinds = [
        name for name in ("create", "update", "delete") if getattr(write, name) or (write.many and name != "delete")
    ]
    guard = "the system refuses a version that we have not seen" if write.guarded else "read, compared, then written"
    text = (
        f"The frozen plan, sent to {connector.title}: {', '.join(kinds)}. A create is known again by {write.identity}; "
        f"updates: {guard}. The intent is in the ledger before a request leaves, the receipt after its answer."
    )
    return Look(
        description=f"{text}\n\n[{connector.title}: documentation]({connector.docs})",
        metadata=_table(f"receipts in the ledger, handoff {handoff.name}", _plain_columns(CHANGE_COLUMNS)),
    )


def _table(name: str, columns: Sequence[TableColumn]) -> dict[str, Any]:
    return {"dagster/table_name": name, "dagster/column_schema": TableSchema(columns=list(columns))}


def _plain_columns(columns: Mapping[str, tuple[str, str]]) -> list[TableColumn]:
    return [TableColumn(name, type_, description=text) for name, (type_, text) in columns.items()]


def _sentences(*parts: str) -> str:
    """The parts that say something, each ending with a full stop."""
    return " ".join(part if part.endswith(".") else f"{part}." for part in parts if part)


def _sql(expression: Any) -> str:
    return str(expression.sql("duckdb", pretty=True))


def _with_sql(text: str, statements: Iterable[str]) -> str:
    return "\n\n".join([text, *(f"```sql\n{statement}\n```" for statement in statements)])
