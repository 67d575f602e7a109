"""What a vendor's answer must hold before it is believed: its members, the record that was asked for or written.

An answer that lacks what every whole one has is a failure: never an empty list, never a record that is gone, and after
a write never proof that nothing was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from connectors.spec import Api, Record, Written
from models.change import Change
from models.errors import Ambiguous, Gone, Stale, Unreachable

ABSENT = (404, 410)


def part(api: Api, body: Any, name: str) -> Any:
    """A member that every whole answer has. Unreachable without it: then it is no answer of this system's API."""
    if not isinstance(body, Mapping) or name not in body:
        raise Unreachable(api.system, f"an answer came without {name!r}; try again later, or check its base address")
    return body[name]


@contextmanager
def in_doubt(api: Api, line: str) -> Iterator[None]:
    """Around what is made of the answer to a write (``line``: its method and path).

    Ambiguous when the answer does not hold what is looked for there: the write may have taken effect.
    """
    try:
        yield
    except (KeyError, IndexError, TypeError, Unreachable) as problem:
        said = f"{line} was answered without its record: it may have taken effect; look before it is sent again"
        raise Ambiguous(api.system, said) from problem


def one_at(
    api: Api,
    path: str,
    *,
    params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Any:
    """The body that stands at a record's own address; None when nothing does."""
    answer = api.request("GET", path, params=params, headers=headers, accept=ABSENT)
    return None if answer.status in ABSENT else answer.json()


def current(api: Api, found: Written | Record | None, what: str) -> Record:
    """The record that a change is to be made of (``what``: "customer 5"). Gone when it is not there any more."""
    record = found.record if isinstance(found, Written) else found
    if record is None:
        raise Gone(api.system, f"{what} is not there any more; nothing was written")
    return record


def planned_version(change: Change) -> str:
    """The version that an update or a delete shows as its precondition. Stale when it was planned without one."""
    if change.version is None:
        said = f"the version of {change.target_id} is not known, and nothing is changed unseen; read it first"
        raise Stale(change.system, said)
    return change.version
