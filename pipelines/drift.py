"""Drift: a system's records change their shape. It is told in the sync that finds it, and the field alone pauses.

Of each resource the warehouse knows what its records have where (``meta.shapes``), and what was told of it
(``meta.drift``). A field pauses when its place is gone from, or of another type in, every one of at least ``ENOUGH``
records of a sync, and goes on when half of so many have it again as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from models.compile import paused as compiled
from models.compile.paused import Hold, Keys, Rest, spelled
from models.schema import Map, Model
from pipelines.warehouse import Warehouse

ENOUGH = 20  # records: what fewer have in common may be chance
NEARLY_ALL = 0.95
ITSELF: Keys = ()  # the place of the record itself
NESTED = frozenset(("object", "list"))
REMEDIES: Final[Mapping[str, str]] = {
    "appeared": "no map reads it; add it to a map if it is wanted",
    "vanished": "what reads it keeps its last values; see whether it was renamed there or is hidden from our account",
    "type changed": "values of that type that cannot be read are set aside; let the map read it, or correct them there",
    "new option": "records that have it are set aside; add it to the map's list, or correct them there",
    "came back": "what reads it goes on",
}
PAUSED = "what reads it keeps its last values; let the map read the new type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One thing to tell: ``kind`` is one of ``REMEDIES``, ``what`` the types or the value, ``hold`` how it pauses."""

    system: str
    resource: str
    path: str
    kind: str
    what: str = ""
    hold: Hold | None = None

    @property
    def remedy(self) -> str:
        return PAUSED if self.kind == "type changed" and self.hold else REMEDIES[self.kind]

    @property
    def sentence(self) -> str:
        about = f" ({self.what})" if self.what else ""
        return f"{self.system} {self.resource}: {self.path} {self.kind}{about}: {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is known of a place: the JSON types of its first values, and in how many of the records it was since."""

    types: frozenset[str] = frozenset()
    records: int = 0
    had: int = 0

    def grown(self, counts: Mapping[str, int]) -> Place:
        """With the records of one more sync; ``counts`` by type."""
        total, absent = sum(counts.values()), counts.get("absent", 0)
        new = _types(counts) if self.had < ENOUGH or not self.types else frozenset()
        records = self.records + total if self.had else total if total > absent else 0
        return Place(types=self.types | new, records=records, had=self.had + total - absent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A resource's records as they were known: what stands where, and which places pause, by path."""

    system: str
    resource: str
    places: Mapping[str, Place] = field(default_factory=dict)
    held: Mapping[str, Drift] = field(default_factory=dict)


def look(warehouse: Warehouse, model: Model, shape: Shape) -> tuple[Drift, ...]:
    """Compare the fresh records of ``batch`` with the shape known so far, and remember both; what is to be told."""
    maps = [one for one in model.binding(shape.system).maps if one.resource == shape.resource]
    label, readers = f"speaking/{shape.system}/{shape.resource}", _readers(maps)
    warehouse.replace_view("speaking", warehouse.compiled(label, lambda: compiled.speaking(maps, model.context)))
    found = _counted(warehouse, readers)
    total = sum(found[""].values())
    if not total:
        return ()
    told = [one for path in readers if path and (one := _compare(shape, path, found[path]))]
    back = {one.path for one in told if one.kind == "came back"}
    resting = {one.path for one in told if one.hold} | (shape.held.keys() - back)
    grown = {p: shape.places.get(p, Place()).grown(found[p]) for p in readers if p not in resting}
    new = [path for path in _present(warehouse, readers) if path not in shape.places and path not in readers]
    if shape.places.get("", Place()).had >= ENOUGH:
        told += [Drift(system=shape.system, resource=shape.resource, path=path, kind="appeared") for path in new]
    _remember(warehouse, shape, grown | dict.fromkeys(new, Place()))
    return _tell(warehouse, told)


def known(warehouse: Warehouse, system: str, resource: str) -> Shape:
    """The shape of a resource as it is known, and what pauses."""
    rows = warehouse.rows(
        "SELECT path, types, records, had FROM meta.shapes WHERE system = ? AND resource = ?", [system, resource]
    )
    places = {
        row["path"]: Place(
            types=frozenset(row["types"].split(", ") if row["types"] else ()), records=row["records"], had=row["had"]
        )
        for row in rows
    }
    open_ = warehouse.rows(
        "SELECT system, resource, path, kind, what, hold FROM meta.drift "
        "WHERE until IS NULL AND hold IS NOT NULL AND system = ? AND resource = ?",
        [system, resource],
    )
    return Shape(system=system, resource=resource, places=places, held={row["path"]: Drift(**row) for row in open_})


def rests(shape: Shape, one: Map) -> dict[str, Rest]:
    """The fields of a map that pause, and how."""
    found: dict[str, Rest] = {}
    for name, codec in one.fields.items():
        paths = tuple(path for keys in compiled.places(codec) if (path := spelled(keys)) in shape.held)
        holds = {shape.held[path].hold for path in paths}
        if holds:
            hold: Hold = "absent" if holds == {"absent"} else "unreadable" if holds == {"unreadable"} else "all"
            found[name] = Rest(hold=hold, paths=paths)
    return found


def waits(shape: Shape, one: Map) -> bool:
    """Whether a whole map pauses: what tells which records it has is not there."""
    return any(spelled(keys) in shape.held for keys in compiled.essential(one))


def options(warehouse: Warehouse, model: Model, shape: Shape, one: Map) -> tuple[Drift, ...]:
    """What the fresh records of ``batch`` have where the map has a list of options, and the list has not."""
    if not warehouse.value("SELECT count(*) FROM broken_rows"):
        return ()
    told: list[Drift] = []
    pausing = rests(shape, one)
    for name, codec in one.fields.items():
        if codec.kind == "choice" and codec.raw is not None and compiled.places(codec) and name not in pausing:
            label = f"options/{shape.system}/{one.resource}/{one.to}/{name}"
            query = warehouse.compiled(label, partial(compiled.unlisted, codec.raw, codec.read(model.context)))
            drift = Drift(system=shape.system, resource=one.resource, path=codec.paths[0], kind="new option")
            told += [replace(drift, what=row["value"]) for row in warehouse.rows(query)]
    return _tell(warehouse, told)


def listed(warehouse: Warehouse) -> list[dict[str, Any]]:
    """What was told and is not over, what pauses first."""
    rows = warehouse.rows(
        "SELECT system, resource, path, kind, what, hold, since FROM meta.drift WHERE until IS NULL "
        "ORDER BY hold IS NULL, since DESC, system, resource, path, what"
    )
    return [told(Drift(**{k: v for k, v in row.items() if k != "since"})) | {"since": row["since"]} for row in rows]


def told(one: Drift) -> dict[str, Any]:
    """One drift as people and ``--json`` read it."""
    said = {name: getattr(one, name) for name in ("system", "resource", "path", "kind", "what")}
    return said | {"paused": one.hold is not None, "remedy": one.remedy}


def forgive(warehouse: Warehouse, system: str, maps: Sequence[Map]) -> None:
    """Maps that changed were looked at by a person: the types and options that they meet now are the known ones."""
    if not maps:
        return
    where = "system = $system AND list_contains($resources, resource)"
    which = {"system": system, "resources": [one.resource for one in maps]}
    turned = "SELECT (resource, path) FROM meta.drift WHERE until IS NULL AND kind = 'type changed'"
    warehouse.run(
        f"UPDATE meta.shapes SET types = '', had = 0 WHERE {where} AND (resource, path) IN ({turned} AND {where})",  # noqa: S608 - ours
        which,
    )
    warehouse.run(
        "UPDATE meta.drift SET until = getvariable('now')::TIMESTAMP "  # noqa: S608 - our own words
        f"WHERE until IS NULL AND kind IN ('type changed', 'new option') AND {where}",
        which,
    )


def _readers(maps: Iterable[Map]) -> dict[str, Keys]:
    """The places that any of a resource's maps reads, and the record itself, by path."""
    found: dict[str, Keys] = {"": ITSELF}
    for one in maps:
        codecs = [keys for codec in one.fields.values() for keys in compiled.places(codec)]
        found |= {spelled(keys): keys for keys in (*codecs, *compiled.essential(one))}
    return found


def _counted(warehouse: Warehouse, readers: Mapping[str, Keys]) -> dict[str, dict[str, int]]:
    """Path -> JSON type -> in how many of the fresh records."""
    paths = {_json_path(keys): path for path, keys in readers.items()}
    warehouse.set(places=list(paths))
    found: dict[str, dict[str, int]] = {path: {} for path in readers}
    for row in warehouse.rows(warehouse.statement("shape")):
        found[paths[row["place"]]][row["type"]] = row["records"]
    return found


def _present(warehouse: Warehouse, readers: Mapping[str, Keys]) -> list[str]:
    """The paths of all keys in the fresh records, in themselves and in the objects that maps read from."""
    objects = {_json_path(keys[:depth]): keys[:depth] for keys in readers.values() for depth in range(len(keys) or 1)}
    warehouse.set(objects=list(objects))
    rows = warehouse.rows(warehouse.statement("record_keys"))
    leading = {spelled(keys) for keys in objects.values()}
    found = (spelled((*objects[row["place"]], row["key"])) for row in rows)
    return [path for path in found if path not in leading]


def _json_path(keys: Keys) -> str:
    return "$" + "".join(f'."{key}"' for key in keys)


def _compare(shape: Shape, path: str, counts: Mapping[str, int]) -> Drift | None:
    """What is to be told of one place that maps read."""
    before, now, held = shape.places.get(path, Place()), _types(counts), shape.held.get(path)
    total, absent = sum(counts.values()), counts.get("absent", 0)
    one = Drift(system=shape.system, resource=shape.resource, path=path, kind="came back")
    if held is not None:
        has = total - absent if held.kind == "vanished" else sum(counts.get(type_, 0) for type_ in before.types)
        return one if total >= ENOUGH and has >= total / 2 else None
    usual = before.had >= ENOUGH and before.had >= NEARLY_ALL * before.records
    if absent == total >= ENOUGH and usual:
        return replace(one, kind="vanished", hold="absent")
    if not (now - before.types) or not before.types or before.had < ENOUGH:  # empty so far: of no type yet
        return None
    what = f"{', '.join(sorted(before.types))} → {', '.join(sorted(now - before.types))}"
    values = total - absent - counts.get("null", 0)
    hold: Hold = "all" if NESTED & (now | before.types) else "unreadable"
    return replace(one, kind="type changed", what=what, hold=None if now & before.types or values < ENOUGH else hold)


def _types(counts: Mapping[str, int]) -> frozenset[str]:
    return frozenset(counts) - {"absent", "null"}


def _remember(warehouse: Warehouse, shape: Shape, places: Mapping[str, Place]) -> None:
    changed = {path: place for path, place in places.items() if shape.places.get(path) != place}
    warehouse.run(
        "DELETE FROM meta.shapes WHERE system = ? AND resource = ? AND list_contains(?, path)",
        [shape.system, shape.resource, list(changed)],
    )
    rows = [
        [shape.system, shape.resource, path, ", ".join(sorted(one.types)), one.records, one.had]
        for path, one in changed.items()
    ]
    warehouse.insert_many("meta.shapes", rows)


def _tell(warehouse: Warehouse, found: list[Drift]) -> tuple[Drift, ...]:
    """Keep what is to be told, and leave out what was told before; a place that came back pauses no more."""
    return tuple(_kept(warehouse, found))


def _kept(warehouse: Warehouse, found: list[Drift]) -> Iterator[Drift]:
    for one in found:
        place = [one.system, one.resource, one.path]
        if one.kind == "came back":
            warehouse.run(
                "UPDATE meta.drift SET until = getvariable('now')::TIMESTAMP "
                "WHERE until IS NULL AND hold IS NOT NULL AND system = ? AND resource = ? AND path = ?",
                place,
            )
            yield one
            continue
        said = [*place, one.kind, one.what, one.hold]
        if not warehouse.value(
            "SELECT count(*) FROM meta.drift WHERE until IS NULL AND system = ? AND resource = ? AND path = ? "
            "AND kind = ? AND what = ? AND hold IS NOT DISTINCT FROM ?",
            said,
        ):
            warehouse.run("INSERT INTO meta.drift VALUES (?, ?, ?, ?, ?, ?, getvariable('now')::TIMESTAMP, NULL)", said)
            yield one
