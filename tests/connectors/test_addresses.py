from __future__ import annotations

from typing import Any

from connectors.addresses import PARTS, Address, moved
from models.change import Change
from models.fields import encode_record

ADDRESS = Address(
    at="billing", street="line1", further=("line2",), city="city", state="state", postal_code="zip", country="country"
)
THERE = {"line1": "9 Elm St", "line2": "Unit 4", "city": "Austin", "state": "TX", "zip": "78701", "geo": [30, -97]}


def change(after: dict[str, Any], **desired: Any) -> Change:
    return Change(
        system="acme", entity="customer", core_id="cus_1", action="update", after=after, desired={**desired, **after}
    )


def test_an_address_goes_with_what_is_there_of_it_and_nothing_else() -> None:
    assert ADDRESS.amended(change({"city": "Waco"}), THERE) == {
        "line1": "9 Elm St", "line2": "Unit 4", "city": "Waco", "state": "TX", "zip": "78701", "country": "",
    }  # fmt: skip


def test_our_street_is_one_line_so_that_the_old_further_one_goes() -> None:
    told = ADDRESS.amended(change({"street": "1 Oak St, Unit 2"}), THERE)
    assert (told["line1"], told["line2"], told["city"]) == ("1 Oak St, Unit 2", "", "Austin")


def test_a_part_that_is_cleared_is_empty() -> None:
    assert ADDRESS.amended(change({"state": None}), THERE)["state"] == ""


def test_an_address_that_does_not_move_is_not_sent() -> None:
    assert ADDRESS.amended(change({"phone": "+15125550123"}), THERE) == {}
    assert not moved(change({"phone": "+15125550123"}))
    assert moved(change({"country": None}))


def test_where_there_was_none_the_changed_part_is_all_of_it() -> None:
    assert ADDRESS.amended(change({"city": "Waco"}), None) == {
        "line1": "", "line2": "", "city": "Waco", "state": "", "zip": "", "country": "",
    }  # fmt: skip


def test_a_new_address_has_every_member() -> None:
    assert ADDRESS.whole(change({}, street="9 Elm St", postal_code="78701")) == {
        "line1": "9 Elm St", "line2": "", "city": "", "state": "", "zip": "78701", "country": "",
    }  # fmt: skip


def test_what_we_know_of_an_address_is_no_more_than_that() -> None:
    assert ADDRESS.known(change({}, street="9 Elm St", city="")) == {"line1": "9 Elm St"}


def test_a_map_reads_and_writes_each_part_at_its_member() -> None:
    fields = ADDRESS.fields()
    assert tuple(fields) == PARTS
    assert fields["street"].paths == ("billing.line1", "billing.line2")
    assert encode_record(fields, {"street": "9 Elm St", "postal_code": "78701"}) == {
        "billing": {"line1": "9 Elm St", "zip": "78701"}
    }


def test_the_same_form_may_stand_in_another_place() -> None:
    assert ADDRESS.fields("@")["postal_code"].paths == ("@.zip",)
    assert Address(street="s", city="c", state="t", postal_code="p", country="n").fields()["city"].paths == ("c",)
