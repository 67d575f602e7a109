"""A twin of four lines, to test the kit without any vendor's rules."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.app import assemble
from sandbox.clock import Clock
from sandbox.company import Company
from sandbox.estate import found
from sandbox.serving import listen, serving_app, url
from sandbox.store import Record, Store
from sandbox.twin import Refusal, Twin


def _seed(company: Company, store: Store) -> None:
    store.put("things", "a/1", {"id": "a/1", "name": company.customers[0].key, "price": Decimal("1.10"), "version": 1})
    store.put("things", "b%2", {"id": "b%2", "name": str(company.seed), "tags": {"x": 1, "y": 2}, "version": 1})


def _routes(store: Store) -> Sequence[BaseRoute]:
    async def create(request: Request) -> Response:
        record = await request.json()
        store.put("things", record["id"], {**record, "version": 1})
        return JSONResponse(record, status_code=201)

    def read(_request: Request) -> Response:
        return JSONResponse([id for id, _ in store.items("things")])

    return [Route("/api/v1/things", create, methods=["POST"]), Route("/api/v1/things", read, methods=["GET"])]


def _touch(_store: Store, _collection: str, record: Record) -> Record:
    if record.get("name") == "refuse me":
        raise ValueError("that name is not to be had")
    return {**record, "version": record.get("version", 0) + 1}


def _refuse(refusal: Refusal) -> Response:
    headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    return JSONResponse({"dialect": "tiny", "kind": refusal.kind}, status_code=refusal.status, headers=headers)


TINY = Twin(
    name="tiny",
    title="Tiny",
    collections=("things",),
    credentials={"token": "open"},
    seed=_seed,
    routes=_routes,
    touch=_touch,
    remove=Store.delete,
    refuse=_refuse,
    lenient=("stale_reads",),
)


@pytest.fixture
def tiny() -> Iterator[httpx.Client]:
    """A client of a served sandbox that holds the tiny twin alone, its clock standing still."""
    clock = Clock(datetime(2026, 3, 11, 15, tzinfo=UTC), ticker=lambda: 0.0)
    with contextlib.closing(listen("127.0.0.1", 0)) as bound:
        estate = found({"tiny": TINY}, seed=1, clock=clock, base_url=url(bound))
        with serving_app(assemble(estate), bound) as address, httpx.Client(base_url=address) as client:
            yield client
