"""Likeness in SQL: what records are compared by, how likely they are the same, and which a person should see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2
from typing import Any

import sqlglot
from sqlglot import exp

from models.clusters import BITS, DIGITS, REVIEW
from models.compile import tables as t
from models.likeness import Likeness
from models.paths import call, literal
from models.schema import Entity, Model

# between a system and an id: in neither
SEPARATOR = 31

TEXTS = ("given_name", "family_name", "name", "email", "phone", "street", "locality", "city", "state", "postal_code",
         "birth_date", "person_id", "parent")  # fmt: skip
TRAIT_COLUMNS = {
    **dict.fromkeys(("unique_id", "system", "kind", "given_name"), "VARCHAR"),
    "given_names": "VARCHAR[]",
    **dict.fromkeys(("family_name", "name"), "VARCHAR"),
    "name_words": "VARCHAR[]",
    **dict.fromkeys(("email", "phone", "street_number", "street_name", "locality", "city", "state"), "VARCHAR"),
    **dict.fromkeys(("postal_code", "birth_date", "person_id", "parent"), "VARCHAR"),
}
PAIR_COLUMNS = {
    **dict.fromkeys(("left_system", "left_id", "right_system", "right_id"), "VARCHAR"),
    **dict.fromkeys(("probability", "weight"), "DOUBLE"),
    # of each comparison of the weights, in their order, for pairs worth a look; a map would take forty times as long
    "bits": "DOUBLE[]",
}


def records(model: Model, entity: Entity, likeness: Likeness) -> exp.Query:
    """The living records of ``touched_refs`` as they are compared: id, system, kind and ``TEXTS``."""
    return t.union([_records(model, system, entity, likeness) for system in model.systems_of(entity.name)])


def _records(model: Model, system: str, entity: Entity, likeness: Likeness) -> exp.Select:
    fields = model.binding(system).fields_of(entity.name)
    named = literal(system)
    id = call("concat", named.copy(), call("chr", literal(SEPARATOR)), t.col("source_id", "s"))
    parts: dict[str, exp.Expr] = {"id": id, "system": named, "kind": _kind(fields, likeness)}
    for column in TEXTS:
        source = likeness.columns.get(column)
        known = source is not None and source in fields
        parts[column] = _value(entity, str(source)) if known else exp.Null()
    select = exp.select(
        *[
            exp.alias_(exp.cast(value, "VARCHAR", copy=False), name, quoted=True, copy=False)
            for name, value in parts.items()
        ]
    ).from_(t.staged(system, entity.name).as_("s"), copy=False)
    touched = "touched.source_id = s.source_id"
    on = exp.and_(touched, exp.EQ(this=t.col("system", "touched"), expression=named.copy()), copy=False)
    select = select.join(exp.to_table("touched_refs").as_("touched"), on=on, copy=False)
    for source in likeness.columns.values():
        if source in fields and (parent := entity.field(source).ref):
            leads = exp.and_(
                exp.EQ(this=t.col("system", source), expression=named.copy()),
                exp.EQ(this=t.col("source_id", source), expression=t.col(source, "s")),
                copy=False,
            )
            select = select.join(t.xref(parent).as_(source, quoted=True), on=leads, join_type="left", copy=False)
    return select.where(t.is_null(t.col("deleted_at", "s")), copy=False)


def _value(entity: Entity, source: str) -> exp.Expr:
    return t.col("core_id", source) if entity.field(source).ref else t.col(source, "s")


def _kind(fields: Sequence[str], likeness: Likeness) -> exp.Expr:
    if likeness.marked is None or likeness.marked[0] not in fields:
        return literal(likeness.kind)
    name, kind = likeness.marked
    return t.case((t.not_null(t.col(name, "s")), literal(kind)), default=literal(likeness.kind))


def scored(kind: str, settings: Mapping[str, Any], floor: float) -> exp.Select:
    """Pairs of ``fresh_traits`` with ``trait`` of other systems, as ``PAIR_COLUMNS``: what Splink says of them.

    For the few records that a sync brings, Splink's own start takes longer than all of its work.

    settings  Splink's settings: blocking rules, comparisons with the weights of their levels, and the prior
    floor     the least weight, in bits, that is told
    """
    compared = exp.select("b.*").from_(_blocked(kind, settings).subquery("b"), copy=False)
    for side in ("l", "r"):
        columns = [exp.alias_(t.col(name, side), f"{name}_{side}", quoted=True, copy=False) for name in TRAIT_COLUMNS]
        on = exp.EQ(this=t.col("unique_id", side), expression=t.col("one" if side == "l" else "other", "b"))
        compared = compared.select(*columns, copy=False).join(exp.to_table("trait").as_(side), on=on, copy=False)
    marks = {one["output_column_name"]: _bits(one["comparison_levels"]) for one in settings["comparisons"]}
    weighed = exp.select(t.col("one"), t.col("other")).from_(compared.subquery("compared"), copy=False)
    for name, bits in marks.items():
        weighed = weighed.select(exp.alias_(bits, f"mw_{name}", quoted=True, copy=False), copy=False)
    return _told([*marks], settings["probability_two_random_records_match"], weighed, floor)


def _blocked(kind: str, settings: Mapping[str, Any]) -> exp.Query:
    """Pairs (one < other) that share a block, each once."""
    rules = [rule["blocking_rule"] for rule in settings["blocking_rules_to_generate_predictions"]]
    together: exp.Query = _block(kind, rules[0])
    for rule in rules[1:]:
        together = exp.union(together, _block(kind, rule), distinct=True, copy=False)
    return together


def _block(kind: str, rule: str) -> exp.Select:
    sides = [exp.EQ(this=t.col("kind", side), expression=literal(kind)) for side in ("l", "r")]
    on = exp.and_(sqlglot.parse_one(rule, dialect="duckdb"), "l.system <> r.system", *sides, copy=False)
    ids = (t.col("unique_id", "l"), t.col("unique_id", "r"))
    return (
        exp.select(
            exp.alias_(call("least", *ids), "one", quoted=True, copy=False),
            exp.alias_(call("greatest", *[one.copy() for one in ids]), "other", quoted=True, copy=False),
        )
        .from_(exp.to_table("fresh_traits").as_("l"), copy=False)
        .join(exp.to_table("trait").as_("r"), on=on, copy=False)
    )


def _bits(levels: Sequence[Mapping[str, Any]]) -> exp.Expr:
    """The weight of the first level whose condition holds; 0 where one side says nothing."""
    branches: list[tuple[exp.Expr, exp.Expr]] = []
    default: exp.Expr | None = None
    for level in levels:
        weight = 0.0 if level.get("is_null_level") else log2(level["m_probability"] / level["u_probability"])
        value = exp.cast(exp.convert(weight), "DOUBLE", copy=False)
        if level["sql_condition"] == "ELSE":
            default = value
        else:
            branches.append((sqlglot.parse_one(level["sql_condition"], dialect="duckdb"), value))
    return t.case(*branches, default=default)


def _told(names: Sequence[str], prior: float, weighed: exp.Select, floor: float) -> exp.Select:
    """Ids taken apart, the weights summed up, and what each comparison says of a pair worth a look."""
    weight: exp.Expr = exp.cast(exp.convert(log2(prior / (1 - prior))), "DOUBLE", copy=False)
    for name in names:
        weight = exp.Add(this=weight, expression=t.col(f"mw_{name}"))
    odds = exp.Pow(this=exp.convert(2), expression=t.col("weight"))
    probability = exp.Div(this=odds, expression=exp.Paren(this=exp.Add(this=exp.convert(1), expression=odds.copy())))
    marks = [call("round", t.col(f"mw_{name}"), exp.convert(BITS)) for name in names]
    likely = exp.GTE(this=t.col("probability"), expression=exp.convert(REVIEW))
    parts = {
        f"{side}_{part}": call("split_part", t.col(id), call("chr", literal(SEPARATOR)), literal(number))
        for side, id in (("left", "one"), ("right", "other"))
        for part, number in (("system", 1), ("id", 2))
    }
    parts |= {"probability": call("round", t.col("probability"), exp.convert(DIGITS))}
    parts |= {
        "weight": call("round", t.col("weight"), exp.convert(BITS)),
        "bits": t.case((likely, exp.Array(expressions=marks))),
    }
    summed = exp.select("*", exp.alias_(weight, "weight", copy=False)).from_(weighed.subquery("weighed"), copy=False)
    judged = exp.select("*", exp.alias_(probability, "probability", copy=False)).from_(
        summed.subquery("summed"), copy=False
    )
    return (
        exp.select(*[exp.alias_(value, name, quoted=True, copy=False) for name, value in parts.items()])
        .from_(judged.subquery("judged"), copy=False)
        .where(exp.GTE(this=t.col("weight"), expression=exp.convert(floor)), copy=False)
    )


def candidates(entities: Sequence[str]) -> exp.Create:
    """The view ``xref.candidates``: scored pairs that may be one thing, are not, and of which nobody decided."""
    view = exp.table_("candidates", db="xref")
    if not entities:
        columns = {"entity": "VARCHAR", "left_core": "VARCHAR", "right_core": "VARCHAR", **PAIR_COLUMNS}
        nothing = [
            exp.alias_(exp.cast(exp.Null(), t.data_type(type_), copy=False), name, quoted=True, copy=False)
            for name, type_ in columns.items()
        ]
        return t.view(view, exp.select(*nothing).where(exp.false(), copy=False))
    return t.view(view, t.union([_candidates(name) for name in entities]))


def _candidates(entity: str) -> exp.Select:
    select = exp.select(
        exp.alias_(literal(entity), "entity", quoted=True, copy=False),
        exp.alias_(t.col("core_id", "l"), "left_core", quoted=True, copy=False),
        exp.alias_(t.col("core_id", "r"), "right_core", quoted=True, copy=False),
        *[t.col(name, "p") for name in PAIR_COLUMNS],
    ).from_(t.pairs(entity).as_("p"), copy=False)
    for side in ("left", "right"):
        on = f"{side[0]}.system = p.{side}_system AND {side[0]}.source_id = p.{side}_id"
        select = select.join(t.xref(entity).as_(side[0]), on=on, copy=False)
    decided = (
        "d.left_system = p.left_system AND d.left_id = p.left_id AND d.right_system = p.right_system "
        "AND d.right_id = p.right_id"
    )
    mine = exp.EQ(this=t.col("entity", "d"), expression=literal(entity))
    return (
        select.join(
            exp.table_("verdicts", db="meta").as_("d"),
            on=exp.and_(decided, mine, copy=False),
            join_type="left",
            copy=False,
        )
        .where("l.core_id <> r.core_id", "d.entity IS NULL", copy=False)
        .where(exp.GTE(this=t.col("probability", "p"), expression=exp.convert(REVIEW)), copy=False)
    )
