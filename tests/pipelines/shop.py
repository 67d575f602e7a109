"""A system in memory for tests of the push: it loses answers, dies, rewrites values and is edited behind our back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from connectors.spec import Api, Connector, Identity, NoAuth, Outgoing, Quota, Resource, Write, Written
from models.change import Change, Delivery, HeldChange, Plan
from models.entities import ENTITIES
from models.errors import Ambiguous, Rejected, Stale
from models.fields import email, text
from models.schema import Binding, Map, Model
from pipelines import ledger as books
from pipelines.decoding import Decoder
from pipelines.ledger import Ledger
from pipelines.push import push
from pipelines.settling import settle
from pipelines.target import Target

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
MAP = Map(
    "people",
    to="customer",
    id="id",
    version="version",
    core_ref=text("mark"),
    fields={"given_name": text("first"), "family_name": text("last"), "email": email("email"), "city": text("city")},
)
MODEL = Model(entities=ENTITIES, bindings=(Binding(name="shop", roles=("crm",), maps=(MAP,)),))


class Killed(BaseException):
    """The process dies here; nothing after this line runs."""


@dataclass(slots=True)
class Shop:
    """The records of the system, every request it took, and what goes wrong next.

    failures  method -> errors to raise, first ones first: before the request has an effect
    lost      method -> errors to raise after the effect: the answer does not arrive
    edits     id -> values that a person sets just before the next request
    """

    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    failures: dict[str, list[BaseException]] = field(default_factory=dict)
    lost: dict[str, list[BaseException]] = field(default_factory=dict)
    edits: dict[str, dict[str, Any]] = field(default_factory=dict)
    rewrite: Callable[[dict[str, Any]], dict[str, Any]] = dict
    system: str = "shop"

    def put(self, id: str, values: Mapping[str, Any]) -> Written:
        version = str(int(self.records.get(id, {}).get("version", 0)) + 1)
        kept = {**self.records.get(id, {}), **values, "id": id, "version": version}
        self.records[id] = self.rewrite(kept)
        return Written(id=id, version=version, record=self.records[id])

    @contextmanager
    def request(self, method: str, about: str) -> Iterator[None]:
        for id, values in self.edits.items():
            self.put(id, values)
        self.edits = {}
        if self.failures.get(method):
            raise self.failures[method].pop(0)
        self.requests.append((method, about))
        yield
        if self.lost.get(method):
            raise self.lost[method].pop(0)


def shop_of(api: Api) -> Shop:
    return cast("Shop", api)


def new_id(shop: Shop) -> str:
    return f"p{len(shop.records) + 1}"


def create_by(identity: Identity) -> Callable[[Api, Outgoing], Written]:
    """A create as vendors offer it for each way of making it exactly once."""

    def create(api: Api, out: Outgoing) -> Written:
        shop, mark = shop_of(api), out.change.core_id
        with shop.request("create", mark):
            if out.record.get("first") == "Refused":
                raise Rejected("shop", "no such names here")
            marked = next((r["id"] for r in shop.records.values() if r.get("mark") == mark), None)
            known = {"key": shop.by_key.get(out.key), "client_id": out.key, "upsert": marked, "marker": None}[identity]
            id = known or new_id(shop)
            shop.by_key[out.key] = id
            if id in shop.records and identity != "upsert":
                return Written(id=id, version=shop.records[id]["version"], record=shop.records[id])
            return shop.put(id, {**out.record, "mark": mark})
        raise AssertionError("unreachable: a lost answer is an error")

    return create


def update(api: Api, out: Outgoing) -> Written:
    shop, id = shop_of(api), str(out.change.target_id)
    with shop.request("update", id):
        return shop.put(id, out.record)
    raise AssertionError("unreachable: a lost answer is an error")


def guarded_update(api: Api, out: Outgoing) -> Written:
    shop, id = shop_of(api), str(out.change.target_id)
    with shop.request("update", id):
        if shop.records[id]["version"] != out.change.version:
            raise Stale("shop", "the version moved")
        return shop.put(id, out.record)
    raise AssertionError("unreachable: a lost answer is an error")


def guarded_delete(api: Api, out: Outgoing) -> Written:
    shop, id = shop_of(api), str(out.change.target_id)
    with shop.request("delete", id):
        if shop.records[id]["version"] != out.change.version:
            raise Stale("shop", "the version moved")
        del shop.records[id]
        return Written(id=id)
    raise AssertionError("unreachable: a lost answer is an error")


def fetch(api: Api, id: str) -> Written | None:
    shop = shop_of(api)
    with shop.request("fetch", id):
        record = shop.records.get(id)
    return Written(id=id, version=record["version"], record=dict(record)) if record else None


def find(api: Api, out: Outgoing) -> Written | None:
    shop = shop_of(api)
    with shop.request("find", out.change.core_id):
        found = [r for r in shop.records.values() if r.get("mark") == out.change.core_id]
    return Written(id=found[0]["id"], version=found[0]["version"], record=found[0]) if found else None


def many(api: Api, messages: Sequence[Outgoing]) -> Sequence[Written | Exception]:
    """A batch that is refused as a whole for one bad row."""
    shop = shop_of(api)
    with shop.request("many", str(len(messages))):
        if any(m.record.get("first") == "Refused" for m in messages):
            raise Rejected("shop", "the batch holds a bad row")
        return [shop.put(m.change.target_id or new_id(shop), dict(m.record)) for m in messages]
    raise AssertionError("unreachable: a lost answer is an error")


def write(identity: Identity = "key", *, guarded: bool = True) -> Write:
    return Write(
        entity="customer",
        resource="people",
        create=create_by(identity),
        update=guarded_update if guarded else update,
        delete=guarded_delete,
        fetch=fetch,
        find=find if identity == "marker" else None,
        identity=identity,
        guarded=guarded,
    )


@dataclass(slots=True)
class Counter:
    """The place where changes are handed over: one target with a clock that moves a minute per run."""

    shop: Shop
    target: Target
    ledger: Ledger
    now: datetime = NOW
    run: int = 0

    def plan(
        self, *changes: Change, held: tuple[HeldChange, ...] = (), hold: str | None = None, knows: int | None = None
    ) -> Plan:
        """A frozen plan of a new run."""
        self.run += 1
        self.now += timedelta(minutes=1)
        name, at = f"run_{self.run}", self.now.replace(tzinfo=None)
        books.start_run(self.ledger, run=name, kind="sync", at=at)
        plan = Plan(
            system="shop",
            entity="customer",
            mode="live",
            run=name,
            created_at=at,
            changes=changes,
            held=held,
            hold=hold,
            knows=knows,
        )
        books.save_plan(self.ledger, plan)
        return plan

    def push(self, *changes: Change, held: tuple[HeldChange, ...] = ()) -> Delivery:
        return push(self.target, self.plan(*changes, held=held))

    def settle(self) -> Delivery:
        return settle({"customer": self.target}, self.ledger, "shop")

    def counts(self) -> books.Counts:
        """The books of the last run."""
        books.finish_run(self.ledger, f"run_{self.run}", at=self.now.replace(tzinfo=None), status="done")
        return books.counts(self.ledger, f"run_{self.run}")["shop.customer"]

    def receipts(self, core_id: str = "cus_1") -> list[str]:
        return [r.target_id for r in books.receipts_of(self.ledger, "shop", "customer", core_id)]


def counter(shop: Shop, ledger: Ledger, decoder: Decoder, one: Write, *, concurrency: int = 1) -> Counter:
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
        writes=(one,),
    )
    desk = Counter(shop=shop, ledger=ledger, target=cast("Target", None))
    desk.target = Target(
        api=cast("Api", shop),
        connector=connector,
        write=one,
        map=MAP,
        decoder=decoder,
        ledger=ledger,
        now=lambda: desk.now,
    )
    return desk


def creation(name: str = "Ada", core_id: str = "cus_1") -> Change:
    values = {"given_name": name, "city": "Austin"}
    return Change(system="shop", entity="customer", core_id=core_id, action="create", after=values, desired=values)


def change_of(shop: Shop, id: str, core_id: str = "cus_1", **after: str) -> Change:
    """An update of a record as it was seen now."""
    record = shop.records[id]
    seen = {"given_name": record.get("first"), "city": record.get("city")}
    return Change(
        system="shop",
        entity="customer",
        core_id=core_id,
        action="update",
        target_id=id,
        version=record["version"],
        before={name: seen[name] for name in after},
        after=after,
        desired=after,
    )


def deletion_of(shop: Shop, id: str, core_id: str = "cus_1") -> Change:
    return replace(change_of(shop, id, core_id), action="delete")


def lost() -> Ambiguous:
    return Ambiguous("shop", "the answer was lost")
