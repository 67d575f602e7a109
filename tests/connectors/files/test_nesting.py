"""Header and detail in two files: nothing is dropped, whatever cannot be placed says why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hypothesis import given
from hypothesis import strategies as st

from connectors.files.nesting import Nest, nested
from connectors.files.rows import PROBLEM, ROW, VALUES, broken
from connectors.spec import Record


def key(row: Record) -> str | None:
    return row.get("order") or None


def together(outer: Sequence[Record], details: Sequence[Record]) -> list[Record]:
    def rows() -> Iterator[Record]:
        return iter(details)

    return list(nested(iter(outer), key, {"lines": Nest(name="lines", rows=rows, key=key)}))


def test_each_header_has_its_own_lines_in_their_order() -> None:
    lines = [{"order": "1", "n": "a"}, {"order": "2", "n": "b"}, {"order": "1", "n": "c"}]
    found = together([{"order": "1"}, {"order": "2"}, {"order": "3"}], lines)
    assert [[line["n"] for line in row["lines"]] for row in found] == [["a", "c"], ["b"], []]


def test_a_line_of_no_order_is_set_aside_with_its_reason() -> None:
    found = together([{"order": "1"}], [{"order": "9", "n": "x"}])
    assert found[0]["lines"] == []
    assert "'9'" in found[1][PROBLEM]
    assert found[1][VALUES] == {"order": "9", "n": "x"}


def test_a_line_that_names_no_order_or_cannot_be_read_is_set_aside() -> None:
    unread = broken("lines.csv, line 3", "3 values where the header has 2", ["1", "2", "3"])
    found = together([{"order": "1"}], [{"order": None, ROW: "lines.csv, row 1"}, unread])
    assert [row[ROW] for row in found[1:]] == ["lines.csv, row 1", "lines.csv, line 3"]


def test_a_broken_header_stays_as_it_is_and_its_lines_are_set_aside() -> None:
    header = broken("orders.csv, line 2", "2 values where the header has 3", ["1", "2"])
    found = together([header], [{"order": "1", "n": "a"}])
    assert found[0] == header
    assert PROBLEM in found[1]


@given(st.lists(st.sampled_from("123"), unique=True), st.lists(st.sampled_from(["1", "2", "4", None]), max_size=12))
def test_every_line_is_somewhere_exactly_once(orders: list[str], lines: list[str | None]) -> None:
    details = [{"order": order, "n": str(n)} for n, order in enumerate(lines)]
    found = together([{"order": order} for order in orders], details)
    placed = [line["n"] for row in found if PROBLEM not in row for line in row["lines"]]
    aside = [row[VALUES]["n"] for row in found if PROBLEM in row]
    assert sorted(placed + aside) == sorted(d["n"] for d in details)
