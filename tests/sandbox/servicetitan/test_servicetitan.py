"""The tenant's own rules: who gets in, what lists and feeds show, what a state forbids, and how things go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from sandbox.app import assemble
from sandbox.clock import Clock
from sandbox.estate import Estate, Served
from sandbox.faults import Faults
from sandbox.servicetitan import TWIN, auth, changes, listing
from sandbox.store import Store
from tests.sandbox.housecall_pro.desk import COMPANY, NOW, InProcess
from tests.vendors.exchange import RecordingApp

BASE = "http://127.0.0.1/servicetitan"
TIMES = {"start": "2026-03-20T15:00:00Z", "end": "2026-03-20T17:00:00Z"}


class Desk:
    """A seeded tenant and a client that is signed in to it."""

    def __init__(self) -> None:
        self.store = Store(clock=Clock(NOW, ticker=lambda: 0.0), faults=Faults(), base_url=BASE)
        TWIN.seed(COMPANY, self.store)
        estate = Estate(clock=self.store.clock, served={TWIN.name: Served(twin=TWIN, store=self.store)}, seed=1)
        self.http = httpx.Client(transport=InProcess(RecordingApp(assemble(estate))), base_url=BASE)
        form = {name: TWIN.credentials[name] for name in ("client_id", "client_secret")}
        token = self.http.post("/connect/token", data=form | {"grant_type": "client_credentials"}).json()
        self.http.headers.update({"Authorization": f"Bearer {token['access_token']}", "ST-App-Key": auth.APP_KEY})

    def call(self, method: str, place: str, body: Any = None, *, status: int = 200, **query: Any) -> Any:
        """The body of the answer, which must have this status."""
        module, _, rest = place.partition("/")
        sent = {} if body is None else {"json": body}
        answer = self.http.request(method, f"/{module}/v2/tenant/{auth.TENANT}/{rest}", params=query, **sent)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def later(self, **span: float) -> None:
        self.store.clock.advance(timedelta(**span))

    def edit(self, collection: str, id: Any, **members: Any) -> None:
        record = self.store.get(collection, str(id)) or {}
        self.store.put(collection, str(id), TWIN.touch(self.store, collection, record | members))


@pytest.fixture
def desk() -> Iterator[Desk]:
    one = Desk()
    yield one
    one.http.close()


def test_it_takes_a_token_that_lives_the_apps_key_and_its_tenant(desk: Desk) -> None:
    assert desk.call("GET", "crm/customers")["data"]
    key = desk.http.headers.pop("ST-App-Key")
    desk.call("GET", "crm/customers", status=401)
    desk.http.headers["ST-App-Key"] = key
    assert desk.http.get("/crm/v2/tenant/1/customers").status_code == 403
    desk.later(minutes=15)
    desk.call("GET", "crm/customers", status=401)


def test_a_second_holds_sixty_calls(desk: Desk) -> None:
    for _ in range(60):
        desk.call("GET", "settings/business-units")
    refused = desk.http.get(f"/settings/v2/tenant/{auth.TENANT}/business-units")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    desk.later(seconds=1)
    desk.call("GET", "settings/business-units")


def test_lists_page_filter_and_hide_what_is_inactive(desk: Desk) -> None:
    first = desk.call("GET", "crm/customers", pageSize=2, includeTotal="true", sort="-Id")
    assert (first["hasMore"], first["totalCount"], len(first["data"])) == (True, 3, 2)
    (last,) = desk.call("GET", "crm/customers", pageSize=2, page=2, sort="-Id")["data"]
    assert last["id"] < first["data"][1]["id"]
    desk.later(minutes=1)
    changes.remove(desk.store, "customers", str(last["id"]))
    shown = {state: len(desk.call("GET", "crm/customers", active=state)["data"]) for state in ("True", "Any", "False")}
    assert shown == {"True": 2, "Any": 3, "False": 1}
    (found,) = desk.call("GET", "crm/customers", ids=f"{last['id']},1", active="Any")["data"]
    since = {"modifiedOnOrAfter": f"{NOW:%Y-%m-%dT%H:%M:%SZ}", "active": "Any"}
    assert desk.call("GET", "crm/customers", **since)["data"] == [found]


@pytest.mark.parametrize(
    ("query", "member"),
    [
        ({"pageSize": 5001}, "pageSize"),
        ({"page": 0}, "page"),
        ({"ids": ",".join(map(str, range(51)))}, "ids"),
        ({"sort": "+Name"}, "sort"),
        ({"modifiedOnOrAfter": "yesterday"}, "modifiedOnOrAfter"),
    ],
)
def test_a_list_that_cannot_be_says_which_parameter(desk: Desk, query: dict[str, Any], member: str) -> None:
    assert member in desk.call("GET", "crm/customers", status=400, **query)["errors"]


def test_a_feed_goes_on_from_its_token_and_shows_what_went(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "FEED", 2)
    seen, body = [], desk.call("GET", "crm/export/locations")
    while body["hasMore"]:
        seen += body["data"]
        body = desk.call("GET", "crm/export/locations", **{"from": body["continueFrom"]})
    seen += body["data"]
    assert len({one["id"] for one in seen}) == len(seen) == 4
    changes.remove(desk.store, "locations", str(seen[0]["id"]))
    again = {"from": body["continueFrom"]}
    assert desk.call("GET", "crm/export/locations", **again)["data"] == []
    (now,) = desk.call("GET", "crm/export/locations", includeRecentChanges="true", **again)["data"]
    desk.later(minutes=10)
    (later,) = desk.call("GET", "crm/export/locations", **again)["data"]
    assert (now["active"], later) == (False, now)
    since = {"from": f"{NOW:%Y-%m-%d}"}
    assert [one["id"] for one in desk.call("GET", "crm/export/locations", **since)["data"]] == [now["id"]]


def test_external_data_is_found_by_its_application_alone_and_merged_or_replaced(desk: Desk) -> None:
    id = desk.call("GET", "crm/customers")["data"][0]["id"]
    data = {"applicationGuid": auth.APPLICATION, "externalData": [{"key": "a", "value": "1"}]}
    desk.call("PATCH", f"crm/customers/{id}", {"externalData": data})
    merged = data | {"patchMode": "Merge", "externalData": [{"key": "b", "value": "2"}]}
    assert len(desk.call("PATCH", f"crm/customers/{id}", {"externalData": merged})["externalData"]) == 2
    asked = {"externalDataKey": "b", "externalDataValues": "2,3"}
    by_us = desk.call("GET", "crm/customers", externalDataApplicationGuid=auth.APPLICATION, **asked)["data"]
    by_another = desk.call("GET", "crm/customers", externalDataApplicationGuid="another", **asked)["data"]
    assert ([one["id"] for one in by_us], by_another) == ([id], [])
    replaced = desk.call("PATCH", f"crm/customers/{id}", {"externalData": data})["externalData"]
    assert replaced == data["externalData"]


@pytest.mark.parametrize("lacks", ["name", "address", "locations"])
def test_a_customer_needs_a_name_an_address_and_a_location(desk: Desk, lacks: str) -> None:
    home = {"street": "7 Elm St", "city": "Austin", "state": "TX", "zip": "78702", "country": "USA"}
    body = {"name": "Dora", "address": home, "locations": [{"name": "Dora", "address": home}]}
    desk.call("POST", "crm/customers", body)
    assert lacks in desk.call("POST", "crm/customers", body | {lacks: None}, status=400)["errors"]


def test_a_visit_follows_its_job_and_its_state(desk: Desk) -> None:
    (job,) = desk.call("GET", "jpm/jobs", number="102")["data"]
    made = desk.call("POST", "jpm/appointments", {"jobId": job["id"], **TIMES})
    assert made["appointmentNumber"] == "102-2"
    (told,) = desk.call("GET", "jpm/jobs", number="102")["data"]
    assert (told["appointmentCount"], told["lastAppointmentId"]) == (2, made["id"])
    path = f"jpm/appointments/{made['id']}"
    desk.call("PATCH", f"{path}/reschedule", {"start": TIMES["end"], "end": TIMES["start"]}, status=400)
    desk.edit("appointments", made["id"], status="Working")
    desk.call("PATCH", f"{path}/reschedule", TIMES, status=409)
    desk.call("DELETE", path, status=409)
    desk.edit("appointments", made["id"], status="Scheduled")
    desk.call("DELETE", path)
    desk.call("DELETE", path, status=404)
    desk.call("DELETE", f"jpm/appointments/{job['firstAppointmentId']}", status=409)
    changes.remove(desk.store, "jobs", str(job["id"]))
    desk.call("POST", "jpm/appointments", {"jobId": job["id"], **TIMES}, status=409)


def test_who_is_sent_to_a_visit_goes_with_it(desk: Desk) -> None:
    (job,) = desk.call("GET", "jpm/jobs", number="104")["data"]
    people = [one["id"] for one in desk.call("GET", "settings/technicians")["data"]]
    made = desk.call("POST", "jpm/appointments", {"jobId": job["id"], **TIMES, "technicianIds": people})
    board = {"appointmentIds": made["id"]}
    assert len(desk.call("GET", "dispatch/appointment-assignments", **board)["data"]) == 2
    desk.call("DELETE", f"jpm/appointments/{made['id']}")
    assert desk.call("GET", "dispatch/appointment-assignments", **board)["data"] == []
    left = next(one["id"] for one in desk.store.all("technicians") if not one["active"])
    crew = {"jobAppointmentId": job["firstAppointmentId"], "technicianIds": [left]}
    desk.call("POST", "dispatch/appointment-assignments/assign-technicians", crew, status=400)


def test_what_is_in_a_closed_batch_stays_as_it_is(desk: Desk) -> None:
    bills = {one["syncStatus"]: one["id"] for one in desk.call("GET", "accounting/invoices")["data"]}
    desk.call("PATCH", f"accounting/invoices/{bills['Pending']}", {"dueDate": "2026-04-01"})
    refused = desk.call("PATCH", f"accounting/invoices/{bills['Posted']}", {"number": "9"}, status=400)
    assert "closed" in refused["errors"]["batch"][0]
    marks = [{"invoiceId": bills["Posted"], "externalId": id} for id in ("x1", "x1", "x2")]
    told = desk.call("POST", "accounting/invoices/markasexported", marks)
    assert [one["success"] for one in told] == [True, True, False]


def test_a_merged_customer_leaves_everything_to_the_other_one(desk: Desk) -> None:
    loser, winner = (one for one in desk.store.all("customers") if one["type"] == "Residential")
    changes.merge(desk.store, "customers", str(loser["id"]), str(winner["id"]))
    gone = desk.call("GET", f"crm/customers/{loser['id']}")
    assert (gone["active"], gone["mergedToId"]) == (False, winner["id"])
    owners = {one["customerId"] for name in ("locations", "jobs", "contacts") for one in desk.store.all(name)}
    assert loser["id"] not in owners
    assert loser["id"] not in {one["customer"]["id"] for one in desk.store.all("invoices")}
    with pytest.raises(ValueError, match="are merged"):
        changes.merge(desk.store, "jobs", "1", "2")


def test_every_job_has_its_first_visit_and_its_invoice(desk: Desk) -> None:
    invoices = {one["id"] for one in desk.store.all("invoices")}
    visits = {one["id"]: one["jobId"] for one in desk.store.all("appointments")}
    jobs = desk.store.all("jobs")
    assert {one["jobNumber"] for one in jobs} == {"101", "102", "104", "106"}  # the others have no time yet
    assert all(one["invoiceId"] in invoices and visits[one["firstAppointmentId"]] == one["id"] for one in jobs)
