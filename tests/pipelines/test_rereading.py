"""A whole read that says what the last one said leaves the warehouse as if every row of it had been staged again."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from models.fields import composed, email, ref, text
from models.schema import Map
from tests.pipelines.bench import START, Bench, model_of

PEOPLE = Map(
    "people",
    to="customer",
    id="id",
    changed="changed",
    version="version",
    fields={"given_name": text("first"), "email": email("email"), "family_name": text("last")},
)
CREWS = Map("visits", to="assignment", id=composed("id", "@.id"), each="crew", fields={"technician": ref("@.id")})
HELD = ("staged.crm__customer", "staged.crm__assignment", "quarantine.records", "meta.staging", "meta.touched")
Read = tuple[str, Sequence[dict[str, Any]], bool]


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Bench(tmp_path_factory.mktemp("bench"), model_of({"crm": [PEOPLE, CREWS]}), "rereading") as one:
        yield one


def person(id: str, first: str, **values: Any) -> dict[str, Any]:
    return {"id": id, "first": first, "last": "Lee", "version": first, **values}


def drawn(seed: int) -> list[Read]:
    """Reads of two resources, most of which say what the one before them said; some are not whole, some rows broken."""
    chance = random.Random(seed)
    said: dict[str, list[dict[str, Any]]] = {
        "people": [person("1", "Ada")],
        "visits": [{"id": "v", "crew": [{"id": "a"}]}],
    }
    reads: list[Read] = []
    for _ in range(10):
        resource = chance.choice(("people", "people", "visits"))
        if chance.random() < 0.4:
            new = [person(id, chance.choice(("Ada", "Bo"))) for id in "123" if chance.random() < 0.7]
            crews = [{"id": "v", "crew": [{"id": one} for one in "ab" if chance.random() < 0.6]}]
            said[resource] = new if resource == "people" else crews
            if resource == "people" and chance.random() < 0.3:
                said[resource].append({"first": "Nobody", "last": "Known"})
        reads.append((resource, list(reversed(said[resource])), chance.random() < 0.8))
    return reads


def played(bench: Bench, reads: Sequence[Read], *, forget: bool) -> list[Any]:
    """What the warehouse holds after each read; ``forget`` what the last whole read said, and all is staged again."""
    bench.reset().now, held = START, []
    for resource, records, full in reads:
        if forget:
            bench.warehouse.run("DELETE FROM meta.reread")
        staged = bench.take("crm", records, resource=resource, full=full)
        tables = [bench.rows(f"SELECT * FROM {name} ORDER BY ALL") for name in HELD]  # noqa: S608 - our own names
        held.append((staged.read, staged.staged, staged.quarantined, staged.moved, tables))
    return held


@pytest.mark.parametrize("seed", [1, 2])
def test_a_whole_read_that_was_noticed_leaves_what_staging_it_again_leaves(bench: Bench, seed: int) -> None:
    reads = drawn(seed)
    assert played(bench, reads, forget=False) == played(bench, reads, forget=True)


def looks(bench: Bench) -> int:
    """How often the shape of the resource was looked at, record by record."""
    return int(bench.warehouse.value("SELECT max(records) FROM meta.shapes WHERE path = ''"))


def test_what_is_said_again_is_dated_and_not_staged_again(bench: Bench) -> None:
    bench.reset()
    bench.take("crm", [person("1", "Ada"), person("2", "Bo")], full=True)
    before, times = bench.living("crm"), looks(bench)
    said = bench.take("crm", [person("2", "Bo"), person("1", "Ada")], full=True)
    after = bench.living("crm")
    assert (said.read, said.staged, said.moved, looks(bench)) == (2, 2, 0, times)
    assert after["1"]["read_at"] == before["1"]["read_at"] + timedelta(minutes=1)
    assert after["1"]["raw_load"] > before["1"]["raw_load"]


@pytest.mark.parametrize("between", ["a part", "a broken row"])
def test_only_the_last_read_counts_and_only_when_nothing_of_it_stays_open(bench: Bench, between: str) -> None:
    bench.reset()
    people = [person("1", "Ada")] + ([{"first": "Nobody"}] if between == "a broken row" else [])
    bench.take("crm", people, full=True)
    if between == "a part":
        bench.take("crm", [person("1", "Eve")])
    times = looks(bench)
    said = bench.take("crm", people, full=True)
    assert bench.living("crm")["1"]["given_name"] == "Ada"
    assert (said.moved, looks(bench)) == (int(between == "a part"), times + len(people))
