"""Real connectors over in-memory systems: what each keeps, how it is read, and how it is written exactly once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from benchmarks.simulator.systems import Store
from connectors.spec import Api, Connector, Cursor, Deletes, Identity, NoAuth, Outgoing, Page, Resource, Write, Written
from models.fields import choice, composed, email, flag, instant, money, phone, ref, text
from models.schema import Map

PEOPLE = "people"
PERSON = {
    "given_name": text("first"),
    "family_name": text("last"),
    "email": email("email"),
    "phone": phone("phone"),
    "street": text("street"),
    "city": text("city"),
    "status": choice("status", {"lead": "lead", "active": "active", "gone": "inactive"}),
}
MARKED: dict[str, Any] = {"id": "id", "changed": "changed", "version": "version", "core_ref": text("mark")}
CUSTOMERS = Map(PEOPLE, to="customer", fields=PERSON, **MARKED)
FLAGGED = Map(PEOPLE, to="customer", fields=PERSON, deleted=flag("gone"), **MARKED)
WORKERS = Map(
    "workers", to="technician", id="id", changed="changed", fields={"name": text("name"), "email": email("email")}
)
VISITS = Map(
    "visits",
    to="appointment",
    id="id",
    changed="changed",
    fields={"title": text("title"), "starts_at": instant("start"), "ends_at": instant("end")},
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
    fields={"title": text("title"), "starts_at": instant("start"), "technician": ref("who")},
    **MARKED,
)
BILL = {"number": text("number"), "customer": ref("customer"), "total": money("total"), "memo": text("memo")}
BILLS = Map("bills", to="invoice", fields=BILL, **MARKED)
FLAGGED_BILLS = Map("bills", to="invoice", fields=BILL, deleted=flag("gone"), **MARKED)

MAPS = {
    "crm": (CUSTOMERS,),
    "field": (CUSTOMERS, WORKERS, VISITS, CREWS, BILLS),
    "books": (FLAGGED, FLAGGED_BILLS),
    "cal": (WORKERS, ENTRIES),
}
WRITES: dict[str, tuple[tuple[str, str, Identity, bool], ...]] = {  # entity, collection, identity, guarded
    "crm": (("customer", PEOPLE, "upsert", False),),
    "field": (("customer", PEOPLE, "marker", True), ("invoice", "bills", "marker", True)),
    "books": (("customer", PEOPLE, "key", True), ("invoice", "bills", "key", True)),
    "cal": (("assignment", "entries", "client_id", True),),
}
ROLES = {"crm": "crm", "field": "scheduling", "books": "accounting", "cal": "calendar"}
DELETES: dict[str, Deletes] = {"crm": "event", "field": "compare", "books": "flag", "cal": "compare"}


def connector(store: Store, entities: Sequence[str]) -> Connector:
    """The connector of one system, with what concerns these entities."""
    maps = tuple(one for one in MAPS[store.name] if one.to in entities)
    return Connector(
        name=store.name,
        title=store.name.title(),
        roles=(ROLES[store.name],),
        docs="https://simulated.example",
        base_url=f"https://{store.name}.example",
        auth=NoAuth(),
        resources=tuple(_resource(store, name) for name in dict.fromkeys(one.resource for one in maps)),
        maps=maps,
        writes=tuple(_write(store, *one) for one in WRITES[store.name] if one[0] in entities),
    )


def _resource(store: Store, name: str) -> Resource:
    def read(_: Api, cursor: Cursor) -> Iterator[Page]:
        return store.read(name, cursor)

    return Resource(name=name, read=read, id="id", deletes=DELETES[store.name])


def _write(store: Store, entity: str, collection: str, identity: Identity, guarded: bool) -> Write:
    return Write(
        entity=entity,
        resource=collection,
        create=partial(_create, store, collection, identity),
        update=partial(_update, store, collection, guarded),
        delete=partial(_delete, store, collection, guarded),
        fetch=partial(_fetch, store, collection),
        find=partial(_find, store, collection) if identity != "client_id" else None,
        identity=identity,
        guarded=guarded,
    )


def _written(store: Store, collection: str, record: dict[str, Any], out: Outgoing | None = None) -> Written:
    if out is not None and store.silent:
        return Written(id=record["id"])
    shown = store.answer(collection, record, out.record if out else None)
    return Written(id=record["id"], version=record["version"], record=shown)


def _marked(store: Store, collection: str, mark: str) -> dict[str, Any] | None:
    return next((r for r in store.living(collection).values() if r.get("mark") == mark), None)


def _create(store: Store, collection: str, identity: Identity, _: Api, out: Outgoing) -> Written:
    """A create as vendors offer it: the same key, id or unique marker never makes a second record."""
    mark = out.change.core_id
    with store.request("create"):
        known = store.keys.get(out.key) if identity in ("key", "client_id") else None
        found = store.tables.get(collection, {}).get(known) if known else None
        if identity == "upsert":
            found = _marked(store, collection, mark)
            if found is not None:
                store.guard(collection, found["id"], None, guarded=False)
                found = store.put(collection, found["id"], out.record)
        if found is None:
            id = out.key if identity == "client_id" else store.new_id()
            store.keys[out.key] = id
            found = store.put(collection, id, {**out.record, "mark": mark})
        return _written(store, collection, found, out)


def _update(store: Store, collection: str, guarded: bool, _: Api, out: Outgoing) -> Written:
    with store.request("update" if guarded else "blind"):
        record = store.guard(collection, str(out.change.target_id), out.change.version, guarded=guarded)
        return _written(store, collection, store.put(collection, record["id"], out.record), out)


def _delete(store: Store, collection: str, guarded: bool, _: Api, out: Outgoing) -> Written:
    with store.request("delete" if guarded else "blind"):
        record = store.guard(collection, str(out.change.target_id), out.change.version, guarded=guarded)
        store.remove(collection, record["id"])
    return Written(id=record["id"])


def _fetch(store: Store, collection: str, _: Api, id: str) -> Written | None:
    store.boundary(store, "fetch")
    store.check()
    record = store.living(collection).get(id)
    return _written(store, collection, record) if record is not None else None


def _find(store: Store, collection: str, _: Api, out: Outgoing) -> Written | None:
    store.check()
    record = _marked(store, collection, out.change.core_id)
    return _written(store, collection, record) if record is not None else None
