"""Taking all texts out of a record at once gives what taking them one by one gives."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors import registry
from models.compile import staged
from models.compile.extraction import TEXTS, read_once
from models.entities import ENTITIES
from models.schema import Binding, Map, Model
from pipelines.decoding import Decoder

UGLY: list[Any] = [
    None,
    "",
    " x ",
    "true",
    "12.50",
    7,
    True,
    {"a": 1},
    [1, 2],
    [{"primary": True, "address": "A@x.com"}],
    "2026-03-11T10:00Z",
]
MAPS = [(one, map_) for one in map(registry.load, registry.names()) for map_ in one.maps]


def shaped(value: Any, paths: list[list[str]]) -> dict[str, Any]:
    """A record with the value at every path."""
    record: dict[str, Any] = {}
    for *parents, last in paths:
        place: Any = record
        for key in parents:
            place = place.setdefault(key, {}) if isinstance(place, dict) else {}
        if isinstance(place, dict):
            place.setdefault(last, value)
    return record


@pytest.fixture(scope="module")
def decoder() -> Any:
    with Decoder(Model(entities=ENTITIES, bindings=())) as one:
        yield one


@pytest.mark.parametrize(("connector", "one"), MAPS, ids=[f"{c.name}.{m.resource}.{m.to}" for c, m in MAPS])
def test_every_map_reads_the_same(decoder: Decoder, connector: Any, one: Map) -> None:
    model = Model(entities=ENTITIES, bindings=(Binding(name=connector.name, roles=connector.roles, maps=(one,)),))
    query = staged.rows(model, connector.name, one)
    paths = sorted(
        {
            tuple(p.removeprefix("@.").replace("[", ".").replace("]", "").split("."))
            for c in one.fields.values()
            for p in c.paths
        }
    )
    records = [shaped(value, [list(path) for path in paths]) for value in UGLY]
    decoder.warehouse.script("no_batch")
    decoder.warehouse.run(
        "INSERT INTO batch SELECT i::VARCHAR, record::JSON, false, TIMESTAMP '2026-03-11', 'load', i "
        "FROM (SELECT unnest($texts) AS record, generate_subscripts($texts, 1) AS i)",
        {"texts": [json.dumps(record) for record in records]},
    )
    assert decoder.warehouse.rows(read_once(query)) == decoder.warehouse.rows(query)


def test_a_record_is_looked_into_once() -> None:
    hubspot = registry.load("hubspot")
    model = Model(entities=ENTITIES, bindings=(Binding(name="hubspot", roles=("crm",), maps=hubspot.maps),))
    text = read_once(staged.rows(model, "hubspot", hubspot.maps[0])).sql("duckdb")
    assert text.count("JSON_EXTRACT_STRING") == 1
    assert "->" not in text
    assert TEXTS in text
