"""Reading the twin: everything once, then what changed, and what is gone."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from connectors.jobber import CONNECTOR, reads
from connectors.spec import Page
from models.errors import Ambiguous, SystemFailure, Throttled, Transient, Unauthorized, Unreachable
from tests.connectors.jobber.conftest import NOW, FakeApi, Jobber, connection, deleted, records

RESOURCES = [one.name for one in CONNECTOR.resources]
DEAREST = 2500


def ids(pages: list[Page]) -> list[str]:
    return [record["id"] for record in records(pages)]


def cursor(pages: list[Page]) -> Any:
    """What the next read starts from, as it comes back from where it was kept."""
    return json.loads(json.dumps(pages[-1].cursor))


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_first_read_is_whole_and_below_the_price(jobber: Jobber, resource: str) -> None:
    pages = jobber.read(resource)
    assert sorted(ids(pages)) == sorted(jobber.state(resource))
    assert all(page.full for page in pages)
    answers = [json.loads(one.response_body) for one in jobber.recording if one.path == "/api/graphql"]
    assert max(answer["extensions"]["cost"]["requestedQueryCost"] for answer in answers) < DEAREST


@pytest.mark.parametrize(
    ("resource", "field"), [("clients", "companyName"), ("jobs", "title"), ("invoices", "subject")]
)
def test_the_next_read_brings_what_a_person_edited(jobber: Jobber, resource: str, field: str) -> None:
    start = cursor(jobber.read(resource))
    edited = sorted(jobber.state(resource))[5]
    jobber.clock.advance(timedelta(hours=1))
    jobber.edit(resource, edited, **{field: "Edited"})
    pages = jobber.read(resource, start)
    assert edited in ids(pages)
    assert len(ids(pages)) < len(jobber.state(resource)) / 2
    assert not any(page.full for page in pages)
    assert cursor(pages)["since"] > start["since"]


def test_nothing_new_leaves_the_watermark_where_it_stands(jobber: Jobber) -> None:
    start = cursor(jobber.read("clients"))
    again = cursor(jobber.read("clients", start))
    assert again == start


@pytest.mark.parametrize("resource", ["clients", "jobs", "visits", "invoices"])
def test_after_a_week_the_whole_list_is_read_again(jobber: Jobber, resource: str) -> None:
    start = cursor(jobber.read(resource))
    gone = min(jobber.state(resource))
    jobber.delete(resource, gone)
    jobber.clock.advance(timedelta(days=7, minutes=5))
    pages = jobber.read(resource, start)
    assert all(page.full for page in pages)
    assert gone not in ids(pages)
    assert sorted(ids(pages)) == sorted(jobber.state(resource))


def test_an_empty_account_reads_as_a_whole_empty_list_and_again() -> None:
    api = FakeApi(answers=[{"data": {"clients": connection([])}}] * 2)
    read = reads.since(reads.CLIENTS, filtered=True)
    first = list(read(api, {}))
    assert [page.full for page in first] == [True, True]
    assert all(page.full for page in read(api, cursor(first)))


def near(jobber: Jobber) -> str:
    """A visit in the window that is read again each time."""
    earliest, latest = ((NOW + timedelta(days=days)).isoformat() for days in (1, 60))
    found = records(jobber.read("visits"))
    return next(str(one["id"]) for one in found if one["startAt"] and earliest < one["startAt"] < latest)


def test_a_visit_that_a_person_moved_or_renamed_is_read_again(jobber: Jobber) -> None:
    visit, start = near(jobber), cursor(jobber.read("visits"))
    jobber.edit("visits", visit, title="Bring the long ladder")
    pages = jobber.read("visits", start)
    assert {one["id"]: one["title"] for one in records(pages)}[visit] == "Bring the long ladder"
    assert not any(page.full for page in pages)
    assert len(ids(pages)) == len(set(ids(pages)))


def test_a_deleted_visit_is_asked_for_and_then_reported(jobber: Jobber) -> None:
    visit, start = near(jobber), cursor(jobber.read("visits"))
    jobber.delete("visits", visit)
    pages = jobber.read("visits", start)
    assert deleted(pages) == [visit]
    assert visit not in cursor(pages)["known"]
    assert deleted(jobber.read("visits", cursor(pages))) == []


def test_a_visit_moved_out_of_the_window_is_a_record_and_no_deletion(jobber: Jobber) -> None:
    visit, start = near(jobber), cursor(jobber.read("visits"))
    jobber.edit("visits", visit, startAt="2027-01-11T15:00:00Z", endAt="2027-01-11T16:00:00Z")
    pages = jobber.read("visits", start)
    assert deleted(pages) == []
    assert {one["id"]: one["startAt"] for one in records(pages)}[visit] == "2027-01-11T15:00:00Z"
    assert visit not in cursor(pages)["known"]


def test_a_visit_that_lost_its_time_is_still_known(jobber: Jobber) -> None:
    visit, start = near(jobber), cursor(jobber.read("visits"))
    jobber.edit("visits", visit, startAt=None, endAt=None)
    pages = jobber.read("visits", start)
    assert visit in ids(pages)
    jobber.delete("visits", visit)
    assert deleted(jobber.read("visits", cursor(pages))) == [visit]


def test_a_visit_that_leaves_the_window_by_time_is_not_missed(jobber: Jobber) -> None:
    start = cursor(jobber.read("visits"))
    jobber.clock.advance(timedelta(days=6))
    pages = jobber.read("visits", start)
    assert deleted(pages) == []
    oldest = (jobber.clock.now() - timedelta(days=15)).isoformat()
    assert all(begins is None or begins > oldest for begins in cursor(pages)["known"].values())


def client_page(**tags: Any) -> dict[str, Any]:
    return {"id": "MQ==", "updatedAt": "2026-03-11T15:00:00Z", "tags": tags}


def test_a_list_inside_a_record_is_read_to_its_end() -> None:
    more, end = {"hasNextPage": True, "endCursor": "NQ"}, {"hasNextPage": False, "endCursor": None}
    few = client_page(nodes=[{"label": "a"}], pageInfo=more)
    page = {"edges": [{"cursor": "MQ", "node": few}], "pageInfo": end}
    rest = [client_page(nodes=[{"label": label}], pageInfo=info) for label, info in (("a", more), ("b", end))]
    api = FakeApi(answers=[{"data": {"clients": page}}, *({"data": {"client": one}} for one in rest)])
    (found,) = (one for some in reads.listed(api, reads.CLIENTS, filter=None) for one in some)
    assert [node["label"] for node in found["tags"]["nodes"]] == ["a", "b"]
    assert [sent["variables"].get("rest") for sent in api.sent] == [None, None, "NQ"]


def test_a_record_that_vanishes_while_it_is_read_is_a_passing_failure() -> None:
    half = client_page(nodes=[], pageInfo={"hasNextPage": True, "endCursor": "NQ"})
    with pytest.raises(Transient, match="vanished"):
        reads.whole(FakeApi(answers=[{"data": {"client": None}}]), reads.CLIENTS, half)


def test_a_withheld_list_is_not_an_empty_one() -> None:
    with pytest.raises(Unreachable, match="scope"):
        list(reads.everything(reads.PAYMENTS)(FakeApi(answers=[{"data": {"paymentRecords": None}}]), {}))


@pytest.mark.parametrize(
    ("kind", "known", "error"),
    [
        ("throttled", {}, Throttled),
        ("rate_limit", {}, Throttled),
        ("server_error", {"status": 503}, Ambiguous),
        ("unauthorized", {}, Unauthorized),
    ],
)
def test_a_failure_on_the_way_is_never_an_empty_page(
    jobber: Jobber, kind: str, known: dict[str, Any], error: type[SystemFailure]
) -> None:
    jobber.read("users")  # the first token is there
    jobber.fault(kind, path="graphql", **known)
    with pytest.raises(error):
        jobber.read("clients")


def test_a_passing_throttle_is_waited_for(jobber: Jobber) -> None:
    jobber.fault("throttled", path="graphql", times=2)
    assert sorted(ids(jobber.read("clients"))) == sorted(jobber.state("clients"))


def products(*connections: dict[str, Any]) -> list[Page]:
    return list(reads.everything(reads.PRODUCTS)(FakeApi(answers=[{"data": {"products": c}} for c in connections]), {}))


def test_pages_overlap_by_one_record_which_counts_once() -> None:
    api = FakeApi(
        answers=[
            {"data": {"products": connection("abc", more=True)}},
            {"data": {"products": connection("cde", start=2)}},
        ]
    )
    pages = list(reads.everything(reads.PRODUCTS)(api, {}))
    assert "".join(ids(pages)) == "abcde"
    assert [sent["variables"]["after"] for sent in api.sent] == [None, "2"]
    assert all(page.full for page in pages)


def test_a_list_that_lost_a_record_is_walked_again() -> None:
    """``b`` is deleted after the first page, so that the next one, which should start with ``d``, starts with ``e``."""
    lost = [connection("abcd", more=True), connection("ef", start=3)]
    again = [connection("acdx", more=True), connection("xef", start=3)]
    pages = products(*lost, *again)
    assert "".join(ids(pages)) == "abcdxef"
    assert all(page.full for page in pages)


def test_a_list_that_never_keeps_still_is_no_whole_one() -> None:
    pages = products(*[connection("abcd", more=True), connection("ef", start=3)] * 2)
    assert not all(page.full for page in pages)


def test_a_page_that_vanished_is_a_move_too() -> None:
    pages = products(*[connection("abcd", more=True), connection([])] * 2)
    assert not all(page.full for page in pages)


def test_a_record_that_changes_during_a_whole_read_is_in_it() -> None:
    """``c`` is edited after the first page and jumps to the front, behind our back."""
    old, new = "2026-03-01T00:00:00Z", "2026-03-11T15:00:00Z"
    caught = connection("cab", updated=old, more=True)
    caught["edges"][0]["node"]["updatedAt"] = new
    caught["edges"].append({"cursor": "4", "node": {"id": "e", "updatedAt": "2025-01-01T00:00:00Z"}})
    walked = [connection("ab", more=True, updated=old), connection("bde", start=1, updated=old), caught]
    api = FakeApi(answers=[{"data": {"jobs": each}} for each in walked])
    pages = list(reads.since(reads.JOBS, filtered=False)(api, {}))
    assert sorted(ids(pages)) == ["a", "b", "c", "d", "e"]
    assert all(page.full for page in pages)
    assert cursor(pages)["since"] == old
    assert api.answers == []


def test_jobs_are_read_no_further_than_the_watermark(jobber: Jobber) -> None:
    start = cursor(jobber.read("jobs"))
    jobber.clock.advance(timedelta(minutes=1))  # its points come back
    before = len(jobber.recording)
    jobber.read("jobs", start)
    assert len(jobber.recording) - before == 1


def test_a_token_is_renewed_before_it_ends(jobber: Jobber) -> None:
    for _ in range(3):
        jobber.read("users")
        jobber.clock.advance(timedelta(minutes=61))
    asked = [one.path for one in jobber.recording]
    assert asked == ["/api/oauth/token", "/api/graphql"] * 3
    assert {one.status for one in jobber.recording} == {200}
