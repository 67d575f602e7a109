"""Names of time zones as vendors write them: IANA names, and the names that Windows and Exchange use.

The table of Windows names is CLDR's (``windowsZones``, territory 001), as the calendar library carries it. A name that
neither knows (``tzone://Microsoft/Custom``, a display name) is no zone: nothing is guessed from offsets or likeness.
"""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON


@cache
def known() -> frozenset[str]:
    """Names of the zone database."""
    return frozenset(available_timezones())


def iana(name: str) -> str | None:
    """The IANA zone that a vendor's name stands for; None when nobody says which one it is."""
    if name in known():
        return name
    found = WINDOWS_TO_OLSON.get(name)
    return str(found) if found in known() else None


@cache
def windows(name: str) -> str | None:
    """The Windows name that reads back as this very IANA zone; None for zones that Windows counts with others."""
    return next((vendor for vendor, zone in WINDOWS_TO_OLSON.items() if zone == name), None)
