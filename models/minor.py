"""Amounts counted in the smallest unit of their currency: cents, yen, fils.

How many decimals a currency has is ISO 4217's to say; a vendor that counts some of them otherwise says so with
``exponents``. A count without its currency is no amount: nothing here guesses one.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from models.errors import DeclarationError
from models.fields import Codec
from models.paths import call, literal, text_at, trimmed_at

if TYPE_CHECKING:
    from models.schema import Context

# ISO 4217, table A.1: currencies that do not have two decimals.
EXPONENTS: Mapping[str, int] = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI"), 0),
    **dict.fromkeys(("VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
USUAL = 2
NO_EXCEPTIONS: Mapping[str, int] = {}
_AMOUNT = "DECIMAL(19, 4)"


def exponent(code: str, exponents: Mapping[str, int] = NO_EXCEPTIONS) -> int:
    """How many decimals a currency has where this vendor counts it. DeclarationError when it is no code."""
    known = code.strip().upper()
    if len(known) != 3 or not known.isascii() or not known.isalpha():
        raise DeclarationError(f"{code!r} is no currency; write a code of ISO 4217, as USD")
    return exponents.get(known, EXPONENTS.get(known, USUAL))


def to_minor(amount: Decimal, code: str, exponents: Mapping[str, int] = NO_EXCEPTIONS) -> int:
    """The amount in smallest units; what is smaller than one is rounded half up."""
    return int(amount.scaleb(exponent(code, exponents)).quantize(Decimal(1), ROUND_HALF_UP))


def from_minor(count: int | Decimal, code: str, exponents: Mapping[str, int] = NO_EXCEPTIONS) -> Decimal:
    """The amount that a number of smallest units is, exactly."""
    return Decimal(count).scaleb(-exponent(code, exponents))


def minor(
    path: str, *, currency: str = "currency", exponents: Mapping[str, int] = NO_EXCEPTIONS, negative: bool = False
) -> Codec:
    """An amount in smallest units at ``path``, of the currency whose code stands at the path ``currency``.

    ``negative``: what is counted there lowers (a fee). Written beside the canonical field ``currency``;
    DeclarationError where that is missing. A record without a readable currency is broken.
    """
    value = scaled(path, currency, exponents)
    if negative:
        value = exp.Neg(this=exp.Paren(this=value))

    def beside(amount: Decimal | None, values: Mapping[str, Any]) -> int | None:
        if amount is None:
            return None
        code = values.get("currency")
        if not code:
            raise DeclarationError(f"{path}: an amount in smallest units needs its currency; write both together")
        return to_minor(-amount if negative else amount, str(code), exponents)

    return Codec(
        kind="money",
        paths=(path, currency),
        read=lambda _: value.copy(),
        raw=trimmed_at(path),
        target=None if path.startswith("@.") else path,
        encode=lambda amount: amount,
        beside=beside,
    )


def scaled(path: str, currency: str, exponents: Mapping[str, int] = NO_EXCEPTIONS) -> exp.Expr:
    """The amount as SQL. Counts may have a fraction (a unit price); a product of decimals stays exact."""
    count = exp.TryCast(this=trimmed_at(path), to=exp.DataType.build("DECIMAL(28, 10)", dialect="duckdb"))
    code = call("upper", trimmed_at(currency))
    known = {**EXPONENTS, **exponents}
    cases = [
        exp.If(this=exp.In(this=code.copy(), expressions=[literal(one) for one in codes]), true=_unit(places))
        for places in sorted(set(known.values()) - {USUAL})
        if (codes := sorted(one for one, each in known.items() if each == places))
    ]
    is_code = call("regexp_full_match", code, literal("[A-Z]{3}"))
    unit = exp.Case(ifs=[*cases, exp.If(this=is_code, true=_unit(USUAL))])
    return exp.Cast(this=exp.Mul(this=count, expression=unit), to=exp.DataType.build(_AMOUNT, dialect="duckdb"))


def _unit(places: int) -> exp.Expr:
    """What one smallest unit is worth."""
    worth = exp.Literal.number(str(Decimal(1).scaleb(-places)))
    return exp.Cast(this=worth, to=exp.DataType.build("DECIMAL(5, 4)", dialect="duckdb"))


def currency(path: str = "currency", *, upper: bool = False) -> Codec:
    """The code of a currency, upper case; written in lower case unless the vendor keeps it ``upper``."""

    def encode(code: str | None) -> str | None:
        return code if code is None or upper else code.lower()

    value = call("upper", trimmed_at(path))
    return Codec(kind="currency", paths=(path,), read=lambda _: value, raw=trimmed_at(path), target=path, encode=encode)


def less(whole: Codec, part: Codec) -> Codec:
    """What is left of one amount without another (a tax); unknown where either is. Read only."""

    def read(context: Context) -> exp.Expr:
        return exp.Cast(
            this=exp.Sub(this=whole.read(context), expression=part.read(context)),
            to=exp.DataType.build(_AMOUNT, dialect="duckdb"),
        )

    return Codec(kind="money", paths=tuple(dict.fromkeys((*whole.paths, *part.paths))), read=read)


def together(*lists: Codec, amount: str = "amount") -> Codec:
    """Several lists of one record as one, without the entries whose ``amount`` is nothing. Read only."""

    def read(context: Context) -> exp.Expr:
        entry = exp.Lambda(
            this=exp.NEQ(
                this=exp.TryCast(this=text_at(f"@.{amount}"), to=exp.DataType.build(_AMOUNT, dialect="duckdb")),
                expression=literal(0),
            ),
            expressions=[exp.to_identifier("element")],
        )
        first, *others = (exp.cast(one.read(context), exp.DataType.build("JSON[]", dialect="duckdb")) for one in lists)
        whole: exp.Expr = first
        for other in others:
            whole = exp.DPipe(this=whole, expression=other)  # unlike list_concat, unknown where one is
        kept = call("list_filter", exp.Paren(this=whole), entry)
        return exp.Cast(this=call("to_json", kept), to=exp.DataType.build("JSON"))

    paths = tuple(dict.fromkeys(path for one in lists for path in one.paths))
    return Codec(kind="json_list", paths=paths, read=read, options={"lists": lists})
