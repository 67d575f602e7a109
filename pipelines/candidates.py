"""Candidates: records that may be one thing, side by side, and what a person decides of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from models.compile import tables as t
from models.compile.likeness import SEPARATOR
from models.errors import StackError
from models.identity import Ref, Two, two
from models.likeness import LIKENESS
from pipelines import ledger as books
from pipelines.company import Company, open_books
from pipelines.ledger import Verdict
from pipelines.matching import comparisons
from pipelines.warehouse import Warehouse, open_snapshot

# what is compared of one field in parts
PARTS = {"street_number": "street", "street_name": "street"}


def candidates(company: Company) -> list[dict[str, Any]]:
    """Pairs that wait for a person, the likeliest first: id, probability, and both sides of every compared field."""
    with open_snapshot(company.snapshot) as warehouse:
        rows = warehouse.rows(
            "SELECT * FROM xref.candidates ORDER BY probability DESC, left_system, left_id, right_system, right_id"
        )
        return [_told(warehouse, row) for row in rows]


def _told(warehouse: Warehouse, row: Mapping[str, Any]) -> dict[str, Any]:
    entity = str(row["entity"])
    left, right = _refs(row)
    sides = [_values(warehouse, entity, ref) for ref in (left, right)]
    bits = _bits(warehouse, entity, left, row["bits"])
    return {
        "id": pair_id(entity, (left, right)),
        "entity": entity,
        "probability": row["probability"],
        "left": {"system": left[0], "source_id": left[1], "core_id": row["left_core"]},
        "right": {"system": right[0], "source_id": right[1], "core_id": row["right_core"]},
        "fields": [
            {"field": name, "left": sides[0].get(name), "right": sides[1].get(name), "bits": weight}
            for name, weight in bits.items()
            if name in sides[0] or name in sides[1]
        ],
        "twice": _twice(warehouse, entity, str(row["left_core"]), str(row["right_core"])),
    }


def _bits(warehouse: Warehouse, entity: str, ref: Ref, told: Sequence[float]) -> dict[str, float]:
    """How many bits each compared field speaks for the pair, or, below 0, against it."""
    query = f"SELECT kind FROM {t.traits(entity).sql('duckdb')} WHERE unique_id = ?"  # noqa: S608 - our own table
    names = comparisons(str(warehouse.value(query, [chr(SEPARATOR).join(ref)])))
    bits: dict[str, float] = {}
    for name, weight in zip(names, told, strict=True):
        field = LIKENESS[entity].columns.get(PARTS.get(name, name))
        if field is not None:  # the weights know more than this entity has
            bits[field] = round(bits.get(field, 0.0) + weight, 1)
    return bits


def _refs(row: Mapping[str, Any]) -> Two:
    left, right = ((str(row[f"{side}_system"]), str(row[f"{side}_id"])) for side in ("left", "right"))
    return two(left, right)


def pair_id(entity: str, pair: Two) -> str:
    """A short name for two records, the same in every run."""
    text = "\x1f".join((entity, *pair[0], *pair[1]))
    return f"m_{hashlib.sha256(text.encode()).hexdigest()[:10]}"


def _values(warehouse: Warehouse, entity: str, ref: Ref) -> dict[str, Any]:
    """What one record says in the fields that are compared."""
    table = t.staged(ref[0], entity).sql("duckdb")
    found = warehouse.rows(f"SELECT * FROM {table} WHERE source_id = ?", [ref[1]])  # noqa: S608 - our own table
    wanted = LIKENESS[entity].columns.values()
    return {name: value for row in found for name, value in row.items() if name in wanted and value is not None}


def _twice(warehouse: Warehouse, entity: str, left: str, right: str) -> list[str]:
    """Systems that have a living record of both: they would have two of one thing."""
    table = t.xref(entity).sql("duckdb")
    query = f"SELECT system FROM {table} WHERE core_id = ? AND method <> 'merged'"  # noqa: S608 - our own table
    sides = [{row["system"] for row in warehouse.rows(query, [core_id])} for core_id in (left, right)]
    return sorted(sides[0] & sides[1])


def decide(company: Company, names: Sequence[str], *, same: bool, by: str, why: str) -> Verdict:
    """Keep a person's verdict on a candidate (its id) or on any two records (``SYSTEM:ID`` twice).

    StackError when there is no such candidate or record, or when both would be one thing twice in a system.
    """
    with open_snapshot(company.snapshot) as warehouse, open_books(company) as ledger:
        entity, (left, right) = _named(warehouse, names)
        if same:
            _expect_apart(warehouse, entity, left, right)
        verdict = Verdict(
            entity=entity,
            left_system=left[0],
            left_id=left[1],
            right_system=right[0],
            right_id=right[1],
            same=same,
            by=by,
            at=company.clock().replace(tzinfo=None),
            reason=why,
        )
        books.match(ledger, verdict)
    return verdict


def _named(warehouse: Warehouse, names: Sequence[str]) -> tuple[str, Two]:
    if len(names) == 2:
        refs = [tuple(name.partition(":")[::2]) for name in names]
        left, right = two((refs[0][0], refs[0][1]), (refs[1][0], refs[1][1]))
        shared = _entities(warehouse, left) & _entities(warehouse, right)
        if len(shared) == 1 and left != right:
            return shared.pop(), (left, right)
        raise StackError(
            f"{names[0]!r} and {names[1]!r} are no two records of one kind; write SYSTEM:ID as explain does"
        )
    for row in warehouse.rows("SELECT * FROM xref.candidates"):
        if pair_id(str(row["entity"]), _refs(row)) == names[0]:
            return str(row["entity"]), _refs(row)
    raise StackError(f"there is no candidate {names[0]!r}; `plumbline match` lists those that wait")


def _entities(warehouse: Warehouse, ref: Ref) -> set[str]:
    query = "SELECT DISTINCT entity FROM meta.targets WHERE system = ? AND source_id = ?"
    return {row["entity"] for row in warehouse.rows(query, list(ref))}


def _expect_apart(warehouse: Warehouse, entity: str, left: Ref, right: Ref) -> None:
    """A system may have a thing once: two records of one system are merged there, not here."""
    query = "SELECT core_id FROM meta.targets WHERE entity = ? AND system = ? AND source_id = ?"
    cores = [str(warehouse.value(query, [entity, *ref])) for ref in (left, right)]
    twice = {left[0]} if left[0] == right[0] else set()
    if cores[0] != cores[1]:
        twice |= set(_twice(warehouse, entity, *cores))
    if twice:
        raise StackError(
            f"{' and '.join(sorted(twice))} would have this {entity} twice; merge the two records in "
            f"{' and '.join(sorted(twice))} itself, and the next sync follows"
        )
