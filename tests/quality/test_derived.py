from __future__ import annotations

from dataclasses import asdict
from datetime import date

import pandas as pd
import pytest

from models.ownership import prefer
from models.schema import Entity, Field, Type
from quality.derived import AMOUNTS, DAYS, derive
from tests.quality.frames import ENTITIES, core_frame, frame, one

THING = Entity(
    name="thing",
    title="Thing",
    description="For tests.",
    prefix="thg",
    owner=prefer("crm"),
    fields=(
        Field("name", required=True),
        Field("status", one_of=("on", "off")),
        Field("labels", Type.TAGS, one_of=("a", "b")),
        Field("owner", ref="customer"),
        Field("owner_city", via="owner.city"),
        Field("price", Type.MONEY),
        Field("latitude", Type.NUMBER, unit="degrees"),
        Field("longitude", Type.NUMBER, unit="degrees"),
        Field("weight", Type.NUMBER, unit="kg"),
        Field("seen_at", Type.INSTANT),
        Field("seen_on", Type.DATE),
        Field("note"),
    ),
)


def test_a_declaration_brings_its_checks():
    assert {c.name: (c.kind, c.severity) for c in derive(THING)} == {
        "thing_core_id_not_null": ("not_null", "block"),
        "thing_core_id_unique": ("unique", "block"),
        "thing_name_not_null": ("not_null", "block"),
        "thing_status_one_of": ("one_of", "block"),
        "thing_labels_one_of": ("rule", "block"),
        "thing_owner_reference": ("reference", "warn"),
        "thing_price_range": ("range", "warn"),
        "thing_latitude_range": ("range", "warn"),
        "thing_longitude_range": ("range", "warn"),
        "thing_seen_at_range": ("range", "warn"),
        "thing_seen_on_range": ("range", "warn"),
    }


@pytest.mark.parametrize(
    ("field", "bounds"),
    [
        ("price", AMOUNTS),
        ("latitude", (-90, 90)),
        ("longitude", (-180, 180)),
        ("seen_at", DAYS),
        ("seen_on", (date(1990, 1, 1), date(2100, 1, 1))),
    ],
)
def test_ranges_follow_type_and_unit(field, bounds):
    check = next(c for c in derive(THING) if c.name == f"thing_{field}_range")
    assert (check.low, check.high) == bounds


def test_what_a_check_needs_comes_from_the_field():
    by_name = {c.name: asdict(c) for c in derive(THING)}
    assert by_name["thing_status_one_of"]["values"] == ("on", "off")
    assert by_name["thing_owner_reference"]["other"] == "customer"


def test_every_label_must_be_listed():
    check = next(c for c in derive(THING) if c.name == "thing_labels_one_of")
    labels = pd.Series([["a"], ["a", "c"], [], None], dtype="object")
    verdict = one(check, frame(["x"] * 4, labels=labels))
    assert list(verdict.examples) == [{"core_id": "c1", "labels": ["a", "c"]}]


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=list(ENTITIES))
def test_each_check_says_why_and_looks_at_a_field_of_its_entity(entity):
    columns = core_frame(entity, []).columns
    for check in derive(entity):
        assert check.entity == entity.name
        assert check.field in columns
        assert check.why.endswith(".")
        assert check.name.startswith(f"{entity.name}_{check.field}_")


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=list(ENTITIES))
def test_every_declared_condition_has_its_check(entity):
    names = {c.name for c in derive(entity)}
    for field in entity.own_fields:
        assert not field.required or f"{entity.name}_{field.name}_not_null" in names
        assert not field.one_of or f"{entity.name}_{field.name}_one_of" in names
        assert not field.ref or f"{entity.name}_{field.name}_reference" in names
