from __future__ import annotations

import json
from email.message import Message
from email.parser import BytesParser

import httpx

from tests.sandbox.google_calendar.conftest import TECH, V3, Api, visit

BATCH = "/google_calendar/batch/calendar/v3"


def part(id: str, line: str, body: object = None, *headers: str) -> str:
    content = "" if body is None else json.dumps(body)
    lines = [
        "--b", "Content-Type: application/http", f"Content-ID: <{id}>", "", f"{line} HTTP/1.1",
        "Content-Type: application/json", *headers, "", content, "",
    ]  # fmt: skip
    return "\r\n".join(lines)


def send(api: Api, *parts: str) -> httpx.Response:
    headers = {"Content-Type": 'multipart/mixed; boundary="b"'}
    return api.send("POST", BATCH, content="".join(parts) + "--b--\r\n", headers=headers)


def answers(response: httpx.Response) -> list[tuple[str, int, dict[str, object]]]:
    head = f"Content-Type: {response.headers['content-type']}\r\n\r\n".encode()
    found = []
    for one in BytesParser().parsebytes(head + response.content).get_payload():
        assert isinstance(one, Message)
        status, _, rest = str(one.get_payload()).replace("\r\n", "\n").partition("\n")
        body = rest.partition("\n\n")[2]
        found.append((str(one["Content-ID"]), int(status.split()[1]), json.loads(body) if body else {}))
    return found


def test_each_call_is_answered_alone_and_in_order(api: Api) -> None:
    events = f"{V3}/calendars/{TECH}/events"
    same = visit(id="fsbatch1")
    response = send(
        api,
        part("one", f"POST {events}", same),
        part("two", f"POST {events}", same),
        part("three", f"PATCH {events}/fsbatch1", {"summary": "x"}, 'If-Match: "1"'),
        part("four", f"GET {events}/fsbatch1?timeZone=UTC"),
        part("five", f"DELETE {events}/fsbatch1"),
        part("six", "GET /calendar/v3/calendars/tech2%40bluebonnet.example.com"),
    )
    assert response.status_code == 200
    found = answers(response)
    assert [id for id, _, _ in found] == [f"<response-{n}>" for n in ("one", "two", "three", "four", "five", "six")]
    assert [status for _, status, _ in found] == [200, 409, 412, 200, 204, 200]
    assert found[3][2]["start"] == {"dateTime": "2026-03-16T14:00:00Z", "timeZone": "America/Chicago"}
    assert found[5][2]["id"] == TECH


def test_fifty_calls_and_no_more(api: Api) -> None:
    call = part("x", f"GET {V3}/calendars/{TECH}")
    assert len(answers(send(api, *[call] * 50))) == 50
    assert send(api, *[call] * 51).status_code == 400


def test_inner_calls_are_authorised_and_counted(api: Api) -> None:
    call = part("x", f"GET {V3}/calendars/{TECH}")
    own = part("x", f"GET {V3}/calendars/{TECH}", None, "Authorization: Bearer nobody")
    api.served.store.bag["per_user"] = 2
    statuses = [status for _, status, _ in answers(send(api, call, own, call, call))]
    assert statuses == [200, 401, 200, 403]
    api.token = None
    assert [status for _, status, _ in answers(send(api, call))] == [401]


def test_a_body_that_is_no_batch_is_400(api: Api) -> None:
    assert api.send("POST", BATCH, json={}).status_code == 400
