"""Ownership rules: which system decides a field when several know it.

Declarations name roles (``prefer("crm", "scheduling")``); a company's stack may name its systems. Beside its rule a
field has policies: what becomes of an edit by a system that does not own it, and what an empty value of its owner
means. An entity has one more: what happens when a record is deleted in one system while another one still has it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["prefer", "only", "latest", "furthest", "union"]
KINDS: tuple[Kind, ...] = ("prefer", "only", "latest", "furthest", "union")
Edits = Literal["revert", "accept"]
EDITS: tuple[Edits, ...] = ("revert", "accept")
Nulls = Literal["not_ours", "unknown", "cleared"]
NULLS: tuple[Nulls, ...] = ("not_ours", "unknown", "cleared")
WhenDeleted = Literal["ask", "delete", "keep"]
WHEN_DELETED: tuple[WhenDeleted, ...] = ("ask", "delete", "keep")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """A rule, the order of roles or systems it names, and policies; a policy of None is inherited, then the default.

    kind          ``declared`` keeps the rule that is declared and changes its policies alone
    lifecycle     for ``furthest`` alone
    edits         an edit by a system that does not own the field: ``revert`` (the default) writes the owner's value
                  back, ``accept`` takes it and forwards it to the owner; for ``prefer`` alone
    nulls         an empty value of the owner: ``not_ours`` (the default) leaves the field to the next system,
                  ``unknown`` leaves the field empty and nobody's value touched, ``cleared`` empties the field
                  everywhere once the owner had a value and took it away; for ``prefer`` and ``only``
    when_deleted  of an entity: a deletion against an edit, or in a system that does not own the record, waits for a
                  person (``ask``, the default), stands (``delete``), or is undone once (``keep``)
    """

    kind: Kind | Literal["declared"]
    order: tuple[str, ...] = ()
    lifecycle: tuple[str, ...] = ()
    edits: Edits | None = None
    nulls: Nulls | None = None
    when_deleted: WhenDeleted | None = None

    @property
    def label(self) -> str:
        """The rule as people write it: ``prefer(jobber, hubspot)``, policies that are no default behind it."""
        rule = f"{self.kind}({', '.join(self.order)})"
        policies = {"edits": self.edits, "nulls": self.nulls, "when_deleted": self.when_deleted}
        said = [f"{name}: {value}" for name, value in policies.items() if value not in (None, *DEFAULTS)]
        return ", ".join([rule, *said])

    @property
    def accepts(self) -> bool:
        """Whether edits by systems that do not own the field are taken."""
        return self.edits == "accept" and self.kind == "prefer"

    @property
    def clears(self) -> bool:
        """Whether the owner may empty the field in every system."""
        return self.nulls == "cleared" and self.kind in ("prefer", "only")


DEFAULTS = (EDITS[0], NULLS[0], WHEN_DELETED[0])


def resolve(*levels: Ownership | None) -> Ownership:
    """One rule from several levels, the nearest first: the first that is a rule, each policy as it is first given."""
    given = [level for level in levels if level is not None]
    rule = next(level for level in given if level.kind != "declared")
    return replace(
        rule,
        edits=next((level.edits for level in given if level.edits), None),
        nulls=next((level.nulls for level in given if level.nulls), None),
        when_deleted=next((level.when_deleted for level in given if level.when_deleted), None),
    )


def prefer(*order: str, edits: Edits | None = None, nulls: Nulls | None = None) -> Ownership:
    """The first of these that has a value wins."""
    return Ownership(kind="prefer", order=order, edits=edits, nulls=nulls)


def only(name: str, *, nulls: Nulls | None = None) -> Ownership:
    """This one alone decides; its empty value wins too."""
    return Ownership(kind="only", order=(name,), nulls=nulls)


def latest(*order: str) -> Ownership:
    """The value changed last wins; of equal clocks the earlier in the order."""
    return Ownership(kind="latest", order=order)


def furthest(lifecycle: tuple[str, ...], *order: str) -> Ownership:
    """The value furthest along the lifecycle wins; of equals the earlier in the order."""
    return Ownership(kind="furthest", order=order, lifecycle=lifecycle)


def union(*order: str) -> Ownership:
    """All values together (tags)."""
    return Ownership(kind="union", order=order)


def declared(
    *, edits: Edits | None = None, nulls: Nulls | None = None, when_deleted: WhenDeleted | None = None
) -> Ownership:
    """The declared rule under other policies."""
    return Ownership(kind="declared", edits=edits, nulls=nulls, when_deleted=when_deleted)
