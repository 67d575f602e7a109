"""Conditions that business checks are made of: each takes the living rows and says which of them are in order.

They are written as "not broken": where a value is missing, a rule has nothing to say and the row passes.
Amounts may come as DECIMAL (objects) or as double precision; in the latter the fourth decimal of an amount
is exact up to a hundred billion, so that a comparison to the cent never depends on which of the two it was.
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from quality.spec import Check, Test

if TYPE_CHECKING:
    import pandas as pd

CURRENCY = r"[A-Z]{3}"
EMAIL = r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+"
E164 = r"\+[1-9][0-9]{5,14}"
# A cent, and half of the smallest step in which amounts are kept, so that no binary fraction decides.
CENT = 0.01005
# Made once: a reader made for every record costs more than the reading.
READ = json.JSONDecoder(parse_float=Decimal).decode


def rule(entity: str, field: str, name: str, test: Test, why: str, *, shows: tuple[str, ...] = ()) -> Check:
    """A business check of an entity, ``<entity>_<name>``; it warns, since holding back a record helps nobody."""
    return Check(name=f"{entity}_{name}", entity=entity, field=field, kind="rule", why=why, test=test, shows=shows)


# --- values --------------------------------------------------------------------------------------------------


def amount(frame: pd.DataFrame, field: str) -> pd.Series[float]:
    """A money or number column as double precision, NaN where there is none."""
    import pandas as pd

    return pd.to_numeric(frame[field], errors="raise").astype("float64")


def moment(frame: pd.DataFrame, field: str) -> pd.Series[Any]:
    """An instant, wall time or date column as timestamps, NaT where there is none."""
    import pandas as pd

    return pd.to_datetime(frame[field])


def true(frame: pd.DataFrame, field: str) -> pd.Series[bool]:
    """Where a flag is set; no value counts as not set."""
    return frame[field].astype("boolean").fillna(value=False).astype(bool)


def added(frame: pd.DataFrame, field: str, part: str) -> pd.Series[float]:
    """The sum of one part over each record's list (invoice lines); NaN where the list or a part of it is missing."""
    return frame[field].map(lambda text: _sum(text, part), na_action="ignore").astype("float64")


def _sum(text: str, part: str) -> float | None:
    amounts = [element.get(part) for element in READ(text) or ()]
    if not amounts or None in amounts:
        return None
    return float(sum(Decimal(str(one)) for one in amounts))


# --- conditions ----------------------------------------------------------------------------------------------


def matches(field: str, pattern: str) -> Test:
    """The whole text has this form."""
    return lambda frame: frame[field].astype("str").str.fullmatch(pattern) | frame[field].isna()


def listed(field: str, values: tuple[str, ...]) -> Test:
    """Every label is one of these."""
    known = frozenset(values)
    return lambda frame: frame[field].map(known.issuperset, na_action="ignore")


def at_least(field: str, low: float) -> Test:
    """The amount is not below this."""
    return lambda frame: ~(amount(frame, field) < low)


def not_before(last: str, first: str) -> Test:
    """The second moment does not lie before the first."""
    return lambda frame: ~(moment(frame, last) < moment(frame, first))


def after(last: str, first: str) -> Test:
    """The second moment lies after the first: nothing takes no time."""
    return lambda frame: ~(moment(frame, last) <= moment(frame, first))


def any_of(*fields: str) -> Test:
    """At least one of these is known."""
    return lambda frame: frame[list(fields)].notna().any(axis="columns")


def together(*fields: str) -> Test:
    """All of these are known, or none."""
    return lambda frame: frame[list(fields)].notna().sum(axis="columns").isin([0, len(fields)])


def given_with(field: str, needed: str) -> Test:
    """Where the first is known the second is too."""
    return lambda frame: frame[field].isna() | frame[needed].notna()


def known_zone(field: str) -> Test:
    """The zone is one of the IANA database."""
    return lambda frame: frame[field].isna() | frame[field].isin(zones())


@cache
def zones() -> frozenset[str]:
    """Every IANA zone name that this machine knows."""
    return frozenset(available_timezones())


def timed_or_all_day(frame: pd.DataFrame) -> pd.Series[bool]:
    """Times, or days, never both; and days where ``all_day`` says so."""
    timed = frame["starts_at"].notna() | frame["ends_at"].notna()
    days = frame["starts_on"].notna() | frame["ends_on"].notna()
    whole = true(frame, "all_day")
    return ~(timed & days) & ~(whole & timed) & ~(days & ~whole & frame["all_day"].notna())


def wall_agrees(instant: str, wall: str, zone: str) -> Test:
    """The wall time is the instant as a clock in that zone shows it; unknown zones are another check's matter."""

    def test(frame: pd.DataFrame) -> pd.Series[bool]:
        import pandas as pd

        fine = pd.Series(data=True, index=frame.index)
        at, shown = moment(frame, instant), moment(frame, wall)
        for name, rows in frame.groupby(zone).groups.items():
            if name in zones():
                local = at[rows].dt.tz_localize("UTC").dt.tz_convert(str(name)).dt.tz_localize(None)
                apart = (local.dt.floor("s") - shown[rows].dt.floor("s")).abs()
                fine[rows] = ~(apart > pd.Timedelta(0))
        return fine

    return test
