"""A dozen changes, and one run that makes them so: the real ledger, settling and push, on a shop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from benchmarks.crash.shop import Caller, Lost, Record
from connectors.spec import Api, Connector, NoAuth, Outgoing, Quota, Resource, Write, Written
from models.change import Change, Plan
from models.entities import ENTITIES
from models.errors import Ambiguous, Stale
from models.fields import text
from models.schema import Binding, Map, Model
from pipelines import ledger as books
from pipelines.decoding import Decoder
from pipelines.ledger import Ledger, Link, open_ledger
from pipelines.push import push
from pipelines.settling import settle
from pipelines.target import Target

MAP = Map(
    "people",
    to="customer",
    id="id",
    version="version",
    core_ref=text("mark"),
    fields={"given_name": text("first"), "city": text("city")},
)
MODEL = Model(entities=ENTITIES, bindings=(Binding(name="shop", roles=("crm",), maps=(MAP,)),))
FIRST: Mapping[str, Record] = {f"cus_{n}": {"given_name": f"N{n}", "city": "Austin"} for n in range(5)}
# Two of the first five go, two change, one stays, eight are new: twelve changes.
WANTED: Mapping[str, Record] = {
    "cus_0": FIRST["cus_0"],
    **{f"cus_{n}": {"given_name": f"N{n}", "city": "Dallas"} for n in (1, 2)},
    **{f"cus_{n}": {"given_name": f"N{n}", "city": "Houston"} for n in range(5, 13)},
}
# Kinds in which a create without an answer is looked for; the others send it again under its key.
SEARCHED = ("marks", "ignores", "expires")


def run(place: Path, kind: str, wanted: Mapping[str, Record], *, concurrency: int = 1) -> int:
    """Settle, look, plan, push; gives how many changes were planned."""
    with (
        open_ledger(f"sqlite:///{place / 'ledger.sqlite'}") as ledger,
        closing(Caller(place / "shop")) as shop,
        Decoder(MODEL) as decoder,
    ):
        target = _target(shop, ledger, decoder, kind, concurrency)
        name = f"run_{len(books.list_runs(ledger, limit=1000))}"
        books.start_run(ledger, run=name, kind="sync", at=_now())
        settle({"customer": target}, ledger, "shop")
        links = {link.core_id: link for link in books.list_links(ledger, {("shop", "customer"): 0})}
        changes = changes_between(shop.ask("list")["records"], links, wanted)
        plan = Plan(
            system="shop",
            entity="customer",
            mode="live",
            run=name,
            created_at=_now().replace(tzinfo=None),
            changes=tuple(changes),
            knows=max((link.receipt for link in links.values()), default=0),
        )
        books.save_plan(ledger, plan)
        push(target, plan)
        books.finish_run(ledger, name, at=_now(), status="done")
        assert books.counts(ledger, name).get("shop.customer", _NOTHING).balanced
        return len(changes)


_NOTHING = books.Counts(planned=0, delivered=0, held=0, rejected=0)


def changes_between(records: Sequence[Record], links: Mapping[str, Link], wanted: Mapping[str, Record]) -> list[Change]:
    """What makes the shop as it is wanted: a record is one of ours by its mark or by what we wrote."""
    ours = {record["mark"]: record for record in records if record.get("mark")}
    by_id = {record["id"]: record for record in records}
    ours |= {core: by_id[link.target_id] for core, link in links.items() if link.target_id in by_id}
    changes = []
    for core, values in wanted.items():
        found = ours.get(core)
        seen = {"given_name": found.get("first"), "city": found.get("city")} if found else {}
        moved = {name: value for name, value in values.items() if seen.get(name) != value}
        if moved:
            changes.append(_change(core, "update" if found else "create", found, seen, moved, values))
    gone = [core for core in FIRST if core not in wanted and core in ours]
    return changes + [_change(core, "delete", ours[core], {}, {}, {}) for core in gone]


def _change(core: str, action: Any, found: Record | None, seen: Record, after: Record, desired: Record) -> Change:
    return Change(
        system="shop",
        entity="customer",
        core_id=core,
        action=action,
        target_id=found["id"] if found else None,
        version=found["version"] if found else None,
        before={name: seen.get(name) for name in after} if found else {},
        after=after,
        desired=desired,
    )


def _target(shop: Caller, ledger: Ledger, decoder: Decoder, kind: str, concurrency: int) -> Target:
    write = Write(
        entity="customer",
        resource="people",
        create=create,
        update=update,
        delete=delete,
        fetch=fetch,
        find=find if kind in SEARCHED else None,
        identity="marker" if kind == "marks" else "key",
        guarded=True,
    )
    connector = Connector(
        name="shop",
        title="Shop",
        roles=("crm",),
        docs="https://shop.example",
        base_url="https://shop.example",
        auth=NoAuth(),
        quota=Quota(concurrency=concurrency),
        resources=(Resource(name="people", read=lambda *_: iter(()), id="id", deletes="compare"),),
        maps=(MAP,),
        writes=(write,),
    )
    return Target(
        api=cast("Api", shop), connector=connector, write=write, map=MAP, decoder=decoder, ledger=ledger, now=_now
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _asked(api: Api, do: str, **more: Any) -> Record:
    try:
        said = cast("Caller", api).ask(do, **more)
    except Lost as problem:
        raise Ambiguous("shop", "the answer was lost") from problem
    if said.get("stale"):
        raise Stale("shop", "the version moved")
    return said


def _written(record: Record | None) -> Written | None:
    return Written(id=record["id"], version=record["version"], record=record) if record else None


def create(api: Api, out: Outgoing) -> Written:
    made = _written(_asked(api, "create", record=dict(out.record), key=out.key, mark=out.change.core_id)["record"])
    assert made is not None
    return made


def update(api: Api, out: Outgoing) -> Written:
    change = out.change
    said = _asked(api, "update", id=change.target_id, version=change.version, record=dict(out.record))
    changed = _written(said["record"])
    assert changed is not None
    return changed


def delete(api: Api, out: Outgoing) -> Written:
    _asked(api, "delete", id=out.change.target_id, version=out.change.version)
    return Written(id=str(out.change.target_id))


def fetch(api: Api, id: str) -> Written | None:
    return _written(_asked(api, "fetch", id=id)["record"])


def find(api: Api, out: Outgoing) -> Written | None:
    return _written(_asked(api, "find", mark=out.change.core_id)["record"])
