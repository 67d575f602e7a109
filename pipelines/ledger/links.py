"""Links: which target record stands for a core record; folded from receipts, in the transaction that writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, false, insert, or_, select

from models.change import Receipt, Value
from pipelines.ledger.database import Ledger, chunks, reading, writing
from pipelines.ledger.tables import links, receipts
from pipelines.ledger.values import columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Which target record stands for a core record, what we last wrote there and what it held afterwards.

    ``pushed`` and ``observed`` gather every field over all receipts since the record was made;
    ``made`` says that the record is there because we made it, not only that we wrote to it.
    ``earlier`` tells of the fields that the newest receipt did not write when they were last written.
    ``receipt`` is the number of the newest one, so that a copy can ask for what is newer.
    """

    system: str
    entity: str
    core_id: str
    target_id: str
    version: str | None
    pushed: Mapping[str, Value]
    observed: Mapping[str, Value]
    deleted: bool
    made: bool
    at: datetime
    change_id: str
    receipt: int
    earlier: Mapping[str, datetime] | None = None


def list_links(ledger: Ledger, after: Mapping[tuple[str, str], int]) -> tuple[Link, ...]:
    """The links, deleted ones included, of each system and entity whose newest receipt comes after the one named."""
    newer = [
        and_(links.c.system == system, links.c.entity == entity, links.c.receipt > receipt)
        for (system, entity), receipt in after.items()
    ]
    with reading(ledger) as db:
        query = select(links).where(or_(false(), *newer)).order_by(links.c.receipt)
        return tuple(Link(**row) for row in db.execute(query).mappings())


def rebuild_links(ledger: Ledger) -> int:
    """Derive all links again from the receipts; gives their number."""
    with writing(ledger) as db:
        db.execute(delete(links))
        derived: dict[tuple[str, str, str], Link] = {}
        for row in db.execute(select(receipts).order_by(receipts.c.seq)):
            proof = receipt_of(row)
            place = (proof.system, proof.entity, proof.core_id)
            derived[place] = _fold(derived.get(place), proof, row.seq)
        for part in chunks(list(derived.values())):
            db.execute(insert(links), [columns(link) for link in part])
    return len(derived)


def written_since(ledger: Ledger, system: str, entity: str, receipt: int) -> frozenset[str]:
    """The core records that we wrote to the target after this receipt."""
    query = select(links.c.core_id).where(links.c.system == system, links.c.entity == entity, links.c.receipt > receipt)
    with reading(ledger) as db:
        return frozenset(db.scalars(query))


def receipt_of(row: Row[Any]) -> Receipt:
    """The receipt that a row of ``receipts`` keeps."""
    kept = dict(row._mapping)  # SQLAlchemy's documented name for a row as a mapping
    return Receipt(**{name: value for name, value in kept.items() if name not in ("seq", "generation")})


def carry_on(db: Connection, proofs: Sequence[tuple[Receipt, int]]) -> None:
    """Carry the links on by these receipts."""
    known = _links_of(db, [proof for proof, _ in proofs])
    carried: dict[tuple[str, str, str], Link] = {}
    for proof, number in proofs:
        place = (proof.system, proof.entity, proof.core_id)
        carried[place] = _fold(carried.get(place) or known.get(place), proof, number)
    rows = [columns(link) for link in carried.values()]
    old = [row for row in rows if (row["system"], row["entity"], row["core_id"]) in known]
    if old:
        same = and_(*(links.c[name] == bindparam(f"old_{name}") for name in ("system", "entity", "core_id")))
        db.execute(delete(links).where(same), [{f"old_{name}": row[name] for name in row} for row in old])
    db.execute(insert(links), rows)


def _links_of(db: Connection, proofs: Sequence[Receipt]) -> dict[tuple[str, str, str], Link]:
    found: dict[tuple[str, str, str], Link] = {}
    for system, entity in {(proof.system, proof.entity) for proof in proofs}:
        ids = [proof.core_id for proof in proofs if (proof.system, proof.entity) == (system, entity)]
        for part in chunks(ids):
            query = select(links).where(links.c.system == system, links.c.entity == entity, links.c.core_id.in_(part))
            found |= {(system, entity, row["core_id"]): Link(**row) for row in db.execute(query).mappings()}
    return found


def _fold(link: Link | None, proof: Receipt, number: int) -> Link:
    """The link after one more receipt: an update of the same record adds to what is known, all else starts anew."""
    fresh = Link(
        system=proof.system,
        entity=proof.entity,
        core_id=proof.core_id,
        target_id=proof.target_id,
        version=proof.version,
        pushed=dict(proof.pushed),
        observed=dict(proof.observed),
        deleted=proof.action == "delete",
        made=proof.action == "create" or (link is not None and link.made and link.target_id == proof.target_id),
        at=proof.at,
        change_id=proof.change_id,
        receipt=number,
    )
    if link is None or link.deleted or link.target_id != proof.target_id or proof.action == "create":
        return fresh
    known, written = link.earlier or {}, proof.pushed.keys() | proof.observed.keys()
    before = (link.pushed.keys() | link.observed.keys()) - written
    return replace(
        fresh,
        pushed={**link.pushed, **proof.pushed},
        observed={**link.observed, **proof.observed},
        earlier={name: known.get(name, link.at) for name in sorted(before)},
    )
