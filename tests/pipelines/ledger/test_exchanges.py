from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from connectors.exchange import Exchange
from models.change import Plan, Rejection
from pipelines.ledger import Ledger, exchanges_of, record_exchanges, record_intents, record_rejections
from pipelines.ledger.values import HIDDEN
from tests.pipelines.ledger.samples import T0, change, intent

SAID = Exchange(
    at=T0,
    line="POST /jobs",
    request='{"title":"Tune-up"}',
    request_headers={"if-match": '"1"'},
    status=201,
    answer='{"id":7}',
    answer_headers={"etag": '"2"'},
)


def test_what_was_said_of_a_change_comes_back_as_it_was(ledger: Ledger, planned: Callable[..., Plan]) -> None:
    one, two = change("cus_1"), change("cus_2")
    planned(one, two)
    record_intents(ledger, [intent(ledger, one), intent(ledger, two)])
    lost = replace(SAID, status=None, answer="the answer was lost", answer_headers={})
    record_exchanges(ledger, [([one.id, two.id], [lost, SAID]), ([two.id], [SAID])])
    assert exchanges_of(ledger, [one.id, two.id]) == {one.id: [lost, SAID], two.id: [lost, SAID, SAID]}


def test_each_attempt_adds_to_what_was_said(ledger: Ledger, planned: Callable[..., Plan]) -> None:
    one = change("cus_1")
    for _ in range(2):
        planned(one)
        record_intents(ledger, [intent(ledger, one)])
        record_exchanges(ledger, [([one.id], [SAID])])
        record_rejections(ledger, [Rejection(change=one, reason="no such town")])
    assert exchanges_of(ledger, [one.id])[one.id] == [SAID, SAID]


def test_no_secret_and_nothing_of_a_change_that_was_never_sent(ledger: Ledger, planned: Callable[..., Plan]) -> None:
    one, never = change("cus_1"), change("cus_2")
    planned(one, never)
    record_intents(ledger, [intent(ledger, one)])
    record_exchanges(
        ledger, [([one.id], [replace(SAID, request_headers={"x-api-key": "s3cret"})]), ([never.id], [SAID])]
    )
    found = exchanges_of(ledger, [one.id, never.id])
    assert found[one.id][0].request_headers == {"x-api-key": HIDDEN}
    assert found[never.id] == []
