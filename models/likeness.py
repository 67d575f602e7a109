"""Likeness: by which fields records of an entity are compared where no exact key ties them together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

PERSON, COMPANY, PLACE = "person", "company", "place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How an entity's records are compared.

    columns  what is compared -> the field that says it; a reference is compared by the core_id it leads to
    kind     the shipped weights that fit a record
    marked   (field, kind): records with a value there take this kind instead
    """

    columns: Mapping[str, str]
    kind: str
    marked: tuple[str, str] | None = field(default=None)

    @property
    def kinds(self) -> tuple[str, ...]:
        return (self.kind, self.marked[1]) if self.marked else (self.kind,)


_ADDRESS = {name: name for name in ("street", "city", "state", "postal_code")}

LIKENESS: Mapping[str, Likeness] = MappingProxyType(
    {
        "customer": Likeness(
            columns={
                **{name: name for name in ("given_name", "family_name", "email", "phone")},
                "name": "company_name",
                **_ADDRESS,
            },
            kind=PERSON,
            marked=("company_name", COMPANY),
        ),
        # a place is only ever compared with places of the same customer
        "location": Likeness(columns={"name": "name", **_ADDRESS, "parent": "customer"}, kind=PLACE),
    }
)
