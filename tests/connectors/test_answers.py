from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import httpx
import pytest

from connectors.answers import current, in_doubt, one_at, part, planned_version
from connectors.spec import Api, Written
from models.change import Change
from models.errors import Ambiguous, Gone, Rejected, Stale, Transient, Unreachable
from tests.connectors.kit import MemorySystem, gateway

API = cast("Api", MemorySystem())


def test_a_member_that_is_there_may_be_empty() -> None:
    assert part(API, {"rows": []}, "rows") == []


@pytest.mark.parametrize("body", [{}, {"others": []}, None, [], "rows"])
def test_an_answer_without_its_member_is_never_an_empty_one(body: Any) -> None:
    with pytest.raises(Unreachable, match="acme: an answer came without 'rows'"):
        part(API, body, "rows")


@pytest.mark.parametrize(
    "made",
    [
        lambda body: body["id"],
        lambda body: body["rows"][0],
        lambda body: part(API, body, "id"),
        lambda body: body["rows"]["id"],
    ],
)
def test_what_a_write_was_answered_without_leaves_it_in_doubt(made: Callable[[Any], Any]) -> None:
    with (
        pytest.raises(Ambiguous, match="POST /v1/jobs was answered without its record"),
        in_doubt(API, "POST /v1/jobs"),
    ):
        made({"rows": []})


def test_a_refusal_inside_an_answer_is_no_doubt() -> None:
    with pytest.raises(Rejected), in_doubt(API, "POST /v1/jobs"):
        raise Rejected("acme", "the name is taken")


@pytest.mark.parametrize("status", [404, 410])
def test_nothing_at_an_address_is_no_failure(status: int) -> None:
    with gateway(lambda _: httpx.Response(status, json={})) as api:
        assert one_at(api, "/v1/jobs/7") is None


def test_one_record_is_asked_for_with_what_it_takes() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"id": "7"})

    with gateway(answer) as api:
        assert one_at(api, "/v1/jobs/7", params={"expand": "lines"}, headers={"tenant": "t1"}) == {"id": "7"}
    assert (asked[0].url.query, asked[0].headers["tenant"]) == (b"expand=lines", "t1")


def test_a_failure_is_not_an_absence() -> None:
    with gateway(lambda _: httpx.Response(500, json={})) as api, pytest.raises(Transient):
        one_at(api, "/v1/jobs/7")


@pytest.mark.parametrize("found", [{"id": "7"}, Written(id="7", record={"id": "7"})])
def test_a_change_is_made_of_the_record_as_it_is(found: Any) -> None:
    assert current(API, found, "job 7") == {"id": "7"}


@pytest.mark.parametrize("found", [None, Written(id="7")])
def test_nothing_is_made_of_a_record_that_is_gone(found: Written | None) -> None:
    with pytest.raises(Gone, match="job 7 is not there any more; nothing was written"):
        current(API, found, "job 7")


def test_nothing_is_changed_without_the_version_that_it_was_planned_against() -> None:
    planned = Change(system="acme", entity="job", core_id="job_1", action="update", target_id="7", version="v3")
    assert planned_version(planned) == "v3"
    with pytest.raises(Stale, match="acme: the version of 7 is not known"):
        planned_version(replace(planned, version=None))
