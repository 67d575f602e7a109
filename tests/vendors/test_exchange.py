"""The recorders keep what was on the wire, in the vendor's words and without secrets."""

from __future__ import annotations

import asyncio
import gzip

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from tests.vendors.exchange import (
    AsyncRecordingTransport,
    Receive,
    RecordingApp,
    RecordingTransport,
    Scope,
    Send,
    media_type,
    split_system,
    unpacked,
)


def served(request: httpx.Request) -> httpx.Response:
    return httpx.Response(201, json={"path": request.url.path}, headers={"Set-Cookie": "a=b"})


async def echo(request: Request) -> JSONResponse:
    return JSONResponse({"got": (await request.body()).decode()}, status_code=202)


def test_a_sandbox_address_names_the_system_and_leaves_the_vendors_own_path() -> None:
    transport = RecordingTransport(httpx.MockTransport(served))
    with httpx.Client(transport=transport, base_url="http://127.0.0.1:8700/google_calendar") as client:
        client.post("/calendar/v3/calendars/a%40b/events?x=1&x=&y=%26", json={"a": 1})
    (kept,) = transport.recording
    assert (kept.system, kept.method, kept.status) == ("google_calendar", "POST", 201)
    assert kept.path == "/calendar/v3/calendars/a%40b/events"
    assert kept.query == (("x", "1"), ("x", ""), ("y", "&"))
    assert kept.request_body == b'{"a":1}'
    assert kept.request_header("Content-Type") == "application/json"
    assert kept.response_body == b'{"path":"/google_calendar/calendar/v3/calendars/a@b/events"}'


def test_secrets_are_masked_in_both_directions() -> None:
    transport = RecordingTransport(httpx.MockTransport(served), system="hubspot")
    with httpx.Client(transport=transport, base_url="https://api.example.com") as client:
        client.get("/crm", headers={"Authorization": "Bearer secret"})
    (kept,) = transport.recording
    assert kept.path == "/crm"
    assert kept.request_header("authorization") == "***"
    assert kept.response_header("set-cookie") == "***"
    assert "secret" not in repr(kept)


def test_the_client_still_gets_the_whole_answer() -> None:
    with httpx.Client(transport=RecordingTransport(httpx.MockTransport(served))) as client:
        assert client.get("http://127.0.0.1/hubspot/x").json() == {"path": "/hubspot/x"}
        with client.stream("GET", "http://127.0.0.1/hubspot/y") as answer:
            assert b"".join(answer.iter_bytes()) == b'{"path":"/hubspot/y"}'


def test_the_sandboxs_own_surface_is_not_recorded() -> None:
    transport = RecordingTransport(httpx.MockTransport(served))
    with httpx.Client(transport=transport) as client:
        client.get("http://127.0.0.1:8700/_sandbox/systems")
    assert len(transport.recording) == 0


@pytest.mark.parametrize("path", ["/hubspot/a%2Fb", "/hubspot/a"])
def test_the_application_side_records_what_any_client_sends(path: str) -> None:
    app = RecordingApp(Starlette(routes=[Route("/hubspot/{rest:path}", echo, methods=["PUT"])]))

    async def talk() -> httpx.Response:
        transport = AsyncRecordingTransport(httpx.ASGITransport(app=app))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            answer = await client.put(f"{path}?q=1", content=b"hello")
        assert [(one.path, one.request_body) for one in transport.recording] == [
            (path.removeprefix("/hubspot"), b"hello")
        ]
        return answer

    assert asyncio.run(talk()).json() == {"got": "hello"}
    (kept,) = app.recording
    assert (kept.system, kept.path, kept.status) == ("hubspot", path.removeprefix("/hubspot"), 202)
    assert (kept.query, kept.request_body, kept.response_body) == ((("q", "1"),), b"hello", b'{"got":"hello"}')


def test_a_refusal_before_the_body_is_read_still_records_the_body() -> None:
    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        await JSONResponse({}, status_code=401)(scope, receive, send)

    app = RecordingApp(refuse)

    async def talk() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app)) as client:
            await client.post("http://127.0.0.1/jobber/api/graphql", content=b"{}")

    asyncio.run(talk())
    assert [(one.status, one.request_body) for one in app.recording] == [(401, b"{}")]


def test_a_compressed_answer_is_recorded_unpacked() -> None:
    packed = gzip.compress(b"long" * 500)
    assert unpacked(packed, "gzip") == b"long" * 500
    assert unpacked(b"plain", None) == b"plain"
    assert unpacked(b"", "gzip") == b""


def test_small_readings() -> None:
    assert split_system("/jobber/api/graphql") == ("jobber", "/api/graphql")
    assert media_type("Application/JSON; charset=utf-8") == "application/json"
    assert media_type(None) == ""
