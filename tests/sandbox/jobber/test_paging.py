from __future__ import annotations

import pytest
from graphql import GraphQLError
from hypothesis import given
from hypothesis import strategies as st

from sandbox.jobber.paging import page

RECORDS = list(range(250))


def test_the_first_page_of_one_ends_where_the_vendors_example_does() -> None:
    got = page(["only"], {"first": 1})
    info = {"startCursor": "MQ", "endCursor": "MQ", "hasNextPage": False, "hasPreviousPage": False}
    assert got["pageInfo"] == info
    assert got["edges"] == [{"cursor": "MQ", "node": "only"}]


def test_nothing_has_no_cursors() -> None:
    empty = {"startCursor": None, "endCursor": None, "hasNextPage": False, "hasPreviousPage": False}
    assert page([], {})["pageInfo"] == empty


@pytest.mark.parametrize("args", [{}, {"first": 100}, {"first": 5000}])
def test_a_page_holds_at_most_a_hundred(args: dict[str, int]) -> None:
    got = page(RECORDS, args)
    assert got["nodes"] == RECORDS[:100]
    assert got["totalCount"] == 250
    assert got["pageInfo"]["hasNextPage"]


def test_some_connections_give_longer_pages() -> None:
    assert page(RECORDS, {"first": 5000}, 10_000)["nodes"] == RECORDS


@given(st.integers(min_value=1, max_value=120))
def test_walking_forward_sees_each_record_once(size: int) -> None:
    seen: list[int] = []
    after: str | None = None
    while True:
        got = page(RECORDS, {"first": size, "after": after})
        seen += got["nodes"]
        after = got["pageInfo"]["endCursor"]
        if not got["pageInfo"]["hasNextPage"]:
            break
    assert seen == RECORDS


def test_walking_back_from_a_cursor() -> None:
    middle = page(RECORDS, {"first": 10})["edges"][5]["cursor"]
    got = page(RECORDS, {"last": 3, "before": middle})
    assert got["nodes"] == [2, 3, 4]
    assert got["pageInfo"]["hasPreviousPage"]


def test_a_cursor_that_was_never_given_is_an_error() -> None:
    with pytest.raises(GraphQLError, match="Invalid cursor"):
        page(RECORDS, {"after": "no cursor"})


def test_a_record_before_the_cursor_shifts_the_next_page() -> None:
    cursor = page(RECORDS, {"first": 2})["pageInfo"]["endCursor"]
    assert page([-1, *RECORDS], {"first": 2, "after": cursor})["nodes"] == [1, 2]
