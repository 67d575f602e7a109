"""What conditions are held against: values of core records and of what these refer to."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from models.compile import tables as t
from models.schema import Entity


def values(entity: Entity, paths: Iterable[str]) -> exp.Select:
    """core_id and a column for each path, named like it, of the records in the variable ``core_ids``."""
    select = exp.select(t.col("core_id", "c")).from_(t.core(entity.name).as_("c"), copy=False)
    joined: set[str] = set()
    for path in dict.fromkeys(paths):
        ref, _, below = path.partition(".")
        alias = f"of_{ref}" if below else "c"
        select = select.select(exp.alias_(t.col(below or ref, alias), path, quoted=True, copy=False), copy=False)
        if below and ref not in joined:
            joined.add(ref)
            on = exp.EQ(this=t.col("core_id", alias), expression=t.col(ref, "c"))
            parent = t.core(str(entity.field(ref).ref)).as_(alias)
            select = select.join(parent, on=on, join_type="left", copy=False)
    return select.where(t.asked("c"), copy=False)
