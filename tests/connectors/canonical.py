"""Canonical values for every kind of codec, and staging of records with a map's own SQL."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Self

import duckdb
import phonenumbers
import simplejson
from hypothesis import strategies as st

from connectors.spec import Connector
from models.compile import staged
from models.entities import ENTITIES
from models.fields import Codec
from models.minor import exponent
from models.schema import Binding, Context, Entity, Field, Map, Model, Type
from tests.connectors.kit import START

CONTEXT = Context(time_zone="America/Chicago", currency="USD", region="US")
ZONES = ("America/Chicago", "Europe/Berlin", "America/Phoenix", "Asia/Kolkata", "UTC")
BATCH = "CREATE TABLE batch (id VARCHAR, record JSON, deleted BOOLEAN, read_at TIMESTAMP, load_id VARCHAR, seq BIGINT)"

# Instants and wall times are canonical without an offset (UTC, and the zone beside it).
EARLIEST = START.replace(year=1990, tzinfo=None)

_DIGITS = st.text(string.digits, min_size=6, max_size=6)
_WORD = st.text(string.ascii_letters + string.digits, min_size=1, max_size=12)
# Everything that people type, without control characters and halves of surrogate pairs.
_TEXT = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=40)
_TEXT = _TEXT.map(lambda text: text.strip()).filter(bool)
# As long as what people paste.
_LONG = st.builds(lambda text, times: (text * times).strip(), _TEXT, st.integers(20, 60))

BY_KIND: Mapping[str, st.SearchStrategy[Any]] = {
    "email": st.builds(lambda name, host: f"{name}@{host}.test".lower(), _WORD, _WORD),
    "phone": st.builds(
        lambda a, b, c: f"+1{a}{c[:2]}{b}{c}", st.sampled_from("23456789"), st.sampled_from("23456789"), _DIGITS
    ),
    "zone": st.sampled_from(ZONES),
    "ref": _WORD,
    "country": st.sampled_from(("US", "CA", "GB", "Atlantis")),
    "currency": st.sampled_from(("USD", "EUR", "JPY", "KRW", "KWD")),
    "sql": st.lists(_WORD, min_size=1, max_size=4).map(" ".join),
}
BY_TYPE: Mapping[Type, st.SearchStrategy[Any]] = {
    Type.TEXT: _TEXT,
    Type.INTEGER: st.integers(-(2**53), 2**53),
    Type.MONEY: st.decimals(-(10**9), 10**9, places=2),
    Type.NUMBER: st.decimals(-(10**6), 10**6, places=4),
    Type.FLAG: st.booleans(),
    Type.DATE: st.dates(date(1900, 1, 1), date(2199, 12, 31)),
    Type.WALL: st.datetimes(EARLIEST, EARLIEST + timedelta(days=25_000)).map(lambda at: at.replace(microsecond=0)),
    Type.TAGS: st.lists(_TEXT, max_size=4).map(lambda tags: sorted(set(tags))),
}


def values_of(one: Map, entity: Entity, *, long: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """Canonical values (or nothing) for every field that the map writes where it reads it; ``long``: long texts too."""
    fields = {name: entity.field(name) for name, codec in one.fields.items() if reads_what_it_writes(codec)}
    drawn = st.fixed_dictionaries(
        {name: st.none() | value_of(one.fields[name], field, long=long) for name, field in fields.items()}
    )
    return drawn.map(lambda values: _counted(_coherent(values, fields), one.fields))


def _counted(values: dict[str, Any], codecs: Mapping[str, Codec]) -> dict[str, Any]:
    """Amounts that are written in the smallest units of their currency have no smaller parts, and none without it."""
    beside = [name for name in values if codecs[name].beside is not None and values[name] is not None]
    code = values.get("currency")
    smallest = Decimal(1).scaleb(-exponent(code)) if code else Decimal(1)
    return values | {name: values[name].quantize(smallest) if code else None for name in beside}


def _coherent(values: dict[str, Any], fields: Mapping[str, Field]) -> dict[str, Any]:
    """All-day things have days and no times; other things have times and no days."""
    if "all_day" not in values:
        return values
    values["all_day"] = bool(values["all_day"])
    idle = (Type.INSTANT, Type.WALL) if values["all_day"] else (Type.DATE,)
    return {n: None if fields[n].group == "schedule" and fields[n].type in idle else v for n, v in values.items()}


def reads_what_it_writes(codec: Codec) -> bool:
    return codec.encode is not None and codec.target in codec.paths


def value_of(codec: Codec, field: Field, *, long: bool = False) -> st.SearchStrategy[Any]:
    """Canonical values that this codec can carry."""
    if codec.kind == "choice":
        return st.sampled_from(sorted(set(codec.options["values"].values())))
    if codec.kind in BY_KIND:
        return BY_KIND[codec.kind]
    if field.one_of:
        return st.sampled_from(field.one_of)
    if field.type is Type.INSTANT:
        return _instants(codec.options.get("unit", "iso"))
    most = codec.options.get("max")
    found = BY_TYPE[field.type] | _LONG if long and field.type is Type.TEXT else BY_TYPE[field.type]
    return found.map(lambda text: text[:most].strip()) if most else found


def _instants(unit: str) -> st.SearchStrategy[datetime]:
    step = timedelta(seconds=1) if unit == "s" else timedelta(milliseconds=1)
    return st.integers(0, 10**9).map(lambda n: EARLIEST + n * step)


def entity_of(one: Map) -> Entity:
    return next(entity for entity in ENTITIES if entity.name == one.to)


def sql_of(connector: Connector, one: Map) -> str:
    """The map's reading as DuckDB SQL over ``batch``."""
    binding = Binding(name=connector.name, roles=connector.roles, maps=connector.maps)
    model = Model(entities=ENTITIES, bindings=(binding,), context=CONTEXT)
    return staged.rows(model, connector.name, one).sql("duckdb")


class Stage:
    """One map's reading, compiled once: ``rows`` gives any records as canonical rows, in their order."""

    def __init__(self, connector: Connector, one: Map) -> None:
        self._sql = sql_of(connector, one)
        self._con = duckdb.connect()
        self._con.create_function("phone_e164", _e164, ["VARCHAR", "VARCHAR"], "VARCHAR", null_handling="special")  # type: ignore[list-item, arg-type]
        self._con.execute("SET TimeZone = 'UTC'; CREATE SCHEMA meta; CREATE TABLE meta.zones (name VARCHAR)")
        self._con.executemany("INSERT INTO meta.zones VALUES (?)", [[zone] for zone in ZONES])
        self._con.execute(BATCH)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._con.close()

    def rows(self, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        texts = [simplejson.dumps(record, use_decimal=True) for record in records]
        self._con.execute("DELETE FROM batch")
        self._con.execute(
            "INSERT INTO batch SELECT n::VARCHAR, $texts[n], false, $at, 'load', n FROM range(1, $count + 1) AS r(n)",
            {"texts": texts, "at": START.replace(tzinfo=None), "count": len(texts)},
        )
        found = self._con.execute(self._sql)
        names = [column[0] for column in found.description or ()]
        return sorted((dict(zip(names, row, strict=True)) for row in found.fetchall()), key=lambda row: row["seq"])


def stage(connector: Connector, one: Map, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The records as canonical rows, in their order."""
    with Stage(connector, one) as ready:
        return ready.rows(records)


def _e164(text: str | None, region: str) -> str | None:
    if text is None:
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def same(left: Any, right: Any) -> bool:
    """Equality of canonical values; amounts by their worth."""
    return Decimal(left) == Decimal(right) if isinstance(left, Decimal) and right is not None else left == right


# One plausible value for each codec kind, and for each type where the kind says nothing.
EXAMPLES: Mapping[str, Any] = {
    "email": "kim@acme.test",
    "phone": "+13125550123",
    "zone": "America/Chicago",
    "country": "US",
    Type.TEXT: "Kim",
    Type.INTEGER: 3,
    Type.MONEY: Decimal("12.50"),
    Type.NUMBER: Decimal("1.5"),
    Type.FLAG: True,
    Type.INSTANT: START.replace(tzinfo=None),
    Type.WALL: START.replace(tzinfo=None),
    Type.DATE: date(2026, 3, 3),
    Type.TAGS: ["vip"],
    Type.LINES: [],
}
