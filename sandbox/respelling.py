"""How systems keep what they are given in another spelling: trimmed, in another case, rounded, reordered, as HTML.

The fault ``rewritten_values`` names one of ``FORMS`` as its ``form``. Each twin says which of its members are texts,
notes, phone numbers, lists or amounts; everything else is kept as it came.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

FORMS = ("trim", "upper", "title", "html", "phone", "round", "order")


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """Names of the members that a system respells, at whatever depth of a record they stand.

    texts    one line of text; notes: text of several lines, which are texts too
    phones   phone numbers
    amounts  numbers that are kept to two places
    lists    arrays of text, or texts with ``;`` between their values
    """

    texts: frozenset[str] = frozenset()
    notes: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    amounts: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()


def respelled(value: Any, form: str, members: Members) -> Any:
    """A JSON tree with the members that the form concerns in that form."""
    names, spell = _SPELLERS[form]
    return _walked(value, names(members), spell)


def _walked(value: Any, names: frozenset[str], spell: Callable[[Any], Any]) -> Any:
    if isinstance(value, Mapping):
        return {name: spell(part) if name in names else _walked(part, names, spell) for name, part in value.items()}
    if isinstance(value, list):
        return [_walked(part, names, spell) for part in value]
    return value


def trimmed(text: str) -> str:
    """Without white space at its ends, and with one blank for every other stretch of it."""
    return " ".join(text.split())


def marked_up(text: str) -> str:
    """As an editor of HTML keeps it: escaped, with a mark for every end of a line."""
    return "<p>" + html.escape(text, quote=False).replace("\r\n", "\n").replace("\n", "<br>") + "</p>"


def national(text: str) -> str:
    """A number of the United States as people write it there; any other text as it is."""
    digits = re.sub(r"\D", "", text)[-10:]
    foreign = text.strip().startswith("+") and not text.strip().startswith("+1")
    return text if len(digits) < 10 or foreign else f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"


def rounded(value: Any) -> Any:
    """A number to two places, of the type that it had."""
    if isinstance(value, bool) or value in (None, ""):
        return value
    return type(value)(Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_UP))


def reordered(value: Any) -> Any:
    """The values of a list by the alphabet, backwards."""
    if isinstance(value, str):
        return ";".join(sorted(value.split(";"), reverse=True))
    return sorted(value, key=str, reverse=True) if isinstance(value, Sequence) else value


def _of_text(spell: Callable[[str], str]) -> Callable[[Any], Any]:
    return lambda value: spell(value) if isinstance(value, str) else value


_TEXTS: Callable[[Members], frozenset[str]] = lambda members: members.texts | members.notes  # noqa: E731
_SPELLERS: Mapping[str, tuple[Callable[[Members], frozenset[str]], Callable[[Any], Any]]] = {
    "trim": (_TEXTS, _of_text(trimmed)),
    "upper": (_TEXTS, _of_text(str.upper)),
    "title": (_TEXTS, _of_text(str.title)),
    "html": (lambda members: members.notes, _of_text(marked_up)),
    "phone": (lambda members: members.phones, _of_text(national)),
    "round": (lambda members: members.amounts, rounded),
    "order": (lambda members: members.lists, reordered),
}
