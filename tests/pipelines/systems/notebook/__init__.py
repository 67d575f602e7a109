"""A whole system in one JSON file, for pipeline tests: read in full, written with versions, as unruly as real ones.

The file holds one mapping of id to record for each of ``people``, ``workers``, ``visits`` and ``entries`` (a
calendar), ``account``, whose it is, ``merged``,
collection -> losing id -> surviving id, and ``faults``, what goes wrong:

    down, html  every read fails: no answer, or an HTML page
    cut         reads end with an error after so many records
    hidden      ids that lists leave out, though they are there
    shown       collection -> id -> older record that lists show instead of the true one
    lost        so many writes take effect without an answer
    race        collection -> id -> values that a person sets just before the next write
    form        ``upper``: texts are kept in capitals; ``late``: the same, but the answer to a write hides it
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from connectors.spec import (
    Account,
    Api,
    Connector,
    Cursor,
    NoAuth,
    Outgoing,
    Page,
    Resource,
    Send,
    Setting,
    Write,
    Written,
)
from models.errors import Ambiguous, Rejected, Stale, Transient, Unreachable
from models.fields import choice, company_zone, composed, email, flag, instant, local_time, phone, ref, tags, text
from models.schema import Map

TEXTS = ("first", "last", "city", "title")


def load(api: Api) -> dict[str, Any]:
    path = Path(api.settings["file"])
    if not path.exists():
        raise Unreachable(api.system, "the notebook is not there")
    data = dict(json.loads(path.read_text()))
    faults = data.setdefault("faults", {})
    if faults.get("down"):
        raise Unreachable(api.system, "the notebook is closed")
    if faults.get("html"):
        raise Unreachable(api.system, "an HTML page came back instead of records; check base_url")
    return data


def save(api: Api, data: Mapping[str, Any]) -> None:
    Path(api.settings["file"]).write_text(json.dumps(data))


def reader(collection: str) -> Any:
    def read(api: Api, _: Cursor) -> Iterator[Page]:
        data = load(api)
        faults = data["faults"]
        found = data.get(collection, {}) | faults.get("shown", {}).get(collection, {})
        records = [kept(data, record) for id, record in found.items() if id not in faults.get("hidden", ())]
        if "cut" in faults:
            yield Page(records=records[: faults["cut"]], full=True)
            raise Transient(api.system, "the connection broke")
        yield Page(records=records, merged=data.get("merged", {}).get(collection, {}), full=True)

    return read


def kept(data: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """The record in the system's own form."""
    if data["faults"].get("form") is None:
        return dict(record)
    return {name: value.upper() if name in TEXTS and value else value for name, value in record.items()}


def stamped(api: Api, record: Mapping[str, Any]) -> dict[str, Any]:
    version = str(int(record.get("version", 0)) + 1)
    return {**record, "version": version, "changed": api.now().isoformat()}


def begin(api: Api) -> dict[str, Any]:
    """The data as it is when a write arrives: somebody may have been faster."""
    data = load(api)
    for collection, edits in data["faults"].pop("race", {}).items():
        for id, values in edits.items():
            data[collection][id] = stamped(api, {**data[collection][id], **values})
    save(api, data)
    return data


def finish(api: Api, data: dict[str, Any], record: Mapping[str, Any]) -> Written:
    """Store, and answer, if the answer is not lost."""
    lost = data["faults"].get("lost", 0)
    data["faults"]["lost"] = max(0, lost - 1)
    save(api, data)
    if lost:
        raise Ambiguous(api.system, "the answer was lost")
    shown = dict(record) if data["faults"].get("form") == "late" else kept(data, record)
    return Written(id=record["id"], version=record["version"], record=shown)


def create_in(collection: str) -> Send:
    def create(api: Api, out: Outgoing) -> Written:
        data = begin(api)
        if out.record.get("first") == "Refused":
            raise Rejected(api.system, "no such names here")
        key = f"n{out.key[:8]}"
        held = data.setdefault(collection, {})
        held.setdefault(key, stamped(api, {"id": key, "mark": out.change.core_id, **out.record}))
        return finish(api, data, held[key])

    return create


def update_in(collection: str) -> Send:
    def update(api: Api, out: Outgoing) -> Written:
        data = begin(api)
        record = data[collection][str(out.change.target_id)]
        if record["version"] != out.change.version:
            raise Stale(api.system, "the version moved")
        data[collection][record["id"]] = record = stamped(api, {**record, **out.record})
        return finish(api, data, record)

    return update


def delete_in(collection: str) -> Send:
    def delete(api: Api, out: Outgoing) -> Written:
        data = begin(api)
        data[collection].pop(str(out.change.target_id), None)
        save(api, data)
        return Written(id=str(out.change.target_id))

    return delete


def fetch_in(collection: str) -> Any:
    def fetch(api: Api, id: str) -> Written | None:
        data = load(api)
        record = data.get(collection, {}).get(id)
        return Written(id=id, version=record["version"], record=kept(data, record)) if record else None

    return fetch


def resource(name: str) -> Resource:
    return Resource(name=name, read=reader(name), id="id", deletes="compare", description=name.title())


def write(entity: str, collection: str) -> Write:
    return Write(
        entity=entity,
        resource=collection,
        create=create_in(collection),
        update=update_in(collection),
        delete=delete_in(collection),
        fetch=fetch_in(collection),
        identity="key",
        guarded=True,
    )


PEOPLE = Map(
    "people",
    to="customer",
    id="id",
    changed="changed",
    version="version",
    core_ref=text("mark"),
    fields={
        "given_name": text("first"),
        "family_name": text("last"),
        "email": email("email"),
        "phone": phone("phone"),
        "street": text("street"),
        "city": text("city"),
        "postal_code": text("zip"),
        "tags": tags("tags"),
        "status": choice("status", {"lead": "lead", "active": "active", "gone": "inactive"}),
    },
)
WORKERS = Map("workers", to="technician", id="id", fields={"name": text("name"), "email": email("email")})
VISITS = Map(
    "visits",
    to="appointment",
    id="id",
    changed="changed",
    fields={
        "title": text("title"),
        "starts_at": instant("start"),
        "ends_at": instant("end"),
        "starts_local": local_time("start", "company"),
        "time_zone": company_zone(),
        "all_day": flag("all_day"),
    },
)
CREWS = Map(
    "visits",
    to="assignment",
    id=composed("id", "@.id"),
    changed="changed",
    each="crew",
    fields={"appointment": ref("id"), "technician": ref("@.id")},
)
ENTRIES = Map(
    "entries",
    to="assignment",
    id="id",
    changed="changed",
    version="version",
    core_ref=text("mark"),
    fields={"title": text("title"), "starts_at": instant("start"), "technician": ref("who")},
)


def whose(api: Api) -> Account:
    """The account that the file belongs to: its own name, unless it says another."""
    name = str(load(api).get("account", api.system))
    return Account(id=name, name=name)


CONNECTOR = Connector(
    name="notebook",
    title="Notebook",
    roles=("crm", "scheduling", "calendar"),
    docs="https://notebook.example",
    base_url="https://notebook.example",
    auth=NoAuth(),
    account=whose,
    settings=(Setting(name="file", description="The JSON file.", required=True),),
    resources=tuple(resource(name) for name in ("people", "workers", "visits", "entries")),
    maps=(PEOPLE, WORKERS, VISITS, CREWS, ENTRIES),
    writes=(write("customer", "people"), write("assignment", "entries")),
)
