"""Records that a person merges in a vendor's own interface, over whole syncs: one thing then, and nothing anew."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipelines.company import Company, assemble
from pipelines.report import account
from pipelines.settings import load
from pipelines.sync import run_sync
from pipelines.warehouse import open_snapshot
from sandbox.app import build_app
from sandbox.estate import Estate
from sandbox.serving import listen, serving_app, url
from tests.pipelines import short_read
from tests.pipelines.desk import planned

CLIENT = {"client_id": "sandbox:", "client_secret": "sandbox:", "refresh_token": "sandbox:"}
MARKER = {"client_custom_field_configuration_id": "sandbox:"}
CLIENTS = 6  # one less is not yet a list that shrank too much to be believed
WEEK = 8 * 24 * 3600  # and a day: Jobber's lists are read whole once a week


@dataclass(slots=True, kw_only=True)
class Office:
    """HubSpot and Jobber, of which a few clients with a property each are left, and the hands of people in both."""

    admin: httpx.Client
    estate: Estate
    folder: Path

    @property
    def company(self) -> Company:
        return assemble(load(self.folder / "stack.yml"))

    def sync(self) -> dict[str, Any]:
        return account(run_sync(self.company, check=lambda *_: ()), 0.0)

    def records(self, system: str, collection: str) -> dict[str, dict[str, Any]]:
        return dict(self.estate.served[system].store.items(collection))

    def merge(self, system: str, collection: str, id: str, *, into: str) -> None:
        body = {"system": system, "collection": collection, "id": id, "into": into}
        self.admin.post("/_sandbox/merge", json=body).raise_for_status()

    def enter(self, **properties: str) -> str:
        """A person makes a contact; its id."""
        hubspot = self.estate.served["hubspot"]
        answer = self.admin.post(
            f"{hubspot.store.base_url}/crm/v3/objects/contacts",
            json={"properties": properties},
            headers={"Authorization": f"Bearer {hubspot.twin.credentials['access_token']}"},
        )
        return str(answer.raise_for_status().json()["id"])

    def rows(self, query: str) -> list[dict[str, Any]]:
        with open_snapshot(self.company.snapshot) as warehouse:
            return warehouse.rows(query)

    def cores(self, system: str) -> dict[str, str]:
        """Source id -> core_id of a system's customers that are records of their own."""
        rows = self.rows("SELECT system, source_id, core_id, method FROM xref.customer")
        return {r["source_id"]: r["core_id"] for r in rows if r["system"] == system and r["method"] != "merged"}

    def owners(self) -> dict[str, str]:
        """Jobber's property -> the customer whose location it is."""
        rows = self.rows(
            "SELECT x.source_id, c.customer FROM core.location AS c JOIN xref.location AS x USING (core_id)"
        )
        return {row["source_id"]: row["customer"] for row in rows}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One company for all tests, after its first sync: each of its clients is a contact too."""
    folder = tmp_path_factory.mktemp("office")
    with listen("127.0.0.1", 0) as bound, pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.sync.read_all", short_read.read_all)
        app = build_app(only=["hubspot", "jobber"], base_url=url(bound), headroom=1000)
        estate: Estate = app.state.estate
        _emptied(estate)
        with serving_app(app, bound) as address, httpx.Client(base_url=address) as admin:
            reached = {"environment": "sandbox", "headroom": 1000}
            systems = {
                "hubspot": {"roles": ["crm"], "credentials": {"token": "sandbox:access_token"}},
                "jobber": {"roles": ["scheduling"], "credentials": CLIENT | MARKER},
            }
            stack = {
                "company": "T",
                "time_zone": "America/Chicago",
                "clock": f"{address}/_sandbox/clock",
                "systems": {n: one | reached | {"base_url": f"{address}/{n}"} for n, one in systems.items()},
                "handoffs": {"hubspot.customer": {"mode": "live", "deletes": "mirror"}},
            }
            (folder / "stack.yml").write_text(json.dumps(stack))
            one = Office(admin=admin, estate=estate, folder=folder)
            assert planned(one.sync()) == (CLIENTS, 0, 0)
            yield one


def _emptied(estate: Estate) -> None:
    """HubSpot without contacts, Jobber with clients that have a property each and no work."""
    hubspot, jobber = estate.served["hubspot"].store, estate.served["jobber"].store
    for store, collections in (
        (hubspot, ("contacts", "companies", "deals", "tickets", "meetings", "tasks")),
        (jobber, ("jobs", "visits", "invoices", "payment_records")),
    ):
        for collection in collections:
            for id, _ in store.items(collection):
                store.delete(collection, id)
    housed = {one["client"]["id"]: id for id, one in jobber.items("properties")}
    known = [id for id, one in jobber.items("clients") if id in housed and one["emails"] and not one["isArchived"]][
        :CLIENTS
    ]
    for id, _ in jobber.items("clients"):
        if id not in known:
            jobber.delete("clients", id)
    for id, one in jobber.items("properties"):
        if housed.get(one["client"]["id"]) != id or one["client"]["id"] not in known:
            jobber.delete("properties", id)


def test_story_14_what_is_merged_in_the_crm_is_an_alias_and_its_places_follow(office: Office) -> None:
    typed = office.enter(firstname="Ada", lastname="Byron", email="ada@example.com")
    assert planned(office.sync()) == (0, 0, 0)
    before, places = office.cores("hubspot"), office.owners()
    ours = next(id for id in before if id != typed)
    [place] = [id for id, owner in places.items() if owner == before[ours]]

    office.merge("hubspot", "contacts", ours, into=typed)
    contacts = office.records("hubspot", "contacts")

    assert planned(office.sync()) == (0, 0, 0)
    after = office.cores("hubspot")
    assert after.keys() == before.keys() - {ours}
    [alias] = {before[ours], before[typed]} - {after[typed]}
    assert [(row["alias"], row["core_id"]) for row in office.rows("FROM meta.aliases")] == [(alias, after[typed])]
    assert office.owners()[place] == after[typed] in office.cores("jobber").values()
    assert planned(office.sync()) == (0, 0, 0)
    assert office.records("hubspot", "contacts") == contacts, "nothing is made anew, nothing is written"


def test_what_is_merged_in_jobber_goes_without_a_trace_and_its_places_follow(office: Office) -> None:
    office.sync()
    before, places, contacts = office.cores("jobber"), office.owners(), office.records("hubspot", "contacts")
    lost, kept = list(before)[:2]
    [place] = [id for id, owner in places.items() if owner == before[lost]]

    office.merge("jobber", "clients", lost, into=kept)
    assert planned(office.sync()) == (0, 0, 0)
    assert office.owners()[place] == before[kept]

    office.admin.post("/_sandbox/clock", json={"advance_seconds": WEEK}).raise_for_status()
    assert planned(office.sync()) == (0, 0, 0)
    # Jobber does not say where the client went: that is for a person to say, and until then nothing is deleted
    waiting = office.rows("SELECT core_id, field, loser FROM core.conflicts WHERE state = 'waiting'")
    assert waiting == [{"core_id": before[lost], "field": "deleted_at", "loser": "jobber"}]
    assert planned(office.sync()) == (0, 0, 0)
    assert office.records("hubspot", "contacts") == contacts
