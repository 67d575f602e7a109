"""Reading the twin: everything once, then what changed, and what is gone."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from connectors.jobber import CONNECTOR, reads
from connectors.spec import Page
from models.errors import Ambiguous, SystemFailure, Throttled, Transient, Unauthorized, Unreachable
from tests.connectors.jobber.conftest import NOW, FakeApi, Jobber, deleted, records

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


@pytest.mark.parametrize("resource", ["clients", "jobs", "invoices"])
def test_the_next_read_brings_what_a_person_edited(jobber: Jobber, resource: str) -> None:
    start = cursor(jobber.read(resource))
    edited = sorted(jobber.state(resource))[5]
    jobber.clock.advance(timedelta(hours=1))
    jobber.edit(resource, edited, **{"title" if resource == "jobs" else "subject" if resource == "invoices" else
                                     "companyName": "Edited"})  # fmt: skip
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
    gone = sorted(jobber.state(resource))[0]
    jobber.delete(resource, gone)
    jobber.clock.advance(timedelta(days=7, minutes=5))
    pages = jobber.read(resource, start)
    assert all(page.full for page in pages)
    assert gone not in ids(pages)
    assert sorted(ids(pages)) == sorted(jobber.state(resource))


def test_an_empty_account_reads_as_a_whole_empty_list_and_again(jobber: Jobber) -> None:
    empty = {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    api = FakeApi(answers=[{"data": {"clients": empty}}] * 2)
    read = reads.since(reads.CLIENTS, filtered=True)
    first = list(read(api, {}))
    assert [page.full for page in first] == [True, True]
    assert all(page.full for page in read(api, cursor(first)))
    assert jobber.api.system == api.system


def near(jobber: Jobber, **wanted: Any) -> str:
    """A visit in the window that is read again each time."""
    window = (NOW + timedelta(days=1)).isoformat(), (NOW + timedelta(days=60)).isoformat()
    first = (one["id"] for one in records(jobber.read("visits")) if one["startAt"] and
             window[0] < one["startAt"] < window[1] and all(one[key] == value for key, value in wanted.items()))  # fmt: skip
    return next(first)


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
    page = {"nodes": [few], "pageInfo": end}
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
