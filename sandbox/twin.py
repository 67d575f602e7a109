"""What one twin declares, and what it is handed: its store, the clock and the faults in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.company import Company
from sandbox.store import Store

Record = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A refusal the sandbox asks a twin to phrase in its vendor's own dialect.

    ``kind`` is one of ``rate_limit``, ``server_error``, ``unauthorized``, ``forbidden``, ``not_found``, ``gone``;
    ``retry_after`` (seconds) is None when the header must be absent.
    """

    kind: str
    status: int
    retry_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How the admin surface reads and edits a twin that keeps its records in an engine of its own.

    items  (store, collection) -> every id with its record
    get    (store, collection, id) -> the record or None
    put    (store, collection, id, record) -> the record as kept; ValueError when the engine refuses it
    """

    items: Callable[[Store, str], Sequence[tuple[str, Record]]]
    get: Callable[[Store, str, str], Record | None]
    put: Callable[[Store, str, str, Record], Record]


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """One vendor's API, stood in for locally; served under ``/<name>`` plus the vendor's own path.

    seed         fills the store's collections from the company (called at start and on reset)
    routes       the vendor's routes over this store, paths as the vendor writes them
    touch        stamps a record as the vendor does on any change (updated-at, version, ETag); it
                 gets (store, collection, record) and returns the record to keep. A person's edit
                 through the admin surface and a write through the API both pass through it
    refuse       phrases a refusal in the vendor's dialect
    remove       deletes one record as a person would in the vendor's own interface (tombstones,
                 archive flags, cascades): (store, collection, id) -> None
    collections  names that the admin surface may show and edit
    credentials  values with which a client gets in
    lenient      kinds of fault that only this twin understands (read with ``store.faults.take``)
    sessions     names in the store's bag that say who signed in
    one_door     reads and writes come to one address alike: the twin itself tells which reads are stale
    merge        merges a record into another as a person does there: (store, collection, id, into) -> None;
                 ValueError when that cannot be. None where the vendor has no merge that the twin knows
    state        where the records are when they are not in the store
    settings     what a stack says besides the credentials to reach what the twin holds
    """

    name: str
    title: str
    collections: Sequence[str]
    credentials: Mapping[str, str]
    seed: Callable[[Company, Store], None]
    routes: Callable[[Store], Sequence[BaseRoute]]
    touch: Callable[[Store, str, Record], Record]
    remove: Callable[[Store, str, str], None]
    refuse: Callable[[Refusal], Response]
    lenient: Sequence[str] = field(default=())
    sessions: Sequence[str] = field(default=())
    one_door: bool = False
    merge: Callable[[Store, str, str, str], None] | None = None
    state: State | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
