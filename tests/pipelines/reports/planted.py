"""A small company in which one of each thing that can go wrong with money went wrong, and the amounts tell which.

The office plans and bills, the books keep the accounts, the processor pays out. Today is March 11, 2026.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.company import Company, assemble
from pipelines.settings import load
from pipelines.sync import run_sync
from tests.pipelines import short_read

NOW = datetime(2026, 3, 12, 3, 0, tzinfo=UTC)  # still the 11th in Chicago
Records = Sequence[Mapping[str, Any]]

PEOPLE = [
    {"id": "c1", "given": "Ann", "family": "Lee", "email": "ann@x.example"},
    {"id": "c2", "given": "Bob", "family": "Ray", "email": "bob@x.example"},
    {"id": "c3", "given": "Cy", "family": "Fu", "email": "cy@x.example"},
]


def invoice(number: str, customer: str, total: str, **more: Any) -> dict[str, Any]:
    day = more.pop("day", "2026-03-03")
    return {"id": f"i{number}", "number": number, "customer": customer, "total": total, "issued": day, "due": day,
            "status": "open", "currency": "USD"} | more  # fmt: skip


def payment(id: str, customer: str, amount: str, *parts: tuple[str, str], **more: Any) -> dict[str, Any]:
    """``parts``: (number of the invoice, amount)."""
    applied = [{"invoice": f"i{number}", "amount": part} for number, part in parts]
    return {"id": id, "reference": id.upper(), "customer": customer, "amount": amount, "received": "2026-03-05",
            "unapplied": "0", "currency": "USD", "applied": applied} | more  # fmt: skip


# 4,495.16 at 9.975 %: by the whole document 448.39, line by line 448.40
ROUNDED = {"lines": [{"amount": "0.06"}, {"amount": "4495.10"}], "subtotal": "4495.16"}
BOOKS: dict[str, Records] = {
    "people": PEOPLE,
    "invoices": [
        invoice("1001", "c1", "100.00", balance="0", status="paid", tax="8.25", subtotal="91.75"),
        invoice("1002", "c2", "200.00", balance="150.00", day="2026-01-01"),
        invoice("1003", "c3", "300.00", balance="0", status="paid", day="2025-11-01", due="2025-12-01"),
        invoice("1004", "c3", "0", balance="0", status="void"),
        invoice("1005", "c1", "60.00", balance="10.00", day="2026-02-20", due="2026-04-01"),
        invoice("1006", "c1", "70.00", balance="70.00", currency="EUR"),
        invoice("1009", "c1", "25.00", balance="0", status="paid"),
        invoice("1010", "c3", "10.00", balance="0", status="paid"),
        invoice("1011", "c3", "30.00", balance="0", status="paid"),
        invoice("1052", "c2", "4943.55", balance="0", status="paid", tax="448.39", **ROUNDED),
    ],
    "payments": [
        payment("p1", "c1", "100.00", ("1001", "100.00")),
        payment("p2", "c2", "50.00", ("1002", "50.00")),
        payment("p3", "c3", "310.00", ("1003", "310.00")),
        payment("p4", "c3", "40.00", ("1004", "40.00")),
        payment("p5", "c2", "33.00", unapplied="33.00", received="2026-01-10"),
        payment("p6", "c2", "25.00", ("1009", "25.00")),
        payment("p7", "c3", "12.00", ("1010", "10.00")),
        payment("p8", "c1", "9.00", currency="EUR", unapplied="9.00"),
        payment("p10", "c3", "35.00", ("1011", "30.00"), unapplied="5.00"),
        payment("p52", "c2", "4943.55", ("1052", "4943.55")),
    ],
    "deposits": [
        {"id": "d1", "reference": "PO-1", "arrived": "2026-03-06", "amount": "96.80", "currency": "USD"},
        {"id": "d9", "reference": "D-9", "arrived": "2026-03-09", "amount": "44.00", "currency": "USD"},
    ],
}
OFFICE: dict[str, Records] = {
    "people": PEOPLE,
    "crew": [{"id": "t1", "name": "Ada"}, {"id": "t2", "name": "Ben"}, {"id": "t3", "name": "Cem"}],
    "jobs": [
        {
            "id": "j1",
            "number": "501",
            "customer": "c1",
            "status": "completed",
            "done": "2026-03-03T03:30:00Z",
            "total": "100.00",
            "kind": "plumbing",
        },
        {
            "id": "j2",
            "number": "502",
            "customer": "c2",
            "status": "completed",
            "done": "2026-03-07T16:00:00Z",
            "total": "80.00",
            "kind": "heating",
        },
        {"id": "j3", "number": "503", "customer": "c2", "status": "scheduled", "total": "95.00", "kind": "heating"},
    ],
    "visits": [{"id": "v1", "job": "j1", "status": "completed"}, {"id": "v2", "job": "j1", "status": "canceled"}],
    "goes": [{"id": f"v{v}/t{who}", "visit": f"v{v}", "who": f"t{who}"} for v in (1, 2) for who in (1, 2, 3)],
    "invoices": [
        invoice("1001", "c1", "100.00", job="j1"),
        invoice("1007", "c2", "5.00", status="draft"),
        invoice("1008", "c2", "15.00"),
        invoice("1052", "c2", "4943.56", tax="448.40", **ROUNDED),
    ],
    "payments": [payment("p9", "c1", "7.00", ("1001", "7.00"))],
}
PROCESSOR: dict[str, Records] = {
    "payouts": [
        {
            "id": "po1",
            "reference": "PO-1",
            "arrived": "2026-03-06",
            "amount": "96.80",
            "currency": "USD",
            "status": "paid",
            "lines": [{"kind": "payment", "payment": "p1", "amount": "100.00"}, {"kind": "fee", "amount": "-3.20"}],
        },
        {
            "id": "po2",
            "reference": "PO-2",
            "arrived": "2026-03-08",
            "amount": "50.00",
            "currency": "USD",
            "status": "paid",
            "lines": [
                {"kind": "payment", "payment": "p2", "amount": "60.00"},
                {"kind": "fee", "amount": "-2.00"},
                {"kind": "refund", "amount": "-5.00"},
                {"kind": "adjustment", "amount": "1.00"},
            ],
        },
    ]
}

STATES = {name: name for name in ("draft", "open", "paid", "void")}
DONE = {name: name for name in ("completed", "scheduled", "canceled")}
FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    "people": (
        "customer",
        {"given_name": {"text": "given"}, "family_name": {"text": "family"}, "email": {"email": "email"}},
    ),
    "crew": ("technician", {"name": {"text": "name"}}),
    "jobs": (
        "job",
        {
            "number": {"text": "number"},
            "customer": {"ref": "customer"},
            "total": {"money": "total"},
            "kind": {"text": "kind"},
            "status": {"choice": {"path": "status", "values": DONE}},
            "completed_at": {"instant": "done"},
        },
    ),
    "visits": ("appointment", {"job": {"ref": "job"}, "status": {"choice": {"path": "status", "values": DONE}}}),
    "goes": ("assignment", {"appointment": {"ref": "visit"}, "technician": {"ref": "who"}}),
    "invoices": (
        "invoice",
        {
            "number": {"text": "number"},
            "customer": {"ref": "customer"},
            "job": {"ref": "job"},
            "total": {"money": "total"},
            "status": {"choice": {"path": "status", "values": STATES}},
            "issued_on": {"date": "issued"},
            "due_on": {"date": "due"},
            "currency": {"text": "currency"},
            "subtotal": {"money": "subtotal"},
            "tax": {"money": "tax"},
            "balance": {"money": "balance"},
            "lines": {"json_list": {"path": "lines", "parts": {"amount": {"money": "@.amount"}}}},
        },
    ),
    "payments": (
        "payment",
        {
            "reference": {"text": "reference"},
            "customer": {"ref": "customer"},
            "amount": {"money": "amount"},
            "received_on": {"date": "received"},
            "unapplied": {"money": "unapplied"},
            "currency": {"text": "currency"},
            "allocations": {
                "json_list": {
                    "path": "applied",
                    "parts": {"invoice": {"text": "@.invoice"}, "amount": {"money": "@.amount"}},
                }
            },
        },
    ),
    "deposits": (
        "payout",
        {
            "reference": {"text": "reference"},
            "arrived_on": {"date": "arrived"},
            "amount": {"money": "amount"},
            "currency": {"text": "currency"},
        },
    ),
    "payouts": (
        "payout",
        {
            "reference": {"text": "reference"},
            "arrived_on": {"date": "arrived"},
            "amount": {"money": "amount"},
            "currency": {"text": "currency"},
            "status": {"text": "status"},
            "lines": {
                "json_list": {
                    "path": "lines",
                    "parts": {
                        "kind": {"text": "@.kind"},
                        "payment": {"text": "@.payment"},
                        "amount": {"money": "@.amount"},
                    },
                }
            },
        },
    ),
}
# All fields of a map must stand in the file; where a record lacks one it is empty.
FILLED = {"invoices": ("job", "tax", "subtotal", "balance", "lines"), "jobs": ("done",)}


def _system(folder: Path, name: str, role: str, data: Mapping[str, Records]) -> dict[str, Any]:
    """One system of files: writes them, and says how they are read."""
    for resource, records in data.items():
        filled = [dict.fromkeys(FILLED.get(resource, ())) | dict(record) for record in records]
        (folder / f"{name}_{resource}.json").write_text(json.dumps(filled))
    return {
        "connector": "files",
        "roles": [role],
        "resources": {one: {"path": str(folder / f"{name}_{one}.json"), "id": "id"} for one in data},
        "maps": [{"resource": one, "to": FIELDS[one][0], "fields": FIELDS[one][1]} for one in data],
    }


def company(folder: Path) -> Company:
    """The company, not synced yet."""
    systems = {
        "office": _system(folder, "office", "scheduling", OFFICE),
        "books": _system(folder, "books", "accounting", BOOKS),
        "processor": _system(folder, "processor", "payments", PROCESSOR),
    }
    stack = {"company": "Planted & Sons", "time_zone": "America/Chicago", "currency": "USD", "systems": systems}
    (folder / "stack.yml").write_text(json.dumps(stack))  # JSON is YAML
    return assemble(load(folder / "stack.yml"), clock=lambda: NOW)


def sync(found: Company) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.sync.read_all", short_read.read_all)
        run_sync(found, check=lambda *_: ())
