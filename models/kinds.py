"""Codecs for lists whose elements are of several kinds: the city of one address, one phone among others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from models.fields import Codec, phone
from models.paths import array_at, call, literal, text_at, trimmed_at

if TYPE_CHECKING:
    from models.schema import Context


def of_kind(path: str, codec: Codec, *, kind: str, kinds: Sequence[str], filled: Sequence[str]) -> Codec:
    """A field of one element of the list at ``path``: the first of ``kinds`` that has something in it. Read only.

    The paths of ``codec``, of the element's ``kind`` and of what counts as ``filled`` begin with ``@.``.
    """
    picked = call("list_value", _picked(path, kind, kinds, filled))

    def about(found: exp.Expr) -> exp.Expr:
        inside = exp.Lambda(this=found.copy(), expressions=[exp.to_identifier("element")])
        return call("list_extract", call("list_transform", picked, inside), literal(1))

    def read(context: Context) -> exp.Expr:
        return about(codec.read(context))

    parts = dict.fromkeys((kind, *codec.paths))
    return replace(
        codec,
        paths=tuple(f"{path}.{part.removeprefix('@.')}" for part in parts),
        read=read,
        raw=None if codec.raw is None else about(codec.raw),
        target=None,
        encode=None,
    )


def phone_parts(number: str, *, country: str, area: str) -> Codec:
    """A phone number whose country code and area code stand apart from it; one that begins with ``+`` is whole."""
    rest = [trimmed_at(part) for part in (area, number)]
    digits = [call("regexp_replace", part, literal("[^0-9]"), literal(""), literal("g")) for part in rest]
    code = call("regexp_replace", trimmed_at(country), literal("[^0-9]"), literal(""), literal("g"))
    spoken = call("concat_ws", literal(" "), *rest)
    said = exp.Case(
        ifs=[
            exp.If(this=call("starts_with", rest[1], literal("+")), true=rest[1]),
            exp.If(this=exp.NEQ(this=code, expression=literal("")), true=call("concat", literal("+"), code, *digits)),
            exp.If(this=exp.Not(this=exp.Is(this=rest[1].copy(), expression=exp.Null())), true=spoken),
        ]
    )
    return replace(phone(number, said=said), raw=rest[1].copy(), paths=(country, area, number))


def _picked(path: str, kind: str, kinds: Sequence[str], filled: Sequence[str]) -> exp.Expr:
    something = call("coalesce", *[trimmed_at(part) for part in filled])
    present = exp.Not(this=exp.Is(this=something, expression=exp.Null()))

    def first(one: str) -> exp.Expr:
        test = exp.and_(exp.EQ(this=text_at(kind), expression=literal(one)), present.copy())
        kept = exp.Lambda(this=test, expressions=[exp.to_identifier("element")])
        return call("list_extract", call("list_filter", array_at(path), kept), literal(1))

    return call("coalesce", *[first(one) for one in kinds])
