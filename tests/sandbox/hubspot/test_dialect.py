"""How refusals of the sandbox are phrased, and faults that only this twin knows."""

from __future__ import annotations

import json

import pytest

from sandbox.hubspot import TWIN
from sandbox.hubspot.dialect import moment, stamp
from sandbox.twin import Refusal
from tests.sandbox.hubspot.conftest import NOW, Portal


@pytest.mark.parametrize(
    ("kind", "status", "word"),
    [
        ("rate_limit", 429, "TEN_SECONDLY_ROLLING"),
        ("unauthorized", 401, "INVALID_AUTHENTICATION"),
        ("forbidden", 403, "MISSING_SCOPES"),
        ("server_error", 502, "INTERNAL_ERROR"),
    ],
)
def test_every_kind_of_refusal_has_its_words(kind: str, status: int, word: str) -> None:
    response = TWIN.refuse(Refusal(kind=kind, status=status, retry_after=None))
    assert response.status_code == status
    assert word in bytes(response.body).decode()
    assert json.loads(bytes(response.body))["status"] == "error"
    assert "retry-after" not in response.headers


def test_retry_after_is_given_in_seconds() -> None:
    assert TWIN.refuse(Refusal(kind="rate_limit", status=429, retry_after=2.0)).headers["retry-after"] == "2"


def test_instants_are_written_with_milliseconds_and_read_in_both_spellings() -> None:
    assert stamp(NOW) == "2026-03-11T15:00:00.000Z"
    assert moment("1773241200000") == moment("2026-03-11T10:00:00-05:00") == NOW
    assert moment("tomorrow") is None


def test_a_truncated_page_ends_early_without_saying_so(portal: Portal) -> None:
    portal.fault("truncated_page", times=1)
    cut = portal.call("GET", portal.contacts, params={"limit": 3}).json()
    assert len(cut["results"]) == 1
    assert "paging" not in cut
    assert "paging" in portal.call("GET", portal.contacts, params={"limit": 3}).json()


def test_a_path_that_is_not_there_is_404_in_the_vendors_envelope(portal: Portal) -> None:
    response = portal.call("GET", "/crm/v9/nothing")
    assert (response.status_code, response.json()["category"]) == (404, "OBJECT_NOT_FOUND")
