"""Instants, wall times and zones as SQL expressions, for the codecs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from models.paths import call, literal, trimmed_at

if TYPE_CHECKING:
    from models.schema import Context

UTC_ZONE = "UTC"


def utc(value: exp.Expr) -> exp.Expr:
    """Text with an offset as a UTC timestamp; a plain cast would silently drop the offset."""
    instant = call("timezone", literal(UTC_ZONE), exp.TryCast(this=value, to=exp.DataType.build("TIMESTAMPTZ")))
    return within(instant, "TIMESTAMP")


def utc_of_wall(value: exp.Expr, zone: exp.Expr) -> exp.Expr:
    """Text of a wall time without an offset, in a zone, as a UTC timestamp.

    A time that the clocks skip counts as an hour later; of one that comes twice the second is meant.
    """
    local = exp.TryCast(this=value, to=exp.DataType.build("TIMESTAMP"))
    return within(call("timezone", literal(UTC_ZONE), call("timezone", zone, local)), "TIMESTAMP")


def wall(value: exp.Expr, zone: exp.Expr) -> exp.Expr:
    """A UTC timestamp as wall time in a zone."""
    return call("timezone", zone, call("timezone", literal(UTC_ZONE), value))


def within(value: exp.Expr, type_: str) -> exp.Expr:
    """A time in years that have four digits; all others (infinity too) are typing errors and cannot be read."""
    bounds = [exp.cast(literal(day), type_) for day in ("0001-01-01", "10000-01-01")]
    inside = exp.and_(
        exp.GTE(this=value.copy(), expression=bounds[0]), exp.LT(this=value.copy(), expression=bounds[1]), copy=False
    )
    return exp.Case(ifs=[exp.If(this=inside, true=value)])


def zone_of(context: Context, zone: str) -> exp.Expr:
    """The zone at a path, the company's where there is none; NULL when the zone database does not know it.

    ``zone`` is a path, or ``company`` for the company's own.
    """
    if zone == "company":
        return literal(context.time_zone)
    return exp.Case(
        ifs=[exp.If(this=exp.Is(this=trimmed_at(zone), expression=exp.Null()), true=literal(context.time_zone))],
        default=known_zone(zone),
    )


def known_zone(path: str) -> exp.Expr:
    """The zone at a path when ``meta.zones`` has it; asking DuckDB for any other would stop the whole batch."""
    names = exp.select("name").from_("meta.zones").subquery()
    return exp.Case(ifs=[exp.If(this=exp.In(this=trimmed_at(path), query=names), true=trimmed_at(path))])
