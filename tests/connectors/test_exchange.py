from __future__ import annotations

import httpx
import pytest

from connectors.exchange import LONGEST, MOST, recorded
from models.errors import Rejected, Transient
from tests.connectors.kit import SECRET, FakeClock, gateway


def test_what_was_sent_and_answered_is_recorded_without_secrets() -> None:
    answer = httpx.Response(
        201, json={"id": 7, "echo": SECRET}, headers={"ETag": '"2"', "X-Request-Id": "r1", "X": "y"}
    )
    clock = FakeClock()
    with gateway(lambda _: answer, clock=clock) as api, recorded() as exchanges:
        api.request(
            "POST", "/jobs", json={"note": f"key {SECRET}"}, params={"key": SECRET}, headers={"If-Match": '"1"'}
        )
    [one] = exchanges
    assert (one.line, one.status, one.at) == ("POST /jobs?key=***", 201, clock())
    assert (one.request, one.answer) == ('{"note":"key ***"}', '{"id":7,"echo":"***"}')
    assert dict(one.request_headers) == {"content-type": "application/json", "if-match": '"1"'}
    assert dict(one.answer_headers) == {"content-type": "application/json", "etag": '"2"', "x-request-id": "r1"}
    assert SECRET not in repr(one)


def test_refusals_and_lost_answers_are_recorded_too() -> None:
    answers = iter((httpx.Response(422, json={"message": "no such town"}), httpx.ReadTimeout("slow")))

    def handler(_: httpx.Request) -> httpx.Response:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    with gateway(handler) as api, recorded() as exchanges:
        with pytest.raises(Rejected):
            api.request("POST", "/jobs", json={})
        with pytest.raises(Transient):
            api.request("POST", "/jobs", json={})
    assert [one.status for one in exchanges] == [422, None]
    assert "no such town" in exchanges[0].answer
    assert "may have taken effect" in exchanges[1].answer


def test_only_calls_inside_the_block_are_recorded_and_long_ones_are_cut() -> None:
    with gateway(lambda _: httpx.Response(200, text="x" * 3 * LONGEST)) as api:
        api.request("GET", "/jobs")
        with recorded() as exchanges:
            for _ in range(MOST + 3):
                api.request("GET", "/jobs")
        api.request("GET", "/jobs")
    assert len(exchanges) == MOST
    assert len(exchanges[0].answer) == LONGEST
