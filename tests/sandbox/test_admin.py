from __future__ import annotations

import httpx
import pytest

STATE = "/_sandbox/state/tiny/things"


def test_systems_tell_how_to_get_in(tiny: httpx.Client) -> None:
    (system,) = tiny.get("/_sandbox/systems").json()["systems"]
    assert system["name"] == "tiny"
    assert system["base_url"] == f"{tiny.base_url}/tiny".replace("//tiny", "/tiny")
    assert system["credentials"] == {"token": "open"}
    assert system["collections"] == ["things"]
    assert "stale_reads" in system["faults"]


def test_state_lists_and_reads_ids_with_slashes_and_escapes(tiny: httpx.Client) -> None:
    records = tiny.get(STATE).json()["records"]
    assert [found["id"] for found in records] == ["a/1", "b%2"]
    assert tiny.get(f"{STATE}/a/1").json()["price"] == 1.1
    assert tiny.get(f"{STATE}/b%252").json()["name"] == "1"


def test_an_edit_merges_and_passes_through_the_twins_own_stamping(tiny: httpx.Client) -> None:
    answer = tiny.patch(f"{STATE}/b%252", json={"name": "new", "tags": {"x": None, "z": 3}})
    assert answer.status_code == 200
    assert answer.json() == {"id": "b%2", "name": "new", "tags": {"y": 2, "z": 3}, "version": 2}
    assert tiny.get(f"{STATE}/b%252").json() == answer.json()


def test_a_person_adds_and_deletes(tiny: httpx.Client) -> None:
    assert tiny.post(STATE, json={"id": 7, "name": "seven"}).status_code == 201
    assert tiny.post(STATE, json={"id": "x/8", "record": {"name": "eight"}}).json() == {"name": "eight", "version": 1}
    assert tiny.post(STATE, json={"id": "7", "name": "again"}).status_code == 409
    assert tiny.delete(f"{STATE}/7").json() == {"removed": "7"}
    assert tiny.delete(f"{STATE}/7").status_code == 404
    assert tiny.get("/tiny/api/v1/things").json() == ["a/1", "b%2", "x/8"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "says"),
    [
        ("GET", "/_sandbox/state/huge/things", None, 404, "there are tiny"),
        ("GET", "/_sandbox/state/tiny/people", None, 404, "it has things"),
        ("GET", f"{STATE}/nobody", None, 404, "nobody"),
        ("PATCH", f"{STATE}/a/1", ["no"], 400, "merge patch"),
        ("PATCH", f"{STATE}/a/1", {"name": "refuse me"}, 400, "not to be had"),
        ("POST", STATE, {"name": "without id"}, 400, "id"),
        ("POST", "/_sandbox/clock", {"advance_seconds": -1}, 400, "never runs back"),
        ("POST", "/_sandbox/merge", {"system": "tiny"}, 400, "survives"),
        ("POST", "/_sandbox/merge", {"system": "tiny", "collection": "things", "id": 1, "into": 2}, 404, "nobody"),
        ("POST", "/_sandbox/clock", {}, 400, "advance_seconds"),
        ("POST", "/_sandbox/reset", {"seed": "x"}, 400, "seed"),
        ("GET", "/_sandbox/requests?since=x", None, 400, "since"),
        ("GET", "/_sandbox/requests?system=huge", None, 404, "huge"),
    ],
)
def test_wrong_use_is_named(tiny: httpx.Client, method: str, path: str, body: object, status: int, says: str) -> None:
    answer = tiny.request(method, path, json=body) if body is not None else tiny.request(method, path)
    assert answer.status_code == status
    assert says in answer.json()["error"]


def test_a_body_that_is_no_json_is_refused(tiny: httpx.Client) -> None:
    answer = tiny.post("/_sandbox/faults", content=b"{nonsense")
    assert answer.status_code == 400
    assert "not JSON" in answer.json()["error"]


def test_the_clock_moves_ahead(tiny: httpx.Client) -> None:
    assert tiny.get("/_sandbox/clock").json() == {"now": "2026-03-11T15:00:00+00:00"}
    assert tiny.post("/_sandbox/clock", json={"advance_seconds": 90}).json() == {"now": "2026-03-11T15:01:30+00:00"}
    assert tiny.get("/_sandbox/clock").json() == {"now": "2026-03-11T15:01:30+00:00"}


def test_a_reset_undoes_everything(tiny: httpx.Client) -> None:
    before = tiny.get(STATE).json()
    tiny.delete(f"{STATE}/a/1")
    tiny.post("/_sandbox/clock", json={"advance_seconds": 90})
    tiny.post("/_sandbox/faults", json={"system": "tiny", "kind": "forbidden"})
    tiny.get("/tiny/api/v1/things")
    assert tiny.post("/_sandbox/reset").json() == {"seed": 1, "now": "2026-03-11T15:00:00+00:00"}
    assert tiny.get(STATE).json() == before
    assert tiny.get("/_sandbox/faults").json() == {"faults": []}
    assert tiny.get("/_sandbox/requests").json() == {"requests": [], "newest": 0}


def test_a_reset_to_another_seed_gives_another_company(tiny: httpx.Client) -> None:
    assert tiny.post("/_sandbox/reset", json={"seed": 2}).json()["seed"] == 2
    assert tiny.get(f"{STATE}/b%252").json()["name"] == "2"
    assert tiny.post("/_sandbox/reset").json()["seed"] == 2
