"""Codecs for addresses: a street that vendors keep in several lines."""

from __future__ import annotations

from dataclasses import replace

from models.fields import Codec, text
from models.paths import call, literal, trimmed_at


def street(*lines: str) -> Codec:
    """Lines of a street as one text, joined by a comma; written as the first, so that the others have to be emptied."""
    value = call("nullif", call("concat_ws", literal(", "), *map(trimmed_at, lines)), literal(""))
    return replace(text(lines[0]), kind="street", paths=lines, read=lambda _: value.copy(), raw=None)
