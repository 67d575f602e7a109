"""The planted company, written as exports of three systems, and everything that a validation of it says."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from models.schema import Entity
from pipelines.bookings import listing
from pipelines.checks import check
from pipelines.company import Company, assemble
from pipelines.looking import quarantined
from pipelines.reports.listing import open_money, table
from pipelines.reports.shape import Report
from pipelines.reports.staging import validation_report
from pipelines.settings import load
from pipelines.validation import Look, look
from pipelines.warehouse import open_snapshot
from quality.checks import checks_of
from tests.planted.company import NOW, ZONE, Exports, Record

# What a finding names, and the system under whose id the plants know it.
HOMES = {"customer": "crm", "invoice": "books", "payment": "books"}
ROLES = {"crm": "crm", "field": "scheduling", "books": "accounting"}
STATES = {name: name for name in ("draft", "open", "paid", "void")}
DONE = {name: name for name in ("completed", "scheduled", "canceled")}
PARTS = {"amount": {"money": "@.amount"}}


def _text(*names: str) -> dict[str, Any]:
    return {name: {"text": name} for name in names}


def _money(*names: str) -> dict[str, Any]:
    return {name: {"money": name} for name in names}


def _wall(column: str) -> dict[str, str]:
    return {"sql": f"try_cast(record ->> '{column}' AS TIMESTAMP)"}


PERSON = {"given_name": {"text": "given"}, "family_name": {"text": "family"}, "email": {"email": "email"},
          "phone": {"phone": "phone"}, "street": {"text": "street"}, "city": {"text": "city"},
          "postal_code": {"text": "postal"}}  # fmt: skip
MAPS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "crm_people": ("customer", PERSON),
    "field_people": ("customer", PERSON),
    "books_people": ("customer", PERSON),
    "field_crew": ("technician", _text("name") | {"email": {"email": "email"}, "active": {"flag": "active"}}),
    "field_jobs": (
        "job",
        _text("number")
        | _money("total")
        | {"customer": {"ref": "customer"}, "status": {"choice": {"path": "status", "values": DONE}},
           "completed_at": {"instant": "done"}},
    ),
    "field_visits": (
        "appointment",
        {"job": {"ref": "job"}, "status": {"choice": {"path": "status", "values": DONE}},
         "starts_at": {"instant": "starts"}, "ends_at": {"instant": "ends"}, "starts_local": _wall("local_start"),
         "ends_local": _wall("local_end"), "time_zone": {"zone": "zone"}, "all_day": {"flag": "all_day"},
         "starts_on": {"date": "first_day"}, "ends_on": {"date": "last_day"}},
    ),
    "field_goes": ("assignment", {"appointment": {"ref": "visit"}, "technician": {"ref": "who"}}),
    "field_invoices": ("invoice", _text("number") | {"customer": {"ref": "customer"}, "job": {"ref": "job"}}),
    "books_invoices": (
        "invoice",
        _text("number", "currency")
        | _money("subtotal", "tax", "total", "balance")
        | {"customer": {"ref": "customer"}, "status": {"choice": {"path": "status", "values": STATES}},
           "issued_on": {"date": "issued"}, "due_on": {"date": "due"},
           "lines": {"json_list": {"path": "lines", "parts": PARTS}}},
    ),
    "books_payments": (
        "payment",
        _text("reference", "currency")
        | _money("amount", "unapplied")
        | {"customer": {"ref": "customer"}, "received_on": {"date": "received"},
           "allocations": {"json_list": {"path": "applied", "parts": PARTS | {"invoice": {"text": "@.invoice"}}}}},
    ),
}  # fmt: skip
NESTED = ("books_invoices", "books_payments")
Finding = tuple[str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A look at the planted company: what was planted, what was found (finding, names of records), and the report."""

    exports: Exports
    company: Company
    look: Look
    report: Report
    found: Counter[Finding]

    @property
    def missed(self) -> list[Any]:
        """Plants that no finding names."""
        return [one for one in self.exports.plants.listed if (one.finding, one.record) not in self.found]

    @property
    def false_alarms(self) -> list[Finding]:
        """Findings about records that nothing was done to."""
        touched = self.exports.plants.records
        return [one for one in self.found if not one[1] & touched]

    @property
    def records(self) -> int:
        return sum(len(rows) for rows in self.exports.files.values())


def company(exports: Exports, folder: Path) -> Company:
    """Write the exports: nested ones as Parquet, flat ones as CSV, and a stack that reads them."""
    systems: dict[str, dict[str, Any]] = {
        name: {"connector": "files", "roles": [role], "resources": {}, "maps": []} for name, role in ROLES.items()
    }
    for name, (entity, fields) in MAPS.items():
        system, _, resource = name.partition("_")
        path = _written(folder / name, exports.files[name], nested=name in NESTED)
        systems[system]["resources"][resource] = {"path": str(path), "id": "id"}
        systems[system]["maps"].append({"resource": resource, "to": entity, "fields": fields})
    stack = {"company": "Planted & Daughters", "time_zone": ZONE, "currency": "USD", "systems": systems}
    (folder / "stack.yml").write_text(json.dumps(stack))  # JSON is YAML
    return assemble(load(folder / "stack.yml"), clock=lambda: NOW)


def _written(path: Path, rows: list[Record], *, nested: bool) -> Path:
    columns = list(rows[0])
    if nested:
        path = path.with_suffix(".parquet")
        pq.write_table(pa.Table.from_pylist([{name: row.get(name) for name in columns} for row in rows]), path)
        return path
    path = path.with_suffix(".csv")
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def looked(exports: Exports, folder: Path) -> Looked:
    """Validate the planted company and gather what was found."""
    planted = company(exports, folder)
    found = look(planted, check=check)
    return Looked(
        exports=exports,
        company=planted,
        look=found,
        report=validation_report(planted, found),
        found=Counter(findings(found)),
    )


def findings(found: Look) -> Iterator[Finding]:
    """Everything that was found, each finding with the records that it names as their systems do."""
    names = _names(found.apart)
    for row in quarantined(found.apart):
        yield "quarantine", frozenset([f"{row['system']}:{row['raw_id']}"])
    with open_snapshot(found.apart.snapshot) as warehouse:
        for row in warehouse.rows("SELECT * FROM xref.candidates"):
            yield "duplicates", frozenset(names[row[f"{side}_core"]] for side in ("left", "right"))
        for entity in found.apart.model.active():
            frame = warehouse.frame(f'SELECT * FROM core."{entity.name}" WHERE deleted_at IS NULL')  # noqa: S608
            for name, core_id in _broken_rules(entity, frame):
                yield name, frozenset([names[core_id]])
    for row in listing(found.apart):
        yield "double_bookings", frozenset(names[row[side]] for side in ("first", "second") if row[side])
    with open_money(found.apart) as warehouse:
        for row in table(warehouse, "money_mismatches"):
            yield row["finding"], frozenset([names[row["core_id"]]])


def _broken_rules(entity: Entity, frame: Any) -> Iterator[tuple[str, str]]:
    for one in checks_of(entity):
        if one.test is not None:
            fine = one.test(frame).astype("boolean").fillna(value=True).astype(bool)
            yield from ((one.name, core_id) for core_id in frame.loc[~fine, "core_id"])


def _names(company: Company) -> dict[str, str]:
    """core_id -> the record's name in the system whose ids the plants use."""
    names: dict[str, str] = {}
    with open_snapshot(company.snapshot) as warehouse:
        for entity in company.model.active():
            home = HOMES.get(entity.name, "field")
            rows = warehouse.rows(f'SELECT core_id, system, source_id FROM xref."{entity.name}" ORDER BY ALL')  # noqa: S608
            for row in rows:
                if row["system"] == home or row["core_id"] not in names:
                    names[row["core_id"]] = f"{row['system']}:{row['source_id']}"
    return names
