"""A whole system in one JSON file, for pipeline tests: people and visits, read in full, written with versions.

The file holds ``{"people": {id: record}, "visits": {id: record}, "clock": n}``. Every write moves the
record's ``version`` and ``changed`` stamp, as a vendor's API does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from connectors.spec import Api, Connector, Cursor, NoAuth, Outgoing, Page, Resource, Setting, Write, Written
from models.errors import Rejected, Stale, Unreachable
from models.fields import choice, composed, email, flag, instant, local_time, company_zone, phone, ref, tags, text
from models.schema import Map


def load(api: Api) -> dict[str, Any]:
    path = Path(api.settings["file"])
    if not path.exists():
        raise Unreachable(api.system, "the notebook is not there")
    return dict(json.loads(path.read_text()))


def save(api: Api, data: Mapping[str, Any]) -> None:
    Path(api.settings["file"]).write_text(json.dumps(data))


def reader(collection: str) -> Any:
    def read(api: Api, cursor: Cursor) -> Iterator[Page]:
        yield Page(records=list(load(api).get(collection, {}).values()), full=True)

    return read


def stamped(data: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    data["clock"] = int(data.get("clock", 0)) + 1
    return record | {"version": str(int(record.get("version", 0)) + 1), "changed": f"2026-03-11T10:00:{data['clock']:02d}Z"}


def create(api: Api, out: Outgoing) -> Written:
    data = load(api)
    key = f"n{out.key[:8]}"
    people = data["people"]
    if out.record.get("name") == "Refused":
        raise Rejected(api.system, "no such names here")
    if key not in people:
        people[key] = stamped(data, {"id": key, "mark": out.change.core_id, **out.record})
        save(api, data)
    return Written(id=key, version=people[key]["version"], record=people[key])


def update(api: Api, out: Outgoing) -> Written:
    data = load(api)
    record = data["people"][str(out.change.target_id)]
    if record["version"] != out.change.version:
        raise Stale(api.system, "the version moved")
    data["people"][record["id"]] = record = stamped(data, record | dict(out.record))
    save(api, data)
    return Written(id=record["id"], version=record["version"], record=record)


def delete(api: Api, out: Outgoing) -> Written:
    data = load(api)
    data["people"].pop(str(out.change.target_id), None)
    save(api, data)
    return Written(id=str(out.change.target_id))


def fetch(api: Api, id: str) -> Written | None:
    record = load(api)["people"].get(id)
    return Written(id=id, version=record["version"], record=record) if record else None


CONNECTOR = Connector(
    name="notebook",
    title="Notebook",
    roles=("crm", "scheduling"),
    docs="https://notebook.example",
    base_url="https://notebook.example",
    auth=NoAuth(),
    settings=(Setting(name="file", description="The JSON file.", required=True),),
    resources=(
        Resource(name="people", read=reader("people"), id="id", deletes="compare", description="People."),
        Resource(name="visits", read=reader("visits"), id="id", deletes="compare", description="Visits."),
        Resource(name="workers", read=reader("workers"), id="id", deletes="compare", description="Workers."),
    ),
    maps=(
        Map("people", to="customer", id="id", changed="changed", version="version", core_ref=text("mark"), fields={
            "given_name": text("first"), "family_name": text("last"), "email": email("email"),
            "phone": phone("phone"), "city": text("city"), "tags": tags("tags"),
            "status": choice("status", {"lead": "lead", "active": "active", "gone": "inactive"}),
        }),
        Map("workers", to="technician", id="id", fields={"name": text("name"), "email": email("email")}),
        Map("visits", to="appointment", id="id", changed="changed", fields={
            "title": text("title"), "starts_at": instant("start"), "ends_at": instant("end"),
            "starts_local": local_time("start", "company"), "time_zone": company_zone(), "all_day": flag("all_day"),
        }),
        Map("visits", to="assignment", id=composed("id", "@.id"), changed="changed", each="crew", fields={
            "appointment": ref("id"), "technician": ref("@.id"),
        }),
    ),
    writes=(
        Write(entity="customer", resource="people", create=create, update=update, delete=delete, fetch=fetch,
              identity="key", guarded=True),
    ),
)
