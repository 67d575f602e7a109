from __future__ import annotations

import duckdb
import pytest

from connectors.marks import mark, marked, marked_in, noted, unmarked_in
from models.change import Change

JOB = Change(system="acme", entity="job", core_id="job_0123abcd", action="create")


@pytest.fixture(scope="module")
def read() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def test_our_mark_stands_behind_what_is_said() -> None:
    assert noted("Ring twice", JOB) == "Ring twice\n\nplumbline:job_0123abcd"
    assert noted(None, JOB) == mark(JOB) == "plumbline:job_0123abcd"


@pytest.mark.parametrize(
    ("text", "id", "rest"),
    [
        ("Ring twice\n\nplumbline:job_0123abcd", "job_0123abcd", "Ring twice"),
        ("RING TWICE PLUMBLINE:JOB_0123ABCD", "job_0123abcd", "RING TWICE"),
        ("plumbline:job_0123abcd", "job_0123abcd", None),
        ("plumbline:job_0123abcd\nand a ladder", "job_0123abcd", "and a ladder"),
        ("Ring twice", None, "Ring twice"),
        ("", None, None),
        (None, None, None),
    ],
)
def test_a_mark_is_read_and_cut_out_in_python_as_in_sql(
    read: duckdb.DuckDBPyConnection, text: str | None, id: str | None, rest: str | None
) -> None:
    said = f"SELECT {marked_in('$1')}, {unmarked_in('$1')}"
    assert marked(text) == id
    assert read.execute(said, [text]).fetchone() == (id, rest)
