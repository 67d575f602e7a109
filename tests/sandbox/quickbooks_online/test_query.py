from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.quickbooks_online.query import Condition, Order, parsed
from sandbox.quickbooks_online.refusals import Refused


def test_a_full_statement() -> None:
    statement = parsed(
        "select Id, DisplayName from Customer where Active in (true, false) and DisplayName like 'O\\'%'"
        " ORDER BY MetaData.LastUpdatedTime desc, Id STARTPOSITION 11 MAXRESULTS 10"
    )
    assert statement.members == ("Id", "DisplayName")
    assert statement.conditions == (
        Condition(member="Active", operator="IN", values=("true", "false")),
        Condition(member="DisplayName", operator="LIKE", values=("O'%",)),
    )
    assert statement.order == (
        Order(member="MetaData.LastUpdatedTime", descending=True),
        Order(member="Id", descending=False),
    )
    assert (statement.start, statement.most) == (11, 10)


def test_what_is_left_out() -> None:
    statement = parsed("SELECT * FROM Invoice")
    assert (statement.members, statement.conditions, statement.start, statement.most) == ((), (), 1, 100)


@pytest.mark.parametrize("text", ["SELECT *, Sku FROM Item", "select * from Item ORDERBY Name ASC"])
def test_a_star_means_every_member(text: str) -> None:
    assert parsed(text).members == ()


@pytest.mark.parametrize("text", ["select count(*) from Invoice", "SELECT COUNT(*) FROM Invoice "])
def test_counting(text: str) -> None:
    assert parsed(text).counting


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("select * from Invoice STARTPOSITION 0", "value 0 is too small. Min allowed value is 1"),
        ("select * from Invoice MAXRESULTS 1001", "value 1001 is too large. Max allowed value is 1000"),
        ("select * from Invoice where Id = '1' or Id = '2'", 'Encountered "or"'),
        ("select * from Invoice where Id != '1'", 'Encountered "!="'),
        ("select * Invoice", "Was expecting FROM"),
        ("select * from Invoice where DocNumber = 'open", 'Encountered "\'open"'),
        ("select * from Invoice where DocNumber = J1", "Was expecting a value"),
        ("delete from Invoice", "Was expecting SELECT"),
        ("", "Was expecting SELECT"),
    ],
)
def test_what_is_no_statement(text: str, said: str) -> None:
    with pytest.raises(Refused) as refused:
        parsed(text)
    assert refused.value.error["code"] == "4001"
    assert said in refused.value.error["Detail"]


@given(st.text(max_size=60))
def test_whatever_stands_there_without_an_entity_is_refused_in_the_vendors_words(text: str) -> None:
    with pytest.raises(Refused, match="4001"):
        parsed(f"{text} from")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_value_can_be_asked_for_once_escaped(value: str) -> None:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    statement = parsed(f"select * from Customer where DisplayName = '{escaped}'")  # noqa: S608 - the vendor's language
    (condition,) = statement.conditions
    assert condition.values == (value,)
