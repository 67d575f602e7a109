"""How Xero is spoken to: one organisation a call, envelopes, numbered pages, .NET dates, and what a refusal means.

Facts of the vendor come from its fact sheet (facts.md), named by section.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from connectors.answers import in_doubt, one_at, part
from connectors.errors import sentence, throttled
from connectors.queries import quoted
from connectors.spec import Api, Record, Written
from models.errors import ClosedPeriod, NumberTaken, Rejected, SystemFailure, Unauthorized, Unreachable

ROOT = "/api.xro/2.0"
QUOTE = '"'  # of texts in a filter (Paging, filters, increment)
PAGE = 1000  # the most that a page holds (Paging, filters, increment)
PLACES = 4  # decimals of unit prices; two unless asked for (openapi.json, unitdp)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d{4})?\)/")


class Taken(Rejected):
    """A name that another active contact has already."""


# What a validation error says -> what it means and what to do. Xero numbers only the kind of exception (Errors).
MEANINGS: tuple[tuple[re.Pattern[str], type[SystemFailure], str], ...] = (
    (re.compile(r"lock(ed)? (period|date)|period is locked|lock date", re.IGNORECASE), ClosedPeriod,
     f"{ClosedPeriod.SAYS}; move the lock date there or give it a later date"),
    (re.compile(r"invoice (#|number) must be unique|invoice number already exists", re.IGNORECASE), NumberTaken,
     "give one of the two documents another number"),
    (re.compile(r"contact name .*(already assigned|must be unique)|name must be unique", re.IGNORECASE), Taken,
     "give one of the two another name"),
)  # fmt: skip


def judge(system: str, status: int, headers: Mapping[str, str], body: Any) -> SystemFailure | None:
    """What an error means where its status alone does not say (Limits, Errors); None: the status decides."""
    if status == 429:
        return throttled(
            system, f"more calls than its {headers.get('x-rate-limit-problem', 'some')} limit allows", headers
        )
    if status == 403:
        said = f"it refuses this organisation ({sentence(body)})"
        return Unauthorized(system, f"{said}; connect it again, or correct tenant_id in the stack")
    if status == 400 and (said := _validation(body)):
        return refusal(system, said)
    return None


def refusal(system: str, said: str) -> SystemFailure:
    """The error that a validation message means."""
    for pattern, kind, remedy in MEANINGS:
        if pattern.search(said):
            return kind(system, f"{said}; {remedy}")
    return Rejected(system, f"{said}; correct the record or the request")


def _validation(body: Any) -> str:
    elements = body.get("Elements") if isinstance(body, Mapping) else None
    return "; ".join(text for one in elements if (text := complaint(one))) if isinstance(elements, list) else ""


def complaint(element: Any) -> str:
    """What an element was refused for, in the vendor's words; empty when it was taken (Many at once)."""
    errors = element.get("ValidationErrors") if isinstance(element, Mapping) else None
    told = [one.get("Message") for one in errors or () if isinstance(one, Mapping)] if isinstance(errors, list) else []
    return "; ".join(str(text) for text in told if text)


def ask(api: Api, path: str, *, since: datetime | None = None, **params: Any) -> Any:
    """The body of a GET; ``since`` asks for what changed after it, to the second (Paging, filters, increment)."""
    asked = {} if since is None else {"If-Modified-Since": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"}
    return api.request("GET", f"{ROOT}/{path}", params=params, headers=_who(api) | asked).json()


def one(api: Api, name: str, id: str, **params: Any) -> Record | None:
    """A record by its id; None when there is none."""
    body = one_at(api, f"{ROOT}/{name}/{quote(id, safe='')}", params=params, headers=_who(api))
    if body is None:
        return None
    rows: Sequence[Record] = part(api, body, name)
    if not rows:
        raise Unreachable(api.system, f"{name} {id} was answered without its record; try again later")
    return rows[0]


def matching(api: Api, name: str, **members: str) -> list[Record]:
    """Records whose members have these values (``where``), at most one page of them."""
    where = " AND ".join(f"{member}=={quoted(value, QUOTE)}" for member, value in members.items())
    return list(part(api, ask(api, name, where=where, page=1), name))


def save(api: Api, method: str, name: str, record: Record, *, id: str, key: str, at: str = "", **more: Any) -> Written:
    """Write one record: PUT makes one and is sent once, POST to its address ``at`` changes it and may be repeated.

    ``id`` is the member that identifies it. A record that was not taken is an error, also in an answer of status 200.
    """
    path = f"{ROOT}/{name}/{quote(at, safe='')}" if at else f"{ROOT}/{name}"
    params = more if at else {"summarizeErrors": "true", **more}
    headers = _who(api) | {"Idempotency-Key": key}
    body = {name: [record]} if name != "Payments" or not at else record
    answer = api.request(method, path, params=params, json=body, headers=headers, repeatable=bool(at)).json()
    with in_doubt(api, f"{method} {path}"):
        held = part(api, answer, name)[0]
        if said := complaint(held):
            raise refusal(api.system, said)
        return Written(id=held[id], record=held)


def _who(api: Api) -> dict[str, str]:
    return {"xero-tenant-id": str(api.settings["tenant_id"])}


def instant(text: str) -> datetime:
    """The instant of a .NET date, milliseconds since 1970 (Time)."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no date of Xero's")
    return EPOCH + timedelta(milliseconds=int(found[1]))
