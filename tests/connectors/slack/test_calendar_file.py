"""The visit as a calendar file below its message: there when it is wanted, new when it moved, gone with the message."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import icalendar
import pytest

from connectors.slack.calendar_file import content
from models.errors import Ambiguous, Gone, Transient, Unauthorized
from tests.connectors.desk import NOW, Desk, march
from tests.connectors.slack.conftest import CHANNEL, SAID, WRITES, outgoing

VISIT = {
    "title": "Boiler exchange; flue, too",
    "instructions": "Gate code 4471#\nCall first",
    "status": "scheduled",
    "starts_at": march(20, 14),
    "ends_at": march(20, 16, 30),
    "place": "12 Elm St, Austin",
}
LATER = VISIT | {"starts_at": march(21, 14), "ends_at": march(21, 16)}


@pytest.fixture
def filing(desk: Desk) -> Desk:
    """The desk of a stack that wants the files."""
    return replace(desk, api=replace(desk.api, settings={"channel": CHANNEL, "calendar_files": True}))


def files(desk: Desk) -> list[icalendar.Component]:
    """The events of the files that are shared, each below a message."""
    shared = [file["id"] for one in desk.served.store.all("messages") for file in one.get("files", ())]
    kept = {one["id"]: one["content"] for one in desk.served.store.all("files")}
    assert sorted(shared) == sorted(kept)
    return [event for id in shared for event in icalendar.Calendar.from_ical(kept[id]).walk("VEVENT")]


def write(desk: Desk, action: Any, values: dict[str, Any], **more: Any) -> Any:
    return desk.write("assignment", action, values, **{"core_id": "asg_0123456789abcdef", **more})


def test_a_visit_is_below_its_message_as_a_file(filing: Desk) -> None:
    made = write(filing, "create", VISIT)
    (event,) = files(filing)
    assert (event["uid"], event["summary"], event["location"]) == (
        "asg_0123456789abcdef@plumbline",
        VISIT["title"],
        VISIT["place"],
    )
    assert event["description"] == VISIT["instructions"]
    assert [event[name].dt.replace(tzinfo=None) for name in ("dtstart", "dtend")] == [march(20, 14), march(20, 16, 30)]
    (below,) = [one for one in filing.served.store.all("messages") if one.get("files")]
    assert f"{CHANNEL}:{below['thread_ts']}" == made.id
    order = [line.split()[1] for line in filing.said(SAID) if "upload/v1" not in line]
    assert order == ["files.getUploadURLExternal", "chat.postMessage", "files.completeUploadExternal"]


def test_only_a_visit_that_moved_has_a_new_file(filing: Desk) -> None:
    made = write(filing, "create", VISIT)
    first = [one["id"] for one in filing.served.store.all("files")]
    write(filing, "update", VISIT | {"status": "started"}, target_id=made.id)
    assert [one["id"] for one in filing.served.store.all("files")] == first
    write(filing, "update", LATER, target_id=made.id)
    (event,) = files(filing)
    assert event["dtstart"].dt.replace(tzinfo=None) == march(21, 14)
    write(filing, "update", LATER | {"starts_at": None, "ends_at": None}, target_id=made.id)
    assert files(filing) == []


def test_message_and_file_go_together(filing: Desk) -> None:
    made = write(filing, "create", VISIT)
    write(filing, "delete", {}, target_id=made.id)
    assert [one for one in filing.served.store.all("messages") if one.get("bot_id")] == []
    assert filing.served.store.all("files") == []
    assert write(filing, "delete", {}, target_id=made.id).id == made.id


def test_a_file_that_somebody_removed_holds_nothing_up(filing: Desk) -> None:
    made = write(filing, "create", VISIT)
    (file,) = filing.served.store.all("files")
    filing.api.request("POST", "/api/files.delete", data={"file": file["id"]})
    write(filing, "update", LATER, target_id=made.id)
    assert len(files(filing)) == 1


@pytest.mark.parametrize("path", ["getUploadURLExternal", "/upload/v1/"])
def test_nothing_is_said_when_the_bytes_cannot_be_sent(filing: Desk, path: str) -> None:
    filing.fault("server_error", path=path)
    with pytest.raises(Transient):
        write(filing, "create", VISIT)
    assert [one for one in filing.served.store.all("messages") if one.get("bot_id")] == []
    filing.recording.exchanges.clear()  # no answer of the vendor's


@pytest.mark.parametrize("kind", ["server_error", "forbidden", "dropped_answer"])
def test_a_file_that_cannot_be_shared_leaves_the_message_in_doubt_and_not_refused(filing: Desk, kind: str) -> None:
    filing.fault(kind, path="completeUploadExternal")
    with pytest.raises(Ambiguous, match="the message was said"):
        write(filing, "create", VISIT)
    out = outgoing("assignment", "create", VISIT, core_id="asg_0123456789abcdef")
    write_ = WRITES["assignment"]
    assert write_.find is not None
    found = write_.find(filing.api, out)
    assert found is not None
    write(filing, "update", LATER, target_id=found.id)
    assert len(files(filing)) == 1


def test_without_the_scope_nothing_is_said(filing: Desk) -> None:
    filing.fault("forbidden", path="getUploadURLExternal")
    with pytest.raises(Unauthorized):
        write(filing, "create", VISIT)


def test_a_message_that_is_gone_takes_no_file(filing: Desk) -> None:
    with pytest.raises(Gone):
        write(filing, "update", VISIT, target_id=f"{CHANNEL}:1772452800.000200")
    assert files_shared(filing) == []


def files_shared(desk: Desk) -> list[Any]:
    return [one for one in desk.served.store.all("messages") if one.get("files")]


def test_without_the_setting_there_are_no_files(desk: Desk) -> None:
    made = write(desk, "create", VISIT)
    write(desk, "update", LATER, target_id=made.id)
    assert desk.served.store.all("files") == []
    assert desk.said(SAID) == ["POST chat.postMessage", "POST chat.update"]


def test_whole_days_end_on_the_day_after() -> None:
    said = {"core_id": "asg_1", "starts_on": "2026-03-20", "ends_on": "2026-03-22"}
    (event,) = icalendar.Calendar.from_ical(content(said, NOW)).walk("VEVENT")
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 3, 20), date(2026, 3, 23))
