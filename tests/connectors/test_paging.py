from __future__ import annotations

import pytest

from connectors.paging import known_ids, relay, token_pages
from models.errors import Transient, Unreachable


def test_token_pages_follow_the_token() -> None:
    pages = {None: ("one", "t1"), "t1": ("two", "t2"), "t2": ("three", "")}
    assert list(token_pages(lambda token: pages[token], system="acme")) == ["one", "two", "three"]


def test_a_token_that_comes_back_is_no_list() -> None:
    with pytest.raises(Unreachable, match="same next page"):
        list(token_pages(lambda _: ("page", "t1"), system="acme"))


def test_a_failing_page_is_not_an_end() -> None:
    def fetch(token: str | None) -> tuple[str, str | None]:
        if token:
            raise Transient("acme", "try later")
        return "one", "t1"

    pages = token_pages(fetch, system="acme")
    assert next(pages) == "one"
    with pytest.raises(Transient):
        next(pages)


def test_a_connection_is_followed_by_its_cursor() -> None:
    def fetch(after: str | None) -> dict[str, object]:
        more = after is None
        return {"nodes": [{"id": after or "first"}], "pageInfo": {"endCursor": "c1", "hasNextPage": more}}

    assert [node["id"] for page in relay(fetch, system="acme") for node in page] == ["first", "c1"]


def test_what_is_missing_now_was_deleted() -> None:
    assert known_ids(["a", "b", "c"], ["c", "d"]) == ["a", "b"]
