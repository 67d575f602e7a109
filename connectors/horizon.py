"""How far recurring events are expanded: from some days back to some days ahead of now, moving on with the clock.

A reader keeps ``until`` in its cursor and expands its series again once what is known ahead falls short. It expands a
week more than it must, so that this happens once a week and not at every read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.spec import Api, Setting

DAY = timedelta(days=1)
SPARE = 7 * DAY
# Days of one series inside the span; more is no time that a person keeps, and is set aside.
MOST = 2000
SETTINGS = (
    Setting(name="series_back", description="Days before now for which recurring events are read.", default=14),
    Setting(name="series_ahead", description="Days after now for which recurring events are read.", default=90),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Two instants, UTC, at midnight: days of a series that touch the time between them are read."""

    since: datetime
    until: datetime


def span_of(api: Api) -> Span:
    """The span of a read that expands series now."""
    today = api.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    ahead, back = (int(api.settings.get(one.name, one.default)) for one in reversed(SETTINGS))
    return Span(since=today - back * DAY, until=today + ahead * DAY + SPARE)


def falls_short(api: Api, until: Any) -> bool:
    """Whether series that were expanded up to ``until`` (ISO text of a cursor) no longer reach as far as they must."""
    return datetime.fromisoformat(str(until)) < span_of(api).until - SPARE
