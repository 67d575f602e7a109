"""Where changes go, what is sent there, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.spec import Api, Connector, Outgoing, Write, Written
from models.change import Change
from models.fields import encode_record
from models.schema import Map
from pipelines.decoding import Decoder
from pipelines.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a plan goes: the system, how it is written, and how its answers are read."""

    api: Api
    connector: Connector
    write: Write
    map: Map
    decoder: Decoder
    ledger: Ledger
    now: Callable[[], datetime]

    def plain_now(self) -> datetime:
        return self.now().astimezone(UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one change: written, rejected or held.

    sent      False: it is known not to have taken effect. A change that is held and was sent stays in doubt
    answered  ``written`` is the answer to the write; False: it was looked up later, when others may have written too
    void      its key led to a record that is gone, so nothing was made
    down      why nothing else need be tried in this system now
    """

    change: Change
    written: Written | None = None
    rejected: str | None = None
    held: str | None = None
    sent: bool = True
    answered: bool = True
    void: bool = False
    down: str | None = None

    @property
    def made(self) -> bool:
        """Whether it made a record: a create, or an update that put another record in the place of its own."""
        written, change = self.written, self.change
        moved = written is not None and change.action == "update" and written.id != change.target_id
        return change.action == "create" or moved


def outgoing(target: Target, change: Change, key: str) -> Outgoing:
    """The change with its wire record and key."""
    values = dict(change.after) | {name: ref for name, ref in change.refs.items() if name in change.after}
    return Outgoing(change=change, record=encode_record(target.map.fields, values), key=key)


def fetched(target: Target, ids: Sequence[str]) -> dict[str, Written]:
    """The records as they are now, by id; missing ones are left out."""
    if target.write.fetch_many is not None:
        return dict(target.write.fetch_many(target.api, ids))
    return {i: found for i in ids if (found := target.write.fetch(target.api, i)) is not None}


def untouched(answer: Written, later: Written) -> bool:
    """Whether a record that was looked up after a write is still as the write left it.

    Its version tells, and where a system has none the record itself, whole.
    """
    if answer is later or answer.version is not None or later.version is not None:
        return answer is later or answer.version == later.version
    return answer.record is not None and answer.record == later.record
