"""Who a customer is to people: the one name they are shown by, and whether a record is the same customer."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from models.change import Change
from models.errors import Rejected

NAMES = ("given_name", "family_name", "company_name")
# Of a phone number's digits: the rest is its country, which is often left out.
NATIONAL = 10


def renamed(change: Change) -> bool:
    """Whether a change says anything of the names, so that the one that is shown has to be made again."""
    return not change.after.keys().isdisjoint(NAMES)


def person_of(change: Change) -> str:
    """Given and family name as one; empty when there is neither."""
    return " ".join(str(change.desired[part]) for part in NAMES[:2] if change.desired.get(part))


def called(change: Change, *, by_email: bool = False) -> str:
    """The one name that a customer is shown by: the company's, else the person's.

    by_email  who has no name is called by an e-mail address

    Rejected when there is nothing to call somebody by.
    """
    known = change.desired
    name = known.get("company_name") or person_of(change) or (by_email and known.get("email"))
    if not name:
        lacks = "has neither a name nor an e-mail address" if by_email else "has no name"
        raise Rejected(change.system, f"{change.core_id} {lacks}; give it one at its owner")
    return str(name)


def reached_alike(change: Change, *, email: Any, phone: Any) -> bool:
    """Whether a record of the same name is the same customer: its e-mail address or its phone number agrees."""
    known = change.desired
    digits = re.sub(r"\D", "", str(phone or ""))
    by_phone = len(digits) >= NATIONAL and digits[-NATIONAL:] == str(known.get("phone") or "")[-NATIONAL:]
    return by_phone or _plain(email) in {known.get("email")} - {None}


def named_alike(change: Change, *, emails: Collection[Any], names: Mapping[str, Any]) -> bool:
    """Whether a record that carries our mark is who we meant: by an e-mail address, or by every name that we gave.

    names  our field -> what the record has. With neither a name nor an address to go by the mark alone decides
    """
    known = change.desired
    if known.get("email") in {_plain(one) for one in emails} - {None}:
        return True
    given = [name for name in names if known.get(name)]
    if not given:
        return not known.get("email")
    return all(str(names[name] or "").strip() == known[name] for name in given)


def _plain(email: Any) -> str | None:
    return str(email or "").strip().lower() or None
