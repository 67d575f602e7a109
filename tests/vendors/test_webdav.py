"""CalDAV exchanges: every recorded one is valid but for the two that were wrong on purpose; mutations are found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.vendors.description import load, read
from tests.vendors.exchange import Exchange, headers_of

WRONG_ON_PURPOSE = {
    "not iCalendar": ["request body: not one VCALENDAR"],
    "no UID": ["request body: no UID"],
}


def recorded() -> dict[str, Exchange]:
    load("caldav")
    return {one["name"]: as_exchange(one) for one in read("caldav", "exchanges.json")["exchanges"]}


def as_exchange(one: dict[str, Any]) -> Exchange:
    asked, told = one["request"], one["response"]
    return Exchange(
        system="caldav",
        method=asked["method"],
        path=asked["path"],
        request_headers=headers_of(asked["headers"].items()),
        request_body=(asked["body"] or "").encode(),
        status=told["status"],
        response_headers=headers_of(told["headers"].items()),
        response_body=(told["body"] or "").encode(),
    )


def without(given: Exchange, header: str) -> Exchange:
    return replace(given, request_headers=tuple(pair for pair in given.request_headers if pair[0] != header))


def put(given: Exchange, header: str, value: str) -> Exchange:
    bare = without(given, header)
    return replace(bare, request_headers=(*bare.request_headers, (header, value)))


def test_what_a_real_server_was_recorded_to_say_is_valid() -> None:
    found = {name: load("caldav").problems(given) for name, given in recorded().items()}
    assert {name: problems for name, problems in found.items() if problems} == WRONG_ON_PURPOSE
    assert len(found) > 25


def sent(given: Exchange, old: bytes, new: bytes) -> Exchange:
    assert old in given.request_body
    return replace(given, request_body=given.request_body.replace(old, new))


def told(given: Exchange, old: bytes, new: bytes) -> Exchange:
    assert old in given.response_body
    return replace(given, response_body=given.response_body.replace(old, new))


MUTATIONS: dict[str, tuple[str, Callable[[Exchange], Exchange]]] = {
    "unknown method": ("get", lambda one: replace(one, method="POST")),
    "Depth of a PROPFIND": ("list calendars", lambda one: put(one, "depth", "infinity")),
    "unknown status 418 of GET": ("get", lambda one: replace(one, status=418)),
    "unknown element {DAV:}getetags": ("initial sync", lambda one: sent(one, b"d:getetag", b"d:getetags")),
    "sync-collection without sync-level": (
        "initial sync", lambda one: sent(one, b"<d:sync-level>1</d:sync-level>", b"")),
    "the root is not one of": ("initial sync", lambda one: sent(one, b"sync-collection", b"changes")),
    "time-range is not in UTC": (
        "calendar-query time range (expands the recurrence for matching)",
        lambda one: sent(one, b"20261215T000000Z", b"2026-12-15")),
    "If-None-Match of a PUT": ("create", lambda one: put(one, "if-none-match", '"abc"')),
    "If-Match is not a quoted ETag": ("update", lambda one: put(one, "if-match", "abc")),
    "content type 'application/json'": ("create", lambda one: put(one, "content-type", "application/json")),
    "2 different UIDs": (
        "create", lambda one: sent(one, b"UID:job-1", b"UID:job-9@example.com\r\nUID:job-1")),
    "no METHOD": ("create", lambda one: sent(one, b"VERSION:2.0", b"VERSION:2.0\r\nMETHOD:REQUEST")),
    "no DTSTART": ("create", lambda one: sent(one, b"DTSTART", b"X-START")),
    "longer than 75 octets": ("create", lambda one: sent(one, b"SUMMARY:", b"SUMMARY:" + b"x" * 80)),
    "no name in line": ("create", lambda one: sent(one, b"SUMMARY:", b"SUMMARY ")),
    "no ETag": ("get", lambda one: replace(one, response_headers=(("content-type", "text/calendar"),))),
    "no sync-token": ("initial sync", lambda one: told(one, b"sync-token>", b"getetag>")),
    "the root is not DAV:multistatus": ("initial sync", lambda one: told(one, b"multistatus", b"error")),
    "a response without href": ("initial sync", lambda one: told(one, b"href>", b"getetag>")),
    "no status line": ("initial sync", lambda one: told(one, b"HTTP/1.1 200 OK", b"OK")),
    "must be a DAV:error": ("invalid sync token", lambda one: told(one, b"error", b"prop")),
}  # fmt: skip


@pytest.mark.parametrize("expected", list(MUTATIONS))
def test_one_fault_is_found_and_named(expected: str) -> None:
    name, mutation = MUTATIONS[expected]
    problems = load("caldav").problems(mutation(recorded()[name]))
    assert any(expected in problem for problem in problems), problems
