"""Codecs for times that systems keep in several ways: days as pairs of instants, moments with and without an offset."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlglot import exp

from models.fields import Codec, instant, instant_of, local_time
from models.paths import call, literal, text_at, trimmed_at
from models.times import wall, within, zone_of

if TYPE_CHECKING:
    from models.schema import Context


def only_if(path: str, value: str, codec: Codec) -> Codec:
    """The same field, but only in records whose text at ``path`` is ``value``; no value in all others."""

    def keep(found: exp.Expr) -> exp.Expr:
        return exp.Case(ifs=[exp.If(this=exp.EQ(this=text_at(path), expression=literal(value)), true=found)])

    return replace(
        codec,
        paths=(*codec.paths, path),
        read=lambda context: keep(codec.read(context)),
        raw=None if codec.raw is None else keep(codec.raw.copy()),
    )


def moment(path: str, zone: str) -> Codec:
    """A UTC instant that the system gives with an offset or, without one, as wall time in the zone at ``zone``."""
    zoned, plain = instant(path), instant_of(path, zone)
    offset = call("regexp_matches", trimmed_at(path), literal(r"([Zz]|[+-]\d\d:?\d\d)$"))
    return replace(
        zoned,
        paths=plain.paths,
        read=lambda context: exp.Case(
            ifs=[exp.If(this=offset.copy(), true=zoned.read(context))], default=plain.read(context)
        ),
    )


def wall_moment(path: str, zone: str) -> Codec:
    """A ``moment`` as wall time in the zone at ``zone``. Read only."""
    found = moment(path, zone)
    return replace(local_time(path, zone), read=lambda context: wall(found.read(context), zone_of(context, zone)))


def local_date(path: str, zone: str) -> Codec:
    """The calendar day of an instant at ``path`` in the zone at ``zone`` (a path, or ``company``). Read only."""
    moment = local_time(path, zone)
    return replace(moment, kind="date", read=lambda context: exp.cast(moment.read(context), "DATE"))


def last_local_date(start: str, end: str, zone: str) -> Codec:
    """The last calendar day of a span of instants: midnight at the end belongs to the day before. Read only."""
    first, ending = local_date(start, zone), local_time(end, zone)

    def read(context: Context) -> exp.Expr:
        second = exp.Interval(this=literal("1"), unit=exp.Var(this="SECOND"))
        last = exp.cast(exp.Sub(this=ending.read(context), expression=second), "DATE")
        return call("greatest", first.read(context), last)

    return replace(ending, kind="date", paths=(*first.paths, *ending.paths), read=read)


def day_after(day: date) -> date:
    """All-day ends are exclusive on the wire and inclusive for people."""
    return day + timedelta(days=1)


def day_of(path: str, *, zone: str = "company") -> Codec:
    """The calendar day of an instant that stands at ``path`` as epoch seconds, in a zone. Read only.

    ``zone`` is ``company`` for the company's own, else the name of one.
    """
    count = exp.TryCast(this=trimmed_at(path), to=exp.DataType.build("BIGINT"))
    at = call("try", call("epoch_ms", exp.Mul(this=count, expression=literal(1000))))

    def read(context: Context) -> exp.Expr:
        local = wall(at, literal(context.time_zone if zone == "company" else zone))
        return within(exp.cast(local, "DATE"), "DATE")

    return Codec(kind="date", paths=(path,), read=read, raw=trimmed_at(path))
