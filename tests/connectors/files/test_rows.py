"""Bytes to rows: every format, encoding and way to be broken."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.files.rows import PROBLEM, ROW, VALUES, parse


def rows(data: bytes, form: str = "csv", **options: Any) -> list[Any]:
    told = {"name": "a.csv", "delimiter": ",", "encoding": None} | options
    return list(parse(data, form=form, **told).rows)


def test_empty_cells_are_null_and_quotes_hold_line_breaks() -> None:
    assert rows(b'Name,Note\r\nReyes,"one\r\ntwo"\r\nPetty,\r\n\r\n') == [
        {"Name": "Reyes", "Note": "one\r\ntwo"},
        {"Name": "Petty", "Note": None},
    ]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("Name\nJosé\n".encode(), "José"),
        ("\ufeffName\nJosé\n".encode(), "José"),
        ("Name\nJosé\n".encode("utf-16"), "José"),
        ("Name\nJosé – 5 €\n".encode("cp1252"), "José – 5 €"),
        (b"Name\nJos\xe9 \x81\n", "José \x81"),
    ],
)
def test_encodings_are_recognised(data: bytes, name: str) -> None:
    assert rows(data) == [{"Name": name}]


def test_a_declared_encoding_is_kept_to() -> None:
    assert rows("Name\nŁódź\n".encode("iso8859-2"), encoding="iso8859-2") == [{"Name": "Łódź"}]
    with pytest.raises(ValueError, match="not written in utf-8"):
        rows(b"Name\nJos\xe9\n", encoding="utf-8")


def test_blank_and_equal_headers_get_their_number() -> None:
    table = parse(b"Phone , ,Phone\n1,2,3\n", name="a.csv", form="csv", delimiter=",", encoding=None)
    assert table.columns == ("Phone", "column 2", "Phone 2")
    assert list(table.rows) == [{"Phone": "1", "column 2": "2", "Phone 2": "3"}]


def test_rows_of_the_wrong_length_are_kept_with_the_reason() -> None:
    (good, short, long) = rows(b"a,b\n1,2\n3\n4,5,6\n")
    assert good == {"a": "1", "b": "2"}
    assert short == {PROBLEM: "a.csv, line 3: 1 values where the header has 2", ROW: "a.csv, line 3", VALUES: ["3"]}
    assert long[VALUES] == ["4", "5", "6"]


def test_a_stray_quote_swallows_nothing_unseen() -> None:
    found = rows(b'a,b\n1,"2\n3,4\n5,6\n')
    assert [PROBLEM in row for row in found] == [True]
    assert "unexpected end of data" in found[0][PROBLEM]


@pytest.mark.parametrize(("data", "says"), [(b"", "not even a header"), (b"\n\n", "not even a header")])
def test_no_header_is_no_table(data: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        rows(data)


def test_json_lists_and_lines_keep_exact_numbers() -> None:
    whole = [{"id": 1, "total": Decimal("8853839.23")}, {"id": 2, "total": None}]
    assert rows(b'[{"id": 1, "total": 8853839.23}, {"id": 2, "total": NaN}]', "json") == whole
    assert rows(b'{"id": 1, "total": 8853839.23}\n\n{"id": 2, "total": null}\n', "json") == whole
    assert rows(b'{\n "id": 1\n}', "json") == [{"id": 1}]


def test_json_that_is_no_object_is_kept_with_the_reason() -> None:
    found = rows(b'{"id": 1}\n{"id": 2\n[3]\n', "json", name="a.jsonl")
    assert [row.get(ROW) for row in found] == [None, "a.jsonl, line 2", "a.jsonl, line 3"]
    assert rows(b"[7]", "json")[0][VALUES] == 7
    with pytest.raises(ValueError, match="neither a JSON list"):
        rows(b"<html>", "json")


def test_parquet_values_become_words_of_json() -> None:
    table = pa.table({
        "id": [1], "rate": [8.25], "nothing": [float("nan")], "total": pa.array([Decimal("12.30")]),
        "day": [date(2026, 3, 11)], "at": [datetime(2026, 3, 11, 9, tzinfo=UTC)], "raw": [b"x"],
        "took": [timedelta(hours=1)], "lines": [[{"amount": 1.5}]],
    })  # fmt: skip
    sink = io.BytesIO()
    pq.write_table(table, sink)
    (row,) = rows(sink.getvalue(), "parquet")
    assert row["rate"] == Decimal("8.25")
    assert row["nothing"] is None
    assert (row["total"], row["day"], row["raw"], row["took"]) == (Decimal("12.30"), date(2026, 3, 11), "x", "1:00:00")
    assert row["lines"] == [{"amount": Decimal("1.5")}]
    with pytest.raises(ValueError, match="no Parquet"):
        rows(b"nonsense", "parquet")


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_no_table(data: bytes) -> None:
    for form in ("csv", "json"):
        try:
            found = rows(data, form)
        except ValueError:
            continue
        assert all(isinstance(row, dict) for row in found)
