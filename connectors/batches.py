"""Many records in one call: how much goes at once, what became of each, and one by way of many."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from connectors.spec import Api, Outgoing, Send, SendMany, Written
from models.errors import SystemFailure

log = logging.getLogger(__name__)

T = TypeVar("T")
Fetch = Callable[[Api, str], Written | None]
FetchMany = Callable[[Api, Sequence[str]], Mapping[str, Written]]


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """At most ``size`` of the items at a time, in their order."""
    return (items[start : start + size] for start in range(0, len(items), size))


def settled(answer: T | Exception) -> T:
    """The answer; one that is a refusal is raised."""
    if isinstance(answer, Exception):
        raise answer
    return answer


def send_one(send_many: SendMany) -> Send:
    """Sends one change as a batch of its own."""

    def send(api: Api, one: Outgoing) -> Written:
        (answer,) = send_many(api, [one])
        return settled(answer)

    return send


def fetch_one(fetch_many: FetchMany) -> Fetch:
    """Reads one record by its id as it is now; None when it is gone."""

    def fetch(api: Api, id: str) -> Written | None:
        return fetch_many(api, [id]).get(id)

    return fetch


def read_back(api: Api, ids: Sequence[str], fetch_many: FetchMany) -> Mapping[str, Written]:
    """The whole records after a write whose answer does not show them; none when they cannot be read.

    The write is done and must be booked as done: without its record, the reader asks again and meets the failure.
    """
    try:
        return fetch_many(api, ids)
    except SystemFailure as problem:
        log.warning("%s: %d records are written but could not be read back: %s", api.system, len(ids), problem)
        return {}
