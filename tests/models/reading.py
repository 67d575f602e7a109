"""Codecs at work: values encoded into records, records read by the compiled SQL, all of a test in one query."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import simplejson
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from models.compile import tables as t
from models.fields import Codec, encode_record
from models.schema import Context
from tests.models.world import World

# What DuckDB trims: Unicode's space separators, tabs and line ends not among them.
SPACES = "".join(chr(c) for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c)) == "Zs")
# For properties over a warehouse that all examples share.
LAW = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
CONTEXT = Context(time_zone="America/Chicago", currency="USD", region="US")


def read(world: World, codec: Codec, records: Sequence[Mapping[str, Any]], *, context: Context = CONTEXT) -> list[Any]:
    """What the codec reads in each record."""
    return [row["value"] for row in _rows(world, codec, records, context)]


def broken(world: World, codec: Codec, records: Sequence[Mapping[str, Any]]) -> list[bool]:
    """Whether there is text in each record that the codec cannot read."""
    return [row["raw"] is not None and row["value"] is None for row in _rows(world, codec, records, CONTEXT)]


def _rows(world: World, codec: Codec, records: Sequence[Mapping[str, Any]], context: Context) -> list[dict[str, Any]]:
    raw = codec.raw.sql("duckdb") if codec.raw is not None else "NULL"
    texts = [simplejson.dumps(record, use_decimal=True, ensure_ascii=False) for record in records]
    return world.warehouse.rows(
        f"SELECT {codec.read(context).sql('duckdb')} AS value, {raw} AS raw "  # noqa: S608 - compiled by us
        "FROM (SELECT unnest($texts)::JSON AS record, generate_subscripts($texts, 1) AS place) AS t ORDER BY place",
        {"texts": texts},
    )


def round_trip(world: World, codec: Codec, values: Sequence[Any]) -> list[Any]:
    """Each value written to a record of its own, and what is read there."""
    return read(world, codec, [encode_record({"f": codec}, {"f": value}) for value in values])


def kept(world: World, codec: Codec, values: Sequence[Any], type_: str) -> list[Any]:
    """What the system can keep of each value (``fit``); all of it where the codec does not say."""
    if codec.fit is None:
        return list(values)
    query = codec.fit(t.col("v")).sql("duckdb")
    rows = world.warehouse.rows(
        f"SELECT {query} AS value FROM (SELECT unnest($values::{type_}[]) AS v, "  # noqa: S608
        "generate_subscripts($values, 1) AS place) AS t ORDER BY place",
        {"values": list(values)},
    )
    return [row["value"] for row in rows]


def many(one: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(one, min_size=1, max_size=40)


def at(*parts: int) -> datetime:
    """A canonical instant: UTC, without saying so."""
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001


def one(world: World, codec: Codec, record: dict[str, Any], **more: Any) -> Any:
    return read(world, codec, [record], **more)[0]
