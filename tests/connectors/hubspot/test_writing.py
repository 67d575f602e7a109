"""Writing: each row once, its answer told apart from its neighbours', and read back through the map."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from connectors.hubspot import CONNECTOR
from connectors.hubspot.customer import SHOWN
from connectors.hubspot.writing import find
from connectors.spec import Written
from models.errors import Ambiguous, Gone, Rejected, Stale, Throttled
from tests.connectors.hubspot.conftest import WRITE, Portal, canonical, outgoing, rows, scripted

ANN = {
    "given_name": "Ann",
    "family_name": "Bell",
    "company_name": "Bell Works",
    "email": "ann.bell@example.com",
    "phone": "+15125550142",
    "street": "12 Elm St Apt 4",
    "city": "Austin",
    "state": "TX",
    "postal_code": "78701",
    "country": "US",
    "status": "active",
}


@pytest.fixture
def ready(portal: Portal) -> Portal:
    """The portal after ``prepare``, as every push finds it."""
    assert CONNECTOR.prepare is not None
    CONNECTOR.prepare(portal.api)
    return portal


def send_many(portal: Portal, *batch: Any) -> list[Written | Exception]:
    assert WRITE.many is not None
    return list(WRITE.many(portal.api, batch))


def made(portal: Portal, values: dict[str, Any] = ANN, core_id: str = "cus_1") -> Written:
    (answer,) = send_many(portal, outgoing("create", values, core_id=core_id))
    assert isinstance(answer, Written)
    return answer


def test_what_was_written_reads_back_as_what_was_meant(ready: Portal) -> None:
    written = made(ready)
    assert written.record is not None
    assert canonical(written.record) == ANN
    assert rows([written.record])[0]["core_ref"] == "cus_1"
    assert written.version == written.record["updatedAt"]
    listed = {one["id"]: one for page in ready.read() for one in page.records}[written.id]
    assert set(listed["properties"]) >= set(SHOWN)
    assert canonical(listed) == ANN


def test_a_create_sent_twice_makes_one_contact(ready: Portal) -> None:
    before = len(ready.live())
    assert made(ready).id == made(ready).id
    assert len(ready.live()) == before + 1


def test_a_create_whose_answer_is_lost_is_made_once(ready: Portal) -> None:
    before = len(ready.live())
    ready.fault("dropped_answer", path="upsert", times=1)
    made(ready)
    assert len(ready.live()) == before + 1


def test_a_create_in_doubt_is_found_with_what_a_person_wrote_since(ready: Portal) -> None:
    out = outgoing("create", ANN, core_id="cus_1")
    assert find(ready.api, out) is None
    id = made(ready).id
    ready.edit(id, city="Marfa")
    found = find(ready.api, out)
    assert found is not None
    assert found.record is not None
    assert (found.id, found.record["properties"]["city"]) == (id, "Marfa")


def test_an_update_changes_what_it_names_and_an_empty_value_clears(ready: Portal) -> None:
    id = made(ready).id
    assert WRITE.update is not None
    written = WRITE.update(ready.api, outgoing("update", {"city": "Marfa", "phone": None}, target_id=id))
    assert written.record is not None
    assert canonical(written.record) == {**ANN, "city": "Marfa", "phone": None}


def test_a_mixed_batch_answers_in_the_order_of_its_rows(ready: Portal) -> None:
    id = made(ready).id
    answers = send_many(
        ready,
        outgoing("create", {"given_name": "Bo"}, core_id="cus_2"),
        outgoing("update", {"city": "Alpine"}, target_id=id),
        outgoing("create", {"given_name": "Cy"}, core_id="cus_3"),
    )
    names = [canonical(one.record)["given_name"] for one in answers if isinstance(one, Written) and one.record]
    assert names == ["Bo", "Ann", "Cy"]


def test_a_refused_row_leaves_its_neighbours_alone(ready: Portal) -> None:
    made(ready)
    answers = send_many(
        ready,
        outgoing("create", {"given_name": "Bo", "email": "no address"}, core_id="cus_2"),
        outgoing("create", {"given_name": "Cy"}, core_id="cus_3"),
        outgoing("create", {"given_name": "Di", "email": ANN["email"]}, core_id="cus_4"),
    )
    assert isinstance(answers[0], Rejected)
    assert isinstance(answers[1], Written)
    assert isinstance(answers[2], Stale)


def test_an_update_of_a_contact_that_is_gone_is_told(ready: Portal) -> None:
    id = made(ready).id
    ready.remove(id)
    (answer,) = send_many(ready, outgoing("update", {"city": "Marfa"}, target_id=id))
    assert isinstance(answer, Gone)


def test_fetch_shows_a_live_contact_and_nothing_else(ready: Portal) -> None:
    id = made(ready).id
    found = WRITE.fetch(ready.api, id)
    assert found is not None
    assert found.record is not None
    assert canonical(found.record) == ANN
    assert WRITE.fetch(ready.api, "1") is None
    ready.remove(id)
    assert WRITE.fetch(ready.api, id) is None


def test_fetch_many_goes_beyond_one_batch_and_shows_an_edit_at_once(ready: Portal) -> None:
    wanted = [one["id"] for one in ready.live()[:130]]
    ready.edit(wanted[0], city="Marfa")
    assert WRITE.fetch_many is not None
    found = WRITE.fetch_many(ready.api, [*wanted, "1"])
    assert list(found) == wanted
    record = found[wanted[0]].record
    assert record is not None
    assert canonical(record)["city"] == "Marfa"
    assert WRITE.fetch_many(ready.api, []) == {}


def test_a_merged_contact_is_gone_and_deleting_it_spares_its_survivor(ready: Portal) -> None:
    survivor, loser = (one["id"] for one in ready.live()[:2])
    body = {"primaryObjectId": survivor, "objectIdToMerge": loser}
    ready.api.request("POST", "/crm/v3/objects/contacts/merge", json=body)
    assert WRITE.fetch(ready.api, loser) is None
    assert WRITE.delete is not None
    assert WRITE.delete(ready.api, outgoing("delete", {}, target_id=loser)) == Written(id=loser)
    assert WRITE.fetch(ready.api, survivor) is not None


def test_a_delete_archives_and_may_be_repeated(ready: Portal) -> None:
    id = made(ready).id
    assert WRITE.delete is not None
    for _ in range(2):
        assert WRITE.delete(ready.api, outgoing("delete", {}, target_id=id)) == Written(id=id)
    record = ready.store.get("contacts", id)
    assert record is not None
    assert record["archived"]


def test_a_lasting_throttle_is_an_error_and_writes_nothing(ready: Portal) -> None:
    before = len(ready.live())
    ready.fault("rate_limit", path="upsert")
    with pytest.raises(Throttled):
        made(ready)
    assert len(ready.live()) == before


def test_a_failed_read_back_does_not_unsay_a_write(ready: Portal) -> None:
    ready.fault("rate_limit", path="batch/read")
    written = made(ready)
    assert written.record is None
    assert written.version is not None


def answering(body: dict[str, Any], status: int = 207) -> Any:
    def script(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("batch/read"):
            return httpx.Response(200, json={"status": "COMPLETE", "results": []})
        return httpx.Response(status, json={"status": "COMPLETE", **body})

    return script


def test_a_row_of_which_nothing_is_said_is_in_doubt() -> None:
    with scripted(answering({"results": [], "errors": []})) as api:
        assert WRITE.many is not None
        (answer,) = WRITE.many(api, [outgoing("create", ANN)])
    assert isinstance(answer, Ambiguous)


def test_an_error_that_names_no_row_is_given_to_the_rows_without_an_answer() -> None:
    refusal = {"status": "error", "category": "VALIDATION_ERROR", "message": "not that", "context": {}}
    done = {"id": "9", "updatedAt": "2026-03-11T15:00:00Z", "properties": {"plumbline_id": "cus_2"}}
    with scripted(answering({"results": [done], "errors": [refusal]})) as api:
        assert WRITE.many is not None
        answers = WRITE.many(api, [outgoing("create", ANN), outgoing("create", ANN, core_id="cus_2")])
    assert isinstance(answers[0], Rejected)
    assert answers[1] == Written(id="9", version="2026-03-11T15:00:00Z")


def test_a_failure_while_fetching_is_never_a_missing_contact() -> None:
    problem = {"status": "error", "category": "INTERNAL_ERROR", "message": "try later", "context": {"ids": ["7"]}}

    def script(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(207, json={"status": "COMPLETE", "results": [], "errors": [problem]})

    with scripted(script) as api, pytest.raises(Rejected, match="try later"):
        WRITE.fetch(api, "7")


def test_values_leave_as_text_and_a_create_leaves_out_what_is_empty() -> None:
    bodies: list[Any] = []

    def script(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        return httpx.Response(200, json={"status": "COMPLETE", "results": []})

    with scripted(script) as api:
        assert WRITE.many is not None
        WRITE.many(api, [outgoing("create", {"given_name": "Ann", "phone": None})])
    assert bodies[0]["inputs"] == [
        {
            "id": "cus_1",
            "idProperty": "plumbline_id",
            "objectWriteTraceId": "cus_1-create",
            "properties": {"firstname": "Ann", "plumbline_id": "cus_1"},
        }
    ]
