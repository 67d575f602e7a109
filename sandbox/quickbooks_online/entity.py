"""What an entity of the API is: how its members are typed, which are derived, which can be queried.

A member's type is one of ``text:<longest>``, ``flag``, ``number``, ``money``, ``count``, ``date``, ``instant``,
``ref:<Entity>``, ``enum:<A|B>``, ``phone``, ``email``, ``uri``, ``address``, ``memo``, ``lines``, ``links``,
``tax``, ``custom``. A reference to an entity that this company does not keep (a class, a department) can
never be resolved and is refused.

Source: facts sheet "Entities and envelopes" and the members of the vendor's XML schemas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Types = Mapping[str, str]
HEADER: Types = {
    "Id": "text:30",
    "SyncToken": "text:30",
    "MetaData.CreateTime": "instant",
    "MetaData.LastUpdatedTime": "instant",
}
# Sent back by clients that post what they have read; the server decides them itself.
IGNORED = frozenset({"domain", "sparse", "MetaData", "Id", "SyncToken", "status"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One entity of the API.

    ``family``      name (can be made inactive), transaction (can be deleted), company (one record)
    ``ids``         the sequence its ids come from: transactions share one, people share one
    ``label``       the member that names a record; unique within ``namespace``
    ``members``     writable members and their types; ``derived`` are read-only
    ``filters``     members that a query may compare or order by, beside Id and MetaData
    ``creatable``   False where the API only reads
    ``captured``    whether change data capture covers it
    """

    name: str
    collection: str
    family: Literal["name", "transaction", "company"]
    ids: str
    members: Types
    derived: Types
    filters: frozenset[str]
    required: tuple[str, ...] = ()
    label: str = ""
    namespace: str = ""
    creatable: bool = True
    captured: bool = True

    @property
    def types(self) -> dict[str, str]:
        """Every member that can be asked for, with its type."""
        return {**HEADER, **self.derived, **self.members}

    @property
    def queryable(self) -> frozenset[str]:
        return self.filters | HEADER.keys() - {"SyncToken"}


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())
