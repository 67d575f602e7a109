from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

THINGS = "/tiny/api/v1/things"


def switch_on(client: httpx.Client, **fault: Any) -> None:
    answer = client.post("/_sandbox/faults", json={"system": "tiny", **fault})
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("fault", "status", "retry_after"),
    [
        ({"kind": "rate_limit"}, 429, None),
        ({"kind": "rate_limit", "retry_after": 3}, 429, "3"),
        ({"kind": "rate_limit", "status": 403}, 403, None),
        ({"kind": "server_error"}, 500, None),
        ({"kind": "server_error", "status": 503, "retry_after": 1.5}, 503, "1.5"),
        ({"kind": "unauthorized"}, 401, None),
        ({"kind": "forbidden"}, 403, None),
    ],
)
def test_refusals_are_phrased_by_the_twin(
    tiny: httpx.Client, fault: dict[str, Any], status: int, retry_after: str | None
) -> None:
    switch_on(tiny, **fault, times=1)
    answer = tiny.get(THINGS)
    assert answer.status_code == status
    assert answer.json() == {"dialect": "tiny", "kind": fault["kind"]}
    assert answer.headers.get("retry-after") == retry_after
    assert tiny.get(THINGS).status_code == 200


def test_a_fault_hits_only_its_method_and_path(tiny: httpx.Client) -> None:
    switch_on(tiny, kind="server_error", method="post", path=r"^/api/v1/things$")
    assert tiny.get(THINGS).status_code == 200
    assert tiny.post(THINGS, json={"id": "n"}).status_code == 500
    assert "n" not in tiny.get(THINGS).json()


def test_a_fault_stays_until_it_is_cleared(tiny: httpx.Client) -> None:
    switch_on(tiny, kind="forbidden")
    assert [tiny.get(THINGS).status_code for _ in range(3)] == [403, 403, 403]
    assert tiny.delete("/_sandbox/faults").json() == {"faults": []}
    assert tiny.get(THINGS).status_code == 200


def test_a_rate_hits_its_share_of_calls_the_same_way_each_time(tiny: httpx.Client) -> None:
    def statuses() -> list[int]:
        tiny.post("/_sandbox/reset")
        switch_on(tiny, kind="server_error", rate=0.5)
        return [tiny.get(THINGS).status_code for _ in range(40)]

    first = statuses()
    assert 8 < first.count(500) < 32
    assert statuses() == first


def test_latency_delays_the_answer(tiny: httpx.Client) -> None:
    switch_on(tiny, kind="latency", seconds=0.15, times=1)
    began = time.perf_counter()
    assert tiny.get(THINGS).status_code == 200
    assert time.perf_counter() - began >= 0.15
    (exchange,) = tiny.get("/_sandbox/requests").json()["requests"]
    assert exchange["milliseconds"] >= 150
    assert exchange["fault"] == "latency"


def test_a_dropped_answer_is_committed_but_never_seen(tiny: httpx.Client) -> None:
    switch_on(tiny, kind="dropped_answer", method="POST", times=1)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        tiny.post(THINGS, json={"id": "lost"})
    assert "lost" in tiny.get(THINGS).json()
    (dropped, _) = tiny.get("/_sandbox/requests").json()["requests"]
    assert (dropped["status"], dropped["fault"]) == (201, "dropped_answer")


def test_the_log_tells_what_was_asked_without_secrets(tiny: httpx.Client) -> None:
    tiny.get(f"{THINGS}?pageToken=p1&access_token=hush", headers={"Authorization": "Bearer hush"})
    tiny.post(THINGS, json={"id": "n"})
    tiny.get("/tiny/nowhere")
    log = tiny.get("/_sandbox/requests?system=tiny").json()
    assert "hush" not in str(log)
    assert [(x["sequence"], x["method"], x["path"], x["status"]) for x in log["requests"]] == [
        (1, "GET", "/api/v1/things?pageToken=p1&access_token=***", 200),
        (2, "POST", "/api/v1/things", 201),
        (3, "GET", "/nowhere", 404),
    ]
    assert log["requests"][1]["request_bytes"] == len(b'{"id":"n"}')
    assert log["requests"][1]["response_bytes"] == len(b'{"id":"n"}')
    assert log["requests"][0]["at"] == "2026-03-11T15:00:00+00:00"
    assert [x["sequence"] for x in tiny.get("/_sandbox/requests?since=2").json()["requests"]] == [3]


def test_the_admin_surface_is_neither_logged_nor_hit(tiny: httpx.Client) -> None:
    switch_on(tiny, kind="forbidden")
    assert tiny.get("/_sandbox/systems").status_code == 200
    assert tiny.get("/_sandbox/requests").json()["newest"] == 0


def test_a_page_for_people_comes_where_data_is_due(tiny: httpx.Client) -> None:
    for status in (None, 200):
        switch_on(tiny, kind="html_error_page", status=status, times=1)
        answer = tiny.get(THINGS)
        assert (answer.status_code, answer.headers["content-type"]) == (status or 502, "text/html; charset=utf-8")
    assert tiny.get(THINGS).json() == ["a/1", "b%2"]


def test_a_cut_body_looks_whole_to_everybody_but_its_reader(tiny: httpx.Client) -> None:
    whole = tiny.get(THINGS).content
    switch_on(tiny, kind="cut_body", times=1)
    answer = tiny.get(THINGS)
    assert answer.status_code == 200
    assert answer.content == whole[: len(whole) // 2]


def test_a_stale_read_shows_what_was_there_and_writes_go_on(tiny: httpx.Client) -> None:
    switch_on(tiny, kind="stale_reads", method="GET")
    before = tiny.get(THINGS).json()
    assert tiny.post(THINGS, json={"id": "n"}).status_code == 201
    assert tiny.get(THINGS).json() == before
    tiny.delete("/_sandbox/faults")
    assert tiny.get(THINGS).json() == [*before, "n"]
    switch_on(tiny, kind="stale_reads")
    assert tiny.get(THINGS).json() == [*before, "n"]
