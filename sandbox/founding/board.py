"""The dispatcher's board: who is free when, in wall times of the company's zone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SLOTS = (time(8), time(9, 30), time(11), time(13), time(14, 30), time(16))
SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """From ``start`` up to ``end``, both UTC."""

    start: datetime
    end: datetime

    def meets(self, other: Stretch) -> bool:
        return self.start < other.end and other.start < self.end


def local_instant(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """The UTC instant of a full hour on the wall clock."""
    return datetime.combine(day, time(hour), zone).astimezone(UTC)


def working_days(now: datetime) -> list[date]:
    """Mondays to Saturdays from five weeks before ``now`` to three weeks after it."""
    first, days = now.date() - timedelta(days=34), 34 + 21
    return [day for n in range(days) if (day := first + timedelta(days=n)).weekday() <= SATURDAY]


@dataclass(slots=True, kw_only=True)
class Board:
    """Slots of each technician and day; booking takes them away, so nobody is in two places at once."""

    rng: random.Random
    zone: ZoneInfo
    days: Sequence[date]
    technicians: Sequence[str]
    _free: dict[date, set[tuple[time, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for day in self.days:
            slots, crew = (3, 3) if day.weekday() == SATURDAY else (len(SLOTS), len(self.technicians))
            self._free[day] = {(slot, who) for slot in SLOTS[:slots] for who in self.technicians[:crew]}

    def retire(self, technician: str, *, since: date) -> None:
        """No slots from this day on."""
        for day in self.days:
            if day >= since:
                self._free[day] -= {(slot, technician) for slot in SLOTS}

    def block(self, technician: str, taken: Stretch) -> None:
        """Removes the slots that meet a stretch of time."""
        for day, free in self._free.items():
            free -= {(slot, technician) for slot in SLOTS if self._stretch(day, slot, 90).meets(taken)}

    def book(self, day: date, *, pair: bool, whole_day: bool) -> tuple[Stretch, tuple[str, ...]]:
        """Takes a free slot for one or two technicians, or a whole day where one of them has all of it free.

        The day is the asked one, or the nearest that still has a free slot.
        """
        day = min((d for d in self.days if self._free[d]), key=lambda d: (abs(d - day), d))
        idle = sorted(technician for technician in self.technicians if self._idle(day, technician))
        if whole_day and idle:
            crew: tuple[str, ...] = (self.rng.choice(idle),)
            self._free[day] -= {(slot, technician) for slot in SLOTS for technician in crew}
            next_day = local_instant(day + timedelta(days=1), 0, self.zone)
            return Stretch(start=local_instant(day, 0, self.zone), end=next_day), crew
        slot, first = self.rng.choice(sorted(self._free[day]))
        others = sorted(who for at, who in self._free[day] if at == slot and who != first)
        crew = (first, self.rng.choice(others)) if pair and others else (first,)
        self._free[day] -= {(slot, technician) for technician in crew}
        return self._stretch(day, slot, self.rng.choice((60, 75, 90))), crew

    def _idle(self, day: date, technician: str) -> bool:
        return all((slot, technician) in self._free[day] for slot in SLOTS)

    def _stretch(self, day: date, slot: time, minutes: int) -> Stretch:
        start = datetime.combine(day, slot, self.zone).astimezone(UTC)
        return Stretch(start=start, end=start + timedelta(minutes=minutes))
