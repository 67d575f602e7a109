"""Our mark in a text of theirs: how a record that we made is known where the vendor has no field for our id.

``plumbline:<core_id>`` stands in a note, a reference or instructions, and is cut out where the text is read. Systems
may keep their texts in capitals, so that case never matters.
"""

from __future__ import annotations

import re
from typing import Any

from models.change import Change

MARK = "plumbline:"
_FOUND = re.compile(rf"{MARK}(\w+)", re.IGNORECASE)


def mark(change: Change) -> str:
    """What a record of ours carries."""
    return f"{MARK}{change.core_id}"


def noted(text: Any, change: Change, between: str = "\n\n") -> str:
    """A text with our mark behind it."""
    return between.join(str(one) for one in (text, mark(change)) if one)


def marked(text: Any) -> str | None:
    """The core_id that a text of theirs names; None when it is nobody's of ours."""
    found = _FOUND.search(str(text or ""))
    return found[1].lower() if found else None


def marked_in(text: str) -> str:
    """The same of a text in SQL."""
    return f"nullif(lower(regexp_extract({text}, '(?i){MARK}(\\w+)', 1)), '')"


def unmarked_in(text: str) -> str:
    """A text in SQL without our marks; nothing when it held no more than that."""
    return f"nullif(trim(regexp_replace({text}, '(?i)(^\\s*{MARK}\\w+\\s*|\\s*{MARK}\\w+)', '', 'g')), '')"
