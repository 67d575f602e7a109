"""Reading calendars of Radicale: whole, incremental, after lost tokens, and what a person did in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import pytest

from connectors.caldav import ASSIGNMENT, BUSY, CONNECTOR
from connectors.gateway import open_api
from connectors.spec import Page, Record
from models.errors import StackError, Throttled, Transient, Unauthorized, Unreachable
from sandbox.founding import build
from tests.connectors.caldav.conftest import CREDENTIALS, Desk, outgoing
from tests.vendors.description import problems_of

EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260311T150000Z\r\n"
    "{start}\r\nSUMMARY:{summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
HOUR = "DTSTART:20260312T150000Z\r\nDTEND:20260312T160000Z"


def event(uid: str, summary: str = "Lunch", start: str = HOUR) -> str:
    return EVENT.format(uid=uid, summary=summary, start=start)


def records(pages: Sequence[Page]) -> dict[str, Record]:
    return {str(record["href"]): record for page in pages for record in page.records}


def deleted(pages: Sequence[Page]) -> set[str]:
    return {href for page in pages for href in page.deleted}


def test_the_first_read_is_whole_and_every_record_is_busy_time(desk: Desk) -> None:
    pages = desk.read()
    assert all(page.full for page in pages)
    found = records(pages)
    company = build(1)
    assert set(found) == {f"/dispatch/{one.technician}/{one.key}.ics" for one in company.busy}
    for one in company.busy:
        row = desk.busy(found[f"/dispatch/{one.technician}/{one.key}.ics"])
        assert (row["title"], row["all_day"], row["blocks"]) == (one.title, one.all_day, True)
        assert row["calendar"] == f"/dispatch/{one.technician}/"
        if not one.all_day:
            assert row["starts_at"] == one.starts_at.replace(tzinfo=None)
            assert row["time_zone"] == "America/Chicago"
    assert problems_of(desk.recording) == []


def test_a_read_without_changes_is_one_request(desk: Desk) -> None:
    cursor = desk.read()[-1].cursor
    before = len(desk.recording)
    pages = desk.read(cursor)
    assert [(exchange.method, exchange.path) for exchange in desk.recording][before:] == [("PROPFIND", "/dispatch/")]
    assert (records(pages), deleted(pages), pages[-1].full) == ({}, set(), False)
    assert pages[-1].cursor == cursor


def test_what_people_do_arrives(desk: Desk) -> None:
    desk.put("dispatch/tech1/a.ics", event("a"))
    desk.put("dispatch/tech1/b.ics", event("b"))
    cursor = desk.read()[-1].cursor
    desk.put("dispatch/tech1/a.ics", event("a", "Late lunch"))
    desk.put("dispatch/tech2/c.ics", event("c", "Dentist"))
    desk.remove("dispatch/tech1/b.ics")
    desk.put("dispatch/tech2/brief.ics", event("brief"))
    desk.remove("dispatch/tech2/brief.ics")
    pages = desk.read(cursor)
    assert {href: record["summary"] for href, record in records(pages).items()} == {
        "/dispatch/tech1/a.ics": "Late lunch",
        "/dispatch/tech2/c.ics": "Dentist",
    }
    assert deleted(pages) == {"/dispatch/tech1/b.ics"}
    assert not any(page.full for page in pages)
    assert deleted(desk.read(pages[-1].cursor)) == set()


def test_a_lost_token_costs_a_listing_and_loses_no_delete(desk: Desk) -> None:
    desk.put("dispatch/tech1/a.ics", event("a"))
    desk.put("dispatch/tech1/b.ics", event("b"))
    cursor: Any = desk.read()[-1].cursor
    cursor["calendars"]["/dispatch/tech1/"]["token"] = "http://radicale.org/ns/sync/" + "0" * 64
    desk.remove("dispatch/tech1/b.ics")
    desk.put("dispatch/tech1/a.ics", event("a", "Moved"))
    pages = desk.read(cursor)
    assert {href: record["summary"] for href, record in records(pages).items()} == {"/dispatch/tech1/a.ics": "Moved"}
    assert deleted(pages) == {"/dispatch/tech1/b.ics"}
    assert problems_of(desk.recording) == []


def test_a_deleted_calendar_takes_its_events_along(desk: Desk) -> None:
    desk.put("dispatch/tech3/a.ics", event("a"))
    cursor: Any = desk.read()[-1].cursor
    known = set(cursor["calendars"]["/dispatch/tech3/"]["etags"])
    desk.api.request("DELETE", "/dispatch/tech3/")
    pages = desk.read(cursor)
    assert deleted(pages) == known
    assert "/dispatch/tech3/" not in (pages[-1].cursor or {})["calendars"]


def test_a_moved_home_is_found_again(desk: Desk) -> None:
    cursor: Any = desk.read()[-1].cursor
    pages = desk.read({**cursor, "homes": ["/dispatch/nowhere/"]})
    assert (pages[-1].cursor or {})["homes"] == ["/dispatch/"]
    assert records(pages) == {}


def read(address: str, credentials: Mapping[str, str] = CREDENTIALS, **settings: Any) -> list[Page]:
    base = f"{address}/caldav"
    with open_api(CONNECTOR, credentials=credentials, settings=settings, base_url=base) as api:
        return list(CONNECTOR.resources[0].read(api, {}))


@pytest.mark.usefixtures("desk")
def test_only_the_chosen_calendars_are_read(address: str) -> None:
    names = {t.key: f"{t.given_name} {t.family_name}" for t in build(1).technicians}
    cursor = read(address, calendars=["tech1", names["tech2"], "/dispatch/tech3/"])[-1].cursor
    assert set((cursor or {})["calendars"]) == {"/dispatch/tech1/", "/dispatch/tech2/", "/dispatch/tech3/"}
    with pytest.raises(StackError, match="there is no calendar 'tech 1'"):
        read(address, calendars=["tech 1"])


def test_many_events_come_in_chunks(desk: Desk) -> None:
    for n in range(60):
        desk.put(f"dispatch/tech1/many-{n}.ics", event(f"many-{n}"))
    pages = desk.read()
    assert len([href for href in records(pages) if "/many-" in href]) == 60
    assert max(len(page.records) for page in pages) <= 50


@pytest.mark.parametrize("zone", ["tzone://Microsoft/Custom", "Nowhere/Land", "Central Time (US & Canada)"])
def test_story_44_a_zone_that_nobody_knows_is_set_aside_as_it_stands(desk: Desk, zone: str) -> None:
    desk.put("dispatch/tech1/zone.ics", event("zone", start=f'DTSTART;TZID="{zone}":20260312T090000'))
    (row,) = desk.rows(BUSY, [records(desk.read())["/dispatch/tech1/zone.ics"]])
    assert f"time_zone: '{zone}' cannot be read as zone" in str(row["broken"])


def test_our_events_are_assignments_and_others_busy_time(desk: Desk) -> None:
    cursor = desk.read()[-1].cursor
    assert desk.write.create is not None
    written = desk.write.create(desk.api, outgoing("create"))
    desk.put("dispatch/tech1/a.ics", event("a"))
    found = list(records(desk.read(cursor)).values())
    (ours,) = desk.rows(ASSIGNMENT, found)
    assert (ours["source_id"], ours["core_ref"]) == (written.id, "asg_1")
    assert [row["source_id"] for row in desk.rows(BUSY, found)] == ["/dispatch/tech1/a.ics"]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "rate_limit", "retry_after": 3}, Throttled),
        ({"kind": "server_error", "status": 503}, Transient),
        ({"kind": "unauthorized"}, Unauthorized),
    ],
)
@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
def test_a_failure_is_never_an_empty_page(
    desk: Desk, fault: dict[str, Any], error: type[Exception], method: str
) -> None:
    desk.fault(method=method, times=1, **fault)
    with pytest.raises(error):
        desk.read()
    cursor = desk.read()[-1].cursor
    desk.put("dispatch/tech1/a.ics", event("a"))
    desk.fault(method=method, times=1, **fault)
    with pytest.raises(error):
        desk.read(cursor)


def test_wrong_credentials_are_said_to_be_wrong(address: str) -> None:
    with pytest.raises(Unauthorized):
        read(address, {"username": "dispatch", "password": "wrong"})


def test_the_account_is_the_principal(desk: Desk) -> None:
    assert CONNECTOR.account is not None
    assert CONNECTOR.account(desk.api).id == "/dispatch/"


def test_a_page_for_people_is_no_calendar() -> None:
    def page(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, html="<html>Sign in</html>")

    with (
        open_api(CONNECTOR, credentials=CREDENTIALS, transport=httpx.MockTransport(page)) as api,
        pytest.raises(Unreachable, match="instead of data"),
    ):
        list(CONNECTOR.resources[0].read(api, {}))
