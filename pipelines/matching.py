"""Probabilistic matching: how likely two records are the same person, company or place.

Splink computes it on a DuckDB of its own in memory, with weights that are shipped (``models/weights``) and
never learned from the company's own data: the same two records give the same probability everywhere, alone
or among a million others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from models.clusters import FLOOR, Pair
from pipelines.warehouse import statement

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["person", "company", "place"]

# What records are compared by, all text. A source gives what it has.
COLUMNS = (
    "given_name",
    "family_name",
    "name",
    "email",
    "phone",
    "street",
    "locality",
    "city",
    "state",
    "postal_code",
    "birth_date",
    "person_id",
    "parent",
)
DIGITS = 6  # of a probability
BITS = 3  # digits of a weight


def weights(kind: Kind) -> dict[str, Any]:
    """The shipped Splink settings of a kind of thing, weights included."""
    text = files("models").joinpath("weights", f"{kind}.json").read_text(encoding="utf-8")
    settings: dict[str, Any] = json.loads(text)
    return settings


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
    with _prepared(records) as api:
        settings = _settings(weights(kind), linking=fresh is not None, within=within)
        found = _predict(api, settings, fresh, floor)
        rows = found.fetchall()
    return tuple(
        Pair(left=left, right=right, probability=probability, weight=weight)
        for left, right, probability, weight in rows
    )


@contextmanager
def _prepared(records: pd.DataFrame) -> Iterator[Any]:
    """Splink's own database with the table ``prepared``; the warehouse stays free of its tables."""
    from splink.backends.duckdb import DuckDBAPI

    columns = {name: records.get(name) for name in ("id", "system", *COLUMNS)}
    frame = records[[]].assign(**columns).astype("string")
    api = DuckDBAPI(":memory:")
    connection = api.duckdb_con
    try:
        connection.register("given", frame)
        listed = ", ".join(f"{name}::VARCHAR AS {name}" for name in columns)
        connection.execute(f"CREATE TABLE records AS SELECT {listed} FROM given")  # noqa: S608 - our own columns
        connection.execute(statement("matching"))
        yield api
    finally:
        connection.close()


def _settings(shipped: dict[str, Any], *, linking: bool, within: bool) -> dict[str, Any]:
    """The shipped settings for this question: new records against all, or all against all; across systems or not."""
    apart = "" if within else " AND l.system <> r.system"
    rules = [{**rule, "blocking_rule": rule["blocking_rule"] + apart} for rule in _rules(shipped)]
    return {
        **shipped,
        "link_type": "link_only" if linking else "dedupe_only",
        "blocking_rules_to_generate_predictions": rules,
        "retain_matching_columns": False,
    }


def _rules(shipped: dict[str, Any]) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = shipped["blocking_rules_to_generate_predictions"]
    return rules


def _predict(api: Any, settings: dict[str, Any], fresh: frozenset[str] | None, floor: float) -> Any:
    from splink import Linker

    connection = api.duckdb_con
    inputs = [api.register("prepared", dataset_display_name="all")]
    if fresh is not None:
        connection.execute(
            "CREATE TABLE fresh AS SELECT * FROM prepared WHERE unique_id IN (SELECT unnest(?))", [[*fresh]]
        )
        inputs.append(api.register("fresh", dataset_display_name="fresh"))
    linker = Linker(inputs, settings, log_level=None)
    scored = linker.inference.predict(threshold_match_weight=floor, warning_mode="never").physical_name
    return connection.execute(
        f"""
        SELECT least(unique_id_l, unique_id_r) AS one, greatest(unique_id_l, unique_id_r) AS other,
               round(max(match_probability), {DIGITS}), round(max(match_weight), {BITS})
        FROM {scored} WHERE unique_id_l <> unique_id_r GROUP BY ALL ORDER BY ALL
        """  # noqa: S608 - the name of a table that Splink made
    )
