"""``python -m benchmarks.rest``: syncs of a company at rest, whose systems keep nothing as it was sent to them.

The office's files are written to a CRM, a field-service system, the books and two calendars, and each of these trims,
changes case, reformats phone numbers, rounds money or turns notes into HTML, another one from write to write. Once
that has settled, every sync must plan nothing and write nothing; at the end an edit made through the integration's own
account must be seen, answered once and told. Exit status 1 when one of that fails.

``--cycles N``      syncs at rest (default 1000)
``--seed N``        other forms for other records
``--systems A,B``   these of hubspot, jobber, quickbooks_online, housecall_pro, google_calendar, caldav, asana, slack;
                    hubspot always
"""

from __future__ import annotations

import argparse
import csv
import json
import logging
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from benchmarks.crash.company import OFFICE, SYSTEMS, VISITED
from pipelines.company import assemble
from pipelines.settings import load
from pipelines.sync import run_sync
from sandbox.app import build_app
from sandbox.estate import Estate
from sandbox.faults import Fault
from sandbox.serving import listen, serving_app, url

FORMS = ("upper", "title", "html", "phone", "round", "trim")
MOVING: Mapping[str, Sequence[str]] = {
    "hubspot": ("contacts", "companies", "deals", "tickets", "meetings", "tasks"),
    "jobber": ("clients", "properties", "jobs", "visits", "invoices", "payment_records"),
    "quickbooks_online": ("customers", "invoices", "estimates", "payments"),
    "housecall_pro": ("customers", "jobs", "invoices", "estimates"),
    "google_calendar": ("events",),
    "asana": ("tasks",),
    "slack": ("messages",),
}
SETTLES = 4  # syncs after which nobody may want anything any more
PEOPLE = [
    (str(n), name, f"de la  McDonald-Nr{n}", f"p{n}@rest.example", f"+1512555{n:04}", "san  Marcos")
    for n, name in enumerate(("mary  ann", "José", "Bo") * 4, start=1)
]
NOTE = "Gate <4711> & dog\nring twice, then wait"
VISITS = [
    (n, f"fix  the sink {n}", NOTE, f"2026-03-12T{15 + i}:00:00Z", f"2026-03-12T{16 + i}:00:00Z")
    for i, n in enumerate(("1", "2", "3"))
]
PAYMENTS = [(n, n, f"check {n}", "2026-03-10", "120.005", "cash  for the sink & more") for n in ("1", "2", "3")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """The folder of the stack and of the office's files, and the twins that it writes to."""

    folder: Path
    estate: Estate

    def sync(self) -> tuple[int, int]:
        """One whole sync: how many changes it planned, held ones included, and how many it delivered."""
        done = run_sync(assemble(load(self.folder / "stack.yml")), check=lambda *_: ())
        assert not done.problems, done.problems
        planned = sum(len(plan.changes) + len(plan.held) for plan in done.plans)
        return planned, sum(len(sent.delivered) for sent in done.deliveries.values())

    def written(self) -> Mapping[str, Any]:
        """What moves with every write to a twin, also one that changes nothing: its journal, or all of its text."""
        return {
            name: state.items(served.store, "events") if (state := served.twin.state) else served.store.sequence()
            for name, served in self.estate.served.items()
        }


@contextmanager
def open_company(systems: Sequence[str], seed: int) -> Iterator[Company]:
    """A company whose records have arrived everywhere in some form; what it plans now, it plans at rest."""
    with tempfile.TemporaryDirectory() as folder, listen("127.0.0.1", 0) as bound:
        app = build_app(only=systems, base_url=url(bound), headroom=1000)
        with serving_app(app, bound) as address:
            one = Company(folder=Path(folder), estate=app.state.estate)
            _write(one.folder, address, systems)
            for name in systems:
                _emptied(one.estate, name)
                _respell(one.estate, name, seed)
            yield one


def _emptied(estate: Estate, system: str) -> None:
    """Takes the sandbox's own company out: a thousand syncs of a small one say as much."""
    store = estate.served[system].store
    for collection in MOVING.get(system, ()):
        for id, _ in store.items(collection):
            store.delete(collection, id)


def _respell(estate: Estate, system: str, seed: int) -> None:
    """Each write is kept in one of the forms, drawn anew."""
    faults = estate.served[system].store.faults
    faults.seed = seed
    faults.clear()
    for left, form in zip(range(len(FORMS), 0, -1), FORMS, strict=True):
        faults.add(Fault(system=system, kind="rewritten_values", form=form, rate=1 / left))


def _write(folder: Path, address: str, systems: Sequence[str]) -> None:
    """The stack and the office's files."""
    reached = {
        name: {**SYSTEMS[name], "environment": "sandbox", "headroom": 1000, "base_url": f"{address}/{name}"}
        for name in systems
    }
    written = {f"{name}.{'assignment' if name in VISITED else 'customer'}" for name in systems}
    written |= {"quickbooks_online.payment"} if "quickbooks_online" in systems else set()
    stack = {
        "company": "Rest",
        "time_zone": "America/Chicago",
        "systems": {"office": _office(), **reached},
        "ownership": {"customer": {"only": "office"}},
        "handoffs": {name: {"mode": "live", "deletes": "mirror"} for name in sorted(written)},
    }
    (folder / "stack.yml").write_text(json.dumps(stack), encoding="utf-8")
    technicians = [(t, t, f"{t}@bluebonnet.example.com") for t in ("tech1", "tech2", "tech3")]
    _table(folder, "people", "Number First Last Mail Phone City", PEOPLE)
    _table(folder, "technicians", "Number Name Mail", technicians)
    _table(folder, "visits", "Number Title Notes Start End", VISITS)
    _table(folder, "crews", "Number Visit Technician", [(n, n, f"tech{n}") for n in ("1", "2", "3")])
    _table(folder, "payments", "Number Customer Reference Day Amount Memo", PAYMENTS)


def _office() -> dict[str, Any]:
    """The office's files, with more to respell than a name."""
    resources = {**OFFICE["resources"], "payments": {"path": "payments.csv", "id": "Number"}}
    more = {
        "customer": {"phone": {"phone": "Phone"}, "city": {"text": "City"}},
        "appointment": {"instructions": {"text": "Notes"}},
    }
    maps = [{**one, "fields": {**one["fields"], **more.get(one["to"], {})}} for one in OFFICE["maps"]]
    payment = {
        "resource": "payments",
        "to": "payment",
        "fields": {
            "customer": {"ref": "Customer"},
            "reference": {"text": "Reference"},
            "received_on": {"date": "Day"},
            "amount": {"money": "Amount"},
            "currency": {"company_currency": ""},
            "memo": {"text": "Memo"},
        },
    }
    return {**OFFICE, "roles": ["scheduling", "payments"], "resources": resources, "maps": [*maps, payment]}


def _table(folder: Path, name: str, columns: str, rows: Sequence[Sequence[str]]) -> None:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns.split(), *rows])


@dataclass(slots=True, kw_only=True)
class Count:
    """Of so many syncs at rest: changes planned, changes delivered, syncs after which a twin had moved."""

    cycles: int = 0
    planned: int = 0
    delivered: int = 0
    moved: int = 0

    @property
    def restful(self) -> bool:
        return (self.planned, self.delivered, self.moved) == (0, 0, 0)


def settled(one: Company) -> list[int]:
    """What was delivered until everything had arrived and been accepted in its form."""
    return [one.sync()[1] for _ in range(SETTLES)]


def rested(one: Company, cycles: int) -> Count:
    """So many syncs in which nobody edits anything."""
    count, before = Count(), one.written()
    for _ in range(cycles):
        planned, delivered = one.sync()
        now = one.written()
        count.cycles += 1
        count.planned += planned
        count.delivered += delivered
        count.moved += now != before
        before = now
    return count


def edited(one: Company) -> list[int]:
    """A contact gets another city through the account that we write with; what the next three syncs deliver."""
    hubspot = one.estate.served["hubspot"]
    id = next(id for id, contact in hubspot.store.items("contacts") if "email" in contact["properties"])
    call = Request(  # noqa: S310 - loopback
        f"{hubspot.store.base_url}/crm/v3/objects/contacts/{id}",
        json.dumps({"properties": {"city": "Somewhere else"}}).encode(),
        {"Authorization": f"Bearer {hubspot.twin.credentials['access_token']}", "Content-Type": "application/json"},
        method="PATCH",
    )
    with urlopen(call, timeout=30):  # noqa: S310 - loopback
        return [one.sync()[1] for _ in range(3)]


def main() -> int:
    """Let it rest, count, edit, and say what happened."""
    asked = _arguments()
    logging.disable(logging.WARNING)
    with open_company(tuple(dict.fromkeys(["hubspot", *asked.systems.split(",")])), asked.seed) as one:
        print("delivered until everything rested:", settled(one), flush=True)
        started = time.monotonic()
        count = rested(one, asked.cycles)
        print(f"{count} in {time.monotonic() - started:.0f} s", flush=True)
        answers = edited(one)
        print("delivered after an edit through our own account:", answers)
    return 0 if count.restful and answers == [1, 0, 0] else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rest")
    parser.add_argument("--cycles", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--systems", default=",".join(SYSTEMS))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
