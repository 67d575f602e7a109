from __future__ import annotations

import duckdb
import pytest

from models.fields import encode_record
from models.places import street
from models.schema import Context


@pytest.mark.parametrize(
    ("record", "read"),
    [
        ('{"a": {"l1": " 9 Elm St ", "l2": "Unit 4"}}', "9 Elm St, Unit 4"),
        ('{"a": {"l1": "9 Elm St", "l2": " "}}', "9 Elm St"),
        ('{"a": {"l1": null, "l2": "Unit 4"}}', "Unit 4"),
        ('{"a": {"l1": "", "l2": null}}', None),
        ("{}", None),
    ],
)
def test_the_lines_of_a_street_are_one_text(record: str, read: str | None) -> None:
    value = street("a.l1", "a.l2").read(Context()).sql("duckdb")
    with duckdb.connect() as con:
        told = con.execute(f"SELECT {value} FROM (SELECT $1::JSON AS record)", [record])  # noqa: S608
        assert told.fetchone() == (read,)


def test_a_street_is_written_as_its_first_line() -> None:
    assert encode_record({"street": street("a.l1", "a.l2")}, {"street": "9 Elm St"}) == {"a": {"l1": "9 Elm St"}}


def test_the_street_of_an_element_is_read_only() -> None:
    assert street("@.l1", "@.l2").target is None
