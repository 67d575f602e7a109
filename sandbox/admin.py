"""The admin surface under ``/_sandbox``: what a person does in a vendor's interface, and what a test switches on.

It is no part of any vendor's API. Errors are ``{"error": "..."}`` with status 400, 404 or 409.

=======  =====================================  =======================================================
method   path                                   does
=======  =====================================  =======================================================
GET      /systems                               names, titles, addresses, credentials, collections
GET      /state/{system}/{collection}           ``{"records": [{"id", "record"}]}``
POST     /state/{system}/{collection}           a person adds a record: ``{"id", "record"}``, or the record
                                                itself when it carries its id as ``id`` or ``Id``
GET      /state/{system}/{collection}/{id}      the record
PATCH    /state/{system}/{collection}/{id}      a person edits it: JSON merge patch (RFC 7386)
DELETE   /state/{system}/{collection}/{id}      a person deletes it
POST     /merge                                 a person merges a record into another one of its kind:
                                                ``{"system", "collection", "id", "into"}``
GET      /requests?system=&since=               the request log after a sequence number
GET      /faults, POST, DELETE                  shows, adds (fields of ``Fault``), clears
GET      /clock, POST                           the sandbox's now; ``{"advance_seconds"}`` moves it ahead
POST     /reset                                 back to the beginning, ``{"seed"}`` for another company
=======  =====================================  =======================================================
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox import fault_form, records
from sandbox.estate import Estate, Served, reset
from sandbox.store import Record

Handler = Callable[[Request], Awaitable[Response]]
Action = Callable[[Estate, Request, Any], tuple[int, Any]]


def routes(estate: Estate) -> list[BaseRoute]:
    """The routes of the surface, relative to ``/_sandbox``."""
    collection, record = "/state/{system}/{collection}", "/state/{system}/{collection}/{id:path}"
    table: list[tuple[str, str, Action]] = [
        ("GET", "/systems", _systems),
        ("GET", collection, _list),
        ("POST", collection, _add),
        ("GET", record, _read),
        ("PATCH", record, _edit),
        ("DELETE", record, _remove),
        ("POST", "/merge", _merge),
        ("GET", "/requests", _requests),
        ("GET", "/faults", _faults),
        ("POST", "/faults", _switch_on),
        ("DELETE", "/faults", _switch_off),
        ("GET", "/clock", _now),
        ("POST", "/clock", _advance),
        ("POST", "/reset", _reset),
    ]
    return [Route(path, _handler(estate, action), methods=[method]) for method, path, action in table]


def _handler(estate: Estate, action: Action) -> Handler:
    """Actions run in a thread: a twin's engine may wait for locks that other calls hold."""

    async def handle(request: Request) -> Response:
        try:
            body = json.loads(await request.body() or b"null")
            status, answer = await run_in_threadpool(action, estate, request, body)
        except HTTPException as refused:
            status, answer = refused.status_code, {"error": refused.detail}
        except json.JSONDecodeError as wrong:
            status, answer = 400, {"error": f"the body is not JSON: {wrong}"}
        text = json.dumps(answer, ensure_ascii=False, default=_plain)
        return Response(text, status_code=status, media_type="application/json")

    return handle


def _plain(value: object) -> object:
    """JSON forms of what records may hold besides JSON; a Decimal of money is exact as a number of cents."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _systems(estate: Estate, _request: Request, _body: object) -> tuple[int, Any]:
    return 200, {
        "systems": [
            {
                "name": name,
                "title": served.twin.title,
                "base_url": served.store.base_url,
                "credentials": dict(served.twin.credentials),
                "collections": list(served.twin.collections),
                "faults": fault_form.kinds(served.twin),
            }
            for name, served in estate.served.items()
        ]
    }


def _place(estate: Estate, request: Request) -> tuple[Served, str]:
    """The system and collection that the path names; 404 with what there is."""
    served = _served(estate, request.path_params["system"])
    collection = request.path_params["collection"]
    if collection not in served.twin.collections:
        known = ", ".join(served.twin.collections)
        raise HTTPException(404, f"{served.twin.name} has no collection {collection}; it has {known}")
    return served, collection


def _served(estate: Estate, system: str) -> Served:
    if system not in estate.served:
        raise HTTPException(404, f"no system {system}; there are {', '.join(estate.served)}")
    return estate.served[system]


def _list(estate: Estate, request: Request, _body: object) -> tuple[int, Any]:
    served, collection = _place(estate, request)
    found = records.items(served, collection)
    return 200, {"records": [{"id": id, "record": record} for id, record in found]}


def _read(estate: Estate, request: Request, _body: object) -> tuple[int, Any]:
    served, collection = _place(estate, request)
    return 200, _existing(served, collection, request.path_params["id"])


def _existing(served: Served, collection: str, id: str) -> Record:
    record = records.get(served, collection, id)
    if record is None:
        raise HTTPException(404, f"{served.twin.name} has no {collection} record {id}")
    return record


def _add(estate: Estate, request: Request, body: object) -> tuple[int, Any]:
    served, collection = _place(estate, request)
    id, record = _addressed(body)
    with served.store.lock:
        if records.get(served, collection, id) is not None:
            raise HTTPException(409, f"{served.twin.name} already has a {collection} record {id}")
        return 201, _kept(served, collection, id, record)


def _addressed(body: object) -> tuple[str, Record]:
    if isinstance(body, dict) and set(body) == {"id", "record"} and isinstance(body["record"], dict):
        return str(body["id"]), body["record"]
    if isinstance(body, dict) and (id := body.get("id", body.get("Id"))) is not None:
        return str(id), body
    raise HTTPException(400, 'send {"id": ..., "record": {...}}, or a record that has its id as "id" or "Id"')


def _kept(served: Served, collection: str, id: str, record: Record) -> Record:
    try:
        return records.keep(served, collection, id, record)
    except ValueError as refused:
        raise HTTPException(400, f"{served.twin.name} refuses this {collection} record: {refused}") from refused


def _edit(estate: Estate, request: Request, body: object) -> tuple[int, Any]:
    served, collection = _place(estate, request)
    if not isinstance(body, dict):
        raise HTTPException(400, "a merge patch of a record is a JSON object (RFC 7386)")
    with served.store.lock:
        id = request.path_params["id"]
        return 200, _kept(served, collection, id, records.merged(_existing(served, collection, id), body))


def _remove(estate: Estate, request: Request, _body: object) -> tuple[int, Any]:
    served, collection = _place(estate, request)
    with served.store.lock:
        id = request.path_params["id"]
        _existing(served, collection, id)
        served.twin.remove(served.store, collection, id)
    return 200, {"removed": id}


def _merge(estate: Estate, _request: Request, body: object) -> tuple[int, Any]:
    if not isinstance(body, dict) or set(body) != {"system", "collection", "id", "into"}:
        raise HTTPException(400, 'send {"system", "collection", "id", "into"}: the second record survives')
    served = _served(estate, body["system"])
    if served.twin.merge is None:
        raise HTTPException(404, f"nobody merges records in {served.twin.name}")
    try:
        served.twin.merge(served.store, *(str(body[name]) for name in ("collection", "id", "into")))
    except ValueError as refused:
        raise HTTPException(400, f"{served.twin.name} does not merge these: {refused}") from refused
    return 200, {"merged": body["id"], "into": body["into"]}


def _requests(estate: Estate, request: Request, _body: object) -> tuple[int, Any]:
    since, system = request.query_params.get("since", "0"), request.query_params.get("system") or None
    if not since.isdecimal():
        raise HTTPException(400, f"since is the sequence number of a request, not {since!r}")
    if system is not None:
        _served(estate, system)
    found = [asdict(exchange) for exchange in estate.traffic.since(int(since), system)]
    return 200, {"requests": found, "newest": estate.traffic.newest()}


def _faults(estate: Estate, _request: Request, _body: object) -> tuple[int, Any]:
    return 200, {"faults": [asdict(f) for served in estate.served.values() for f in served.store.faults.in_force()]}


def _switch_on(estate: Estate, _request: Request, body: object) -> tuple[int, Any]:
    twins = {name: served.twin for name, served in estate.served.items()}
    try:
        fault = fault_form.read(body, twins)
    except ValueError as wrong:
        raise HTTPException(400, str(wrong)) from wrong
    estate.served[fault.system].store.faults.add(fault)
    return 201, asdict(fault)


def _switch_off(estate: Estate, _request: Request, _body: object) -> tuple[int, Any]:
    for served in estate.served.values():
        served.store.faults.clear()
    return 200, {"faults": []}


def _now(estate: Estate, _request: Request, _body: object) -> tuple[int, Any]:
    return 200, {"now": estate.clock.now()}


def _advance(estate: Estate, _request: Request, body: object) -> tuple[int, Any]:
    seconds = body.get("advance_seconds") if isinstance(body, dict) else None
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or seconds < 0:
        raise HTTPException(400, 'send {"advance_seconds": N} with N of at least 0: the clock never runs back')
    estate.clock.advance(timedelta(seconds=seconds))
    return 200, {"now": estate.clock.now()}


def _reset(estate: Estate, _request: Request, body: object) -> tuple[int, Any]:
    seed = body.get("seed") if isinstance(body, dict) else None
    if seed is not None and (not isinstance(seed, int) or isinstance(seed, bool)):
        raise HTTPException(400, f"seed is a whole number, not {seed!r}")
    reset(estate, seed)
    return 200, {"seed": estate.seed, "now": estate.clock.now()}
