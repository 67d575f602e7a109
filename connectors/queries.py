"""Texts in the query languages of vendors."""

from __future__ import annotations


def quoted(text: str, mark: str = "'") -> str:
    """A text as a literal of languages that escape by a backslash; ``mark`` stands around it."""
    escaped = text.replace("\\", "\\\\").replace(mark, f"\\{mark}")
    return f"{mark}{escaped}{mark}"
