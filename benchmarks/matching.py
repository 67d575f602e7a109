"""Scoring a company's customers beside bare Splink: ``python -m benchmarks.matching [--records 1000000]``.

The customers are made up: one person in four has two to four records, each in another system; of each field 12 % have
a slip and 8 % are blank. Ours is everything up to stored pairs, copies between databases included; bare Splink gets the
same settings. Both start from values that are prepared, which is told beside. Each side runs in a process of its own,
so that its peak of memory is its own. Told are seconds of processor time, which do not depend on who else is at work,
and seconds by the clock.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from models.clusters import FLOOR, Pair, cluster
from pipelines.matching import _database, _predict, pairs
from pipelines.warehouse import statement

SYSTEMS = ("crm", "scheduling", "accounting", "payments")
SLIPS, BLANKS = 0.12, 0.08
SYLLABLES = tuple(a + v + b for a in "bcdfghjklmnprst" for v in "aeiou" for b in "dklmnrst")


def names(rng: np.random.Generator, count: int, parts: int) -> np.ndarray[Any, Any]:
    """Distinct made-up words."""
    chosen = rng.integers(0, len(SYLLABLES), (count, parts))
    words = ["".join(SYLLABLES[i] for i in row) for row in chosen]
    return np.array([f"{word}{'aeiou'[n % 5]}" for n, word in enumerate(words)])


def some(rng: np.random.Generator, words: np.ndarray[Any, Any], count: int) -> np.ndarray[Any, Any]:
    """Words as often as names are: the commonest falls to about one person in a hundred and fifty."""
    chance = 1 / (np.arange(len(words)) + 30)
    return words[rng.choice(len(words), count, p=chance / chance.sum())]


def people(rng: np.random.Generator, count: int) -> dict[str, np.ndarray[Any, Any]]:
    """So many different people."""
    given, family, streets = names(rng, 1_500, 2), names(rng, 8_000, 3), names(rng, 6_000, 3)
    postal = rng.integers(0, 3_000, count)
    first, last = some(rng, given, count), some(rng, family, count)
    number = np.arange(count).astype(str)
    return {
        "given_name": first,
        "family_name": last,
        "email": np.char.add(np.char.add(np.char.add(first, "."), number), "@example.com"),
        "phone": (5_120_000_000 + rng.permutation(count * 7)[:count]).astype(str),
        "street": np.char.add(
            np.char.add(rng.integers(1, 9_999, count).astype(str), " "), streets[rng.integers(0, 6_000, count)]
        ),
        "city": names(rng, 300, 3)[postal % 300],
        "state": np.array(["TX", "OK", "LA"])[postal % 3],
        "postal_code": (70_000 + postal).astype(str),
    }


def slip(rng: np.random.Generator, values: np.ndarray[Any, Any]) -> list[str | None]:
    """Two neighbouring letters changed places, or the value is blank."""
    chance, told = rng.random(len(values)), []
    for value, luck in zip(values.tolist(), chance.tolist(), strict=True):
        at = max(1, len(value) // 2)
        slipped = value[: at - 1] + value[at : at + 1] + value[at - 1 : at] + value[at + 1 :]
        told.append(None if luck < BLANKS else slipped if luck < BLANKS + SLIPS else value)
    return told


def customers(records: int, seed: int = 1) -> pa.Table:
    """The records, with ``person``: whose each is."""
    rng = np.random.default_rng(seed)
    copies = np.where(rng.random(records) < 0.25, rng.integers(2, 5, records), 1)
    persons = int(np.searchsorted(np.cumsum(copies), records)) + 1
    who = np.repeat(np.arange(persons), copies[:persons])[:records]
    place = np.concatenate([np.arange(n) for n in copies[:persons]])[:records]
    system = np.array(SYSTEMS)[(place + who) % len(SYSTEMS)]
    columns: dict[str, Any] = {name: slip(rng, values[who]) for name, values in people(rng, persons).items()}
    ids = np.char.add(np.char.add(system, chr(31)), np.arange(len(who)).astype(str))
    return pa.table({"id": ids, "system": system, "person": who, **columns})


def prepare(connection: Any, table: pa.Table) -> None:
    """The table ``prepared`` as the warehouse makes it from staged values."""
    absent = "NULL AS kind, NULL AS name, NULL AS locality, NULL AS birth_date, NULL AS person_id, NULL AS parent"
    connection.register("made", table)
    connection.execute(f"CREATE TEMP TABLE records AS SELECT *, {absent} FROM made")  # noqa: S608 - our own columns
    for column in ("kind", "name", "locality", "birth_date", "person_id", "parent"):
        connection.execute(f"ALTER TABLE records ALTER {column} TYPE VARCHAR")
    connection.execute(statement("matching"))


def ours(table: pa.Table) -> tuple[float, float, pa.Table]:
    """Seconds that preparing takes, seconds from prepared values to stored pairs, and the pairs."""
    warehouse = duckdb.connect()
    with _database():
        started = time.process_time()  # what is imported once is not what is measured
    prepare(warehouse, table)
    prepared = time.process_time()
    traits = warehouse.sql("SELECT * EXCLUDE (kind) FROM prepared").to_arrow_table()
    found = pairs("person", traits, fresh=None)
    ended = time.process_time()
    warehouse.close()
    return prepared - started, ended - prepared, found


def bare(table: pa.Table) -> tuple[float, int]:
    """Seconds that Splink takes for the same settings over prepared values, and how many pairs it gives."""
    with _database() as api:
        prepare(api.duckdb_con, table)
        started = time.process_time()
        query = _predict(api, "person", linking=False, floor=FLOOR, within=False)
        seconds = time.process_time() - started
        return seconds, len(api.duckdb_con.sql(query))


def quality(table: pa.Table, found: pa.Table) -> tuple[float, float]:
    """Precision and recall of the groups, over pairs of records."""
    person = table["person"].to_pylist()
    systems = dict(zip(map(str, range(len(person))), table["system"].to_pylist(), strict=True))
    scored = [
        Pair(left=left, right=right, probability=p, weight=w)
        for left, right, p, w in zip(
            *(found.column(n).to_pylist() for n in (1, 3)),
            *(found.column(n).to_pylist() for n in ("probability", "weight")),
            strict=True,
        )
    ]
    joined = right = 0
    for group in cluster(scored, apart=systems):
        for n, one in enumerate(group):
            for other in group[n + 1 :]:
                joined += 1
                right += person[int(one)] == person[int(other)]
    _, sizes = np.unique(person, return_counts=True)
    return right / joined, right / int((sizes * (sizes - 1) // 2).sum())


def measure(side: str, records: int) -> dict[str, Any]:
    """One side, in this process."""
    table = customers(records)
    begun = time.monotonic()
    if side == "bare":
        seconds, count = bare(table)
        return {"seconds": seconds, "clock": time.monotonic() - begun, "pairs": count, "mb": _peak()}
    preparing, seconds, found = ours(table)
    clock, peak = time.monotonic() - begun, _peak()
    precision, recall = quality(table, found)
    return {
        "seconds": seconds,
        "preparing": preparing,
        "clock": clock,
        "pairs": len(found),
        "mb": peak,
        "precision": precision,
        "recall": recall,
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Both sides, one after the other, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--side", choices=("ours", "bare"))
    given = parser.parse_args()
    if given.side:
        print(json.dumps(measure(given.side, given.records)))
        return
    said = {}
    for side in ("bare", "ours"):
        command = [sys.executable, "-m", "benchmarks.matching", "--side", side, "--records", str(given.records)]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
        said[side] = json.loads(answer.stdout.splitlines()[-1])
        print(side, {name: round(value, 4) for name, value in said[side].items()})
    print(f"ratio of seconds, ours to bare Splink: {said['ours']['seconds'] / said['bare']['seconds']:.2f}")


if __name__ == "__main__":
    main()
