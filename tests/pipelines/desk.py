"""A small company whose systems are notebooks, and the people who write in them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from pipelines.company import Company, assemble
from pipelines.ledger import Ledger, open_ledger
from pipelines.reconcile import Check
from pipelines.report import account
from pipelines.session import Session
from pipelines.settings import load
from pipelines.sync import run_sync
from pipelines.warehouse import open_snapshot

T = TypeVar("T")
SYSTEMS = Path(__file__).parent / "systems"
START = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
ADA: Mapping[str, Any] = {"first": "Ada", "last": "Byron", "email": "ada@example.com", "phone": "512-555-0101"}
_told: dict[Callable[[Desk], None], Desk] = {}


@dataclass(slots=True)
class Desk:
    """The company, its notebooks and what its last sync said.

    roles  system -> role of each notebook
    rest   further parts of stack.yml, as data; extra  further systems
    """

    folder: Path
    roles: Mapping[str, str]
    rest: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    environment: str = "sandbox"
    now: datetime = START
    session: Session | None = None

    def __post_init__(self) -> None:
        for name in self.roles:
            self.store(name, {"faults": {}})

    def after(self, story: Callable[[Desk], None]) -> Desk:
        """This new company after a story: played once in a process, and copied with all its files from then on."""
        if story not in _told:
            story(self)
            folder = self.folder.with_name(f"after_{len(_told)}")
            folder.mkdir()
            _told[story] = replace(self, folder=folder, rest=deepcopy(self.rest), extra=deepcopy(self.extra))
            shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        else:
            known = _told[story]
            shutil.copytree(known.folder, self.folder, dirs_exist_ok=True)
            self.rest, self.extra = deepcopy(known.rest), deepcopy(known.extra)
            self.roles, self.environment, self.now = known.roles, known.environment, known.now
        self.session = None
        return self

    # --- the stack -----------------------------------------------------------------------------------------

    @property
    def stack(self) -> Path:
        systems = {
            name: {
                "connector": "notebook",
                "roles": [role],
                "settings": {"file": str(self.book(name))},
                "base_url": f"https://{name}.example",
                "environment": self.environment,
            }
            for name, role in self.roles.items()
        }
        path = self.folder / "stack.yml"
        path.write_text(json.dumps({"company": "Desk", "systems": systems | self.extra} | self.rest))  # JSON is YAML
        return path

    def company(self) -> Company:
        return assemble(load(self.stack), clock=lambda: self.now)

    # --- the notebooks -------------------------------------------------------------------------------------

    def book(self, system: str) -> Path:
        return self.folder / f"{system}.json"

    def data(self, system: str) -> dict[str, Any]:
        return dict(json.loads(self.book(system).read_text()))

    def store(self, system: str, data: Mapping[str, Any]) -> None:
        self.book(system).write_text(json.dumps(data))

    def edit(self, system: str, id: str, /, collection: str = "people", **values: Any) -> None:
        """A person writes into a record, or makes it."""
        data = self.data(system)
        records = data.setdefault(collection, {})
        before = records.get(id, {"id": id, "version": "0"})
        records[id] = {
            **before,
            **values,
            "version": str(int(before["version"]) + 1),
            "changed": self.now.isoformat(),
        }
        self.store(system, data)

    def tear_out(self, system: str, id: str, collection: str = "people") -> None:
        """A person deletes a record."""
        data = self.data(system)
        del data[collection][id]
        self.store(system, data)

    def merge(self, system: str, id: str, *, into: str, collection: str = "people") -> None:
        """A person merges a record into another one: its id is gone, and the system says where it went."""
        data = self.data(system)
        data.get(collection, {}).pop(id, None)
        data.setdefault("merged", {}).setdefault(collection, {})[id] = into
        self.store(system, data)

    def faults(self, system: str, **faults: Any) -> None:
        self.store(system, self.data(system) | {"faults": faults})

    def people(self, system: str) -> dict[str, dict[str, Any]]:
        return dict(self.data(system).get("people", {}))

    def person(self, system: str, id: str) -> dict[str, Any]:
        return self.people(system)[id]

    # --- the pipeline --------------------------------------------------------------------------------------

    def sync(self, *, check: Check = lambda *_: (), **options: Any) -> dict[str, Any]:
        """One sync ten minutes later, without the checks of quality; its account."""
        self.now += timedelta(minutes=10)
        self.session = run_sync(self.company(), check=check, **options)
        self.now += timedelta(minutes=1)
        return account(self.session, 0.0)

    def held(self) -> list[str]:
        """Why changes of the last sync wait."""
        assert self.session is not None
        return [one.reason for delivery in self.session.deliveries.values() for one in delivery.held]

    def rows(self, query: str) -> list[dict[str, Any]]:
        with open_snapshot(self.company().snapshot) as warehouse:
            return warehouse.rows(query)

    def with_books(self, look: Callable[[Ledger], T]) -> T:
        with open_ledger(self.company().stack.ledger_url) as ledger:
            return look(ledger)

    def customers(self) -> list[dict[str, Any]]:
        return self.rows("SELECT * FROM core.customer WHERE deleted_at IS NULL ORDER BY core_id")

    def conflicts(self, state: str = "open") -> list[tuple[str, str, str | None, str]]:
        """(field, winner, winner's value, loser) of the conflicts in a state."""
        rows = self.rows("SELECT * FROM core.conflicts ORDER BY field, loser")
        return [(r["field"], r["winner"], r["winner_value"], r["loser"]) for r in rows if r["state"] == state]


def planned(said: Mapping[str, Any]) -> tuple[int, int, int]:
    """Creates, updates and deletes of an account."""
    return said["plan"]["creates"], said["plan"]["updates"], said["plan"]["deletes"]
