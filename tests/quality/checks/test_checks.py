from __future__ import annotations

from dataclasses import replace

import pytest

from models.errors import DeclarationError
from quality.checks import assemble, checks_of, load
from quality.derived import derive
from tests.quality.frames import ENTITIES, core_frame, nothing_lives, run

BUSINESS = [check for checks in load().values() for check in checks]


def test_every_entity_has_business_checks_and_every_file_has_its_entity():
    assert set(load()) == set(ENTITIES)


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=list(ENTITIES))
def test_an_entity_is_checked_by_what_it_declares_and_what_the_business_knows(entity):
    names = [check.name for check in checks_of(entity)]
    assert names == [c.name for c in (*derive(entity), *load()[entity.name])]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("check", BUSINESS, ids=[check.name for check in BUSINESS])
def test_a_business_check_says_why_and_warns(check):
    assert check.why.endswith(".")
    assert check.name.startswith(f"{check.entity}_")
    assert check.severity == "warn"


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=list(ENTITIES))
@pytest.mark.parametrize("rows", [0, 1, 3], ids=["no rows", "an empty row", "empty rows"])
def test_no_check_is_broken_on_rows_that_say_nothing(entity, rows):
    verdicts = run(checks_of(entity), core_frame(entity, [{}] * rows), nothing_lives)
    assert {v.check.name: v.problem for v in verdicts if v.outcome == "broken"} == {}


def test_a_persons_data_is_hidden_in_examples():
    by_name = {check.name: check for check in checks_of(ENTITIES["customer"])}
    assert by_name["customer_email_form"].hidden == ("email",)
    assert by_name["customer_can_be_reached"].hidden == ("email", "phone", "street")
    assert by_name["customer_status_one_of"].hidden == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": "item_name_not_null"}, "two checks are called 'item_name_not_null'"),
        ({"entity": "job"}, "move it from item there"),
        ({"field": "prize"}, "no field 'prize'"),
        ({"shows": ("prize",)}, "no field 'prize'"),
    ],
    ids=["name", "entity", "field", "shown field"],
)
def test_a_check_that_contradicts_its_entity_is_refused(change, said):
    wrong = replace(load()["item"][0], **change)
    with pytest.raises(DeclarationError, match=said):
        assemble(ENTITIES["item"], (wrong,))
