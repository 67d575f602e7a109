"""What conditions are held against: values of core records and of what these refer to."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from models.compile import referring
from models.compile import tables as t
from models.schema import Entity


def values(entity: Entity, paths: Iterable[str]) -> exp.Select:
    """core_id and a column for each path, named like it, of the records in the variable ``core_ids``."""
    select = exp.select(t.col("core_id", "c")).from_(t.core(entity.name).as_("c"), copy=False)
    joined: set[str] = set()
    for path in dict.fromkeys(paths):
        if path.count(".") > 1:
            select = _through(entity, select, path)
            continue
        ref, _, below = path.partition(".")
        alias = f"of_{ref}" if below else "c"
        select = select.select(exp.alias_(t.col(below or ref, alias), path, quoted=True, copy=False), copy=False)
        if below and ref not in joined:
            joined.add(ref)
            on = exp.EQ(this=t.col("core_id", alias), expression=t.col(ref, "c"))
            parent = t.core(str(entity.field(ref).ref)).as_(alias)
            select = select.join(parent, on=on, join_type="left", copy=False)
    return select.where(t.asked("c"), copy=False)


def _through(entity: Entity, select: exp.Select, path: str) -> exp.Select:
    """Join, as a list, the values of what the elements of a list point to (``allocations.invoice.status``)."""
    name, key, below = path.split(".")
    field = entity.field(name)
    rows = exp.select(t.col("core_id"), t.col(name), t.col(f"{name}__from")).from_(t.core(entity.name), copy=False)
    said = referring.values(field, key, below, rows.where(t.asked(entity.name), copy=False))
    alias = exp.to_identifier(path, quoted=True)
    on = exp.EQ(this=t.col("core_id", path), expression=t.col("core_id", "c"))
    value = exp.alias_(t.col("said", path), path, quoted=True, copy=False)
    return select.select(value, copy=False).join(said.subquery(alias), on=on, join_type="left", copy=False)
