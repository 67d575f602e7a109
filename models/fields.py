"""The field codecs: one declaration that reads (SQL), writes (JSON), explains and tests itself.

A codec reads its value from the raw record's JSON column with a path. Paths are dotted keys
(``properties.email``), ``[0]`` takes a list element, ``[primary]`` takes the element whose flag
``primary`` is true (else the first), a key in double quotes is taken as it stands (``"Invoice No."``), and
``@.`` starts at the list element of a map with ``each``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from sqlglot import exp, parse_one

from models.errors import DeclarationError
from models.paths import array_at, call, json_at, literal, steps, text_at, trimmed_at
from models.times import known_zone, utc, utc_of_wall, wall, within, zone_of

if TYPE_CHECKING:
    from models.schema import Context

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Read = Callable[["Context"], exp.Expr]


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """One field's translation between a system's record and the canonical value.

    kind    the codec's name, for people
    paths   what it reads in the record, for lineage
    read    canonical value as SQL, NULL when there is nothing to read
    raw     the text as it stands in the record as SQL; a raw value without a canonical one is a broken row
    soft    an unreadable value is only a warning and reads as NULL
    target  where it is written in the record; None: nowhere, not written by path
    encode  canonical value -> wire value; None: read only
    fit     what the system can keep of a value, as SQL; None: all of it
    beside  canonical value and all values written with it -> wire value, where ``encode`` alone cannot tell
    """

    kind: str
    paths: tuple[str, ...]
    read: Read
    raw: exp.Expr | None = None
    soft: bool = False
    target: str | None = None
    encode: Callable[[Any], Any] | None = None
    fit: Callable[[exp.Expr], exp.Expr] | None = None
    beside: Callable[[Any, Mapping[str, Any]], Any] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


def _codec(kind: str, path: str, read: Read, encode: Callable[[Any], Any] | None, **more: Any) -> Codec:
    target = path if _is_place(path) else None
    return Codec(kind=kind, paths=(path,), read=read, raw=trimmed_at(path), target=target, encode=encode, **more)


def _is_place(path: str) -> bool:
    """Whether a value can be put there: one element of a list cannot be written without the others."""
    return not path.startswith("@.") and all(isinstance(step, str) for step in steps(path))


def read_only(codec: Codec) -> Codec:
    """The same field, read but never written."""
    return replace(codec, target=None, encode=None)


def written_as(codec: Codec, target: str) -> Codec:
    """The same field, written at another place than it is read from. DeclarationError for a place inside a list."""
    if not _is_place(target):
        raise DeclarationError(
            f"{target!r} leads into a list and cannot be written to; name the place of the whole list"
        )
    return replace(codec, target=target)


def text(path: str, *, max: int | None = None) -> Codec:
    """Text, trimmed; ``max`` is how many characters the system keeps."""
    fit = (lambda value: call("left", value, literal(max))) if max else None
    return _codec("text", path, lambda _: trimmed_at(path), lambda value: value, fit=fit, options={"max": max})


def html_text(path: str) -> Codec:
    """Text that the system keeps with line breaks; outer white space and carriage returns are not content."""
    read = call("replace", trimmed_at(path), literal("\r\n"), literal("\n"))
    return _codec("text", path, lambda _: read, lambda value: value)


def email(path: str) -> Codec:
    """E-mail address, trimmed and lower-cased; text that is no address reads as no value, with a warning."""
    lowered = call("lower", trimmed_at(path))
    pattern = literal(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
    value = exp.Case(ifs=[exp.If(this=call("regexp_full_match", lowered, pattern), true=lowered)])
    return _codec("email", path, lambda _: value, lambda v: v, soft=True)


def phone(path: str, *, said: exp.Expr | None = None) -> Codec:
    """Phone number in E.164; numbers without a country code belong to the company's country.

    ``said`` is the whole number as text where ``path`` is only a part of it.

    North American numbers in the usual spellings are read in SQL, as libphonenumber reads them; the rest goes through
    ``phone_e164``, which asks it.
    """
    raw = trimmed_at(path) if said is None else said
    digits: exp.Expr = raw
    for mark in " ().-":  # half the time of a regular expression
        digits = call("replace", digits, literal(mark), literal(""))
    plain = call("regexp_full_match", raw, literal(r"(\+?1)?[ ().-]*[2-9][0-9]{2}[ ().-]*[2-9][0-9]{2}[ .-]*[0-9]{4}"))

    def read(context: Context) -> exp.Expr:
        other = call("phone_e164", raw, literal(context.region))
        if context.region not in ("US", "CA"):
            return other
        value = exp.DPipe(this=literal("+1"), expression=call("right", digits, literal(10)))
        return exp.Case(ifs=[exp.If(this=plain, true=value)], default=other)

    return _codec("phone", path, read, lambda v: v, soft=True)


def money(path: str, *, minor: bool = False) -> Codec:
    """An amount of money; ``minor``: the system counts cents."""
    return _amount("money", path, "DECIMAL(19, 4)", minor)


def decimal(path: str) -> Codec:
    """An exact number that is no money: a quantity, a rate."""
    return _amount("decimal", path, "DECIMAL(19, 6)", False)


def _amount(kind: str, path: str, type_: str, minor: bool) -> Codec:
    column = exp.DataType.build(type_, dialect="duckdb")
    value: exp.Expr = exp.TryCast(this=trimmed_at(path), to=column)
    fit = None
    if minor:
        # a product of decimals stays exact, a quotient is a float
        value = exp.Cast(this=exp.Mul(this=value, expression=exp.Literal.number("0.01")), to=column)
        fit = _cents

    def encode(amount: Decimal | None) -> Any:
        if amount is None:
            return None
        if minor:
            return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))
        return amount.normalize() + Decimal(0)

    return _codec(kind, path, lambda _: value, encode, fit=fit, options={"minor": minor})


def _cents(amount: exp.Expr) -> exp.Expr:
    return call("round", amount, literal(2))


def number(path: str) -> Codec:
    """A whole number; one with a fraction cannot be read, where a cast would round it."""
    whole = exp.EQ(
        this=exp.Mod(this=exp.TryCast(this=trimmed_at(path), to=exp.DataType.build("DOUBLE")), expression=literal(1)),
        expression=literal(0),
    )
    value = exp.Case(ifs=[exp.If(this=whole, true=exp.TryCast(this=trimmed_at(path), to=exp.DataType.build("BIGINT")))])
    return _codec("number", path, lambda _: value, lambda v: v)


def flag(path: str, *, inverted: bool = False) -> Codec:
    """True or false; ``inverted``: the system states the opposite."""
    value: exp.Expr = exp.TryCast(this=trimmed_at(path), to=exp.DataType.build("BOOLEAN"))
    if inverted:
        value = exp.Not(this=value)
    return _codec(
        "flag", path, lambda _: value, lambda v: v if v is None else (v != inverted), options={"inverted": inverted}
    )


def instant(path: str, *, unit: str = "iso") -> Codec:
    """A UTC instant; ``unit``: iso (text with offset), ms or s (epoch)."""
    if unit == "iso":
        value = utc(trimmed_at(path))
    else:
        scale = literal(1 if unit == "ms" else 1000)
        count = exp.TryCast(this=trimmed_at(path), to=exp.DataType.build("BIGINT"))
        value = within(call("try", call("epoch_ms", exp.Mul(this=count, expression=scale))), "TIMESTAMP")

    def encode(at: datetime | None) -> Any:
        if at is None:
            return None
        aware = at.replace(tzinfo=UTC)
        if unit == "iso":
            return aware.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return (aware - EPOCH) // (timedelta(milliseconds=1) if unit == "ms" else timedelta(seconds=1))

    def fit(value: exp.Expr) -> exp.Expr:
        return call("date_trunc", literal("second" if unit == "s" else "millisecond"), value)

    return _codec("instant", path, lambda _: value, encode, fit=fit, options={"unit": unit})


def local_time(path: str, zone: str) -> Codec:
    """Wall time computed from an instant at ``path`` in the zone at ``zone`` (a path, or ``company``). Read only."""

    def read(context: Context) -> exp.Expr:
        return wall(utc(trimmed_at(path)), zone_of(context, zone))

    return Codec(
        kind="local_time", paths=(path,) if zone == "company" else (path, zone), read=read, raw=trimmed_at(path)
    )


def instant_of(path: str, zone: str) -> Codec:
    """A UTC instant from wall time at ``path`` without an offset, in the zone at ``zone``. Read only."""

    def read(context: Context) -> exp.Expr:
        return utc_of_wall(trimmed_at(path), zone_of(context, zone))

    return Codec(kind="instant", paths=(path,) if zone == "company" else (path, zone), read=read, raw=trimmed_at(path))


def zone(path: str) -> Codec:
    """An IANA zone name; a name that is not in the zone database breaks the row and is never guessed."""
    return _codec("zone", path, lambda _: known_zone(path), lambda v: v)


def company_zone() -> Codec:
    """The company's own zone, for systems that keep none."""
    return Codec(kind="const", paths=(), read=lambda context: literal(context.time_zone))


def company_currency() -> Codec:
    """The company's own currency, for systems that keep none."""
    return Codec(kind="const", paths=(), read=lambda context: literal(context.currency))


def date_(path: str, *, form: str | None = None) -> Codec:
    """A calendar date; ``form`` is a strptime pattern when the text is not ISO (``%m/%d/%Y``)."""
    to = exp.DataType.build("DATE")
    value: exp.Expr = exp.TryCast(this=call("left", trimmed_at(path), literal(10)), to=to)
    if form:
        value = exp.TryCast(this=call("try_strptime", trimmed_at(path), literal(form)), to=to)

    def encode(day: date | None) -> Any:
        return None if day is None else day.strftime(form) if form else day.isoformat()

    return _codec("date", path, lambda _: within(value, "DATE"), encode, options={"form": form})


def choice(path: str, values: Mapping[str, str], *, other: str | None = None) -> Codec:
    """One of a list: wire value -> canonical value. Of several wire values for one canonical, the first is written.

    A wire value that is not listed breaks the row unless ``other`` says what it counts as.
    """
    cases = [
        exp.If(
            this=exp.EQ(this=call("lower", trimmed_at(path)), expression=literal(wire.lower())), true=literal(canonical)
        )
        for wire, canonical in values.items()
    ]
    default = None
    if other is not None:
        default = exp.Case(
            ifs=[exp.If(this=exp.Not(this=exp.Is(this=trimmed_at(path), expression=exp.Null())), true=literal(other))]
        )
    inverse: dict[str, str] = {}
    for wire, canonical in values.items():
        inverse.setdefault(canonical, wire)

    def fit(value: exp.Expr) -> exp.Expr:
        known = [literal(name) for name in dict.fromkeys(values.values())]
        return exp.Case(ifs=[exp.If(this=exp.In(this=value, expressions=known), true=value)])

    return _codec(
        "choice",
        path,
        lambda _: exp.Case(ifs=[c.copy() for c in cases], default=default),
        lambda v: None if v is None else inverse[v],
        fit=fit,
        options={"values": dict(values), "other": other},
    )


def tags(path: str) -> Codec:
    """A set of labels from a JSON list of texts; order carries no meaning and is dropped."""
    value = call(
        "list_sort",
        call("list_distinct", exp.TryCast(this=json_at(path), to=exp.DataType.build("VARCHAR[]", dialect="duckdb"))),
    )
    return _codec("tags", path, lambda _: value, lambda v: None if v is None else list(v))


def ref(path: str) -> Codec:
    """The id, in the same system, of the record this one points to; core holds that record's core_id instead."""
    return _codec("ref", path, lambda _: trimmed_at(path), lambda v: v)


def const(value: str | int | bool | None) -> Codec:
    """The same value for every record of this map. Read only."""
    return Codec(kind="const", paths=(), read=lambda _: literal(value))


def sql(expression: str, *, path: str | None = None) -> Codec:
    """A read-only SQL expression over the column ``record`` (and ``element`` in a map with ``each``).

    ``path`` names what it is computed from: text there that gives no value then breaks the row.
    """
    parsed = parse_one(expression, dialect="duckdb")
    paths = tuple(
        dict.fromkeys(
            (
                ("@." if extract.this.name == "element" else "")
                + ".".join(k.name for k in extract.find_all(exp.JSONPathKey))
            )
            for extract in parsed.find_all(exp.JSONExtractScalar, exp.JSONExtract)
        )
    )
    raw = None if path is None else trimmed_at(path)
    return Codec(kind="sql", paths=paths, read=lambda _: parsed.copy(), raw=raw)


def composed(*parts: str, separator: str = ":") -> Codec:
    """An id made of several paths, for records that have none of their own; none when all are empty. Read only."""
    pieces: list[exp.Expr] = [call("coalesce", trimmed_at(part), literal("")) for part in parts]
    joined = call("concat_ws", literal(separator), *pieces)
    value = call("nullif", joined, literal(separator * (len(parts) - 1)))
    return Codec(kind="composed", paths=parts, read=lambda _: value.copy())


def unreadable(path: str) -> Codec:
    """The reader's own word, at a path, for why a record cannot be read; it has no value, so text there breaks the row.

    Used as the last alternative: ``first(instant("start"), unreadable("problem"))``.
    """
    return Codec(kind="record", paths=(path,), read=lambda _: literal(None), raw=trimmed_at(path))


def first(*codecs: Codec) -> Codec:
    """The first of several readings that has a value; written through the first codec."""
    if not codecs:
        raise DeclarationError("first() needs at least one codec")
    return replace(
        codecs[0],
        paths=tuple(p for c in codecs for p in c.paths),
        read=lambda context: call("coalesce", *[c.read(context) for c in codecs]),
        raw=call("coalesce", *[c.raw.copy() for c in codecs if c.raw is not None])
        if codecs[0].raw is not None
        else None,
    )


def json_list(path: str, parts: Mapping[str, Codec], *, where: tuple[str, str] | None = None) -> Codec:
    """A list inside the record (invoice lines), each element read by codecs whose paths begin with ``@.``.

    ``where`` keeps only elements whose text at a path equals a value. The canonical value is JSON.
    """
    element = exp.Lambda(this=None, expressions=[exp.to_identifier("element")])

    def read(context: Context) -> exp.Expr:
        members = [
            exp.PropertyEQ(this=exp.to_identifier(name), expression=_plain_json(codec.read(context), codec.kind))
            for name, codec in parts.items()
        ]
        rows: exp.Expr = array_at(path)
        if where is not None:
            test = exp.EQ(this=text_at(where[0]), expression=literal(where[1]))
            rows = call("list_filter", rows, exp.Lambda(this=test, expressions=element.expressions))
        body = call("to_json", exp.Struct(expressions=members))
        listed = call(
            "list_transform", rows, exp.Lambda(this=body, expressions=[e.copy() for e in element.expressions])
        )
        return exp.Cast(this=call("to_json", listed), to=exp.DataType.build("JSON"))

    return Codec(kind="json_list", paths=(path,), read=read, options={"parts": dict(parts)})


def _plain_json(value: exp.Expr, kind: str) -> exp.Expr:
    """Amounts inside JSON stand as text, so that no reader turns a penny into a float."""
    if kind in ("money", "decimal"):
        return exp.Cast(this=value, to=exp.DataType.build("VARCHAR"))
    return value


def encode_record(fields: Mapping[str, Codec], values: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a wire record that says these canonical values; fields that cannot be written are left out."""
    record: dict[str, Any] = {}
    for name, value in values.items():
        codec = fields.get(name)
        if codec is None or codec.encode is None or codec.target is None:
            continue
        _put(record, codec.target, codec.encode(value) if codec.beside is None else codec.beside(value, values))
    return record


def _put(record: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = steps(path)
    for key in parents:
        record = record.setdefault(str(key), {})
    record[str(last)] = value
