"""Writing: each assignment one message, read back as what was meant, and never a second one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.slack import CONNECTOR
from connectors.spec import Record
from models.errors import Ambiguous, Gone, Rejected, Throttled, Unauthorized
from tests.connectors import canonical as drawn
from tests.connectors.desk import Desk, march
from tests.connectors.slack.conftest import CHANNEL, SAID, WRITES, canonical, outgoing, say

VISIT = {
    "title": "Boiler exchange",
    "instructions": "Gate code 4471#\nCall <first> & ring",
    "status": "en_route",
    "starts_at": march(20, 14),
    "ends_at": march(20, 16, 30),
    "time_zone": "America/Chicago",
    "all_day": False,
    "starts_on": None,
    "ends_on": None,
    "place": "12 Elm St, Austin, 78701",
    "job_number": "2041",
    "technician_name": "Luis Ortega",
}
DAYS = {"all_day": True, "starts_at": None, "ends_at": None, "starts_on": date(2026, 3, 20)}
WRITE = WRITES["assignment"]


def said(record: Record | None, values: dict[str, Any]) -> dict[str, Any]:
    """What a record says of the fields that these values have."""
    row = canonical("assignment", record)
    return {name: row[name] for name in values}


def create(desk: Desk, values: dict[str, Any] | None = None, **more: Any) -> Any:
    return desk.write("assignment", "create", VISIT if values is None else values, **more)


def test_what_was_written_reads_back_as_what_was_meant(desk: Desk) -> None:
    written = create(desk, core_id="asg_0123456789abcdef")
    assert said(written.record, VISIT) == VISIT
    assert canonical("assignment", written.record)["core_ref"] == "asg_0123456789abcdef"
    assert WRITE.fetch(desk.api, written.id) == written
    (listed,) = [record for page in desk.read("messages") for record in page.records]
    assert listed == written.record


def test_people_read_it_in_the_visits_own_time(desk: Desk) -> None:
    text = create(desk).record["text"].splitlines()
    assert text == [
        "*Boiler exchange · #2041*",
        "Fri 2026-03-20 09:00 to 11:30 CDT",
        "Luis Ortega",
        "12 Elm St, Austin, 78701",
        "en route",
        "Gate code 4471#",
        "Call &lt;first&gt; &amp; ring",
    ]


@pytest.mark.parametrize(
    ("times", "line"),
    [
        (DAYS | {"ends_on": date(2026, 3, 22)}, "2026-03-20 to 2026-03-22"),
        (DAYS | {"ends_on": date(2026, 3, 20)}, "2026-03-20"),
        ({"ends_at": march(21, 14)}, "Fri 2026-03-20 09:00 to Sat 2026-03-21 09:00 CDT"),
        ({"time_zone": None}, "Fri 2026-03-20 09:00 to 11:30 CDT"),  # the company's own
        ({"starts_at": None, "ends_at": None}, "Luis Ortega"),
    ],
)
def test_each_kind_of_time_has_its_words(desk: Desk, times: dict[str, Any], line: str) -> None:
    made = create(desk, VISIT | times)
    assert made.record["text"].splitlines()[1] == line
    assert said(made.record, times) == times


def test_a_technician_of_the_workspace_is_mentioned(desk: Desk) -> None:
    made = create(desk, VISIT | {"technician": "tec_1"}, refs={"technician": "U0KRQLT03"})
    assert canonical("assignment", made.record)["technician"] == "U0KRQLT03"
    assert "<@U0KRQLT03>" in made.record["text"]
    other = {"desired": VISIT | {"technician": "tec_2"}, "refs": {"technician": "U0KRQLT04"}}
    moved = desk.write("assignment", "update", {"technician": "tec_2"}, target_id=made.id, **other)
    assert canonical("assignment", moved.record)["technician"] == "U0KRQLT04"
    nobody = {"desired": VISIT | {"technician": None}}
    none = desk.write("assignment", "update", {"technician": None}, target_id=made.id, **nobody)
    assert canonical("assignment", none.record)["technician"] is None


def test_an_update_changes_the_message_in_its_place(desk: Desk) -> None:
    made = create(desk)
    desk.later(minutes=5)
    moved = VISIT | {"starts_at": march(20, 15), "ends_at": march(20, 17)}
    changed = desk.write("assignment", "update", {"starts_at": march(20, 15)}, desired=moved, target_id=made.id)
    assert (changed.id, said(changed.record, moved)) == (made.id, moved)
    assert changed.version is not None
    fetched = WRITE.fetch(desk.api, made.id)
    assert fetched is not None
    assert (fetched.version, said(fetched.record, moved)) == (changed.version, moved)
    assert canonical("assignment", fetched.record)["changed_at"] > canonical("assignment", made.record)["changed_at"]
    assert len([one for one in desk.served.store.all("messages") if "metadata" in one]) == 1


def test_what_is_emptied_is_empty(desk: Desk) -> None:
    made = create(desk)
    empty = dict.fromkeys(("title", "instructions", "place", "job_number"))
    changed = desk.write("assignment", "update", empty, desired=VISIT | empty, target_id=made.id)
    assert said(changed.record, VISIT) == VISIT | empty
    assert changed.record is not None
    assert changed.record["text"].startswith("*Visit*\n")


long_texts = st.text("äß漢🚐 x&<>", min_size=1, max_size=3500).map(str.strip).filter(bool)
visits = st.fixed_dictionaries(
    {
        "title": drawn.BY_TYPE[drawn.Type.TEXT] | long_texts,
        "instructions": st.none() | long_texts,
        "status": st.sampled_from(["scheduled", "started", "paused", "completed", "canceled"]),
        "starts_at": st.datetimes(march(1, 0).replace(year=1990), march(1, 0).replace(year=2100)).map(
            lambda at: at.replace(microsecond=0)
        ),
        "time_zone": st.none() | drawn.BY_KIND["zone"],
        "place": st.none() | drawn.BY_TYPE[drawn.Type.TEXT],
    }
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(visits, min_size=2, max_size=2), length=st.integers(0, 10**6))
def test_generated_visits_survive_create_and_update(desk: Desk, values: list[dict[str, Any]], length: int) -> None:
    first, second = (one | {"ends_at": one["starts_at"] + timedelta(seconds=length)} for one in values)
    made = create(desk, first)
    assert said(made.record, first) == first
    changed = desk.write("assignment", "update", second, target_id=made.id)
    assert said(changed.record, second) == second


@pytest.mark.parametrize("form", ["trim", "upper", "html"])
def test_a_text_that_is_kept_in_another_spelling_changes_nothing_for_us(desk: Desk, form: str) -> None:
    desk.fault("rewritten_values", form=form)
    assert said(create(desk).record, VISIT) == VISIT


def test_a_lost_create_is_found_by_our_id(desk: Desk) -> None:
    out = outgoing("assignment", "create", VISIT, core_id="asg_0123456789abcdef")
    assert WRITE.create is not None
    assert WRITE.find is not None
    assert WRITE.find(desk.api, out) is None
    desk.fault("dropped_answer", path="chat.postMessage$")
    with pytest.raises(Ambiguous):
        WRITE.create(desk.api, out)
    for n in range(3):
        say(desk, f"remark {n}")
    found = WRITE.find(desk.api, out)
    assert found is not None
    assert said(found.record, VISIT) == VISIT
    other = outgoing("assignment", "create", VISIT, core_id="asg_fedcba9876543210")
    assert WRITE.find(desk.api, other) is None


def test_a_lost_update_or_delete_may_be_sent_again(desk: Desk) -> None:
    made = create(desk)
    for action, method in (("update", "chat.update"), ("delete", "chat.delete")):
        desk.fault("dropped_answer", path=f"{method}$")
        with pytest.raises(Ambiguous):
            desk.write("assignment", action, VISIT, target_id=made.id)  # type: ignore[arg-type] # one of the two
        assert desk.write("assignment", action, VISIT, target_id=made.id).id == made.id  # type: ignore[arg-type]


def test_a_deleted_message_is_gone_and_may_be_deleted_again(desk: Desk) -> None:
    made = create(desk)
    assert desk.write("assignment", "delete", {}, target_id=made.id).record is None
    assert WRITE.fetch(desk.api, made.id) is None
    assert desk.write("assignment", "delete", {}, target_id=made.id).id == made.id
    with pytest.raises(Gone):
        desk.write("assignment", "update", VISIT, target_id=made.id)


def test_many_are_fetched_by_one_look_and_others_words_never(desk: Desk) -> None:
    made = [create(desk, core_id=f"asg_{n:016}").id for n in range(3)]
    say(desk, "not ours")
    theirs = next(id for id, one in desk.served.store.items("messages") if one["text"] == "not ours")
    assert WRITE.fetch_many is not None
    desk.recording.exchanges.clear()
    assert set(WRITE.fetch_many(desk.api, [made[0], made[2], theirs])) == {made[0], made[2]}
    assert desk.said(SAID) == ["GET conversations.history"]


@pytest.mark.parametrize(
    ("kind", "more", "problem"),
    [
        ("rate_limit", {"retry_after": 30}, Throttled),
        ("server_error", {}, Ambiguous),
        ("server_error", {"status": 503}, Ambiguous),
        ("forbidden", {}, Unauthorized),
        ("html_error_page", {"status": 200}, Ambiguous),
        ("cut_body", {}, Ambiguous),
    ],
)
def test_a_failed_create_raises(desk: Desk, kind: str, more: dict[str, Any], problem: type[Exception]) -> None:
    desk.fault(kind, path="chat.postMessage$", **more)
    with pytest.raises(problem):
        create(desk)
    desk.recording.exchanges.clear()  # no answer of the vendor's


def test_preparing_joins_a_public_channel_once(desk: Desk) -> None:
    assert CONNECTOR.prepare is not None
    channel = desk.served.store.get("channels", CHANNEL)
    assert channel is not None
    desk.served.store.put("channels", CHANNEL, channel | {"is_member": False})
    CONNECTOR.prepare(desk.api)
    CONNECTOR.prepare(desk.api)
    assert desk.said(SAID).count("POST conversations.join") == 1
    create(desk)


def test_an_archived_channel_holds_everything_and_refuses_nothing(desk: Desk) -> None:
    desk.remove("channels", CHANNEL)
    with pytest.raises(Unauthorized, match="is_archived"):
        create(desk)


def test_what_slack_refuses_is_named(desk: Desk) -> None:
    made = create(desk)
    message = desk.served.store.get("messages", made.id)
    assert message is not None
    desk.served.store.put("messages", made.id, {**message, "bot_id": "B0OTHERAPP"})
    with pytest.raises(Rejected, match="cant_update_message"):
        desk.write("assignment", "update", VISIT, target_id=made.id)
