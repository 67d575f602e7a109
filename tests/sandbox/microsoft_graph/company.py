"""A small company: two who drive out and one who left, with their own time in March 2026."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sandbox.company import Busy, Company, Technician

NOW = datetime(2026, 3, 11, 15, 0, tzinfo=UTC)
ZONE = "America/Chicago"
NOTHING: dict[str, Any] = dict.fromkeys(
    ("customers", "sites", "products", "jobs", "appointments", "invoices", "payments"), ()
)


def technician(number: int, *, active: bool = True) -> Technician:
    return Technician(
        key=f"tech{number}", given_name=f"Tech{number}", family_name="Ito", email=f"tech{number}@acme.example.com",
        phone=f"+1512555010{number}", active=active,
    )  # fmt: skip


def busy(number: int, title: str, start: tuple[int, int], end: tuple[int, int], *, all_day: bool = False) -> Busy:
    """Somebody's own time, from and to a day and hour of March, UTC."""
    times = [NOW.replace(day=day, hour=hour) for day, hour in (start, end)]
    return Busy(
        key=f"{number} {title}", technician=f"tech{number}", title=title, starts_at=times[0], ends_at=times[1],
        all_day=all_day, time_zone=ZONE,
    )  # fmt: skip


COMPANY = Company(
    seed=1,
    name="Acme Heating & Air",
    time_zone=ZONE,
    currency="USD",
    now=NOW,
    technicians=(technician(1), technician(2), technician(3, active=False)),
    busy=(
        busy(1, "School pick-up", (9, 20), (9, 21)),
        busy(1, "Truck in the shop", (13, 14), (13, 16)),
        busy(1, "Time off", (17, 5), (19, 5), all_day=True),
        busy(2, "Dentist", (12, 15), (12, 16)),
    ),
    **NOTHING,
)
