"""The twin by itself: tokens, mailboxes, spellings of paths, zones, refusals, rounds, batches, what people do there."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from sandbox import records
from sandbox.clock import Clock
from sandbox.estate import Served
from sandbox.faults import Fault, Faults
from sandbox.microsoft_graph import TWIN
from sandbox.store import Store
from tests.sandbox.microsoft_graph.company import COMPANY, NOW
from tests.vendors.description import VENDORS, problems_of
from tests.vendors.exchange import RecordingApp
from tests.vendors.walks.microsoft_graph import at, listening, visit

GIVEN = TWIN.credentials
TOKENS = f"/{GIVEN['tenant']}/oauth2/v2.0/token"
TECH = "tech1@acme.example.com"
WINDOW = {"startDateTime": "2026-03-01T00:00:00Z", "endDateTime": "2026-04-01T00:00:00Z"}


@dataclass(slots=True, kw_only=True)
class Desk:
    """The twin over its store, and somebody who calls it with a token."""

    store: Store
    app: RecordingApp
    runner: asyncio.Runner
    token: str = ""

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.runner.run(self._send(method, path, more))

    async def _send(self, method: str, path: str, more: dict[str, Any]) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://graph.test") as client:
            return await client.request(method, path, headers=headers, **more)

    def sign_in(self, **form: str) -> Any:
        known = {"client_id": GIVEN["client_id"], "client_secret": GIVEN["client_secret"]}
        asked = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
        return self.send("POST", TOKENS, data={**known, **asked, **form}).json()

    def get(self, path: str, **more: Any) -> Any:
        answer = self.send("GET", path if path.startswith("http") else f"/v1.0{path}", **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def make(self, status: int = 201, **members: Any) -> Any:
        answer = self.send("POST", f"/v1.0/users/{TECH}/events", json=visit(**members))
        assert answer.status_code == status, answer.text
        return answer.json()

    def code(self, method: str, path: str, **more: Any) -> tuple[int, str]:
        """Status and code of a refusal."""
        answer = self.send(method, f"/v1.0{path}", **more)
        return answer.status_code, answer.json()["error"]["code"]


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as one:
        yield one


@pytest.fixture
def desk(runner: asyncio.Runner) -> Iterator[Desk]:
    """Every answer is held against the vendor's description at the end, where that is at hand."""
    store = Store(clock=Clock(NOW, ticker=lambda: 0.0), faults=Faults(), base_url="http://graph.test")
    TWIN.seed(COMPANY, store)
    app = RecordingApp(Starlette(routes=TWIN.routes(store)), system=TWIN.name)
    one = Desk(store=store, app=app, runner=runner)
    one.token = one.sign_in()["access_token"]
    yield one
    if (VENDORS / TWIN.name).exists():
        assert [line for line in problems_of(app.recording) if ": answer" in line] == []


@pytest.mark.parametrize(
    ("form", "error", "number"),
    [
        ({"client_id": "x"}, "unauthorized_client", 700016),
        ({"client_secret": "x"}, "invalid_client", 7000215),
        ({"scope": "Calendars.Read"}, "invalid_scope", 1002012),
        ({"grant_type": "password"}, "unsupported_grant_type", 70003),
        ({"grant_type": "refresh_token", "refresh_token": "old"}, "invalid_grant", 70008),
    ],
)
def test_who_gets_no_token_is_told_why(desk: Desk, form: dict[str, str], error: str, number: int) -> None:
    told = desk.sign_in(**form)
    assert (told["error"], told["error_codes"]) == (error, [number])


def test_each_renewal_brings_a_new_refresh_token_and_older_ones_go_on(desk: Desk) -> None:
    first = desk.sign_in(grant_type="refresh_token", refresh_token=GIVEN["person_refresh_token"])
    second = desk.sign_in(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert len({GIVEN["person_refresh_token"], first["refresh_token"], second["refresh_token"]}) == 3
    assert "access_token" in desk.sign_in(grant_type="refresh_token", refresh_token=GIVEN["person_refresh_token"])
    desk.store.faults.add(Fault(system=TWIN.name, kind="revoked_grant", times=1))
    refused = desk.sign_in(grant_type="refresh_token", refresh_token=second["refresh_token"])
    assert refused["error"] == "invalid_grant"


def test_tokens_end_and_an_app_is_nobody(desk: Desk) -> None:
    assert desk.code("GET", "/me") == (400, "BadRequest")
    desk.store.clock.advance(timedelta(hours=2))
    assert desk.code("GET", "/users") == (401, "InvalidAuthenticationToken")
    desk.token = ""
    assert desk.code("POST", "/$batch", json={"requests": []}) == (401, "InvalidAuthenticationToken")


def test_a_person_sees_their_own_and_what_was_shared(desk: Desk) -> None:
    person = desk.sign_in(grant_type="refresh_token", refresh_token=GIVEN["person_refresh_token"])
    desk.token = person["access_token"]
    assert desk.get("/me")["jobTitle"] == "Dispatcher"
    assert desk.get("/me/calendars")["value"]
    assert desk.get(f"/users/{TECH}/events")["value"]
    for key, one in desk.store.items("permissions"):
        desk.store.put("permissions", key, {**one, "role": "freeBusyRead"})
    assert desk.code("GET", f"/users/{TECH}/events") == (403, "ErrorAccessDenied")


def test_pages_are_followed_by_whole_addresses(desk: Desk) -> None:
    first = desk.get("/users", params={"$select": "id", "$top": 3})
    assert [list(one) for one in first["value"]] == [["id"]] * 3
    second = desk.get(first["@odata.nextLink"])
    assert len(second["value"]) == 1
    assert "@odata.nextLink" not in second
    assert desk.code("GET", "/users", params={"$top": 1000}) == (400, "ErrorInvalidUrlQuery")


def test_lists_are_cut_at_ten_filtered_and_ordered(desk: Desk) -> None:
    for number in range(11):
        desk.make(subject=f"Visit {number:02}", start=at(f"2026-03-16T{number:02}:00:00"),
                  end=at(f"2026-03-16T{number:02}:30:00"))  # fmt: skip
    path = f"/users/{TECH}/events"
    assert len(desk.get(path)["value"]) == 10
    asked = {"$filter": "start/dateTime ge '2026-03-16T12:00' and showAs eq 'busy'", "$orderby": "start/dateTime desc"}
    found = desk.get(path, params=asked)["value"]
    assert [one["subject"] for one in found] == ["Visit 10", "Visit 09", "Visit 08", "Visit 07"]
    asked = {"$filter": "lastModifiedDateTime ge 2026-03-11T00:00:00Z", "$top": "1000", "$select": "subject"}
    assert len(desk.get(path, params=asked)["value"]) == 11
    assert desk.code("GET", path, params={"$filter": "contains(subject,'x')"}) == (400, "ErrorInvalidUrlQueryFilter")


def test_zones_are_shown_as_asked_and_remembered_as_written(desk: Desk) -> None:
    made = desk.make()
    assert made["start"] == {"dateTime": "2026-03-16T14:00:00.0000000", "timeZone": "UTC"}
    assert made["originalStartTimeZone"] == "Central Standard Time"
    for zone in ("W. Europe Standard Time", "Europe/Berlin"):
        shown = desk.get(f"/users/{TECH}/events/{made['id']}", headers={"Prefer": f'outlook.timezone="{zone}"'})
        assert shown["start"] == {"dateTime": "2026-03-16T15:00:00.0000000", "timeZone": zone}
    refused = desk.make(400, start=at("2026-03-16T09:00:00", "tzone://Microsoft/Custom"))
    assert refused["error"]["code"] == "TimeZoneNotSupportedException"


def test_bodies_are_html_unless_text_is_preferred(desk: Desk) -> None:
    made = desk.make(body={"contentType": "text", "content": "Gate <4471>\nring"})
    assert made["body"]["contentType"] == "html"
    assert "Gate &lt;4471&gt;<br>ring" in made["body"]["content"]
    text = {"Prefer": 'IdType="ImmutableId", outlook.body-content-type="text"'}
    shown = desk.get(f"/users/{TECH}/events/{made['id']}", headers=text)
    assert shown["body"] == {"contentType": "text", "content": "Gate <4471>\r\nring"}
    made = desk.make(body={"contentType": "html", "content": "<p>Gate &amp; dog</p>"})
    assert desk.get(f"/users/{TECH}/events/{made['id']}", headers=text)["body"]["content"] == "Gate & dog"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"colour": "red"}, "RequestBodyRead"),
        ({"isAllDay": "perhaps"}, "RequestBodyRead"),
        ({"showAs": "away"}, "RequestBodyRead"),
        ({"start": None}, "ErrorPropertyValidationFailure"),
        ({"start": at("tomorrow")}, "ErrorPropertyValidationFailure"),
        ({"isAllDay": True}, "ErrorPropertyValidationFailure"),
        ({"isAllDay": True, "start": at("2026-03-16T00:00:00"), "end": at("2026-03-16T00:00:00")},
         "ErrorPropertyValidationFailure"),
        ({"end": at("2026-03-15T00:00:00")}, "ErrorCalendarEndDateIsEarlierThanStartDate"),
        ({"attendees": [{"type": "required"}]}, "ErrorInvalidRecipients"),
        ({"recurrence": {"pattern": {"type": "hourly"}, "range": {"type": "noEnd"}}}, "ErrorInvalidRecurrence"),
        ({"singleValueExtendedProperties": [{"id": "x"}]}, "ErrorInvalidPropertySet"),
    ],
)  # fmt: skip
def test_what_outlook_does_not_take_is_refused(desk: Desk, members: dict[str, Any], code: str) -> None:
    assert desk.make(400, **members)["error"]["code"] == code


def test_a_transaction_id_is_used_once_also_after_a_deletion(desk: Desk) -> None:
    made = desk.make(transactionId="visit-881-v1")
    path = f"/users/{TECH}/events/{made['id']}"
    refused = desk.make(400, transactionId="visit-881-v1")
    assert (refused["error"]["code"], refused["error"]["@event.existingEventId"]) == (
        "ErrorDuplicateTransactionId",
        made["id"],
    )
    assert desk.code("PATCH", path, json={"transactionId": "other"}) == (400, "ErrorInvalidPropertySet")
    assert desk.send("DELETE", f"/v1.0{path}").status_code == 204
    assert desk.code("DELETE", path) == (404, "ErrorItemNotFound")
    assert desk.make(400, transactionId="visit-881-v1")["error"]["@event.existingEventId"] == made["id"]


def test_a_version_guards_and_without_one_the_last_write_wins(desk: Desk) -> None:
    made = desk.make()
    path, old = f"/users/{TECH}/events/{made['id']}", {"If-Match": made["@odata.etag"]}
    assert made["@odata.etag"] == f'W/"{made["changeKey"]}"'
    assert desk.send("PATCH", f"/v1.0{path}", json={"subject": "a"}, headers=old).status_code == 200
    assert desk.code("PATCH", path, json={"subject": "b"}, headers=old) == (412, "ErrorIrresolvableConflict")
    assert desk.code("DELETE", path, headers=old) == (412, "ErrorIrresolvableConflict")
    assert desk.send("PATCH", f"/v1.0{path}", json={"subject": "c"}).json()["subject"] == "c"


@pytest.mark.parametrize("spelling", ["delta", "delta()", "microsoft.graph.delta()"])
def test_a_round_ends_with_the_link_of_the_next(desk: Desk, spelling: str) -> None:
    path = f"/users/{TECH}/calendarView/{spelling}"
    lower = {name.lower(): value for name, value in WINDOW.items()}
    page = desk.get(path, params=lower, headers={"Prefer": "odata.maxpagesize=2"})
    assert len(page["value"]) == 2
    while "@odata.nextLink" in page:
        page = desk.get(page["@odata.nextLink"])
    made = desk.make()
    news = desk.get(page["@odata.deltaLink"])
    assert [one["id"] for one in news["value"]] == [made["id"]]
    desk.send("DELETE", f"/v1.0/users/{TECH}/events/{made['id']}")
    (gone,) = desk.get(news["@odata.deltaLink"])["value"]
    assert (gone["id"], gone["@removed"]) == (made["id"], {"reason": "deleted"})
    if spelling != "delta()":
        desk.app.recording.exchanges.clear()  # the description knows one spelling


def test_a_round_expires(desk: Desk) -> None:
    path = f"/users/{TECH}/calendarView/delta()"
    link = desk.get(path, params=WINDOW, headers={"Prefer": "odata.maxpagesize=99"})["@odata.deltaLink"]
    desk.store.clock.advance(timedelta(days=31))
    desk.token = desk.sign_in()["access_token"]
    assert desk.send("GET", link).json()["error"]["code"] == "SyncStateNotFound"
    assert desk.code("GET", path, params=WINDOW | {"$select": "id"}) == (400, "ErrorInvalidUrlQuery")
    assert desk.code("GET", path) == (400, "ErrorInvalidParameter")


def test_a_series_is_shown_by_its_days_in_wall_time(desk: Desk) -> None:
    """Across the change to daylight saving, and on to its end."""
    week = {"pattern": {"type": "relativeMonthly", "interval": 1, "daysOfWeek": ["monday"], "index": "third"},
            "range": {"type": "endDate", "startDate": "2026-02-16", "endDate": "2026-04-30"}}  # fmt: skip
    made = desk.make(recurrence=week, start=at("2026-02-16T09:00:00"), end=at("2026-02-16T10:00:00"))
    span = {"startDateTime": "2026-02-01T00:00:00Z", "endDateTime": "2026-12-01T00:00:00Z", "$top": "100"}
    days = desk.get(f"/users/{TECH}/events/{made['id']}/instances", params=span)["value"]
    starts = [one["start"]["dateTime"][:13] for one in days]
    assert starts == ["2026-02-16T15", "2026-03-16T14", "2026-04-20T14"]
    assert len({one["iCalUId"] for one in days}) == 3
    desk.send("DELETE", f"/v1.0/users/{TECH}/events/{made['id']}")
    assert desk.code("GET", f"/users/{TECH}/events/{days[0]['id']}") == (404, "ErrorItemNotFound")


def test_only_who_organizes_can_call_off(desk: Desk) -> None:
    training = next(one for one in desk.store.all("events") if not one["isOrganizer"])
    path = f"/users/{TECH}/events/{training['id']}/cancel"
    assert desk.code("POST", path, json={}) == (400, "ErrorInvalidRequest")


def test_free_busy_says_whose_time_is_taken(desk: Desk) -> None:
    times = {"startTime": at("2026-03-12T00:00:00", "UTC"), "endTime": at("2026-03-14T00:00:00", "UTC")}
    path = f"/users/{TECH}/calendar/getSchedule"
    asked = {"schedules": [TECH, "x@y.example"], **times, "availabilityViewInterval": 720}
    told = desk.send("POST", f"/v1.0{path}", json=asked).json()["value"]
    assert [one["status"] for one in told[0]["scheduleItems"]] == ["busy", "busy"]
    assert len(told[0]["availabilityView"]) == 4
    assert told[1]["error"]["responseCode"] == "ErrorMailRecipientNotFound"
    far = {**times, "endTime": at("2026-06-14T00:00:00", "UTC")}
    assert desk.code("POST", path, json={"schedules": [TECH], **far}) == (400, "ErrorInvalidTimeInterval")
    assert desk.code("POST", path, json={"schedules": []}) == (400, "ErrorInvalidParameter")


def test_a_batch_has_twenty_calls_and_a_mailbox_does_four_at_once(desk: Desk) -> None:
    call = {"method": "GET", "url": f"/users/{TECH}/events"}
    told = desk.send("POST", "/v1.0/$batch", json={"requests": [{"id": str(n), **call} for n in range(6)]}).json()
    assert [one["status"] for one in told["responses"]] == [200] * 4 + [429] * 2
    assert float(told["responses"][5]["headers"]["Retry-After"]) > 0
    many = {"requests": [{"id": str(n), **call} for n in range(21)]}
    assert desk.code("POST", "/$batch", json=many) == (400, "MaximumValueExceeded")
    twice = {"requests": [{"id": "1", **call}, {"id": "1", **call}]}
    assert desk.code("POST", "/$batch", json=twice) == (400, "BadRequest")
    bare = {"requests": [{"id": "1", "method": "POST", "url": f"/users/{TECH}/events", "body": visit()}]}
    assert desk.send("POST", "/v1.0/$batch", json=bare).json()["responses"][0]["status"] == 400
    desk.app.recording.exchanges.clear()  # requests that the description would refuse too


def test_one_mailbox_asked_too_often_holds_up_no_other(desk: Desk) -> None:
    desk.store.bag["per_mailbox"] = 2
    for _ in range(2):
        desk.get(f"/users/{TECH}/calendar")
    answer = desk.send("GET", f"/v1.0/users/{TECH}/calendar")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "600.000")
    assert desk.get("/users/tech2@acme.example.com/calendar")["name"] == "Calendar"
    desk.store.clock.advance(timedelta(minutes=10))
    assert desk.get(f"/users/{TECH}/calendar")["name"] == "Calendar"


def test_a_subscription_needs_an_address_that_gives_the_token_back(desk: Desk) -> None:
    asked = {"changeType": "created", "resource": "me/events", "expirationDateTime": "2026-03-15T00:00:00Z"}
    with listening(status=500) as silent:
        for address in (silent, "https://hooks.acme.example/graph"):
            refused = desk.code("POST", "/subscriptions", json={**asked, "notificationUrl": address})
            assert refused == (400, "ValidationError")
    for wrong in ({"changeType": "moved"}, {"resource": "/groups"}, {"expirationDateTime": "2026-05-15T00:00:00Z"}):
        assert desk.code("POST", "/subscriptions", json={**asked, **wrong})[0] == 400


def test_who_is_not_there_and_who_has_no_mailbox(desk: Desk) -> None:
    assert desk.code("GET", "/users/x@y.example/events") == (404, "Request_ResourceNotFound")
    assert desk.code("GET", "/users/tech3@acme.example.com/events") == (404, "MailboxNotEnabledForRESTAPI")
    assert desk.code("GET", f"/users/{TECH}/calendars/none/events") == (404, "ErrorItemNotFound")
    assert desk.code("GET", "/groups") == (400, "BadRequest")
    assert desk.send("GET", "/beta/users").status_code == 400
    desk.app.recording.exchanges.clear()  # paths that no description has


def test_people_edit_in_utc_and_name_a_calendar_by_its_address(desk: Desk) -> None:
    served = Served(twin=TWIN, store=desk.store)
    made = desk.make()
    kept = records.merged(desk.store.get("events", made["id"]) or {}, {"start": {"dateTime": "2026-03-16T14:15:00"}})
    edited = records.keep(served, "events", made["id"], kept)
    assert (edited["start"]["dateTime"][:16], edited["originalStartTimeZone"]) == (
        "2026-03-16T14:15",
        "Central Standard Time",
    )
    assert edited["@odata.etag"] != made["@odata.etag"]
    new = visit(id="AAkALgNew", organizer={"emailAddress": {"name": "T", "address": TECH}})
    records.keep(served, "events", "AAkALgNew", new)
    assert desk.get(f"/users/{TECH}/events/AAkALgNew")["subject"] == "Tune-up"
    with pytest.raises(ValueError, match="whose calendar"):
        TWIN.touch(desk.store, "events", visit(id="x"))
    with pytest.raises(ValueError, match="earlier"):
        TWIN.touch(desk.store, "events", {**new, "end": at("2026-03-01T00:00:00")})
    assert TWIN.touch(desk.store, "calendars", {"id": "c"})["changeKey"]
    TWIN.remove(desk.store, "users", desk.get(f"/users/{TECH}")["id"])
    assert [one for one in desk.store.all("events") if one["id"] == "AAkALgNew"] == []


def test_values_may_be_kept_in_another_spelling(desk: Desk) -> None:
    desk.store.faults.add(Fault(system=TWIN.name, kind="rewritten_values", times=1, form="upper"))
    assert desk.make(location={"displayName": "12 Elm St"})["location"]["displayName"] == "12 ELM ST"
