"""The first kind that has something in it is read, whole, and a list without any gives nothing."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest

from models.fields import text
from models.kinds import of_kind
from models.schema import Context

CITY = of_kind("places", text("@.city"), kind="@.kind", kinds=("bill", "yard"), filled=("@.city", "@.street"))
CONTEXT = Context(time_zone="America/Chicago", currency="USD", region="US")


@pytest.mark.parametrize(
    ("places", "city"),
    [
        ([{"kind": "yard", "city": "Waco"}, {"kind": "bill", "city": " Austin "}], "Austin"),
        ([{"kind": "yard", "city": "Waco"}, {"kind": "bill", "city": " "}], "Waco"),
        ([{"kind": "yard", "city": "Waco"}, {"kind": "bill", "street": "1 Elm"}], None),
        ([{"kind": "dock", "city": "Hutto"}], None),
        ([], None),
        (None, None),
    ],
)
def test_the_first_kind_with_something_in_it_counts(places: Any, city: str | None) -> None:
    sql = CITY.read(CONTEXT).sql("duckdb")
    with duckdb.connect() as con:
        told = con.execute(f"SELECT {sql} FROM (SELECT $1::JSON AS record)", [json.dumps({"places": places})])  # noqa: S608
        assert told.fetchall() == [(city,)]


def test_it_says_what_it_reads_and_is_never_written() -> None:
    assert CITY.paths == ("places.kind", "places.city")
    assert (CITY.target, CITY.encode) == (None, None)
