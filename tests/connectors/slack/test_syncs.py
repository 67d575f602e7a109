"""Whole syncs from the office's files into the dispatch channel: nothing twice, nothing for ever, and no surprises."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors import gateway
from pipelines.company import Company, assemble
from pipelines.session import Session
from pipelines.settings import load
from pipelines.sync import run_sync
from sandbox.app import assemble as serve
from sandbox.clock import Clock
from sandbox.estate import Served, found
from sandbox.faults import Fault
from sandbox.serving import listen, serving_app, url
from sandbox.slack import TWIN
from tests.connectors.slack.conftest import CHANNEL, NOW
from tests.pipelines import short_read

DOMAIN = "bluebonnet.example.com"
FILES: dict[str, list[dict[str, Any]]] = {
    "crew": [{"id": n, "name": f"Tech {n}", "mail": f"{n}@{DOMAIN}"} for n in ("tech1", "tech2")],
    "visits": [
        {"id": n, "title": f"Visit {n}", "note": "Gate <4711> & dog\nring  twice", "start": f"2026-03-1{n}T15:00Z",
         "end": f"2026-03-1{n}T16:30Z", "status": "scheduled"}
        for n in "234"
    ],
    "going": [{"id": n, "visit": n, "who": "tech1"} for n in "234"],
}  # fmt: skip
MAPS = [
    {"resource": "crew", "to": "technician", "fields": {"name": {"text": "name"}, "email": {"email": "mail"}}},
    {"resource": "visits", "to": "appointment", "fields": {
        "title": {"text": "title"}, "instructions": {"text": "note"}, "starts_at": {"instant": "start"},
        "ends_at": {"instant": "end"}, "status": {"text": "status"}}},
    {"resource": "going", "to": "assignment", "fields": {
        "appointment": {"ref": "visit"}, "technician": {"ref": "who"}}},
]  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Office:
    """The office's files, the channel that they are told in, and the company between them."""

    folder: Path
    served: Served
    company: Company

    def say(self, **files: list[dict[str, Any]]) -> None:
        for name, rows in files.items():
            (self.folder / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")

    def sync(self, **later: float) -> Session:
        self.served.store.clock.advance(timedelta(**later or {"minutes": 20}))
        done = run_sync(self.company, check=lambda *_: ())
        assert done.problems == {}
        return done

    def wanted(self, **later: float) -> list[tuple[str, str, dict[str, Any]]]:
        """What a sync wants to change."""
        return [(one.entity, one.action, dict(one.after)) for plan in self.sync(**later).plans for one in plan.changes]

    def told(self) -> dict[str, dict[str, Any]]:
        """Our messages by what they call the visit; fails when there are two of one name."""
        ours = [one for one in self.served.store.all("messages") if "metadata" in one]
        named = {one["metadata"]["event_payload"]["title"]: one for one in ours}
        assert len(named) == len(ours)
        return named

    def others(self) -> list[dict[str, Any]]:
        return [one for one in self.served.store.all("messages") if "metadata" not in one]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One company goes through all tests in their order: compiling its plans takes longer than all of its syncs."""
    folder, clock = tmp_path_factory.mktemp("syncs"), Clock(NOW, ticker=lambda: 0.0)
    passing = partial(gateway.open_api, sleep=lambda seconds: clock.advance(timedelta(seconds=seconds)))
    with pytest.MonkeyPatch.context() as patch, contextlib.closing(listen("127.0.0.1", 0)) as bound:
        estate = found({"slack": TWIN}, seed=1, clock=clock, base_url=url(bound), headroom=100)
        with serving_app(serve(estate), bound) as address:
            patch.setattr(gateway, "open_api", passing)
            patch.setattr("pipelines.sync.read_all", short_read.read_all)
            (folder / "stack.yml").write_text(json.dumps(_stack(folder, f"{address}/slack")), encoding="utf-8")
            company = assemble(load(folder / "stack.yml"), clock=clock.now)
            one = Office(folder=folder, served=estate.served["slack"], company=company)
            one.say(**FILES)
            yield one


def _stack(folder: Path, address: str) -> dict[str, Any]:
    files = {
        "connector": "files", "roles": ["scheduling"], "maps": MAPS,
        "resources": {name: {"path": str(folder / f"{name}.json"), "id": "id"} for name in FILES},
    }  # fmt: skip
    slack = {"roles": ["messaging"], "environment": "sandbox", "base_url": address, "headroom": 100,
             "settings": {"channel": CHANNEL}, "credentials": {"token": "sandbox:"}}  # fmt: skip
    return {
        "company": "Acme Heating", "time_zone": "America/Chicago", "currency": "USD",
        "systems": {"office": files, "slack": slack},
        "handoffs": {
            "slack.assignment": {"mode": "live", "deletes": "mirror", "window": {"past": "0d", "future": "7d"}}
        },
    }  # fmt: skip


def test_lost_answers_post_nothing_twice(office: Office) -> None:
    """Every answer to a post is lost, and texts are kept in capitals."""
    theirs = office.others()
    faults = office.served.store.faults
    faults.add(Fault(system="slack", kind="rewritten_values", form="upper"))
    faults.add(Fault(system="slack", kind="dropped_answer", path="/chat.postMessage$", times=3))
    office.sync()
    assert office.wanted() == []
    assert sorted(office.told()) == ["Visit 2", "Visit 3", "Visit 4"]
    technician = next(
        one for one in office.served.store.all("users") if one["profile"].get("email") == f"tech1@{DOMAIN}"
    )
    assert all(f"<@{technician['id']}>".upper() in one["text"] for one in office.told().values())
    assert office.others() == theirs
    faults.clear()


def test_a_change_of_the_day_is_told_in_the_same_message(office: Office) -> None:
    before = office.told()
    moved = FILES["visits"][1] | {"start": "2026-03-13T17:00Z", "end": "2026-03-13T18:00Z"}
    canceled = FILES["visits"][2] | {"status": "canceled"}
    office.say(
        visits=[FILES["visits"][0], moved, canceled], going=[FILES["going"][0] | {"who": "tech2"}, *FILES["going"][1:]]
    )
    office.served.store.faults.add(Fault(system="slack", kind="dropped_answer", path="/chat.update$"))
    office.sync()
    after = office.told()
    assert sorted(after) == ["Visit 2", "Visit 3"]
    assert {name: one["ts"] for name, one in after.items()} == {name: before[name]["ts"] for name in after}
    assert "Fri 2026-03-13 12:00 to 13:00 CDT" in after["Visit 3"]["text"]
    assert (
        after["Visit 2"]["metadata"]["event_payload"]["technician"]
        != before["Visit 2"]["metadata"]["event_payload"]["technician"]
    )


def test_a_message_that_a_person_deletes_is_a_question_and_not_posted_again_at_once(office: Office) -> None:
    gone = office.told()["Visit 2"]
    TWIN.remove(office.served.store, "messages", f"{CHANNEL}:{gone['ts']}")
    assert office.wanted(hours=25) == []
    assert sorted(office.told()) == ["Visit 3"]
