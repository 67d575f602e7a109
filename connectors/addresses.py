"""A billing or service address: where a vendor keeps its parts, and what is sent when one of them changes.

Our street is one line. Vendors have up to five, and many take an address only whole: what is left out of it is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.spec import Record
from models.change import Change
from models.fields import Codec, text
from models.places import country, street

PARTS = ("street", "city", "state", "postal_code", "country")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """How a system spells an address: each part of ours -> its member there.

    at       path of the object that holds it; empty where the members stand in the record itself
    further  the lines of a street behind the first
    """

    at: str = ""
    street: str
    city: str
    state: str
    postal_code: str
    country: str
    further: tuple[str, ...] = ()

    def fields(self, at: str | None = None) -> dict[str, Codec]:
        """The fields of a map; ``at`` when this one finds the address in another place."""
        place = self.at if at is None else at
        head = f"{place}." if place else ""
        lines = (self.street, *self.further)
        return {
            "street": street(*(f"{head}{line}" for line in lines)),
            "city": text(f"{head}{self.city}"),
            "state": text(f"{head}{self.state}"),
            "postal_code": text(f"{head}{self.postal_code}"),
            "country": country(f"{head}{self.country}"),
        }

    @property
    def members(self) -> Mapping[str, str]:
        """Part of ours -> member, in the order of ``PARTS``."""
        return {part: getattr(self, part) for part in PARTS}

    def known(self, change: Change) -> dict[str, str]:
        """The address as it shall be, as far as we know it."""
        told = {member: change.desired.get(part) for part, member in self.members.items()}
        return {member: str(text) for member, text in told.items() if text}

    def whole(self, change: Change) -> dict[str, str]:
        """The same with every member; what we do not know is empty."""
        return dict.fromkeys((*self.members.values(), *self.further), "") | self.known(change)

    def amended(self, change: Change, current: Record | None) -> dict[str, Any]:
        """The address that is there with what changed, every member of it; empty when no part of it did."""
        changed = {self.members[part]: value or "" for part, value in change.after.items() if part in PARTS}
        if not changed:
            return {}
        kept = {name: (current or {}).get(name) or "" for name in (*self.members.values(), *self.further)}
        return kept | (dict.fromkeys(self.further, "") if self.street in changed else {}) | changed


def moved(change: Change) -> bool:
    """Whether a change says anything of the address."""
    return not change.after.keys().isdisjoint(PARTS)
