"""What a report is made of, before anybody decides whether it is a page, a workbook or a folder of files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

Kind = Literal["text", "money", "count", "days", "date"]
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its name in the data, its title for people, what its values are, and whether adding them up says
    something.
    """

    name: str
    title: str
    kind: Kind = "text"
    total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source record behind a row, and the raw load that brought it; ``read_at`` is UTC."""

    system: str
    source_id: str
    raw_load: str | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a section. A line about a record names it and its sources; one that adds records up has neither."""

    values: Mapping[str, Any]
    entity: str | None = None
    core_id: str | None = None
    sources: Sequence[Source] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """Where the rows behind a line stand: the section, and its column that holds the line's own value of ``key``."""

    key: str
    section: str
    column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One bar of a chart: what it stands for, how long it is, and the text at its end."""

    label: str
    length: Decimal
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A titled table with one sentence that says what it found."""

    name: str
    title: str
    sentence: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    drill: Drill | None = None
    bars: tuple[Bar, ...] = ()

    def total(self, column: str) -> Decimal:
        """The sum of a column; what is empty counts nothing."""
        return sum((Decimal(row.values[column]) for row in self.rows if row.values[column] is not None), ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    """A total and the named parts that it must be made of, each computed from something else than the total."""

    title: str
    total: Decimal
    parts: tuple[tuple[str, Decimal], ...]

    @property
    def sum(self) -> Decimal:
        return sum((amount for _, amount in self.parts), ZERO)

    @property
    def difference(self) -> Decimal:
        return self.total - self.sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole report: the verdict first, then the equations that it rests on, then the sections.

    ``basis`` says what it was made from; ``sound`` whether the verdict is a good one.
    """

    name: str
    title: str
    company: str
    currency: str
    at: datetime
    verdict: tuple[str, ...]
    equations: tuple[Equation, ...]
    sections: tuple[Section, ...]
    basis: str = "From the last published sync."
    sound: bool = True

    @property
    def good(self) -> bool:
        return self.sound and self.adds_up

    @property
    def adds_up(self) -> bool:
        return not any(one.difference for one in self.equations)

    def section(self, name: str) -> Section:
        return next(one for one in self.sections if one.name == name)
