"""The office's files: one row of each entity for every number, from which all the systems are written.

Each row has a mark, ``Crash<number>r<revision>``, in the text that people call it by. The values are such as systems
like to respell: double blanks, capitals, line ends, signs of HTML.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.entities import ENTITIES
from models.schema import Entity, Field, Type

ADDRESS = ("street", "city", "state", "postal_code", "country")
MARK = re.compile(r"Crash([0-9]+)r([0-9]+)", re.IGNORECASE)
NOTE = "Gate <4711> & dog\nring twice, then wait"
TECHNICIANS = ("tech1", "tech2", "tech3")
LINES = [
    {"description": "Fix  the sink", "quantity": "1.5", "unit_price": "19.99", "amount": "29.99"},
    {"description": "Part", "quantity": "1", "unit_price": "10.00", "amount": "10.00"},
]
# entity -> the field that its mark stands in; who has none is known by what it belongs to
MARKED: Mapping[str, str] = {
    "customer": "family_name", "location": "name", "job": "title", "appointment": "title", "assignment": "title",
    "item": "name", "estimate": "number", "invoice": "memo", "payment": "memo", "alert": "title",
}  # fmt: skip
BELONGS = {"location": "customer", "job": "customer", "appointment": "job", "assignment": "appointment"}
_PARTS = {
    "lines": {"description": "text", "quantity": "decimal", "unit_price": "money", "amount": "money"},
    "allocations": {"invoice": "ref", "amount": "money"},
}


def customer(n: int, mark: str, _who: str) -> dict[str, Any]:
    return {
        "given_name": ("mary  ann", "José", "Bo")[n % 3], "family_name": f"de la  McDonald-{mark}",
        "email": f"p{n}@crash.example", "phone": f"+1512474{n:04}", "street": f"{n}{n}1 {_street(n)}  St",
        "city": "san  Marcos", "state": "TX", "postal_code": f"{78600 + n}", "country": "US",
    }  # fmt: skip


def location(n: int, mark: str, _who: str) -> dict[str, Any]:
    address = {name: value for name, value in customer(n, mark, "").items() if name in ADDRESS}
    return {"customer": str(n), "name": mark, **address}


def job(n: int, mark: str, _who: str) -> dict[str, Any]:
    return {"number": str(90_000 + n), "title": f"Fix  the sink {mark}", "instructions": NOTE, "status": "scheduled",
            "customer": str(n), "location": str(n)}  # fmt: skip


def appointment(n: int, mark: str, _who: str) -> dict[str, Any]:
    day, hour = f"2026-03-{12 + n % 17}T", 10 + n // 17 % 6 * 2  # nobody is at two places at a time
    return {"job": str(n), "title": f"Visit  the sink {mark}", "instructions": NOTE, "status": "scheduled",
            "starts_at": f"{day}{hour}:00:00Z", "ends_at": f"{day}{hour + 1}:30:00Z"}  # fmt: skip


def assignment(n: int, _mark: str, who: str) -> dict[str, Any]:
    return {"appointment": str(n), "technician": who}


def item(n: int, mark: str, _who: str) -> dict[str, Any]:
    return {"name": f"Valve {mark}", "description": NOTE, "sku": f"V-{n}", "unit_price": "12.50", "taxable": False,
            "active": True, "kind": "service"}  # fmt: skip


def estimate(n: int, mark: str, _who: str) -> dict[str, Any]:
    return {"number": mark, "customer": str(n), "status": "draft", "issued_on": "2026-03-02", "total": "39.99",
            "currency": "USD", "lines": LINES}  # fmt: skip


def invoice(n: int, mark: str, _who: str) -> dict[str, Any]:
    return {"number": str(9000 + n), "customer": str(n), "issued_on": "2026-03-02", "due_on": "2026-04-02",
            "status": "open", "currency": "USD", "tax": "3.30", "memo": f"thank  you {mark}",
            "lines": LINES}  # fmt: skip


def payment(n: int, mark: str, _who: str) -> dict[str, Any]:
    return {"reference": f"check {mark}", "customer": str(n), "received_on": "2026-03-10", "amount": "20.005",
            "currency": "USD", "method": "check", "memo": f"cash  for the sink & more {mark}",
            "allocations": [{"invoice": str(n), "amount": "20.005"}]}  # fmt: skip


def alert(_n: int, mark: str, _who: str) -> dict[str, Any]:
    return {"kind": "rejected", "title": f"Refused  {mark}", "details": NOTE, "remedy": "look  there",
            "state": "open", "since": "2026-03-02T10:00:00Z"}  # fmt: skip


ROWS: Mapping[str, Callable[[int, str, str], dict[str, Any]]] = {
    "customer": customer, "location": location, "job": job, "appointment": appointment, "assignment": assignment,
    "item": item, "estimate": estimate, "invoice": invoice, "payment": payment, "alert": alert,
}  # fmt: skip


def _street(n: int) -> str:
    return ("Oak", "Elm", "Cedar Ridge", "Palmetto", "Juniper", "Barton Springs", "Lamar")[n % 7]


def needed(entities: Collection[str]) -> tuple[str, ...]:
    """These entities with all that their rows refer to, in the order of their declarations."""
    todo, wanted = list(entities), set[str]()
    while todo:
        if (name := todo.pop()) not in wanted:
            wanted.add(name)
            todo += _referred(name)
    return tuple(one.name for one in ENTITIES if one.name in wanted)


def _referred(entity: str) -> list[str]:
    row = ROWS[entity](1, "", "") if entity in ROWS else {}
    fields = {one.name: one for one in _declared(entity).own_fields}
    parts = [part for name in row if fields[name].type is Type.LINES for part in _PARTS[name].items()]
    return [str(fields[n].ref) for n in row if fields[n].ref] + [name for name, kind in parts if kind == "ref"]


def _declared(entity: str) -> Entity:
    return next(one for one in ENTITIES if one.name == entity)


def stack_entry(entities: Collection[str]) -> dict[str, Any]:
    """The files as a system of the stack: each file has the fields of its entity under their own names."""
    return {
        "connector": "files",
        "roles": ["scheduling", "accounting"],
        "resources": {f"{name}s": {"path": f"{name}s.json", "id": "id"} for name in entities},
        "maps": [{"resource": f"{name}s", "to": name, "fields": _fields(name)} for name in entities],
    }


def _fields(entity: str) -> dict[str, Any]:
    row = ROWS[entity](1, "", "") if entity in ROWS else technician("tech1")
    return {one.name: _codec(one) for one in _declared(entity).own_fields if one.name in row}


def _codec(one: Field) -> dict[str, Any]:
    if one.type is Type.LINES:
        parts = {name: {kind: f"@.{name}"} for name, kind in _PARTS[one.name].items()}
        return {"json_list": {"path": one.name, "parts": parts}}
    kinds = {Type.INSTANT: "instant", Type.DATE: "date", Type.MONEY: "money", Type.FLAG: "flag"}
    kind = "ref" if one.ref else one.name if one.name in ("email", "phone") else kinds.get(one.type, "text")
    return {kind: one.name}


def technician(name: str) -> dict[str, Any]:
    """A technician by the address that the sandbox's own company gives them everywhere."""
    return {"name": name, "email": f"{name}@bluebonnet.example.com"}


@dataclass(slots=True)
class Office:
    """What the files say: entity -> number -> revision, and who goes to which visit.

    A visit that goes to somebody else stays the same assignment: its record is what changes.
    """

    folder: Path
    entities: tuple[str, ...]
    revisions: dict[str, dict[int, int]] = field(default_factory=dict)
    goes: dict[int, str] = field(default_factory=dict)

    def add(self, number: int, who: str) -> None:
        """A new one of everything, and who goes there."""
        self.goes[number] = who
        for name in self.entities:
            if name in ROWS:
                self.revisions.setdefault(name, {})[number] = 1

    def change(self, chance: random.Random, more: int = 2) -> None:
        """So many new ones of everything, one of each kind called otherwise, a visit that goes to somebody else."""
        for _ in range(more):
            self.add(len(self.goes) + 1, chance.choice(TECHNICIANS))
        for told in self.revisions.values():
            told[chance.choice(list(told))] += 1
        moved = chance.choice(list(self.goes))
        self.goes[moved] = chance.choice([who for who in TECHNICIANS if who != self.goes[moved]])

    def write(self) -> None:
        """The files as they are now."""
        self._write("technician", [{"id": who, **technician(who)} for who in TECHNICIANS])
        for name, told in self.revisions.items():
            row = ROWS[name]
            rows = [row(n, f"Crash{n}r{r}", self.goes[n]) for n, r in told.items()]
            self._write(name, [{"id": str(n), **one} for n, one in zip(told, rows, strict=True)])

    def _write(self, entity: str, rows: list[dict[str, Any]]) -> None:
        if entity in self.entities:
            (self.folder / f"{entity}s.json").write_text(json.dumps(rows), encoding="utf-8")
