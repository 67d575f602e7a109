from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest

from models.fields import Codec, encode_record
from models.kinds import of_kind
from models.places import COUNTRIES, country, street
from models.schema import Context


def _read(codec: Codec, record: dict[str, Any]) -> Any:
    sql = codec.read(Context()).sql("duckdb")
    with duckdb.connect() as con:
        told = con.execute(f"SELECT {sql} FROM (SELECT $1::JSON AS record)", [json.dumps(record)])  # noqa: S608
        return told.fetchall()[0][0]


@pytest.mark.parametrize(
    ("lines", "read"),
    [
        ({"l1": " 9 Elm St ", "l2": "Unit 4"}, "9 Elm St, Unit 4"),
        ({"l1": "9 Elm St", "l2": " "}, "9 Elm St"),
        ({"l1": None, "l2": "Unit 4"}, "Unit 4"),
        ({"l1": "", "l2": None}, None),
        ({}, None),
    ],
)
def test_the_lines_of_a_street_are_one_text(lines: dict[str, Any], read: str | None) -> None:
    assert _read(street("a.l1", "a.l2"), {"a": lines}) == read


def test_a_street_is_written_as_its_first_line() -> None:
    assert encode_record({"street": street("a.l1", "a.l2")}, {"street": "9 Elm St"}) == {"a": {"l1": "9 Elm St"}}


def test_the_street_of_an_element_is_read_only() -> None:
    assert street("@.l1", "@.l2").target is None


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("US", "US"),
        ("us", "US"),
        ("U.S.A.", "US"),
        (" United States ", "US"),
        ("Österreich", "AT"),
        ("uk", "GB"),
        ("Atlantis", "Atlantis"),
        ("fr", "FR"),
        ("XX", "XX"),
        ("", None),
        (None, None),
    ],
)
def test_a_country_is_its_code_where_its_name_is_known(said: str | None, read: str | None) -> None:
    assert _read(country("c"), {"c": said}) == read


def test_a_country_inside_a_list_is_read_alike() -> None:
    home = of_kind("places", country("@.c"), kind="@.kind", kinds=("home",), filled=("@.c",))
    assert _read(home, {"places": [{"kind": "home", "c": "usa"}]}) == "US"


def test_no_name_is_that_of_two_countries() -> None:
    names = [name.upper() for code, others in COUNTRIES.items() for name in (code, *others)]
    assert len(names) == len(set(names))


def test_a_country_is_written_as_it_stands_in_core() -> None:
    assert encode_record({"country": country("a.c", max=80)}, {"country": "US"}) == {"a": {"c": "US"}}
