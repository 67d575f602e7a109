"""Pushes over the wire against a vendor that loses answers, lets tokens die, is edited meanwhile, or counts calls."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter as Tally
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, cast

import httpx
import pytest

from connectors.gateway import Gateway, Patience, open_api
from connectors.spec import Api, Connector, Limit, Outgoing, Quota, RefreshToken, Resource, Write, Written
from models.change import Change, digest
from pipelines.decoding import Decoder
from pipelines.ledger import Ledger, exchanges_of, in_doubt
from tests.connectors.kit import FakeClock
from tests.pipelines.shop import MAP, NOW, Counter, Shop, counter, creation

SECRETS = {"client_id": "bench-app", "client_secret": "bench-secret", "refresh_token": "refresh-0"}


@dataclass(slots=True)
class Vendor:
    """People with versions behind HTTP; what goes wrong with a call is decided by ``mischief``.

    mischief  called with each request and the record it is about, before it has an effect
    lost      the share of creates whose answer never arrives
    shown     (mark, key) of every create that was asked for, also of those that were refused
    """

    lost: float = 0.0
    life: int = 10**9
    mischief: Callable[[httpx.Request, dict[str, Any] | None], httpx.Response | None] = lambda *_: None
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    shown: list[tuple[str, str]] = field(default_factory=list)
    calls: int = 0
    tokens: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    lock: threading.RLock = field(default_factory=threading.RLock)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self.lock:
            if request.url.path == "/token":
                self.tokens += 1
                return httpx.Response(200, json={"access_token": f"t{self.tokens}", "refresh_token": f"r{self.tokens}"})
            self.calls += 1
            if self.calls % self.life == 0:
                self.tokens += 1  # the token dies
            if request.method == "POST":
                self.shown.append((json.loads(request.content)["mark"], request.headers["idempotency-key"]))
            if request.headers["authorization"] != f"Bearer t{self.tokens}":
                return httpx.Response(401, json={"message": "expired"})
            person = self.people.get(request.url.path.rpartition("/")[2])
            return self.mischief(request, person) or self.answer(request, person)

    def answer(self, request: httpx.Request, person: dict[str, Any] | None) -> httpx.Response:
        if request.method == "POST":
            return self.create(request)
        if request.url.path == "/people":
            mark = request.url.params["mark"]
            return httpx.Response(200, json=[one for one in self.people.values() if one["mark"] == mark])
        if person is None:
            return httpx.Response(404)
        if request.method == "PATCH":
            if request.headers["if-match"] != person["version"]:
                return httpx.Response(412)
            self.edit(person, json.loads(request.content))
        return httpx.Response(200, json=person)

    def create(self, request: httpx.Request) -> httpx.Response:
        """A new person for each request, whatever its key was."""
        self.keys.append(request.headers["idempotency-key"])
        id = f"p{len(self.people) + 1}"
        self.people[id] = {"id": id, "version": "1", **json.loads(request.content)}
        if self.chance.random() < self.lost:
            raise httpx.ReadError("the answer is lost")
        return httpx.Response(201, json=self.people[id])

    def edit(self, person: dict[str, Any], values: dict[str, Any]) -> None:
        person.update(values, version=str(int(person["version"]) + 1))


def create(api: Api, out: Outgoing) -> Written:
    body = {**out.record, "mark": out.change.core_id}
    return written(api.request("POST", "/people", json=body, headers={"Idempotency-Key": out.key}).json())


def update(api: Api, out: Outgoing) -> Written:
    headers = {"If-Match": str(out.change.version)}
    path = f"/people/{out.change.target_id}"
    return written(api.request("PATCH", path, json=out.record, headers=headers, repeatable=False).json())


def fetch(api: Api, id: str) -> Written | None:
    answer = api.request("GET", f"/people/{id}", accept=(404,))
    return None if answer.status == 404 else written(answer.json())


def find(api: Api, out: Outgoing) -> Written | None:
    found = api.request("GET", "/people", params={"mark": out.change.core_id}).json()
    return written(found[0]) if found else None


def written(record: dict[str, Any]) -> Written:
    return Written(id=record["id"], version=record["version"], record=record)


WRITE = Write(
    entity="customer", resource="people", create=create, update=update, fetch=fetch, find=find, identity="marker",
    guarded=True,
)  # fmt: skip


def opened(vendor: Callable[[httpx.Request], httpx.Response], quota: Quota, clock: FakeClock) -> Gateway:
    connector = Connector(
        name="shop", title="Shop", roles=("crm",), docs="https://shop.example", base_url="https://shop.example",
        auth=RefreshToken(token_url="/token", rotates=True), quota=quota, maps=(MAP,), writes=(WRITE,),
        resources=(Resource(name="people", read=lambda *_: iter(()), id="id", deletes="compare"),),
    )  # fmt: skip
    return open_api(
        connector, credentials=SECRETS, transport=httpx.MockTransport(vendor), clock=clock, sleep=clock.sleep,
        patience=Patience(draw=lambda most: most),
    )  # fmt: skip


def desk(api: Gateway, ledger: Ledger, decoder: Decoder) -> Counter:
    """The counter of the push tests with a way in that really calls."""
    at = counter(Shop(), ledger, decoder, WRITE)
    at.target = replace(at.target, api=cast("Api", api), connector=api.connector)
    return at


def deliver(at: Counter, rows: list[Change]) -> int:
    """Push and settle until everything is delivered; how many runs it took."""
    for run in range(1, 10):
        waiting = [row for row in rows if not at.receipts(row.core_id)]
        if not waiting:
            return run - 1
        at.settle()
        at.push(*[row for row in waiting if not at.receipts(row.core_id)])
    raise AssertionError("it does not come to an end")


def test_story_1_a_thousand_creates_with_a_tenth_of_the_answers_lost_are_a_thousand(
    ledger: Ledger, decoder: Decoder
) -> None:
    vendor = Vendor(lost=0.1)
    rows = [creation(f"N{i}", f"cus_{i}") for i in range(1000)]
    with opened(vendor, Quota(concurrency=4), FakeClock()) as api:
        at = desk(api, ledger, decoder)
        first = at.push(*rows)
        assert 50 < len(first.held) < 200, "a tenth of the answers is lost"
        at.settle()
    assert Tally(one["mark"] for one in vendor.people.values()) == Tally(row.core_id for row in rows)
    assert in_doubt(ledger, "shop") == ()


def test_story_2_a_key_is_the_same_on_every_path(ledger: Ledger, decoder: Decoder) -> None:
    vendor = Vendor(life=7)
    rows = [creation(f"N{i}", f"cus_{i}") for i in range(60)]
    with opened(vendor, Quota(concurrency=3), FakeClock()) as api:
        deliver(desk(api, ledger, decoder), rows)
    assert vendor.tokens > 5, "the token died again and again"
    assert len(vendor.shown) > len(rows), "and some creates were asked for again"
    assert set(vendor.shown) == {(row.core_id, digest(row.id, 1, length=32)) for row in rows}
    assert len(vendor.keys) == len(rows)


def test_story_32_a_storm_of_edits_while_we_write_loses_none(ledger: Ledger, decoder: Decoder) -> None:
    vendor = Vendor(tokens=1)
    for i in range(100):
        vendor.people[f"p{i}"] = {"id": f"p{i}", "version": "1", "first": "Ada", "city": "Austin", "mark": f"cus_{i}"}
    edited: dict[str, dict[str, str]] = {}

    def person_edits(request: httpx.Request, person: dict[str, Any] | None) -> None:
        """Just before our write arrives, somebody writes: into our field or beside it, once for each record."""
        if request.method == "PATCH" and person is not None and person["id"] not in edited:
            beside = vendor.chance.random() < 0.6
            edited[person["id"]] = {"first": "Adele"} if beside else {"city": "Houston"}
            vendor.edit(person, edited[person["id"]])

    vendor.mischief = person_edits
    rows = [
        Change(
            system="shop", entity="customer", core_id=f"cus_{i}", action="update", target_id=f"p{i}", version="1",
            before={"city": "Austin"}, after={"city": "Dallas"}, desired={"city": "Dallas"},
        )
        for i in range(100)
    ]  # fmt: skip
    with opened(vendor, Quota(concurrency=4), FakeClock()) as api:
        delivery = desk(api, ledger, decoder).push(*rows)
    assert len(edited) == 100
    for id, edit in edited.items():
        assert edit.items() <= vendor.people[id].items(), "what a person wrote is still there"
    ours = {id for id, one in vendor.people.items() if one["city"] == "Dallas"}
    assert ours == {id for id, edit in edited.items() if "first" in edit} == {r.target_id for r in delivery.delivered}
    assert {h.change.target_id for h in delivery.held} == set(edited) - ours
    assert all("city changed in shop since it was read" in h.reason for h in delivery.held)


def test_story_59_a_day_that_is_used_up_holds_the_rest_and_fails_nothing(ledger: Ledger, decoder: Decoder) -> None:
    vendor, clock = Vendor(), FakeClock()
    quota = Quota(limits=(Limit(calls=40, seconds=86_400),), concurrency=2)
    rows = [creation(f"N{i}", f"cus_{i}") for i in range(60)]
    rows[59] = replace(rows[59], starts=NOW.replace(tzinfo=None, hour=20))
    with opened(vendor, quota, clock) as api:
        at = desk(api, ledger, decoder)
        delivery = at.push(*rows)
        assert len(delivery.delivered) == len(vendor.people) == 40
        assert all("its quota is used up for" in h.reason for h in delivery.held)
        assert vendor.people["p1"]["mark"] == "cus_59", "the visit of today went first"
        clock.sleep(2 * 86_400)
        assert len(at.push(*[h.change for h in delivery.held]).delivered) == 20
    assert vendor.calls == 60


def test_what_was_said_stands_beside_the_receipt(ledger: Ledger, decoder: Decoder) -> None:
    vendor = Vendor(lost=1.0)
    with opened(vendor, Quota(), FakeClock()) as api:
        at = desk(api, ledger, decoder)
        at.push(creation())
    [one] = exchanges_of(ledger, [creation().id])[creation().id]
    assert (one.line, one.status) == ("POST /people", None)
    assert '"mark":"cus_1"' in one.request
    assert one.request_headers["idempotency-key"] == vendor.keys[0]
    assert "t1" not in one.request_headers.values()


@pytest.mark.parametrize(("path", "calls", "seconds"), [("/search", 5, 1.0), ("/people", 100, 10.0)])
def test_story_60_a_storm_of_calls_uses_a_limit_and_never_breaks_it(path: str, calls: int, seconds: float) -> None:
    clock, seen, lock = FakeClock(), list[float](), threading.Lock()

    def strict(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "t"})
        with lock:
            seen.append(clock().timestamp())
            lately = sum(at > seen[-1] - seconds for at in seen)
        return httpx.Response(429 if lately > calls else 200, json={})

    quota = Quota(
        limits=(Limit(calls=100, seconds=10, only="/people$"), Limit(calls=5, seconds=1, only="/search$")),
        concurrency=1,  # this clock moves when somebody waits, also under a call that is on its way
    )
    with opened(strict, quota, clock) as api, ThreadPoolExecutor(8) as pool:
        started = clock().timestamp()
        statuses = list(pool.map(lambda _: api.request("GET", path).status, range(6 * calls)))
        took = clock().timestamp() - started
    assert (set(statuses), len(seen)) == ({200}, 6 * calls), "nothing was refused and sent again"
    assert 5 * seconds / took >= 0.95
