"""Every twin phrases every refusal, in its vendor's words, under the status that was asked for if there is one."""

from __future__ import annotations

import pytest

from sandbox.discovery import twins
from sandbox.guard import REFUSALS
from sandbox.twin import Refusal

ALL = twins()
# Of these vendors the status says only that somebody is throttled or that something broke; the rest is 200.
WORDS_ALONE = {"slack"}
# What is used up is forbidden there, and what was deleted is not found (Limits and errors).
OWN = {("salesforce", "rate_limit"): 403, ("salesforce", "gone"): 404}


@pytest.mark.parametrize("kind", REFUSALS)
@pytest.mark.parametrize("name", ALL)
def test_a_refusal_has_its_status_its_words_and_its_wait(name: str, kind: str) -> None:
    answer = ALL[name].refuse(Refusal(kind=kind, status=REFUSALS[kind], retry_after=None))
    plain = name in WORDS_ALONE and kind not in ("rate_limit", "server_error")
    assert (answer.status_code, "retry-after" in answer.headers) == (
        200 if plain else OWN.get((name, kind), REFUSALS[kind]),
        False,
    )
    assert answer.body
    waiting = ALL[name].refuse(Refusal(kind="rate_limit", status=429, retry_after=7))
    assert waiting.headers["retry-after"] == "7"
