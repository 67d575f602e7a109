from __future__ import annotations

import pandas as pd
import pytest

from benchmarks import matching_weights as made
from models.clusters import AUTO, Pair
from pipelines.matching import _rules, score, weights

HOME = {"street": "14 Oak Street", "city": "Austin", "state": "TX", "postal_code": "78701", "phone": "+15125550143"}
JOHN = {"given_name": "John", "family_name": "Whitfield", **HOME}


def likely(one: dict[str, str], other: dict[str, str], kind="person", **options) -> float:
    """The probability that these two records of two systems are the same."""
    rows = pd.DataFrame([{"id": "a", "system": "crm", **one}, {"id": "b", "system": "books", **other}])
    found = score(kind, rows, **options)
    return found[0].probability if found else 0.0


def test_a_slip_of_the_pen_is_the_same_person():
    assert likely(JOHN, {**JOHN, "family_name": "Whitfeild", "street": "14 Oak St."}) >= AUTO


def test_spouses_share_everything_but_the_first_name():
    assert likely(JOHN, {**JOHN, "given_name": "Margaret"}) < AUTO


def test_a_family_name_alone_does_not_say_who_of_the_family():
    assert likely(JOHN, {**JOHN, "given_name": None}) < AUTO


def test_namesakes_in_one_town_are_two_people():
    assert likely(JOHN, {**JOHN, "street": "902 Elm Road", "phone": "+15125550999", "postal_code": "78745"}) < 0.1


def test_two_businesses_behind_one_door_and_phone_are_two():
    assert likely({"name": "Harbor Dental", **HOME}, {"name": "Kestrel Books", **HOME}, "company") < AUTO


def test_a_business_with_its_legal_form_is_the_same():
    assert likely({"name": "Harbor Dental LLC", **HOME}, {"name": "The Harbor Dental Co.", **HOME}, "company") >= AUTO


def test_records_of_one_system_are_only_compared_when_asked():
    rows = pd.DataFrame([{"id": "a", "system": "crm", **JOHN}, {"id": "b", "system": "crm", **JOHN}])
    assert score("person", rows) == ()
    assert len(score("person", rows, within=True)) == 1


def test_the_order_of_records_and_the_company_around_them_change_nothing():
    rows = pd.DataFrame(
        [{"id": f"{s}{n}", "system": s, **JOHN, "street": f"{n} Oak St"} for n in range(9) for s in "ab"]
    )
    alone = score("person", rows[rows["id"].isin(["a1", "b1"])])
    everything = score("person", rows)
    assert score("person", rows.iloc[::-1]) == everything
    assert set(alone) <= set(everything)


def test_new_records_are_scored_as_they_are_among_all():
    rows = pd.DataFrame(
        [{"id": f"{s}{n}", "system": s, **JOHN, "street": f"{n} Oak St"} for n in range(9) for s in "ab"]
    )
    wanted = tuple(pair for pair in score("person", rows) if "b3" in (pair.left, pair.right))
    assert score("person", rows, fresh=frozenset({"b3"})) == wanted


def test_nothing_to_compare_gives_nothing():
    assert score("person", pd.DataFrame({"id": ["a"], "system": ["crm"]})) == ()
    assert isinstance(
        score("place", pd.DataFrame([{"id": i, "system": i, **HOME, "parent": "c"} for i in "ab"]))[0], Pair
    )


def test_the_shipped_weights_are_those_that_the_script_makes():
    assert [weights("person"), weights("company"), weights("place")] == [made.person(), made.company(), made.place()]


def test_what_no_record_says_is_not_looked_for():
    shipped = weights("person")["blocking_rules_to_generate_predictions"]
    empty = frozenset(("person_id", "birth_date", "name"))
    assert _rules(weights("person"), frozenset()) == shipped
    assert _rules(weights("person"), empty) == [
        rule
        for rule in shipped
        if "person_id" not in rule["blocking_rule"] and "birth_date" not in rule["blocking_rule"]
    ]


def test_records_that_say_too_little_to_be_looked_for_are_not_compared_with_everything():
    rows = pd.DataFrame([{"id": f"{system}1", "system": system, "state": "TX"} for system in ("crm", "books")])
    assert score("person", rows, floor=-99.0) == ()


@pytest.mark.parametrize("kind", ["person", "company", "place"])
def test_a_rule_holds_only_where_all_of_its_columns_agree(kind: str) -> None:
    """Or it could hold without one that is empty in every record, and must not be left out."""
    for rule in weights(kind)["blocking_rules_to_generate_predictions"]:
        for condition in rule["blocking_rule"].split(" AND "):
            left, equal, right = condition.partition(" = ")
            assert (equal, left.count("l."), right.count("r.")) == (" = ", 1, 1)
