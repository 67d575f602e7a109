"""Whether two values differ only in how a system spells them: what vendors do to text, numbers and times they keep."""

from __future__ import annotations

import html
import re
import unicodedata
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

SHORTEST_CUT = 8  # characters: a shorter text that begins another may well be another word
MINUTE = timedelta(minutes=1)
CENT = Decimal("0.01")
_MARKUP = re.compile(r"<[^>]*>")


def same_spelled(one: Any, other: Any) -> bool:
    """True for values that say the same: case, accents, white space, punctuation, mark-up, a cut, a rounding."""
    if isinstance(one, str) and isinstance(other, str):
        short, long = sorted((_bare(one), _bare(other)), key=len)
        return short == long or (len(short) >= SHORTEST_CUT and long.startswith(short))
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return abs(one - other) < CENT
    if isinstance(one, datetime) and isinstance(other, datetime):
        return abs(one - other) < MINUTE
    if isinstance(one, list) and isinstance(other, list):
        return sorted(_bare(str(part)) for part in one) == sorted(_bare(str(part)) for part in other)
    return bool(one == other)


def _bare(text: str) -> str:
    # Escaped text has its angles back once it is read: what looks like mark-up then was text, there and here alike.
    told = _MARKUP.sub(" ", html.unescape(_MARKUP.sub(" ", text)))
    plain = unicodedata.normalize("NFKD", told).casefold()
    return "".join(c for c in plain if c.isalnum())
