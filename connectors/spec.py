"""What a connector declares: how to get in, what can be read, how it maps, how it is written.

A connector is data plus a few small functions. Reading functions are generators of pages; writing
functions send one change and return what the system then holds. Both get an ``Api`` and raise the
errors of ``models.errors``; neither retries, waits or stores anything itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, Protocol

from connectors.hooks import Hooks
from models.change import Change
from models.schema import Context, Map

Record = Mapping[str, Any]
Cursor = Mapping[str, Any]
EMPTY: Mapping[str, Any] = MappingProxyType({})

READS = "reads"  # the raw table that says how each read ended; no resource can have this name

Identity = Literal["client_id", "upsert", "key", "marker"]
Deletes = Literal["event", "compare", "flag", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a read.

    records  as the system returned them; numbers with a fraction are Decimal
    deleted  ids that the system reports as deleted
    merged   ids that the system merged away -> the ids that took their place; such a record is not deleted
    cursor   where the next read starts, once everything up to this page is stored; the last page's counts.
             JSON values only, no secrets
    full     this read started from nothing and will have covered the whole collection when it ends, so
             that what is absent is gone. Either all pages of a read say so or none
    """

    records: Sequence[Record] = ()
    deleted: Sequence[str] = ()
    merged: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    cursor: Cursor | None = None
    full: bool = False


class Answer(Protocol):
    """A system's answer that was accepted: 2xx (or a status the caller expected) and of the right kind."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def text(self) -> str: ...
    def json(self) -> Any:
        """The body; numbers with a fraction are Decimal."""
        ...


class Api(Protocol):
    """One system, ready to be called: base address, credentials, quota, retries and error tree applied."""

    @property
    def system(self) -> str:
        """The system's name in the stack."""
        ...

    @property
    def base_url(self) -> str:
        """The base address in use, for telling our own addresses from others; may have a path of its own."""
        ...

    @property
    def settings(self) -> Mapping[str, Any]:
        """The system's own options from stack.yml, checked against ``Connector.settings``."""
        ...

    @property
    def credentials(self) -> Mapping[str, str]:
        """Resolved credentials; never to be stored or logged."""
        ...

    @property
    def context(self) -> Context: ...
    def now(self) -> datetime:
        """The current instant, aware, UTC."""
        ...

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
        json: Any = None,
        data: Mapping[str, Any] | None = None,
        content: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        accept: Sequence[int] = (),
        repeatable: bool | None = None,
    ) -> Answer:
        """Send one request; ``path`` is relative to the base address, or a whole address on the same host.

        accept      statuses beyond 2xx that the caller wants to see instead of an error
        repeatable  whether sending twice is harmless; default: true for GET, HEAD, PUT, DELETE, PROPFIND,
                    REPORT, OPTIONS. What is not repeatable is never sent again after a lost answer: that
                    raises Ambiguous

        Raises the errors of models.errors: Unreachable, Unauthorized, Throttled, Transient, Ambiguous,
        Stale, Gone, Rejected.
        """
        ...


Read = Callable[[Api, Cursor], Iterator[Page]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One kind of record that the system returns.

    read     pages from a cursor; an empty cursor means from the beginning. Raises Gone when the cursor
             is no longer good: the caller then reads again from the beginning
    id       dotted path of the record's id, or a function of the record
    deletes  how deletions show: ``event`` (Page.deleted), ``compare`` (absence from a full read), ``flag``
             (a field of the record), ``none`` (never)
    lag      seconds by which a list may trail behind a write, for readers
    when     settings under which it is read; under others it is not, and its maps mean nothing
    """

    name: str
    read: Read
    id: str | Callable[[Record], str]
    deletes: Deletes
    description: str = ""
    lag: int = 0
    when: Mapping[str, Any] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One change on its way.

    record  the wire record its map's codecs make of it: the whole of ``desired`` for a create, the
            changed fields for an update, empty for a delete
    key     the idempotency key, the same on every path and after every restart; 32 hex digits
    """

    change: Change
    record: Record
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What the system holds after a write: the id, the version token, and the record as a read would return it.

    ``record`` is None after a delete, and when the answer does not show the record (``fetch`` then reads it).
    """

    id: str
    version: str | None = None
    record: Record | None = None


Send = Callable[[Api, Outgoing], Written]
SendMany = Callable[[Api, Sequence[Outgoing]], Sequence[Written | Exception]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """How one entity is written.

    resource  whose map encodes the record and reads it back
    create, update, delete   send one change; None: the system or we do not do that. ``update`` and
              ``delete`` send ``change.version`` as a precondition where the system has one and raise
              Stale when it is refused
    fetch     the record by its id as it is now; None when it is gone
    find      for a create whose outcome is unknown: the record if it was made, else None; None as a
              function: sending again with the same key or id is safe. Also asked of an update that may have given
              the record another id, because whose it is is part of that
    identity  how a create is exactly-once: client_id, upsert, key or marker
    extra     fields that the functions write although their codec cannot (an address in one text)
    only_new  fields that are written when the record is made and never again, because the system offers no way
    guarded   ``update`` and ``delete`` show the version they were planned against and the vendor refuses a
              stale one; False: the caller reads, compares and then writes
    voids     ``delete`` leaves a money document in the books and makes it void
    fetch_many  the same as ``fetch`` for many ids at once: id -> record, missing ones left out
    many      sends up to ``batch`` creates and updates at once, one answer each in order; an Exception
              takes the place of a refused one
    when      settings under which this write stands; others of the same entity stand under other values
    """

    entity: str
    resource: str
    create: Send | None = None
    update: Send | None = None
    delete: Send | None = None
    fetch: Callable[[Api, str], Written | None]
    find: Callable[[Api, Outgoing], Written | None] | None = None
    identity: Identity
    extra: tuple[str, ...] = ()
    only_new: tuple[str, ...] = ()
    guarded: bool = False
    voids: bool = False
    fetch_many: Callable[[Api, Sequence[str]], Mapping[str, Written]] | None = None
    many: SendMany | None = None
    batch: int = 1
    when: Mapping[str, Any] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who we are in a system: the fingerprint that must not change between two runs."""

    id: str
    name: str
    environment: str = "production"
    time_zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What an answer says of a budget that is not counted in calls.

    asked  what a call like this one must find there
    left   what is there now; None when the answer does not say
    """

    asked: float
    left: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """``calls`` in any ``seconds``; ``burst`` at once at most.

    only  a regular expression for the calls that it concerns, as ``METHOD /path``; empty: all of them
    each  a regular expression whose group names what it is counted for by itself, such as a mailbox: calls without
          one are not counted, and one that is told to wait holds up those about the same alone. Empty: the credential
    unit  ``calls``, or the name of points that calls cost: then ``calls`` is what the bucket holds and ``seconds``
          how long an empty one takes to fill, and ``Quota.cost`` reads the price off an answer
    """

    calls: int
    seconds: float
    burst: int | None = None
    only: str = ""
    each: str = ""
    unit: str = "calls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """The limits a vendor publishes for one credential, and how many calls may be under way at once.

    cost  what an answer (its parsed body) says of points; None for vendors that count calls alone
    left  what an answer's headers (names in lower case) say of calls left in the longest window, for vendors that say
          it in words of their own; None when they do not say it
    """

    limits: tuple[Limit, ...] = ()
    concurrency: int = 1
    cost: Callable[[Any], Cost | None] | None = None
    left: Callable[[Mapping[str, str]], int | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """A fixed token, sent as ``Authorization: Bearer``; ``credential`` names it.

    scheme  the word before it, for vendors that want another one
    """

    credential: str = "token"
    scheme: str = "Bearer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basic:
    """User and password, HTTP Basic."""

    user: str = "user"
    password: str = "password"  # noqa: S105 - the name of a credential, not one


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """OAuth 2 refresh-token grant; credentials client_id, client_secret, refresh_token.

    token_url   absolute, or relative to the base address (``token_path``) when the stack moves the base; ``{name}``
                stands for the setting of that name (a tenant)
    client      how the client authenticates at the token endpoint: in the ``body`` or by ``basic``
    rotates     each refresh returns a new refresh token and voids the old one
    """

    token_url: str
    client: Literal["body", "basic"] = "body"
    rotates: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccount:
    """Google service account: a signed assertion for a token; credentials ``service_account`` (JSON), ``subject``."""

    token_url: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCredentials:
    """OAuth 2 client-credentials grant: the app speaks for itself; credentials client_id, client_secret.

    token_url  as in ``RefreshToken``
    scopes     what to ask for, where the vendor wants it said
    shown      header -> credential that every call shows beside the token (the key of an app)
    person     how to sign in as a person instead, for stacks that give a refresh_token; None: only apps are let in
    """

    token_url: str
    scopes: tuple[str, ...] = ()
    shown: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    person: RefreshToken | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAuth:
    """Nothing to show: local files."""


Auth = Bearer | Basic | RefreshToken | ServiceAccount | ClientCredentials | NoAuth


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One option a system takes in stack.yml under ``settings``; ``credential`` ones stand under ``credentials``."""

    name: str
    description: str
    required: bool = False
    default: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """One system, whole.

    base_url    the vendor's production address; the stack may set another (sandbox, region)
    hosts       domains of the vendor between whose hosts it sends us about, our credentials included
    headers     sent with every request
    judge       the vendor's own reading of an answer: an error of models.errors, or None to let the
                status decide. Gets (system name, status, headers, parsed JSON or text)
    prepare     makes what our writes rely on (a custom property), once before the first write of a push
    account     who we are there, for doctor and the environment fingerprint
    bindings    for connectors whose maps stand in the stack (files): stack entry -> (resources, maps)
    hooks       the webhooks it can send us
    of_run      the file in the company's own folder (setting ``home``) that a run leaves for it when all else is
                done: it is read after that, and what comes of it is planned last
    """

    name: str
    title: str
    roles: tuple[str, ...]
    docs: str
    base_url: str
    auth: Auth
    quota: Quota = field(default_factory=Quota)
    hosts: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    settings: tuple[Setting, ...] = ()
    credentials: tuple[Setting, ...] = ()
    resources: tuple[Resource, ...] = ()
    maps: tuple[Map, ...] = ()
    writes: tuple[Write, ...] = ()
    judge: Callable[[str, int, Mapping[str, str], Any], Exception | None] | None = None
    prepare: Callable[[Api], None] | None = None
    account: Callable[[Api], Account] | None = None
    bindings: Callable[[Mapping[str, Any]], tuple[tuple[Resource, ...], tuple[Map, ...]]] | None = None
    hooks: Hooks | None = None
    of_run: str = ""
