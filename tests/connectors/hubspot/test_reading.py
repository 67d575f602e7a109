"""Reading: everything once, then what changed, and what is gone; never a page made of an error."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors.hubspot import CONNECTOR
from connectors.hubspot.reading import OVERLAP
from connectors.spec import Page
from models.errors import Throttled, Transient, Unauthorized, Unreachable
from tests.connectors.hubspot.conftest import Portal, rows, scripted

CONTACTS = "/crm/v3/objects/contacts"


def ids(pages: list[Page]) -> list[str]:
    return [record["id"] for page in pages for record in page.records]


def gone(pages: list[Page]) -> set[str]:
    return {id for page in pages for id in page.deleted}


def test_the_first_read_covers_every_live_contact_and_says_so(portal: Portal) -> None:
    portal.add(30)
    pages = portal.read()
    assert sorted(ids(pages)) == sorted(one["id"] for one in portal.live())
    assert len(ids(pages)) > 100
    assert {page.full for page in pages} == {True}
    newest = max(one["properties"]["lastmodifieddate"] for one in portal.live())
    assert pages[-1].cursor == {"since": int(datetime.fromisoformat(newest).timestamp() * 1000)}


def test_every_record_passes_its_contract(portal: Portal) -> None:
    records = [record for page in portal.read() for record in page.records]
    staged = rows(records)
    assert len(staged) == len(records)
    assert [row["broken"] for row in staged if row["broken"]] == []
    assert {row["status"] for row in staged} <= {"lead", "active", None}


def test_an_edit_by_a_person_arrives_with_the_next_read(portal: Portal) -> None:
    cursor = portal.read()[-1].cursor
    id = portal.live()[7]["id"]
    portal.edit(id, city="Marfa")
    pages = portal.read(cursor)
    found = {record["id"]: record for page in pages for record in page.records}
    assert found[id]["properties"]["city"] == "Marfa"
    assert {page.full for page in pages} == {False}
    assert pages[-1].cursor is not None
    assert cursor is not None
    assert pages[-1].cursor["since"] > cursor["since"]


def test_an_edit_that_the_search_shows_late_is_inside_the_overlap(portal: Portal) -> None:
    late, early = (one["id"] for one in portal.live()[:2])
    portal.edit(early, city="Alpine")
    portal.fault("search_lag", seconds=120)
    portal.edit(late, city="Marfa")
    first = portal.read({"since": 0})
    assert city(first, late) != "Marfa"
    portal.store.faults.clear()
    portal.edit(early, city="Terlingua")
    assert city(portal.read(first[-1].cursor), late) == "Marfa"


def city(pages: list[Page], id: str) -> str | None:
    """What the read says of one contact's city."""
    return {record["id"]: record["properties"]["city"] for page in pages for record in page.records}.get(id)


def test_archived_contacts_are_reported_as_deleted_and_merged_ones_lead_to_their_survivor(portal: Portal) -> None:
    cursor = portal.read()[-1].cursor
    archived, survivor, loser = (one["id"] for one in portal.live()[:3])
    portal.remove(archived)
    portal.api.request("POST", f"{CONTACTS}/merge", json={"primaryObjectId": survivor, "objectIdToMerge": loser})
    pages = portal.read(cursor)
    assert archived in gone(pages)
    assert {id: into for page in pages for id, into in page.merged.items()} == {loser: survivor}
    assert survivor not in gone(pages)
    assert not {archived, loser} & set(ids(pages))


def test_contacts_archived_long_ago_are_not_told_again(portal: Portal) -> None:
    id, other = (one["id"] for one in portal.live()[:2])
    portal.remove(id)
    portal.store.clock.advance(portal.store.clock.now() - portal.store.clock.start)
    portal.edit(other, city="Marfa")
    cursor = portal.read()[-1].cursor
    assert cursor is not None
    assert id in gone(portal.read(cursor))
    assert id not in gone(portal.read({"since": cursor["since"] + 2 * 24 * 60 * 60 * 1000}))


def test_an_unarchived_contact_comes_back(portal: Portal) -> None:
    id = portal.live()[0]["id"]
    portal.remove(id)
    cursor = portal.read()[-1].cursor
    record = portal.store.get("contacts", id)
    assert record is not None
    portal.store.put("contacts", id, record | {"archived": False})
    portal.edit(id, city="Marfa")
    pages = portal.read(cursor)
    assert id in ids(pages)
    assert id not in gone(pages)


def test_a_full_list_that_is_cut_short_is_not_believed(portal: Portal) -> None:
    portal.add(30)
    portal.fault("truncated_page", method="GET", times=1)
    with pytest.raises(Transient, match="the list ended after"):
        portal.read()


def test_a_page_of_the_search_that_is_cut_short_loses_nothing(portal: Portal) -> None:
    portal.store.clock.advance(timedelta(hours=1))
    before = {"since": int(portal.store.clock.now().timestamp() * 1000)}
    portal.add(450)
    whole = ids(portal.read(before))
    assert len(whole) == len(set(whole)) == 450
    portal.fault("truncated_page", path="search", times=2)
    assert set(ids(portal.read(before))) == set(whole)


def test_a_refused_token_is_an_error_and_no_empty_read(portal: Portal) -> None:
    portal.fault("unauthorized")
    with pytest.raises(Unauthorized, match="credentials"):
        portal.read()


@pytest.mark.parametrize(
    ("kind", "errors"),
    [("server_error", (Transient,)), ("rate_limit", (Throttled,)), ("html_error_page", (Transient, Unreachable))],
)
def test_failures_that_last_are_errors_of_the_tree(
    portal: Portal, kind: str, errors: tuple[type[Exception], ...]
) -> None:
    cursor = portal.read()[-1].cursor
    portal.fault(kind, method="GET")
    with pytest.raises(errors):
        portal.read(cursor)


def test_failures_that_pass_are_borne(portal: Portal) -> None:
    expected = len(ids(portal.read()))
    portal.fault("rate_limit", times=2)
    portal.fault("server_error", method="GET", times=1)
    assert len(ids(portal.read())) == expected


class Index:
    """A search over more contacts with one stamp than any query may show."""

    def __init__(self, size: int) -> None:
        self.ids = [str(n) for n in range(1, size + 1)]
        self.bodies: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"results": []})
        body = json.loads(request.content)
        self.bodies.append(body)
        filters = body.get("filterGroups") or [{"filters": []}]
        last = max((int(f["value"]) for f in filters[0]["filters"] if f["operator"] == "GT"), default=0)
        left = self.ids[last:]
        stamp = "2026-03-11T09:00:00.000Z"
        shown = [
            {"id": id, "updatedAt": stamp, "properties": {"lastmodifieddate": stamp}} for id in left[: body["limit"]]
        ]
        return httpx.Response(200, json={"total": len(left), "results": shown})


def test_a_bulk_change_of_more_than_10000_contacts_with_one_stamp_is_read_whole() -> None:
    index = Index(10_450)
    with scripted(index) as api:
        pages = list(CONNECTOR.resources[0].read(api, {"since": 1_773_219_600_000}))
    assert ids(pages) == index.ids
    assert all("after" not in body for body in index.bodies)
    window = index.bodies[1]["filterGroups"][0]["filters"][0]
    assert window == {
        "propertyName": "lastmodifieddate", "operator": "GTE", "value": str(1_773_219_600_000 - OVERLAP)
    }  # fmt: skip


def test_a_search_that_never_moves_on_is_an_error() -> None:
    def stuck(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"total": 5, "results": []})

    with scripted(stuck) as api, pytest.raises(Transient, match="shows none"):
        list(CONNECTOR.resources[0].read(api, {"since": 1}))


def test_an_empty_portal_reads_as_empty_and_starts_from_its_beginning_next_time() -> None:
    def empty(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"total": 0, "results": []})

    with scripted(empty) as api:
        pages = list(CONNECTOR.resources[0].read(api, {}))
    assert ids(pages) == []
    assert pages[-1].cursor == {"since": 0}
    assert pages[-1].full
