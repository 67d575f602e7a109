from __future__ import annotations

from typing import Any

import pytest

from connectors.parties import called, named_alike, person_of, reached_alike, renamed
from models.change import Change
from models.errors import Rejected


def customer(after: dict[str, Any] | None = None, **desired: Any) -> Change:
    return Change(
        system="acme", entity="customer", core_id="cus_1", action="update", after=after or {}, desired=desired
    )


ANN = {"given_name": "Ann", "family_name": "Lee"}


@pytest.mark.parametrize(
    ("known", "name"),
    [
        (ANN, "Ann Lee"),
        ({"family_name": "Lee"}, "Lee"),
        ({**ANN, "company_name": "Lee Roofing"}, "Lee Roofing"),
        ({"email": "ann@lee.example", **ANN}, "Ann Lee"),
        ({"email": "ann@lee.example"}, "ann@lee.example"),
    ],
)
def test_a_customer_is_called_by_the_company_else_the_person_else_the_address(known: dict[str, Any], name: str) -> None:
    assert called(customer(**known), by_email=True) == name


def test_somebody_without_a_name_is_for_a_person() -> None:
    with pytest.raises(Rejected, match="cus_1 has no name; give it one at its owner"):
        called(customer(email="ann@lee.example"))
    with pytest.raises(Rejected, match="has neither a name nor an e-mail address"):
        called(customer(given_name=""), by_email=True)


def test_a_person_may_have_one_name_or_none() -> None:
    assert [person_of(customer(**known)) for known in (ANN, {"given_name": "Ann"}, {})] == ["Ann Lee", "Ann", ""]


def test_only_a_change_of_a_name_makes_it_again() -> None:
    assert renamed(customer({"company_name": None}))
    assert not renamed(customer({"phone": "+15125550123"}))


@pytest.mark.parametrize(
    ("email", "phone", "same"),
    [
        (" Ann@Lee.Example ", None, True),
        (None, "(512) 555-0123", True),
        (None, "+1 512 555 0123", True),
        ("ben@lee.example", "1", False),
        (None, "555-0123", False),  # fewer than ten digits tell nobody apart
        ("", "", False),
    ],
)
def test_a_namesake_is_known_by_how_it_is_reached(email: Any, phone: Any, same: bool) -> None:
    assert reached_alike(customer(email="ann@lee.example", phone="+15125550123"), email=email, phone=phone) is same


def test_two_who_cannot_be_reached_are_not_the_same_for_that() -> None:
    assert not reached_alike(customer(**ANN), email=None, phone=None)


@pytest.mark.parametrize(
    ("known", "emails", "names", "same"),
    [
        ({"email": "ann@lee.example", **ANN}, ["x@y.example", "Ann@lee.example"], {"given_name": "Bo"}, True),
        (ANN, [None], {"given_name": "Ann ", "family_name": "Lee", "company_name": "Lee Roofing"}, True),
        (ANN, [], {"given_name": "Ann", "family_name": "Leigh"}, False),
        ({"email": "ann@lee.example"}, ["bo@lee.example"], {"given_name": "Bo"}, False),
        ({}, [], {"given_name": "Bo"}, True),  # nothing speaks against the mark
    ],
)
def test_who_carries_our_mark_may_be_somebody_else(
    known: dict[str, Any], emails: list[Any], names: dict[str, Any], same: bool
) -> None:
    assert named_alike(customer(**known), emails=emails, names=names) is same
