from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from pipelines.ledger.values import HIDDEN, Instant, decode, encode, redacted

# A fold tells the two hours of an autumn night apart; UTC has no such night.
UTC_TIMES = st.datetimes().map(lambda time: time.replace(fold=0))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | UTC_TIMES
    | UTC_TIMES.map(lambda time: time.replace(tzinfo=UTC))
    | st.dates()
)
NAMES = st.text() | st.sampled_from(["$decimal", "$instant", "$date", "$object"])
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=20)


@given(value=VALUES)
def test_a_value_comes_back_as_it_went_in(value: Any) -> None:
    back = decode(json.loads(json.dumps(encode(value))))
    assert back == value
    assert repr(back) == repr(value)


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=["sqlite", "postgres"])
def test_an_instant_is_utc_whatever_zone_it_came_in(dialect: Any) -> None:
    keep = Instant()
    stored = keep.process_bind_param(datetime.fromisoformat("2026-05-04T07:00:00-05:00"), dialect)
    assert keep.process_result_value(stored, dialect) == datetime(2026, 5, 4, 12, tzinfo=UTC)
    assert keep.process_result_value(keep.process_bind_param(None, dialect), dialect) is None


def test_secrets_are_hidden_at_any_depth() -> None:
    sent = {
        "Authorization": "Bearer x",
        "body": [{"refresh_token": "y", "syncToken": "kept", "amount": Decimal(1), "day": date(2026, 5, 4)}],
        "password": None,
    }
    assert redacted(sent) == {
        "Authorization": HIDDEN,
        "body": [{"refresh_token": HIDDEN, "syncToken": "kept", "amount": Decimal(1), "day": date(2026, 5, 4)}],
        "password": None,
    }
