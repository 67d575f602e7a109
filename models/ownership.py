"""Ownership rules: which system decides a field when several know it.

Declarations name roles (``prefer("crm", "scheduling")``); a company's stack may name its systems.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["prefer", "only", "latest", "furthest", "union"]
KINDS: tuple[Kind, ...] = ("prefer", "only", "latest", "furthest", "union")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """A rule and the order of roles or systems it names; ``lifecycle`` is for ``furthest`` alone."""

    kind: Kind
    order: tuple[str, ...] = ()
    lifecycle: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The rule as people write it: ``prefer(jobber, hubspot)``."""
        return f"{self.kind}({', '.join(self.order)})"


def prefer(*order: str) -> Ownership:
    """The first of these that has a value wins."""
    return Ownership(kind="prefer", order=order)


def only(name: str) -> Ownership:
    """This one alone decides; its empty value wins too."""
    return Ownership(kind="only", order=(name,))


def latest(*order: str) -> Ownership:
    """The value changed last wins; of equal clocks the earlier in the order."""
    return Ownership(kind="latest", order=order)


def furthest(lifecycle: tuple[str, ...], *order: str) -> Ownership:
    """The value furthest along the lifecycle wins; of equals the earlier in the order."""
    return Ownership(kind="furthest", order=order, lifecycle=lifecycle)


def union(*order: str) -> Ownership:
    """All values together (tags)."""
    return Ownership(kind="union", order=order)
