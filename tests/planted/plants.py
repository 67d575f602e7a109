"""What is wrong with the planted company: each plant with the finding that has to name it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """One thing that is wrong.

    group     duplicate, overlap, money, broken or zone
    kind      which of them
    finding   check or finding that has to say so
    record    what the finding calls the record: ``<system>:<id>``, or two of them for a pair
    """

    group: str
    kind: str
    finding: str
    record: frozenset[str]


@dataclass(slots=True)
class Plants:
    """All plants of a company while it is made, and the records beside them that a plant had to touch."""

    listed: list[Plant] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)

    def add(self, group: str, kind: str, finding: str, *record: str) -> None:
        self.listed.append(Plant(group=group, kind=kind, finding=finding, record=frozenset(record)))

    @property
    def records(self) -> frozenset[str]:
        """Every record that something was done to; what is said of any other one is a false alarm."""
        return frozenset(self.touched.union(*(one.record for one in self.listed)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large the company is and how much is wrong with it."""

    customers: int = 5_000
    jobs: int = 20_000
    technicians: int = 200
    duplicates: int = 200
    overlaps: int = 100
    money: int = 150
    broken: int = 300
    zones: int = 50

    def shrunk(self, by: int) -> Size:
        """A company a ``by``-th as large; of money errors, broken rows and traps some of every kind stay."""
        return Size(
            customers=self.customers // by,
            jobs=self.jobs // by,
            technicians=self.technicians // by,
            duplicates=self.duplicates // by,
            overlaps=self.overlaps // by,
            money=max(30, self.money // by),
            broken=max(30, self.broken // by),
            zones=max(12, self.zones // by),
        )
