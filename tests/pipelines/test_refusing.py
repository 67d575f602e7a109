"""Reads that are not to be believed and systems that are down: nothing is deleted, nobody else waits."""

from __future__ import annotations

import pytest

from models.errors import StackError
from pipelines.report import exit_status
from tests.pipelines.desk import ADA, Desk, planned


@pytest.fixture
def mirrored(desk: Desk) -> Desk:
    return desk.after(_mirrors)


def _mirrors(desk: Desk) -> None:
    """Eight customers of the CRM, made in the scheduling system by us; what is deleted there is deleted here."""
    desk.rest["handoffs"]["field.customer"]["deletes"] = "mirror"
    for i in range(8):
        desk.edit("crm", str(i), first=f"N{i}", email=f"n{i}@example.com")
    assert planned(desk.sync()) == (8, 0, 0)


@pytest.mark.parametrize(
    ("fault", "status"),
    [({"down": True}, "failed"), ({"html": True}, "failed"), ({"cut": 2}, "failed"), ({"cut": 0}, "failed")],
)
def test_a_failed_read_of_the_owner_deletes_nothing(fault: dict[str, object], status: str, mirrored: Desk) -> None:
    mirrored.faults("crm", **fault)
    said = mirrored.sync()
    assert said["systems"]["crm"]["status"] == status
    assert said["systems"]["crm"]["error"]
    assert (planned(said), said["core"]["customer"]) == ((0, 0, 0), 8)
    assert len(mirrored.people("field")) == 8
    assert exit_status(said) == 1


def test_a_suspiciously_small_read_deletes_nothing_and_waits_for_a_person(mirrored: Desk) -> None:
    data = mirrored.data("crm")
    mirrored.store("crm", {**data, "people": {}})
    said = mirrored.sync()
    assert said["systems"]["crm"]["status"] == "refused"
    assert "0 records where the last one returned 8" in said["systems"]["crm"]["error"]
    assert len(mirrored.people("field")) == 8
    assert exit_status(said) == 3

    mirrored.store("crm", data)
    assert mirrored.sync()["systems"]["crm"]["status"] == "ok"
    assert len(mirrored.customers()) == 8


def test_a_small_read_is_accepted_by_name(mirrored: Desk) -> None:
    mirrored.rest["guards"] = {"deletes": 10}
    mirrored.store("crm", {**mirrored.data("crm"), "people": {}})
    with pytest.raises(StackError, match=r"did you mean 'crm\.people'"):
        mirrored.sync(believe=["crm.peopel"])
    said = mirrored.sync(believe=["crm.people"])
    assert said["systems"]["crm"]["status"] == "ok"
    assert (planned(said), mirrored.people("field")) == ((0, 0, 8), {})
    # what we took away ourselves is missed by nobody
    assert mirrored.sync()["systems"]["field"]["status"] == "ok"


def test_a_believable_deletion_is_carried_out_where_we_made_the_record(mirrored: Desk) -> None:
    mirrored.edit("field", "own", first="Zed", email="zed@example.com")
    mirrored.sync()
    mirrored.tear_out("crm", "3")
    said = mirrored.sync()
    assert planned(said)[2] == 1
    assert {p["first"] for p in mirrored.people("field").values()} == {f"N{i}" for i in range(8) if i != 3} | {"Zed"}
    assert planned(mirrored.sync()) == (0, 0, 0)


def test_a_target_that_is_down_holds_its_own_pushes_and_nobody_elses(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA)
    desk.edit("field", "7", first="Bo", email="bo@example.com")
    desk.sync()
    desk.faults("field", down=True)
    desk.edit("crm", "2", first="Cy", email="cy@example.com")

    said = desk.sync()

    assert said["systems"]["crm"]["status"] == "ok"
    assert said["core"]["customer"] == 3
    [handoff] = [h for h in said["handoffs"] if h["handoff"] == "field.customer"]
    assert (handoff["delivered"], handoff["held"]) == (0, 1)
    assert "field could not be read" in handoff["hold"]
    desk.faults("field")
    assert desk.sync()["pushed"] == {"delivered": 1, "held": 0, "rejected": 0}


def test_a_system_down_at_the_first_sync_keeps_nobody_waiting(desk: Desk) -> None:
    desk.faults("field", down=True)
    desk.edit("crm", "1", **ADA)
    said = desk.sync()
    assert (said["core"]["customer"], said["pushed"]["held"]) == (1, 1)
    desk.faults("field")
    assert desk.sync()["pushed"]["delivered"] == 1


def test_a_stale_list_that_lacks_what_we_just_made_leads_to_no_second_one(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA)
    desk.sync()
    [made] = desk.people("field")
    desk.faults("field", hidden=[made])
    assert desk.sync()["pushed"]["delivered"] == 0
    assert list(desk.people("field")) == [made]
    desk.faults("field")
    assert planned(desk.sync()) == (0, 0, 0)
    assert list(desk.people("field")) == [made]


def test_a_stale_list_that_shows_an_older_version_takes_nothing_back(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA, city="Austin")
    desk.sync()
    desk.sync()
    [made] = desk.people("field")
    older = desk.person("field", made)
    desk.edit("crm", "1", city="Dallas")
    desk.sync()
    desk.faults("field", shown={"people": {made: older}})
    desk.sync()
    assert (desk.person("field", made)["city"], desk.customers()[0]["city"]) == ("Dallas", "Dallas")
    desk.faults("field")
    assert planned(desk.sync()) == (0, 0, 0)


def test_a_lost_answer_is_settled_by_the_next_run_and_made_once(desk: Desk) -> None:
    desk.faults("field", lost=1)
    desk.edit("crm", "1", **ADA)
    said = desk.sync()
    assert said["pushed"] == {"delivered": 0, "held": 1, "rejected": 0}
    said = desk.sync()
    assert planned(said) == (0, 0, 0)
    assert len(desk.people("field")) == 1
    assert len(desk.customers()) == 1


def test_a_refused_row_is_reported_and_tried_again_until_it_is_mended(desk: Desk) -> None:
    desk.edit("crm", "1", first="Refused", email="r@example.com")
    desk.edit("crm", "2", **ADA)
    for _ in range(2):
        said = desk.sync()
        assert said["pushed"]["rejected"] == 1
        assert exit_status(said) == 1
    assert [p["first"] for p in desk.people("field").values()] == ["Ada"]
    desk.edit("crm", "1", first="Rita")
    assert desk.sync()["pushed"] == {"delivered": 1, "held": 0, "rejected": 0}
    assert {p["first"] for p in desk.people("field").values()} == {"Ada", "Rita"}


def test_a_broken_record_is_set_aside_and_comes_back_when_it_is_mended(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA, status="nonsense")
    desk.edit("crm", "2", first="Bo", email="bo@example.com")
    said = desk.sync()
    assert {k: said["systems"]["crm"][k] for k in ("read", "staged", "quarantined", "status")} == {
        "read": 2, "staged": 1, "quarantined": 1, "status": "ok",
    }  # fmt: skip
    assert said["core"]["customer"] == 1
    desk.edit("crm", "1", status="lead")
    assert desk.sync()["core"]["customer"] == 2
    assert desk.rows("SELECT * FROM quarantine.records") == []
