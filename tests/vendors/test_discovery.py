"""A Google batch is judged call by call, and its envelope too."""

from __future__ import annotations

import json

from tests.vendors.description import load
from tests.vendors.exchange import Exchange
from tests.vendors.samples import event

CALENDAR = "/calendar/v3/calendars/c1/events"


def part(name: str, text: str, body: object = None) -> str:
    payload = "" if body is None else json.dumps(body)
    kind = "Content-Type: application/json\r\n" if payload else ""
    head = f"Content-Type: application/http\r\nContent-ID: <{name}>\r\n\r\n"
    return f"--b\r\n{head}{text}\r\n{kind}\r\n{payload}\r\n"


def batch(calls: list[str], answers: list[str]) -> Exchange:
    header = (("content-type", 'multipart/mixed; boundary="b"'),)
    return Exchange(
        system="google_calendar",
        method="POST",
        path="/batch/calendar/v3",
        request_headers=header,
        request_body=("".join(calls) + "--b--\r\n").encode(),
        response_headers=header,
        response_body=("".join(answers) + "--b--\r\n").encode(),
    )


READ = part("1", f"GET {CALENDAR}/x?alt=json HTTP/1.1")
FOUND = part("response-1", "HTTP/1.1 200 OK", event())
MAKE = part("2", f"POST {CALENDAR} HTTP/1.1", {"start": {"date": "2026-12-01"}, "end": {"date": "2026-12-02"}})
MADE = part("response-2", "HTTP/1.1 200 OK", event())


def test_a_valid_batch_has_no_problem() -> None:
    assert load("google_calendar").problems(batch([READ, MAKE], [MADE, FOUND])) == []


def test_each_call_and_each_answer_is_judged_alone() -> None:
    bad_call = part("1", f"GET {CALENDAR}/x?limit=5 HTTP/1.1")
    bad_answer = part("response-2", "HTTP/1.1 200 OK", event(colour="red"))
    assert load("google_calendar").problems(batch([bad_call, MAKE], [FOUND, bad_answer])) == [
        f"GET {CALENDAR}/x: request: unknown query parameter 'limit'",
        f"POST {CALENDAR}: answer body: unknown member 'colour'",
    ]


def test_the_envelope_is_judged() -> None:
    problems = load("google_calendar").problems
    assert problems(batch([READ, MAKE], [FOUND])) == ["answer: no part for call '2'"]
    assert problems(batch([], [])) == ["request: a batch without any application/http part"]
    many = [part(str(number), f"GET {CALENDAR}/x HTTP/1.1") for number in range(51)]
    answers = [part(f"response-{number}", "HTTP/1.1 304 Not Modified") for number in range(51)]
    assert problems(batch(many, answers)) == ["request: 51 calls in a batch; at most 50"]
