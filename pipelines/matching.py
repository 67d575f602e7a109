"""Probabilistic matching: how likely two records are the same person, company or place.

Splink computes it on a DuckDB of its own in memory, with weights that are shipped (``models/weights``) and
never learned from the company's own data: the same two records give the same probability everywhere, alone
or among a million others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from models.clusters import BITS, DIGITS, FLOOR, REVIEW, Pair
from models.compile.likeness import SEPARATOR, TEXTS
from pipelines.warehouse import statement

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Kind = str  # person, company or place

# What records are compared by, all text. A source gives what it has.
COLUMNS = TEXTS
COMPARED = re.compile(r"\b[lr]\.(\w+)")  # the columns of a blocking rule


@cache
def _shipped(kind: Kind) -> str:
    return files("models").joinpath("weights", f"{kind}.json").read_text(encoding="utf-8")


def weights(kind: Kind) -> dict[str, Any]:
    """The shipped Splink settings of a kind of thing, weights included."""
    settings: dict[str, Any] = json.loads(_shipped(kind))
    return settings


def comparisons(kind: Kind) -> tuple[str, ...]:
    """What is compared of this kind, in the order of the weights."""
    return tuple(one["output_column_name"] for one in weights(kind)["comparisons"])


def score(
    kind: Kind,
    records: pd.DataFrame,
    *,
    fresh: frozenset[str] | None = None,
    floor: float = FLOOR,
    within: bool = False,
) -> tuple[Pair, ...]:
    """Pairs of records that may be the same thing, with their probability, in order of their ids.

    records  one row a record: ``id`` (unique), ``system`` and any of ``COLUMNS``
    fresh    ids to look for; every pair has at least one of them. None looks for all
    floor    the least weight, in bits, that is told
    within   compare records of one system as well
    """
    if len(records) < 2 or (fresh is not None and not fresh):
        return ()
    with _database() as api:
        _prepare(api, records)
        if fresh is not None:
            api.duckdb_con.execute("CREATE TABLE wanted AS SELECT unnest(?) AS unique_id", [[*fresh]])
        empty = _empty(api)
        scored = _predict(api, kind, linking=fresh is not None, floor=floor, within=within, empty=empty)
        rows = api.duckdb_con.execute(f"SELECT * EXCLUDE (bits) FROM ({scored}) ORDER BY ALL").fetchall()  # noqa: S608
    return tuple(
        Pair(left=left, right=right, probability=probability, weight=weight)
        for left, right, probability, weight in rows
    )


def pairs(kind: Kind, traits: pa.Table, *, fresh: pa.Table | None, floor: float = FLOOR) -> pa.Table:
    """Pairs of prepared records (``sql/matching.sql``) as they are stored: columns ``likeness.PAIR_COLUMNS``.

    fresh  column unique_id: every pair has at least one of these. None looks for all
    """
    with _database() as api:
        connection = api.duckdb_con
        connection.register("given", traits)
        connection.execute("CREATE TABLE prepared AS SELECT * FROM given")
        if fresh is not None:
            connection.register("wanted", fresh)
        scored = _predict(api, kind, linking=fresh is not None, floor=floor, within=False, empty=_empty(api))
        parts = [f"split_part({side}, chr({SEPARATOR}), {n})" for side in ("one", "other") for n in (1, 2)]
        query = f"SELECT {', '.join(parts)}, probability, weight, bits FROM ({scored})"  # noqa: S608 - our own
        return connection.sql(query).to_arrow_table()


@contextmanager
def _database() -> Iterator[Any]:
    """Splink's own database; the warehouse stays free of its tables."""
    from splink.backends.duckdb import DuckDBAPI

    api = DuckDBAPI(":memory:")
    try:
        yield api
    finally:
        api.duckdb_con.close()


def _prepare(api: Any, records: pd.DataFrame) -> None:
    columns = {name: records.get(name) for name in ("id", "system", "kind", *COLUMNS)}
    frame = records[[]].assign(**columns).astype("string")
    api.duckdb_con.register("given", frame)
    listed = ", ".join(f"{name}::VARCHAR AS {name}" for name in columns)
    api.duckdb_con.execute(f"CREATE TABLE records AS SELECT {listed} FROM given")  # noqa: S608 - our own columns
    api.duckdb_con.execute(statement("matching"))


def _empty(api: Any) -> frozenset[str]:
    """The columns of the table ``prepared`` in which no record says anything."""
    found = api.duckdb_con.execute("SELECT count(COLUMNS(*)) FROM prepared")
    names = [column[0] for column in found.description]
    return frozenset(name for name, count in zip(names, found.fetchall()[0], strict=True) if not count)


def _settings(shipped: dict[str, Any], *, linking: bool, within: bool, empty: frozenset[str]) -> dict[str, Any]:
    """The shipped settings for this question: new records against all, or all against all; across systems or not."""
    apart = "" if within else " AND l.system <> r.system"
    rules = [{**rule, "blocking_rule": rule["blocking_rule"] + apart} for rule in _rules(shipped, empty)]
    return {
        **shipped,
        "link_type": "link_only" if linking else "dedupe_only",
        "blocking_rules_to_generate_predictions": rules,
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
    }


def _rules(shipped: dict[str, Any], empty: frozenset[str]) -> list[dict[str, Any]]:
    """The blocking rules that can hold: each asks for all of its columns to agree, and nothing agrees with nothing.

    Splink holds each pair of a rule against every rule before it, also against those that never hold. Without any
    rule it would compare everything with everything: one always stays.
    """
    rules: list[dict[str, Any]] = shipped["blocking_rules_to_generate_predictions"]
    return [rule for rule in rules if empty.isdisjoint(COMPARED.findall(rule["blocking_rule"]))] or rules[:1]


def _predict(
    api: Any, kind: Kind, *, linking: bool, floor: float, within: bool, empty: frozenset[str] = frozenset()
) -> str:
    """Score the table ``prepared``; a query with columns one, other, probability, weight, bits, a row a pair.

    empty  columns in which no record says anything: what needs them is not asked
    """
    from splink import Linker

    settings = _settings(weights(kind), linking=linking, within=within, empty=empty)
    inputs = [api.register("prepared", dataset_display_name="all")]
    if linking:
        api.duckdb_con.execute("CREATE TABLE fresh AS SELECT * FROM prepared SEMI JOIN wanted USING (unique_id)")
        inputs.append(api.register("fresh", dataset_display_name="fresh"))
    linker = Linker(inputs, settings, log_level=None)
    found = linker.inference.predict(threshold_match_weight=floor, warning_mode="never").physical_name
    marks = ", ".join(f"round(mw_{name}, {BITS})" for name in comparisons(kind))
    told = f"CASE WHEN match_probability >= {REVIEW} THEN [{marks}] END"
    # two fresh records meet once from either side
    once = "QUALIFY row_number() OVER (PARTITION BY one, other) = 1" if linking else ""
    return f"""
        SELECT least(unique_id_l, unique_id_r) AS one, greatest(unique_id_l, unique_id_r) AS other,
               round(match_probability, {DIGITS}) AS probability, round(match_weight, {BITS}) AS weight, {told} AS bits
        FROM {found} WHERE unique_id_l <> unique_id_r {once}
    """  # noqa: S608 - the names of our own comparisons and of a table that Splink made
