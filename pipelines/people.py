"""The demo's people: edits made in the vendors' own interfaces, and whether they arrived where they belong."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

from pipelines.company import Company
from pipelines.warehouse import Warehouse, open_snapshot

PHONE = "+15124790123"
NAME = "Maximiliana"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One edit: who changed which field of which record, and the systems in which it must show."""

    edit: str
    system: str
    entity: str
    core_id: str
    field: str
    value: str
    expected: tuple[str, ...]


def edit(company: Company, address: str) -> list[Edit]:
    """Three edits in two systems: a phone and a visit in Jobber, a name in HubSpot."""
    with open_snapshot(company.snapshot) as warehouse:
        first, second = _shared(warehouse)
        visit = _visit(warehouse)
    _call(address, "jobber/clients", first["jobber"], _new_phone(_state(address, "jobber/clients", first["jobber"])))
    _call(address, "hubspot/contacts", second["hubspot"], {"properties": {"firstname": NAME}})
    start = _later(address, visit["visit"])
    return [
        Edit(
            edit="Lee corrects a phone number",
            system="jobber",
            entity="customer",
            core_id=first["core_id"],
            field="phone",
            value=PHONE,
            expected=_others(first, "jobber"),
        ),
        Edit(
            edit="Mia corrects a first name",
            system="hubspot",
            entity="customer",
            core_id=second["core_id"],
            field="given_name",
            value=NAME,
            expected=_others(second, "hubspot"),
        ),
        Edit(
            edit="Lee moves a visit by an hour",
            system="jobber",
            entity="assignment",
            core_id=visit["core_id"],
            field="starts_at",
            value=start,
            expected=("google_calendar",),
        ),
    ]


def landed(company: Company, address: str, edits: Sequence[Edit]) -> list[dict[str, Any]]:
    """For each edit: where it shows in the systems themselves, and where it is missing."""
    rows = []
    with open_snapshot(company.snapshot) as warehouse:
        for one in edits:
            seen = [system for system in one.expected if _shows(warehouse, address, one, system)]
            rows.append(
                {
                    "edit": one.edit,
                    "in": one.system,
                    "field": f"{one.entity}.{one.field}",
                    "value": one.value,
                    "expected": list(one.expected),
                    "seen": seen,
                    "missing": [s for s in one.expected if s not in seen],
                }
            )
    return rows


COLLECTIONS = {
    "hubspot": "hubspot/contacts",
    "jobber": "jobber/clients",
    "quickbooks_online": "quickbooks_online/customers",
    "google_calendar": "google_calendar/events",
}


def _shared(warehouse: Warehouse) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two customers that stand in Jobber and HubSpot, one of them in the books too."""
    rows = warehouse.rows(warehouse.statement("shared_customers"))
    return rows[0], rows[1]


def _visit(warehouse: Warehouse) -> dict[str, Any]:
    """A coming visit of one technician that stands in the technician's calendar."""
    return warehouse.rows(warehouse.statement("coming_visit"))[0]


def _others(row: Mapping[str, Any], system: str) -> tuple[str, ...]:
    return tuple(s for s in ("hubspot", "jobber", "quickbooks_online") if s != system and row[s])


def _new_phone(client: Mapping[str, Any]) -> dict[str, Any]:
    phones = [dict(p) for p in client["phones"]]
    main = next((p for p in phones if p.get("primary")), phones[0])
    main |= {"number": PHONE, "friendly": PHONE, "normalizedPhoneNumber": PHONE}
    return {"phones": phones}


def _later(address: str, visit: str) -> str:
    """Move a visit by an hour; returns its new start, UTC."""
    record = _state(address, "jobber/visits", visit)
    moved = {name: _shift(str(record[name])) for name in ("startAt", "endAt")}
    _call(address, "jobber/visits", visit, moved)
    return datetime.fromisoformat(moved["startAt"]).replace(tzinfo=None).isoformat(sep=" ")


def _shift(stamp: str) -> str:
    return (datetime.fromisoformat(stamp) + timedelta(hours=1)).isoformat().replace("+00:00", "Z")


def _shows(warehouse: Warehouse, address: str, one: Edit, system: str) -> bool:
    """Whether the system's own record says what was edited."""
    target = warehouse.value(
        "SELECT source_id FROM meta.targets WHERE entity = ? AND core_id = ? AND system = ?",
        [one.entity, one.core_id, system],
    )
    record = _state(address, COLLECTIONS[system], target)
    if one.field == "starts_at":
        said = datetime.fromisoformat(record["start"]["dateTime"])
        return said.timestamp() == datetime.fromisoformat(f"{one.value}+00:00").timestamp()
    text = json.dumps(record)
    return one.value in text or (one.field == "phone" and one.value[2:] in re.sub(r"[^0-9]", "", text))


def _state(address: str, collection: str, id: str) -> dict[str, Any]:
    answer = _open(Request(f"{address}/_sandbox/state/{collection}/{quote(id, safe='')}"))  # noqa: S310 - loopback
    return dict(answer.get("record", answer))


def _call(address: str, collection: str, id: str, patch: Mapping[str, Any]) -> None:
    """A person's edit: the vendor's stamps and versions move as they would."""
    _open(
        Request(  # noqa: S310 - the sandbox on this machine
            f"{address}/_sandbox/state/{collection}/{quote(id, safe='')}",
            data=json.dumps(patch).encode(),
            method="PATCH",
            headers={"Content-Type": "application/json"},
        )
    )


def _open(request: Request) -> dict[str, Any]:
    with urlopen(request, timeout=10) as answer:  # noqa: S310 - the sandbox on this machine
        return dict(json.load(answer))
