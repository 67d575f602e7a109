"""Fields that pause: where a record has its fields, and the map that leaves some of them as they were.

A path is looked at as far as it leads through objects; what is inside a list is the list's own affair.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlglot import exp

from models.compile import tables as t
from models.fields import Codec
from models.paths import call, json_at, literal, steps
from models.schema import Context, Map

Hold = Literal["absent", "unreadable", "all"]
Keys = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """How a field pauses, and the paths it pauses for.

    hold  which of its values stay as they were: those ``absent`` from their record, those ``unreadable``, or ``all``
    """

    hold: Hold
    paths: tuple[str, ...]


def places(codec: Codec) -> tuple[Keys, ...]:
    """The keys that lead to what a codec reads, up to the first list; nothing for what is read inside an element."""
    return tuple(dict.fromkeys(keys for path in codec.paths if (keys := keys_of(path))))


def keys_of(path: str) -> Keys:
    """The keys of a path up to its first list step."""
    if path.startswith("@."):
        return ()
    found: list[str] = []
    for step in steps(path):
        if not isinstance(step, str):
            break
        found.append(step)
    return tuple(found)


def essential(one: Map) -> tuple[Keys, ...]:
    """Where it stands which records a map has at all: without these nothing can be said of any of its rows."""
    codecs = [one.where, one.deleted, None if isinstance(one.id, str) else one.id]
    paths = [one.each, one.id if isinstance(one.id, str) else None]
    found = [keys for codec in codecs if codec for keys in places(codec)] + [keys_of(path) for path in paths if path]
    return tuple(dict.fromkeys(keys for keys in found if keys))


def spelled(keys: Keys) -> str:
    """A place as people write a path; a key that holds dots or brackets stands in double quotes."""
    return ".".join(f'"{key}"' if set(key) & set(".[]") else key for key in keys)


def paused(system: str, one: Map, rests: Mapping[str, Rest]) -> Map:
    """The map with some fields left as they are staged.

    A record that was never read before has no value to keep; it is set aside only where such a field is required.
    """
    fields = {name: _kept(system, one, name, rests[name]) if name in rests else c for name, c in one.fields.items()}
    return replace(one, fields=fields)


def _kept(system: str, one: Map, name: str, rest: Rest) -> Codec:
    same = exp.EQ(this=t.col("source_id", "kept"), expression=t.col("source_id", "raw"))
    staged = t.staged(system, one.to).as_("kept")
    old = exp.select(t.col(name, "kept")).from_(staged, copy=False).where(same, copy=False).subquery()
    codec = one.fields[name]

    def read(context: Context) -> exp.Expr:
        if rest.hold == "absent":
            there = exp.and_(*[t.not_null(json_at(path)) for path in rest.paths], copy=False)
            return t.case((there, codec.read(context)), default=old.copy())
        if rest.hold == "unreadable" and codec.raw is not None:
            return t.case((t.not_null(codec.raw.copy()), call("coalesce", codec.read(context), old)))
        return old.copy()

    return Codec(kind=codec.kind, paths=codec.paths, read=read)


def speaking(maps: Sequence[Map], context: Context) -> exp.Select:
    """The fresh records of ``batch`` that live: of one that is gone many systems show little more than its id."""
    gone = [call("coalesce", one.deleted.read(context), literal(False)) for one in maps if one.deleted]
    gone += [t.not_null(one.merged.read(context)) for one in maps if one.merged]
    living = [exp.Not(this=exp.Paren(this=test)) for test in (t.col("deleted"), *gone)]
    return exp.select("record").from_("batch", copy=False).where(_fresh(), *living, copy=False)


def _fresh() -> exp.Expr:
    return call("list_contains", call("getvariable", literal("fresh")), t.col("load_id"))


def unlisted(raw: exp.Expr, value: exp.Expr) -> exp.Select:
    """The texts in the fresh records of ``batch`` that have no value, each once."""
    shown = exp.alias_(call("left", raw, literal(80)), "value", quoted=True, copy=False)
    return (
        exp.select(shown)
        .distinct()
        .from_("batch", copy=False)
        .where(exp.Not(this=t.col("deleted")), _fresh(), t.not_null(raw.copy()), t.is_null(value))
        .order_by("value")
    )
