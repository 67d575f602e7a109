"""The demo company, synced end to end against listened-to twins that misbehave: what the conformance walk looks at."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import simplejson
import yaml

from connectors import gateway, registry
from pipelines import people
from pipelines.company import Company, assemble
from pipelines.demo import ADDRESS, STACK
from pipelines.session import Session
from pipelines.settings import load
from pipelines.sync import run_sync
from pipelines.warehouse import open_snapshot
from sandbox import records
from sandbox.discovery import twins
from tests.vendors.listening import Sandbox, listened

WINDOW = {"past": "1d", "future": "3d"}
NO_TOKEN = r"^(?!.*token)"
WRITES = ("POST", "PUT", "PATCH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visit that a person deleted, and the assignments that stood in calendars because of it."""

    system: str
    id: str
    assignments: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """The company after its syncs: the first and the second (after people's edits) with faults, the third in peace."""

    sandbox: Sandbox
    company: Company
    syncs: Mapping[str, Session]
    edits: list[people.Edit]
    landed: list[dict[str, Any]]
    visit: Visit

    @property
    def systems(self) -> tuple[str, ...]:
        """The systems that are reached over HTTP."""
        return tuple(n for n, e in self.company.stack.systems.items() if (e.base_url or "").startswith("http"))

    def calendars(self) -> tuple[str, ...]:
        """The systems that assignments are written to."""
        return tuple(one.system for one in self.company.handoffs() if one.entity == "assignment")


@contextmanager
def rehearsed(folder: Path) -> Iterator[Rehearsal]:
    """Found the company in a folder and run it through three syncs, people's edits and every general fault."""
    with listened(only=_demonstrated()) as sandbox, pytest.MonkeyPatch.context() as patch:
        patch.setenv(ADDRESS, sandbox.address)
        patch.setattr(gateway, "open_api", partial(gateway.open_api, sleep=_passing(sandbox)))
        (folder / "stack.yml").write_text(yaml.safe_dump(_stack(sandbox)), encoding="utf-8")
        company = assemble(load(folder / "stack.yml"), clock=sandbox.estate.clock.now)
        syncs = {"first": _sync(company, _unruly(sandbox))}
        edits = people.edit(company, sandbox.address)
        visit = _delete_visit(company, sandbox)
        _expire(sandbox)
        syncs["second"] = _sync(company)
        _forgive(sandbox)
        syncs["third"] = _sync(company)
        yield Rehearsal(
            sandbox=sandbox,
            company=company,
            syncs=syncs,
            edits=edits,
            landed=people.landed(company, sandbox.address, edits),
            visit=visit,
        )


def _passing(sandbox: Sandbox) -> Callable[[float], None]:
    """Pauses move the sandbox's clock, so that nobody waits and every quota refills."""
    return lambda seconds: sandbox.estate.clock.advance(timedelta(seconds=seconds))


def _demonstrated() -> list[str]:
    """The systems of the demo's stack that have a twin; other twins are walked by themselves."""
    systems = yaml.safe_load(STACK.read_text(encoding="utf-8"))["systems"]
    return sorted(set(systems) & set(twins()))


def _stack(sandbox: Sandbox) -> dict[str, Any]:
    """The demo's stack with a narrow window, assignments wherever they can be written, and every setting known."""
    stack: dict[str, Any] = yaml.safe_load(STACK.read_text(encoding="utf-8"))
    for name, entry in stack["systems"].items():
        connector, given = registry.load(name), sandbox.estate.served[name].twin.credentials
        told = {one.name: given[one.name] for one in connector.settings if one.name in given}
        entry["settings"] = told | entry.get("settings", {})
        if any(write.entity == "assignment" for write in connector.writes):
            stack["handoffs"][f"{name}.assignment"] = {"mode": "live", "deletes": "mirror", "window": dict(WINDOW)}
    return stack


def _sync(company: Company, progress: Callable[[str, str], None] = lambda *_: None) -> Session:
    """A sync without checks of quality: they speak to no system."""
    return run_sync(company, check=lambda *_: (), progress=progress)


def _unruly(sandbox: Sandbox) -> Callable[[str, str], None]:
    """Every system is slow, over its quota and broken once while it is read, and loses answers while it is written."""
    for name in sandbox.estate.served:
        sandbox.fault(name, "latency", path=NO_TOKEN, seconds=0.02)
        sandbox.fault(name, "rate_limit", path=NO_TOKEN, retry_after=1)
        sandbox.fault(name, "server_error", path=NO_TOKEN, status=503)
    pending = set(sandbox.estate.served)

    def progress(stage: str, _text: str) -> None:
        while stage == "core" and pending:
            name = pending.pop()
            for method in WRITES:
                sandbox.fault(name, "dropped_answer", method=method)

    return progress


def _expire(sandbox: Sandbox) -> None:
    """Whatever position a system can forget, it forgets."""
    for name, served in sandbox.estate.served.items():
        for kind in served.twin.lenient:
            if kind.startswith("expired"):
                sandbox.fault(name, kind)


def _forgive(sandbox: Sandbox) -> None:
    for served in sandbox.estate.served.values():
        served.store.faults.clear()


def _delete_visit(company: Company, sandbox: Sandbox) -> Visit:
    """A person deletes the first coming visit that stands in every calendar."""
    with open_snapshot(company.snapshot) as warehouse:
        (found, *_) = warehouse.rows(
            "SELECT x.system, x.source_id, list(DISTINCT a.core_id) AS assignments FROM core.assignment AS a "
            "JOIN xref.appointment AS x ON x.core_id = a.appointment "
            "JOIN meta.links AS l ON l.entity = 'assignment' AND l.core_id = a.core_id "
            "WHERE a.deleted_at IS NULL AND a.status = 'scheduled' AND a.starts_at > $now "
            "GROUP BY ALL ORDER BY count(DISTINCT l.system) DESC, min(a.starts_at), x.source_id LIMIT 1",
            {"now": company.clock().astimezone(UTC).replace(tzinfo=None)},
        )
    served = sandbox.estate.served[found["system"]]
    for collection in served.twin.collections:
        if records.get(served, collection, found["source_id"]) is not None:
            with served.store.lock:
                served.twin.remove(served.store, collection, found["source_id"])
    return Visit(system=found["system"], id=found["source_id"], assignments=frozenset(found["assignments"]))


def marked(sandbox: Sandbox, system: str, *prefixes: str) -> Counter[str]:
    """Core ids of some kinds -> in how many of a twin's living records they stand."""
    served, form = sandbox.estate.served[system], re.compile(rf"\b(?:{'|'.join(prefixes)})_[0-9a-z]+")
    found: Counter[str] = Counter()
    for collection in served.twin.collections:
        for _, record in records.items(served, collection):
            if record.get("status") != "cancelled":
                found.update(set(form.findall(simplejson.dumps(record, default=str))))
    return found


def due(company: Company, system: str) -> set[str]:
    """The assignments that a calendar must show, by core id."""
    (handoff,) = [one for one in company.handoffs() if one.name == f"{system}.assignment"]
    with open_snapshot(company.snapshot) as warehouse:
        rows = warehouse.rows(
            "SELECT core_id, coalesce(starts_at, starts_on::TIMESTAMP) AS start FROM core.assignment "
            "WHERE deleted_at IS NULL AND status IS DISTINCT FROM 'canceled' AND technician_active"
        )
    return {row["core_id"] for row in rows if _within(row["start"], handoff.starts, handoff.ends)}


def _within(start: datetime | None, first: datetime | None, last: datetime | None) -> bool:
    return start is not None and (first is None or start >= first) and (last is None or start < last)
