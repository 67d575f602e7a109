"""What may happen next in a company: people edit, systems misbehave. Each is a function of a game and of a choice.

``pick(n)`` gives a number below n; a seeded generator and Hypothesis both offer it, so that a story that breaks a law
can be made shorter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.simulator.company import World
from benchmarks.simulator.oracle import Oracle
from benchmarks.simulator.systems import Faults, Killed, Late, Store

Pick = Callable[[int], int]
Values = dict[str, Any]

SPOILT = "nonsense"  # no status that a map knows: the record breaks its contract
MOST = 24  # people in one system; a company that grows for ever is slow, not wiser
EDITABLE: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("crm", "people"): ("first", "last", "email", "phone", "street", "city", "status"),
    ("field", "people"): ("first", "last", "email", "phone", "street", "city", "status"),
    ("books", "people"): ("first", "last", "email", "phone", "city"),
    ("field", "visits"): ("title", "start"),
    ("field", "bills"): ("total", "memo"),
    ("books", "bills"): ("total", "memo"),
    ("cal", "entries"): ("title", "start"),
}


@dataclass(slots=True, kw_only=True)
class Game:
    """A company with its account; ``story`` tells what happened so far, ``races`` how many edits come in between.

    dies_in  requests until the process dies; None: it lives
    """

    world: World
    oracle: Oracle
    pick: Pick
    story: list[str] = field(default_factory=list)
    number: int = 0
    steps: int = 0
    syncs: int = 0
    races: int = 0
    dies_in: int | None = None

    @property
    def stores(self) -> Mapping[str, Store]:
        return self.world.stores

    def one(self, items: Sequence[Any]) -> Any:
        return items[self.pick(len(items))]

    def fresh(self) -> int:
        """A number that no value had before."""
        self.number += 1
        return self.number

    def tell(self, *words: object) -> None:
        self.story.append(f"{self.world.clock.now:%d %H:%M:%S} " + " ".join(str(word) for word in words))


def value_of(game: Game, wire: str) -> Any:
    """A value that nobody set before, typed as people type."""
    n = game.fresh()
    start = datetime(2026, 4, 1, 15, tzinfo=UTC) + timedelta(minutes=n)
    return {
        "first": f" First{n} ",
        "last": f"Last{n} ",
        "email": f"p{n}@example.com",
        "phone": f"512-{200 + n // 10000:03}-{n % 10000:04}",
        "street": f"{n} Elm St",
        "city": f"Town{n}",
        "status": ("lead", "active", "gone")[n % 3],
        "title": f"Visit {n}",
        "start": start.isoformat(),
        "total": f"{n}.125",
        "memo": f"Memo {n}",
        "name": f"Worker {n}",
    }[wire]


def set_(game: Game, store: Store, collection: str, id: str, values: Values, stamp: datetime | None = None) -> None:
    """A person writes into a record."""
    old = store.tables.get(collection, {}).get(id)
    store.put(collection, id, values, stamp)
    game.oracle.edited(store, collection, id, old, values)
    if "status" in values:
        game.oracle.broken.pop((store.name, id), None)
    game.tell("a person sets", store.name, collection, id, values)


def _editable(game: Game) -> list[tuple[Store, str, str]]:
    return [
        (game.stores[system], collection, id)
        for system, collection in EDITABLE
        if system in game.stores
        for id in game.stores[system].living(collection)
    ]


def edit(game: Game) -> None:
    """One or two fields of a record."""
    if not (found := _editable(game)):
        return create(game)
    store, collection, id = game.one(found)
    wires = EDITABLE[(store.name, collection)]
    chosen = {game.one(wires) for _ in range(1 + game.pick(2))}
    return set_(game, store, collection, id, {wire: value_of(game, wire) for wire in sorted(chosen)})


def undo(game: Game) -> None:
    """A value is set to what another person's record says: back to an old one, or the same edit in two systems."""
    if not (found := _editable(game)):
        return
    store, collection, id = game.one(found)
    wire = game.one([w for w in EDITABLE[(store.name, collection)] if w != "email"])
    old = [
        r[wire]
        for s in game.stores.values()
        for r in s.living(collection).values()
        if r.get(wire) not in (None, SPOILT)
    ]
    if old:
        set_(game, store, collection, id, {wire: game.one(old)})


def bulk(game: Game) -> None:
    """Many records get one stamp."""
    store = game.one([game.stores[s] for s in ("crm", "field", "books") if s in game.stores])
    ids = list(store.living("people"))
    if len(ids) < 2:
        return
    wire, stamp = game.one(EDITABLE[(store.name, "people")]), store.stamp()
    for _ in range(2 + game.pick(6)):
        set_(game, store, "people", game.one(ids), {wire: value_of(game, wire)}, stamp)


def create(game: Game) -> None:
    """A new customer, or one that another system has already."""
    store = game.one([s for s in game.stores.values() if (s.name, "people") in EDITABLE])
    if len(store.living("people")) >= MOST:
        return
    values = {
        wire: value_of(game, wire) for wire in EDITABLE[(store.name, "people")] if wire == "email" or game.pick(3)
    }
    set_(game, store, "people", store.new_id(), _known(game, store) or values)


def _known(game: Game, store: Store) -> Values | None:
    """What a person types who enters, here too, somebody whom another system knows; None for somebody new."""
    mine = {r.get("email") for r in store.living("people").values()}
    others = [
        r["email"]
        for s in game.stores.values()
        if s is not store
        for r in s.living("people").values()
        if r.get("email") and r["email"] not in mine and "mark" not in r
    ]
    if not others or game.pick(3):
        return None
    return {"email": game.one(others), "last": value_of(game, "last")}


def create_late(game: Game) -> None:
    """A record entered now that becomes visible in some minutes, under the stamp of now."""
    store = game.one([s for s in game.stores.values() if (s.name, "people") in EDITABLE])
    if len(store.living("people")) >= MOST:
        return
    due = game.world.clock.now + timedelta(seconds=30 + 30 * game.pick(9))
    record = {"id": store.new_id(), "email": value_of(game, "email"), "city": value_of(game, "city")}
    store.waiting.append(Late(due=due, stamp=store.stamp(), collection="people", record=record))
    game.tell("a person begins to enter", store.name, record)


def commit(game: Game) -> None:
    """Late records whose time has come appear."""
    for store in game.stores.values():
        for late in store.commit():
            game.oracle.edited(store, late.collection, late.record["id"], None, late.record)
            game.tell("it appears late:", store.name, late.record)


def work(game: Game) -> None:
    """A new visit with its crew, or a new worker; an invoice in companies that bill."""
    field_ = game.stores["field"]
    wishes = [one for one in ("appointment", "invoice") if one in game.world.entities]
    if not wishes:
        return create(game)
    if game.one(wishes) == "invoice":
        return _bill(game, field_)
    workers = list(field_.living("workers"))
    if len(workers) < 4 and not game.pick(3):
        return _hire(game)
    if len(field_.living("visits")) >= MOST:
        return None
    crew = [{"id": game.one(workers)}] if workers else []
    values = {"title": value_of(game, "title"), "start": value_of(game, "start"), "crew": crew}
    return set_(game, field_, "visits", field_.new_id(), values)


def _hire(game: Game) -> None:
    values = {"name": value_of(game, "name"), "email": value_of(game, "email")}
    for name in ("field", "cal"):
        if name in game.stores:
            set_(game, game.stores[name], "workers", game.stores[name].new_id(), dict(values))


def _bill(game: Game, store: Store) -> None:
    people = list(store.living("people"))
    if people and len(store.living("bills")) < MOST:
        values = {"number": f"N{game.fresh()}", "customer": game.one(people), "total": value_of(game, "total")}
        set_(game, store, "bills", store.new_id(), values)


def reassign(game: Game) -> None:
    """A visit gets another crew."""
    store = game.stores["field"]
    visits, workers = list(store.living("visits")), list(store.living("workers"))
    if not visits or not workers:
        return
    id = game.one(visits)
    crew = [{"id": w} for w in dict.fromkeys(game.one(workers) for _ in range(game.pick(3)))]
    gone = {w["id"] for w in store.tables["visits"][id]["crew"]} - {w["id"] for w in crew}
    game.oracle.removed(store, "visits", id, [f"{id}:{w}" for w in gone] or ["nobody"])
    set_(game, store, "visits", id, {"crew": crew})


def delete(game: Game) -> None:
    """A person deletes a record."""
    store, collection, id = game.one(_editable(game) or [(None, "", "")])
    if store is None or len(store.living(collection)) < 4:
        return
    _bury(game, store, collection, id)
    game.tell("a person deletes", store.name, collection, id)


def _bury(game: Game, store: Store, collection: str, id: str) -> None:
    crew = store.tables[collection][id].get("crew", ())
    store.remove(collection, id)
    game.oracle.removed(store, collection, id)
    if crew:
        game.oracle.removed(store, collection, id, [f"{id}:{w['id']}" for w in crew])


def merge(game: Game) -> None:
    """The vendor's own merge of two customers: one id vanishes, the other gets what it lacked."""
    store = game.one([s for s in game.stores.values() if (s.name, "people") in EDITABLE])
    ids = list(store.living("people"))
    if len(ids) < 4:
        return
    keeper, loser = game.one(ids), game.one(ids)
    if keeper == loser:
        return
    kept, lost = store.tables["people"][keeper], store.tables["people"][loser]
    gained = {
        w: lost[w] for w in EDITABLE[(store.name, "people")] if lost.get(w) not in (None, SPOILT) and not kept.get(w)
    }
    _bury(game, store, "people", loser)
    game.tell("the vendor merges", store.name, loser, "into", keeper)
    if gained:
        set_(game, store, "people", keeper, gained)


def spoil(game: Game) -> None:
    """A record gets a status that does not exist, or a good one again."""
    store = game.stores["field"]
    bad = [id for id, r in store.living("people").items() if ("field", id) in game.oracle.broken]
    ids = bad or list(store.living("people"))
    if not ids:
        return None
    id = game.one(ids)
    if bad:
        return mend(game, id)
    game.oracle.broken["field", id] = store.tables["people"][id]
    store.put("people", id, {"status": SPOILT})
    return game.tell("a person spoils field people", id)


def mend(game: Game, id: str) -> None:
    """A spoiled record gets a status that exists."""
    set_(game, game.stores["field"], "people", id, {"status": value_of(game, "status")})


def fault(game: Game) -> None:
    """A system begins to misbehave."""
    store = game.one(list(game.stores.values()))
    faults = (
        Faults(down=True), Faults(cut=game.pick(2)), Faults(share=0.3), Faults(share=0.0), Faults(expired=True),
        Faults(lost=1 + game.pick(2)), Faults(busy=1 + game.pick(2)),
    )  # fmt: skip
    store.faults = game.one(faults)
    game.tell(store.name, store.faults)


def heal(game: Game) -> None:
    """All systems are well again."""
    for store in game.stores.values():
        store.faults = Faults()
    game.tell("all systems are well")


def wait(game: Game) -> None:
    """Some minutes pass."""
    game.world.clock.tick(60 * (1 + game.pick(20)))


def boundary(game: Game, store: Store, kind: str) -> None:
    """Around a request of ours: the process may die, and where the vendor guards a write, somebody may be faster."""
    if game.dies_in is not None:
        game.dies_in -= 1
        if game.dies_in < 0:
            game.dies_in = None
            game.tell("the process dies at", store.name, kind)
            raise Killed
    if game.races and kind in ("update", "delete", "fetch"):
        game.races -= 1
        game.world.clock.tick()
        found = [one for one in _editable(game) if one[0] is store]
        if found:
            _, collection, id = game.one(found)
            wire = game.one(EDITABLE[(store.name, collection)])
            set_(game, store, collection, id, {wire: value_of(game, wire)})
