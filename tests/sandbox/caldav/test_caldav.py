"""Radicale behind the sandbox, driven by an independent client."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import caldav
import httpx
import pytest
from caldav.lib.error import AuthorizationError, NotFoundError
from icalendar import Calendar

from sandbox.founding import build
from sandbox.serving import serving

STATE = "/_sandbox/state/caldav/events"
EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n"
    "DTSTAMP:20260311T150000Z\r\nDTSTART:20260312T150000Z\r\nDTEND:20260312T160000Z\r\nSUMMARY:{summary}\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(only=["caldav"]) as url:
        yield url


@pytest.fixture
def admin(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address) as client:
        client.post("/_sandbox/reset").raise_for_status()
        yield client


@pytest.fixture
def home(admin: httpx.Client) -> Iterator[caldav.Principal]:
    with caldav.DAVClient(url=f"{admin.base_url}/caldav/", username="dispatch", password="dispatch") as client:
        yield client.principal()


def calendar(home: caldav.Principal, technician: str) -> Any:
    return next(found for found in home.get_calendars() if str(found.url).endswith(f"/{technician}/"))


def event_of(calendar: Any, name: str) -> Any:
    return calendar.event_by_url(f"{calendar.url}{name}.ics")


def test_discovery_stays_under_the_prefix(address: str) -> None:
    redirect = httpx.get(f"{address}/caldav/.well-known/caldav")
    assert (redirect.status_code, redirect.headers["location"]) == (301, "/caldav/")
    found = httpx.request("PROPFIND", f"{address}/caldav/", auth=("dispatch", "dispatch"), headers={"Depth": "0"})
    assert found.status_code == 207
    assert ">/caldav/dispatch/</" in found.text  # in whatever prefix the namespace is written


def test_every_active_technician_has_a_calendar(home: caldav.Principal) -> None:
    company = build(1)
    names = {f"{t.given_name} {t.family_name}" for t in company.technicians if t.active}
    assert {found.get_display_name() for found in home.get_calendars()} == names
    assert all("/caldav/dispatch/tech" in str(found.url) for found in home.get_calendars())


def test_personal_events_are_there_with_their_wall_times(home: caldav.Principal) -> None:
    for busy in build(1).busy:
        event = event_of(calendar(home, busy.technician), busy.key)
        (found,) = Calendar.from_ical(event.data).walk("VEVENT")
        start = found.decoded("DTSTART")
        assert str(found["SUMMARY"]) == busy.title
        if busy.all_day:
            assert not isinstance(start, datetime)
        else:
            assert start == busy.starts_at
            assert found["DTSTART"].params["TZID"] == "America/Chicago"


def test_a_client_writes_and_follows_changes(home: caldav.Principal) -> None:
    mine = calendar(home, "tech1")
    before = mine.get_objects_by_sync_token()
    mine.add_event(EVENT.format(uid="visit-1", summary="Tune-up"))
    changed = mine.get_objects_by_sync_token(sync_token=before.sync_token)
    assert [str(item.url).rsplit("/", 1)[-1] for item in changed] == ["visit-1.ics"]
    found = mine.search(start=datetime(2026, 3, 12, tzinfo=UTC), end=datetime(2026, 3, 13, tzinfo=UTC), event=True)
    assert any("Tune-up" in item.data for item in found)


def test_a_persons_edits_reach_the_client(home: caldav.Principal, admin: httpx.Client) -> None:
    mine = calendar(home, "tech2")
    admin.post(
        STATE, json={"id": "dispatch/tech2/new.ics", "record": {"ics": EVENT.format(uid="new", summary="Lunch")}}
    ).raise_for_status()
    before = mine.get_objects_by_sync_token()
    edited = admin.patch(f"{STATE}/dispatch/tech2/new.ics", json={"ics": EVENT.format(uid="new", summary="Late lunch")})
    assert "SUMMARY:Late lunch" in edited.json()["ics"]
    assert "Late lunch" in event_of(mine, "new").data
    assert admin.delete(f"{STATE}/dispatch/tech2/new.ics").status_code == 200
    gone = mine.get_objects_by_sync_token(sync_token=before.sync_token)
    assert [str(item.url).rsplit("/", 1)[-1] for item in gone] == ["new.ics"]
    with pytest.raises(NotFoundError):
        event_of(mine, "new")


def test_the_admin_surface_lists_every_event(admin: httpx.Client) -> None:
    records = admin.get(STATE).json()["records"]
    assert {found["id"] for found in records} == {f"dispatch/{b.technician}/{b.key}.ics" for b in build(1).busy}
    one = records[0]
    assert admin.get(f"{STATE}/{one['id']}").json() == one["record"]


@pytest.mark.parametrize(
    ("id", "ics", "says"),
    [
        ("dispatch/tech1/x.ics", "nonsense", "iCalendar text"),
        ("dispatch/tech1/x.ics", "BEGIN:VCALENDAR\r\nnonsense", "not an iCalendar object"),
        ("dispatch/nobody/x.ics", EVENT.format(uid="x", summary="x"), "a calendar that exists"),
        ("x.ics", EVENT.format(uid="x", summary="x"), "a calendar that exists"),
    ],
)
def test_what_is_no_event_is_refused(admin: httpx.Client, id: str, ics: str, says: str) -> None:
    answer = admin.post(STATE, json={"id": id, "record": {"ics": ics}})
    assert answer.status_code == 400
    assert says in answer.json()["error"]


def test_a_reset_forgets_what_clients_made(home: caldav.Principal, admin: httpx.Client) -> None:
    home.make_calendar(cal_id="extra", name="Extra")
    calendar(home, "tech1").add_event(EVENT.format(uid="visit-1", summary="Tune-up"))
    admin.post("/_sandbox/reset").raise_for_status()
    assert not any("/extra/" in str(found.url) for found in home.get_calendars())
    assert len(admin.get(STATE).json()["records"]) == 25


def test_strangers_and_neighbours_stay_out(address: str) -> None:
    wrong = caldav.DAVClient(url=f"{address}/caldav/", username="dispatch", password="wrong")
    with wrong as client, pytest.raises(AuthorizationError):
        client.principal()
    answer = httpx.request("PROPFIND", f"{address}/caldav/dispatch/", auth=("tech1", "tech1"))
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("fault", "status", "headers"),
    [
        ({"kind": "unauthorized"}, 401, {"www-authenticate": 'Basic realm="Radicale - Password Required"'}),
        ({"kind": "rate_limit", "retry_after": 2}, 429, {"retry-after": "2"}),
        ({"kind": "server_error", "status": 503}, 503, {}),
        ({"kind": "forbidden"}, 403, {}),
    ],
)
def test_faults_speak_webdav(
    address: str, admin: httpx.Client, fault: dict[str, Any], status: int, headers: dict[str, str]
) -> None:
    admin.post("/_sandbox/faults", json={"system": "caldav", "times": 1, **fault}).raise_for_status()
    answer = httpx.request("REPORT", f"{address}/caldav/dispatch/tech1/", auth=("dispatch", "dispatch"))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert headers.items() <= dict(answer.headers).items()


def test_a_put_whose_answer_is_lost_has_happened(address: str, admin: httpx.Client) -> None:
    admin.post("/_sandbox/faults", json={"system": "caldav", "kind": "dropped_answer", "method": "PUT", "times": 1})
    event, auth = f"{address}/caldav/dispatch/tech1/lost.ics", ("dispatch", "dispatch")
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        httpx.put(event, content=EVENT.format(uid="lost", summary="x"), auth=auth)
    again = httpx.put(event, content=EVENT.format(uid="lost", summary="x"), auth=auth, headers={"If-None-Match": "*"})
    assert again.status_code == 412


def test_a_forgotten_token_is_refused_as_the_standard_says(home: caldav.Principal, admin: httpx.Client) -> None:
    mine = calendar(home, "tech1")
    before = mine.get_objects_by_sync_token()
    admin.post("/_sandbox/faults", json={"system": "caldav", "kind": "expired_sync_token"}).raise_for_status()
    body = f'<sync-collection xmlns="DAV:"><sync-token>{before.sync_token}</sync-token></sync-collection>'
    refused = httpx.request("REPORT", str(mine.url), auth=("dispatch", "dispatch"), content=body)
    assert (refused.status_code, refused.headers["content-type"].partition(";")[0]) == (403, "text/xml")
    assert "<valid-sync-token/>" in refused.text
    assert len(list(mine.get_objects_by_sync_token())) == len(list(before))  # the first one shows no token


@pytest.mark.parametrize(("form", "kept"), [("upper", "TUNE-UP  TWICE"), (None, "Tune-up twice")])
def test_a_text_kept_in_another_spelling_has_no_etag(admin: httpx.Client, form: str | None, kept: str) -> None:
    fault = {"system": "caldav", "kind": "rewritten_values", "form": form, "times": 1}
    admin.post("/_sandbox/faults", json=fault).raise_for_status()
    address = f"{admin.base_url}/caldav/dispatch/tech1/spelt.ics"
    text = EVENT.format(uid="spelt", summary="Tune-up  twice")
    for told in (False, True):
        put = httpx.put(address, auth=("dispatch", "dispatch"), content=text)
        assert (put.status_code, "etag" in put.headers) == (204 if told else 201, told)
        found = httpx.get(address, auth=("dispatch", "dispatch"))
        assert str(Calendar.from_ical(found.text).walk("VEVENT")[0]["SUMMARY"]) == ("Tune-up  twice" if told else kept)
