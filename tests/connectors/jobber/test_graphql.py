"""What Jobber's answers mean, and that every document is one the vendor's schema allows."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import build_schema, parse, validate

from connectors.jobber.graphql import HERE, ask, changed, document, judge
from models.errors import Rejected, Throttled, Transient, Unauthorized, Unreachable
from tests.connectors.jobber.conftest import FakeApi
from tests.vendors.description import VENDORS

DOCUMENTS = sorted(path.stem for path in HERE.glob("*.graphql") if path.stem.islower())


def refused(code: str | None, message: str = "No", **cost: Any) -> dict[str, Any]:
    error = {"message": message} | ({"extensions": {"code": code}} if code else {})
    return {"errors": [error], "extensions": {"cost": cost}}


def verdict(body: Any, status: int = 200) -> Exception | None:
    return judge("jobber", status, {}, body)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_vendors_schema_allows_every_document(name: str) -> None:
    sdl = VENDORS / "jobber" / "schema.graphql"
    if not sdl.exists():
        pytest.skip("no vendor description of jobber: ../shared/vendors/jobber is absent")
    assert validate(build_schema(sdl.read_text(encoding="utf-8")), parse(document(name))) == []


def test_throttled_waits_for_the_points_that_are_missing() -> None:
    status = {"maximumAvailable": 10000, "currentlyAvailable": 500, "restoreRate": 500}
    problem = verdict(refused("THROTTLED", requestedQueryCost=2000, throttleStatus=status))
    assert isinstance(problem, Throttled)
    assert problem.wait == pytest.approx(3.0)


def test_throttled_without_a_price_leaves_the_wait_open() -> None:
    problem = verdict({"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]})
    assert isinstance(problem, Throttled)
    assert problem.wait is None


def test_a_query_dearer_than_the_bucket_is_no_matter_of_waiting() -> None:
    status = {"maximumAvailable": 10000, "currentlyAvailable": 10000, "restoreRate": 500}
    problem = verdict(refused("THROTTLED", requestedQueryCost=10001, throttleStatus=status))
    assert isinstance(problem, Rejected)
    assert "smaller pages" in str(problem)


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("UNAUTHENTICATED", "Not logged in", Unauthorized),
        (None, "Service temporarily unavailable", Transient),
        ("undefinedField", "Field 'x' doesn't exist", Rejected),
    ],
)
def test_errors_with_status_200(code: str | None, message: str, kind: type[Exception]) -> None:
    problem = verdict(refused(code, message))
    assert type(problem) is kind
    assert message in str(problem)


@pytest.mark.parametrize("body", [{"data": {"clients": None}}, "plain text", {"errors": []}])
def test_what_holds_no_error_is_left_to_the_status(body: Any) -> None:
    assert verdict(body) is None
    assert verdict(refused("THROTTLED"), status=401) is None


def test_a_query_may_be_sent_again_and_a_mutation_not() -> None:
    api = FakeApi(answers=[{"data": {"account": {"id": "MQ=="}}}] * 2)
    assert ask(api, "account") == {"id": "MQ=="}
    ask(api, "account", change=True)
    assert api.repeatable == [True, False]


@pytest.mark.parametrize("body", [{"data": None}, {"data": {}}, {}, []])
def test_an_answer_without_data_is_not_the_vendors(body: Any) -> None:
    with pytest.raises(Unreachable, match="without data"):
        ask(FakeApi(answers=[body]), "account")


def test_user_errors_are_the_vendors_refusal_in_its_words() -> None:
    wrong = {"message": "is invalid", "path": ["input", "emails"]}
    api = FakeApi(answers=[{"data": {"clientEdit": {"client": None, "userErrors": [wrong]}}}])
    with pytest.raises(Rejected, match=r"input\.emails: is invalid"):
        changed(api, "client_edit", "client", id="MQ==")


def test_a_mutation_that_shows_no_record_is_no_success() -> None:
    api = FakeApi(answers=[{"data": {"clientEdit": {"client": None, "userErrors": []}}}])
    with pytest.raises(Rejected, match="no reason given"):
        changed(api, "client_edit", "client", id="MQ==")
