"""Whether two values differ only in how a system spells them: what vendors do to text, numbers and times they keep."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

SHORTEST_CUT = 8  # characters: a shorter text that begins another may well be another word
MINUTE = timedelta(minutes=1)
CENT = Decimal("0.01")
_MARKUP = re.compile(r"<[^>]*>")


def same_spelled(one: Any, other: Any) -> bool:
    """True for values that say the same: case, accents, white space, punctuation, mark-up, a cut, a rounding."""
    if isinstance(one, str) and isinstance(other, str):
        if one[:2] == other[:2] == "[{":
            return _entries(one) == _entries(other)
        short, long = sorted((_bare(one), _bare(other)), key=len)
        return short == long or (len(short) >= SHORTEST_CUT and long.startswith(short))
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return abs(one - other) < CENT
    if isinstance(one, datetime) and isinstance(other, datetime):
        return abs(one - other) < MINUTE
    if isinstance(one, list) and isinstance(other, list):
        return sorted(_bare(str(part)) for part in one) == sorted(_bare(str(part)) for part in other)
    return bool(one == other)


def _entries(text: str) -> list[dict[str, Any]]:
    """A list of lines without members that say nothing; numbers by their worth, other text as it is compared here."""
    listed = json.loads(text, parse_float=Decimal)
    return [{name: _said(value) for name, value in each.items() if value is not None} for each in listed]


def _said(value: Any) -> Any:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return _bare(str(value))


def _bare(text: str) -> str:
    # Escaped text has its angles back once it is read: what looks like mark-up then was text, there and here alike.
    told = _MARKUP.sub(" ", html.unescape(_MARKUP.sub(" ", text)))
    plain = unicodedata.normalize("NFKD", told).casefold()
    return "".join(c for c in plain if c.isalnum())
