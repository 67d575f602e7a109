"""What moved between two states of core: one row per record with a value that is not what it was."""

from __future__ import annotations

from sqlglot import exp

from models.compile import tables as t
from models.schema import Entity


def differences(entity: Entity, before: str) -> exp.Select:
    """Rows ``old, new``: the whole record in ``before`` (a relation shaped like core) and in core, as structs.

    A record that is on one side only has no core_id on the other. Sources and clocks alone are no difference.
    """
    old, new = (exp.to_identifier(name, quoted=True) for name in ("was", "is"))
    names = ("core_id", "deleted_at", *(field.name for field in entity.fields))
    moved = [t.distinct(t.col(name, "was"), t.col(name, "is")) for name in names]
    same = exp.EQ(this=t.col("core_id", "was"), expression=t.col("core_id", "is"))
    return (
        exp.select(
            exp.alias_(exp.Column(this=old.copy()), "old", quoted=True, copy=False),
            exp.alias_(exp.Column(this=new.copy()), "new", quoted=True, copy=False),
        )
        .from_(t.quoted(before).as_("was", quoted=True), copy=False)
        .join(t.core(entity.name).as_("is", quoted=True), on=same, join_type="full", copy=False)
        .where(exp.or_(*moved, copy=False), copy=False)
        .order_by(exp.func("coalesce", t.col("core_id", "was"), t.col("core_id", "is")), copy=False)
    )
