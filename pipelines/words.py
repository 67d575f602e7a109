"""The warehouse's copies of people's words: overrides of a field, and decisions on deletions. Derived, never edited."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import simplejson

from models.change import to_json
from models.compile import pins as compiled
from models.errors import PlumblineError, did_you_mean
from models.schema import Model
from pipelines import ledger as books
from pipelines.ledger import Ledger
from pipelines.ledger.matches import PAIR
from pipelines.warehouse import Warehouse


def load_words(warehouse: Warehouse, ledger: Ledger, model: Model, now: datetime) -> None:
    """Bring in what people decided as it stands, and touch the records for which that changed; ``now`` is naive UTC."""
    pins = [
        [o.entity, o.core_id, o.field, text_of(o.value), o.by, o.reason, o.at, o.until, o.until_source,
         problem(warehouse, model, o.entity, o.field, o.value)]
        for o in books.list_overrides(ledger, at=now)
    ]  # fmt: skip
    judgements = [
        [j.entity, j.core_id, j.system, j.choice, j.at, j.by, j.reason] for j in books.list_judgements(ledger)
    ]
    verdicts = [[getattr(one, name) for name in (*PAIR, "same")] for one in books.list_verdicts(ledger)]
    with warehouse.transaction():
        for name, rows in (("pins", pins), ("judgements", judgements), ("verdicts", verdicts)):
            if rows or warehouse.value(f"SELECT count(*) FROM meta.{name}"):  # noqa: S608 - our own words
                _fresh(warehouse, name, rows)
                warehouse.script(name)


def _fresh(warehouse: Warehouse, name: str, rows: list[list[Any]]) -> None:
    warehouse.run(f"CREATE OR REPLACE TEMP TABLE fresh_{name} AS SELECT * FROM meta.{name} LIMIT 0")  # noqa: S608 - ours
    warehouse.insert_many(f"fresh_{name}", rows)


def text_of(value: Any) -> str | None:
    """An override's value as the warehouse keeps it."""
    plain = to_json(value)
    return plain if isinstance(plain, str) or plain is None else simplejson.dumps(plain)


def problem(warehouse: Warehouse, model: Model, entity: str, field: str, value: Any) -> str | None:
    """Why a value cannot stand in a field, as a sentence; None when it can. Such an override is set aside."""
    try:
        found = model.entity(entity)
        known = found.field(field)
    except PlumblineError as unknown:
        return str(unknown)
    text = text_of(value)
    if known not in found.own_fields:
        return f"{entity}.{field} is made of other fields ({known.via or ', '.join(known.joined)}); override those"
    if text is None or not warehouse.value(compiled.fits(known), [text]):
        return f"{entity}.{field}: {value!r} is no {known.type.name.lower()}; give one that can be read as such"
    if known.one_of and text not in known.one_of:
        return f"{entity}.{field}: {value!r} is none of its values; {did_you_mean(text, known.one_of)}"
    return None


def end_spoken(warehouse: Warehouse, ledger: Ledger, model: Model, now: datetime) -> list[str]:
    """End the overrides whose owner changed its value since they were set; returns a line for each, for the log."""
    said = []
    waiting = warehouse.rows(
        'SELECT entity, core_id, field, "at" FROM meta.pins WHERE until_source AND problem IS NULL'
    )
    for pin in waiting:
        place = (pin["entity"], pin["core_id"], pin["field"])
        if system := _spoke(warehouse, model, pin):
            books.end_override(ledger, *place, by=f"its source {system}", at=now)
            said.append(f"{place[0]} {place[1]}.{place[2]}: {system} spoke, the override ended")
    if said:
        load_words(warehouse, ledger, model, now)
    return said


def _spoke(warehouse: Warehouse, model: Model, pin: dict[str, Any]) -> str | None:
    """The owner that changed the field after the override was set."""
    rule = model.rule(pin["entity"], pin["field"])
    entity = model.entity(pin["entity"])
    for system in _speaking(rule.order, model, pin):
        rows = warehouse.rows(compiled.clock(system, entity, pin["field"]), [pin["core_id"]])
        if rows and rows[0]["clock"] is not None and rows[0]["clock"] > pin["at"]:
            return system
        if rows and rule.kind in ("prefer", "only"):
            return None  # the owner is the first that has the record; what others say is not waited for
    return None


def _speaking(order: Iterable[str], model: Model, pin: dict[str, Any]) -> list[str]:
    return [s for s in order if pin["field"] in model.binding(s).fields_of(pin["entity"])]
