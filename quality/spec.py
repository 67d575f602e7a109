"""Check and Verdict: a condition that rows must meet, and what a run of it said.

A verdict is ``pass``, ``fail`` (rows break the condition) or ``broken`` (the check itself could not be
run): a crash is never taken for bad data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pandas as pd

Severity = Literal["warn", "block"]
Outcome = Literal["pass", "fail", "broken"]
Kind = Literal["not_null", "unique", "one_of", "reference", "range", "rule"]
# living rows of one entity -> one truth a row; no value (NA) means that the rule has nothing to say about it
Test = Callable[["pd.DataFrame"], "pd.Series[Any]"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One condition on one entity's rows.

    kind       what is checked; ``reference`` looks the values up among the living records of entity ``other``
    values     allowed values of ``one_of``
    low, high  inclusive bounds of ``range``; None: open
    test       of ``rule``: whether each row meets the condition
    shows      fields whose values the examples give beside the checked one
    hidden     fields that hold a person's data: examples name the record, not the value
    severity   ``block`` keeps the rows out and holds the entity's plans, ``warn`` only shows
    """

    name: str
    entity: str
    field: str
    kind: Kind
    why: str
    severity: Severity = "warn"
    values: tuple[str, ...] = ()
    other: str | None = None
    low: Any = None
    high: Any = None
    test: Test | None = None
    shows: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one run of a check said: counts, and up to ten violating core_ids with their values.

    violators  core_ids of all rows that break it, each with what it points to that is not there (references)
    standing   rows that were not looked at now and broke it when they last were
    """

    check: Check
    outcome: Outcome
    rows: int = 0
    violations: int = 0
    examples: Sequence[Mapping[str, Any]] = field(default_factory=tuple)
    violators: Mapping[str, str | None] = field(default_factory=dict)
    standing: int = 0
    problem: str | None = None

    @property
    def blocks(self) -> bool:
        """Whether the rows must stay out: a failed or broken check that is marked as blocking."""
        return self.check.severity == "block" and self.outcome != "pass"
