"""Zone names of vendors: all that Windows has are known, and what is no name of a zone is never guessed at."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from connectors.zone_names import iana, windows


def test_story_44_every_windows_zone_is_an_iana_zone() -> None:
    assert len(WINDOWS_TO_OLSON) >= 139
    for name in WINDOWS_TO_OLSON:
        assert ZoneInfo(str(iana(name))).key == iana(name)
    told = {name: iana(name) for name in ("GMT Standard Time", "Central Standard Time", "W. Europe Standard Time")}
    assert list(told.values()) == ["Europe/London", "America/Chicago", "Europe/Berlin"]


@pytest.mark.parametrize("name", ["tzone://Microsoft/Custom", "Customized Time Zone", "UTC-6", "central", "", "../etc"])
def test_story_44_what_is_no_zone_is_not_guessed(name: str) -> None:
    assert iana(name) is None


def test_an_iana_name_is_itself() -> None:
    assert (iana("America/Chicago"), iana("UTC")) == ("America/Chicago", "UTC")


def test_story_44_a_zone_goes_under_its_windows_name_only_where_that_reads_back_as_itself() -> None:
    assert windows("America/Chicago") == "Central Standard Time"
    assert {iana(str(windows(zone))) for zone in ("Europe/Berlin", "Asia/Tokyo")} == {"Europe/Berlin", "Asia/Tokyo"}
    assert (windows("America/Detroit"), windows("UTC"), windows("nowhere")) == (None, None, None)
