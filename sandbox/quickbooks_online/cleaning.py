"""Reading a request body: every member is known, of the right type and length, and refers to something there.

What comes out is in wire form: trimmed strings, plain numbers, references with the name of what they point at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.quickbooks_online import refusals
from sandbox.quickbooks_online.books import Books
from sandbox.quickbooks_online.dialect import cents, decimal, reference, wire
from sandbox.quickbooks_online.entity import IGNORED, Types
from sandbox.quickbooks_online.members import BY_NAME
from sandbox.twin import Record

_NESTED: Mapping[str, Types] = {
    "phone": {"FreeFormNumber": "text:30"},
    "email": {"Address": "mailbox"},
    "uri": {"URI": "text:1000"},
    "memo": {"value": "text:1000"},
    "address": {
        **{f"Line{n}": "text:500" for n in range(1, 6)},
        "City": "text:255",
        "Country": "text:255",
        "CountryCode": "text:255",
        "CountrySubDivisionCode": "text:255",
        "Lat": "text:30",
        "Long": "text:30",
        "Note": "text:2000",
        "PostalCode": "text:31",
    },
    "tax": {"TxnTaxCodeRef": "ref:TaxCode", "TotalTax": "money", "TaxLine": "raw", "TaxReviewStatus": "raw"},
    "sales": {
        "ClassRef": "ref:Class",
        "DiscountAmt": "number",
        "DiscountRate": "number",
        "ItemAccountRef": "ref:Account",
        "ItemRef": "ref:Item",
        "Qty": "number",
        "ServiceDate": "date",
        "TaxCodeRef": "ref:TaxCode",
        "TaxInclusiveAmt": "number",
        "UnitPrice": "number",
    },
    "discount": {"DiscountAccountRef": "ref:Account", "DiscountPercent": "number", "PercentBased": "flag"},
    "description": {"ServiceDate": "date", "TaxCodeRef": "ref:TaxCode"},
    "line": {
        "Amount": "money",
        "CustomField": "custom",
        "Description": "text:4000",
        "DescriptionLineDetail": "description",
        "DetailType": "enum:SalesItemLineDetail|DescriptionOnly|DiscountLineDetail|SubTotalLineDetail",
        "DiscountLineDetail": "discount",
        "Id": "text:30",
        "LineEx": "raw",
        "LineNum": "count",
        "LinkedTxn": "links",
        "SalesItemLineDetail": "sales",
        "SubTotalLineDetail": "raw",
    },
    "link": {"TxnId": "text:30", "TxnLineId": "text:30", "TxnType": "text:50"},
    "field": {"DefinitionId": "text:30", "Name": "text:30", "StringValue": "text:31", "Type": "text:30"},
}
_LISTS = {"lines": "line", "links": "link", "custom": "field"}
_MAILBOX = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+")
# The company keeps one currency, so its reference is taken as it is.
_CURRENCIES = {"USD": "United States Dollar"}
_MOST_LINES = 10_000
# Far enough from the calendar's ends that adding days to a date never leaves it.
_FIRST_YEAR, _LAST_YEAR = 1000, 9000
_UNNAMED_TARGETS = frozenset({"TaxCode"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """``kept`` are members with a value, ``cleared`` those sent empty (""), which empties them.

    A member sent as null is in neither: the server cannot tell it from one that was left out.
    """

    kept: Record
    cleared: frozenset[str]


def cleaned(types: Types, derived: Types, body: Mapping[str, Any], books: Books) -> Cleaned:
    """The writable members of ``body``; raises ``Refused`` for the first one that cannot be."""
    kept: Record = {}
    cleared: set[str] = set()
    for member, value in body.items():
        if value is None or (member not in types and (member in IGNORED or member in derived)):
            continue
        if member not in types:
            raise refusals.unsupported_property(member)
        result = _value(types[member], member, value, books)
        if result is None:
            cleared.add(member)
        else:
            kept[member] = result
    return Cleaned(kept=kept, cleared=frozenset(cleared))


def _value(type_: str, member: str, value: Any, books: Books) -> Any:
    """One value in wire form, or None when it is empty."""
    kind, _, argument = type_.partition(":")
    if kind in _LISTS:
        return _list(_LISTS[kind], member, value, books)
    if kind in _NESTED:
        return _object(_NESTED[kind], member, value, books)
    if kind == "ref":
        return _reference(argument, member, value, books)
    return None if value == "" else _SCALARS[kind](argument, member, value)


def _list(kind: str, member: str, value: Any, books: Books) -> list[Record]:
    if not isinstance(value, list):
        raise refusals.unsupported_property(member, value)
    return [_object(_NESTED[kind], member, entry, books) or {} for entry in value]


def _object(types: Types, member: str, value: Any, books: Books) -> Record | None:
    if not isinstance(value, Mapping):
        raise refusals.unsupported_property(member, value)
    own = {"Id"} if "Id" not in types else set()
    return cleaned(types, {}, {k: v for k, v in value.items() if k not in own}, books).kept or None


def _reference(target: str, member: str, value: Any, books: Books) -> Record | None:
    """The reference with its target's name; the name that was sent is not looked at."""
    if not isinstance(value, Mapping):
        raise refusals.unsupported_property(member, value)
    id = str(value.get("value") or "").strip()
    if not id:
        return None
    if target == "Currency":
        if id not in _CURRENCIES:
            raise refusals.bad_reference(member)
        return reference(id, _CURRENCIES[id])
    entity = BY_NAME.get(target.lower())
    record = books.row(entity.collection, id) if entity else None
    if entity is None or record is None or record.get("Active") is False:
        raise refusals.bad_reference(member)
    return reference(id, None if target in _UNNAMED_TARGETS else record.get(entity.label))


def _text(longest: str, member: str, value: Any) -> str | None:
    if isinstance(value, (Mapping, list, bool)):
        raise refusals.unsupported_property(member, value)
    text = str(value).strip()
    if len(text) > int(longest):
        raise refusals.too_long(member, int(longest), len(text))
    return text or None


def _flag(_: str, member: str, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    raise refusals.unsupported_property(member, value)


def _number(_: str, member: str, value: Any) -> int | float:
    try:
        return wire(decimal(value))
    except ValueError as error:
        raise refusals.unsupported_property(member, value) from error


def _money(_: str, member: str, value: Any) -> int | float:
    """Amounts are kept to the cent, rounded half up."""
    try:
        return wire(cents(decimal(value)))
    except ValueError as error:
        raise refusals.unsupported_property(member, value) from error


def _count(_: str, member: str, value: Any) -> int:
    """Days, positions, levels: nothing of the kind goes beyond the vendor's most lines of a sale."""
    try:
        count = int(decimal(value))
    except ValueError as error:
        raise refusals.unsupported_property(member, value) from error
    if abs(count) > _MOST_LINES:
        raise refusals.unsupported_property(member, value)
    return count


def _date(_: str, member: str, value: Any) -> str:
    """A plain date; of a date with a time the date is kept."""
    try:
        day = date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise refusals.unsupported_property(member, value) from error
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise refusals.unsupported_property(member, value)
    return day.isoformat()


def _enum(allowed: str, member: str, value: Any) -> str:
    if value not in allowed.split("|"):
        raise refusals.bad_enumeration(member, str(value))
    return str(value)


def _mailbox(_: str, member: str, value: Any) -> str | None:
    """One address, or several with commas between them."""
    text = _text("100", member, value)
    if text and not all(_MAILBOX.fullmatch(part.strip()) for part in text.split(",")):
        raise refusals.bad_email(text)
    return text


def _raw(*_: Any) -> None:
    """A member that the server fills by itself: what a client sends back is dropped."""


_SCALARS: Mapping[str, Callable[[str, str, Any], Any]] = {
    "text": _text,
    "flag": _flag,
    "number": _number,
    "money": _money,
    "count": _count,
    "date": _date,
    "enum": _enum,
    "mailbox": _mailbox,
    "raw": _raw,
}
