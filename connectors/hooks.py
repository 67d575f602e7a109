"""What a connector declares of its vendor's webhooks: events, what a payload names, and how each call is believed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from models.errors import Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One webhook call as it came in.

    url          the whole address that the vendor called, as it was registered there; some sign it
    headers      names in lower case
    body         the very bytes; a signature covers no others
    received_at  aware, UTC
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


Touched = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """How a vendor's first call to a new subscription is answered so that it confirms it.

    secret  the secret that the call brought for all later deliveries; None: it was agreed elsewhere
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    body: bytes = b""
    secret: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What a system tells us by itself, and how we know that it was the system.

    events     names subscribed to, as the vendor spells them
    touched    what a payload (headers, body) says was made, changed or deleted: (resource, id) pairs, to be read
               again. An event that concerns none of our resources touches nothing; Rejected when a body is no
               payload of this vendor's
    verify     raises Unauthorized when the signature does not hold for this secret, is missing, or when the delivery
               is older than the vendor tolerates; ``connectors.signatures`` has what such checks are made of
    signature  the header that carries the signature, in lower case; empty: the vendor signs nothing and repeats the
               secret inside the body, so that who sent it can be told and what was altered on its way cannot
    tolerance  how old a delivery may be when it arrives; None: the vendor signs no instant, so age cannot be told
    confirm    what the first call of a new subscription is to be answered with; None for every other call. Such a
               call is not signed: whoever receives it obeys only while a subscription of its own is being made. As
               a function None: the vendor asks for no confirmation

    A payload is a hint and never a record: its order and number are not promised, so the id is read again.
    """

    events: tuple[str, ...]
    touched: Callable[[Mapping[str, str], bytes], Touched]
    verify: Callable[[str, Delivery], None]
    signature: str
    tolerance: timedelta | None = None
    confirm: Callable[[Delivery], Welcome | None] | None = None


def naming(
    system: str, named: Callable[[Any], Iterable[tuple[str, str]]]
) -> Callable[[Mapping[str, str], bytes], Touched]:
    """``Hooks.touched`` of a vendor that posts JSON: ``named`` tells the records of a payload, each counts once.

    Rejected when the body is no JSON, or lacks what ``named`` looks for in it.
    """

    def touched(_headers: Mapping[str, str], body: bytes) -> Touched:
        try:
            return list(dict.fromkeys(named(json.loads(body))))
        except (ValueError, KeyError, TypeError, AttributeError) as problem:
            raise Rejected(system, "a webhook delivery is no payload of this vendor's; look at its body") from problem

    return touched
