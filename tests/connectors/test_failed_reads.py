"""Stories 15 and 17: whatever a system answers instead of its data, no read says that anything is gone that is not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from connectors import registry
from connectors.gateway import Gateway, Patience, open_api
from connectors.spec import Page, Resource
from models.errors import PlumblineError, Throttled
from sandbox.app import build_app
from sandbox.clock import Clock
from sandbox.discovery import twins
from sandbox.estate import Estate, Served
from sandbox.faults import Fault
from sandbox.founding import build
from sandbox.serving import listen, serving_app, url

FAULTS: Mapping[str, dict[str, Any]] = {
    "401": {"kind": "unauthorized"},
    "403": {"kind": "forbidden"},
    "404": {"kind": "not_found"},
    "410": {"kind": "gone"},
    "429": {"kind": "rate_limit"},
    "429 that says when": {"kind": "rate_limit", "retry_after": 1},
    "500": {"kind": "server_error"},
    "503": {"kind": "server_error", "status": 503},
    "a cut body": {"kind": "cut_body"},
    "a lost answer": {"kind": "dropped_answer"},
    "a gateway's page": {"kind": "html_error_page"},
    "a sign-in page": {"kind": "html_error_page", "status": 200},
}
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "caldav": {"calendar": "/dispatch/{technician}/"},
}
DATA = r"^(?!.*(token|oauth)).*$"  # every address but those of signing in
SERIES = {"recurrence", "recurringEventId"}
NAMES = [name for name in registry.names() if name in twins()]


def credentials(name: str) -> dict[str, str]:
    """The twin's own credentials under the connector's names."""
    given = dict(twins()[name].credentials)
    token = given.get("token") or given.get("access_token", "")
    return given | {"token": token, "service_account": json.dumps(given)}


@pytest.fixture(scope="module")
def estate() -> Iterator[tuple[Estate, str]]:
    with listen("127.0.0.1", 0) as bound:
        clock = Clock(build(1).now, ticker=lambda: 0.0)
        app = build_app(only=NAMES, clock=clock, base_url=url(bound), headroom=1000)
        with serving_app(app, bound) as address:
            yield app.state.estate, address


@pytest.fixture(params=NAMES)
def api(request: pytest.FixtureRequest, estate: tuple[Estate, str]) -> Iterator[Gateway]:
    name, clock, given = request.param, estate[0].clock, credentials(request.param)
    wanted, options = (
        {one.name for one in part} for part in (registry.load(name).credentials, registry.load(name).settings)
    )
    with open_api(
        registry.load(name),
        credentials={key: value for key, value in given.items() if key in wanted},
        settings={key: value for key, value in given.items() if key in options} | dict(SETTINGS.get(name, {})),
        base_url=f"{estate[1]}/{name}",
        clock=clock.now,
        sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)),
        patience=Patience(tries=1),  # what is borne before a read fails is tested with the gateway
    ) as one:
        yield one


def attempt(api: Gateway, resource: Resource, cursor: Mapping[str, Any]) -> tuple[list[Page], Exception | None]:
    pages: list[Page] = []
    try:
        pages.extend(resource.read(api, cursor))
    except PlumblineError as problem:
        return pages, problem
    return pages, None


def test_story_15_no_failed_read_tells_of_a_deletion(api: Gateway, estate: tuple[Estate, str]) -> None:
    faults, connector = estate[0].served[api.system].store.faults, registry.load(api.system)
    for resource in connector.resources:
        before, problem = attempt(api, resource, {})
        assert problem is None
        cursors = [{}, next((page.cursor for page in reversed(before) if page.cursor), {})]
        for told, fault in FAULTS.items():
            for cursor in cursors:
                faults.add(Fault(system=api.system, path=DATA, **fault))
                pages, problem = attempt(api, resource, cursor)
                faults.clear()
                if isinstance(problem, Throttled):  # a quota that is used up is believed for a while
                    estate[0].clock.advance(timedelta(hours=2))
                assert problem is not None, (resource.name, told)
                assert pages == [], (resource.name, told)


def test_story_15_a_read_that_fails_on_its_way_tells_of_no_deletion(api: Gateway, estate: tuple[Estate, str]) -> None:
    faults, connector = estate[0].served[api.system].store.faults, registry.load(api.system)
    failed = 0
    for resource in connector.resources:
        before, _ = attempt(api, resource, {})
        known = next((page.cursor for page in reversed(before) if page.cursor), {})
        for seed in range(4):
            faults.seed = seed
            faults.clear()
            faults.add(Fault(system=api.system, kind="not_found", path=DATA, rate=0.5))
            pages, problem = attempt(api, resource, known)
            faults.clear()
            failed += problem is not None
            assert [id for page in pages for id in page.deleted] == [], resource.name
    assert failed


@pytest.mark.parametrize("api", ["google_calendar", "caldav"], indirect=True)
def test_story_17_a_token_that_expired_hides_no_deletion(api: Gateway, estate: tuple[Estate, str]) -> None:
    """What went during a gap of two weeks is told by the first read after it, and nothing else is."""
    served, (resource, *_) = estate[0].served[api.system], registry.load(api.system).resources
    before, _ = attempt(api, resource, {})
    known = next(page.cursor for page in reversed(before) if page.cursor)
    single = [id for id, one in held(served) if one.get("status") != "cancelled" and not SERIES & one.keys()]
    gone = {id.rpartition("/")[0]: id for id in single}.values()  # one of each calendar
    assert gone
    for id in gone:
        served.twin.remove(served.store, "events", id)
    estate[0].clock.advance(timedelta(days=14))
    served.store.faults.add(Fault(system=api.system, kind="expired_sync_token"))
    pages, problem = attempt(api, resource, known)
    served.store.faults.clear()
    assert problem is None
    assert {id.rpartition("/")[2] for page in pages for id in page.deleted} == {id.rpartition("/")[2] for id in gone}


def held(served: Served) -> list[tuple[str, Any]]:
    """The events of a twin, wherever it keeps them."""
    return list(served.twin.state.items(served.store, "events") if served.twin.state else served.store.items("events"))
