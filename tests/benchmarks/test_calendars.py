"""The scripts of the calendars in small, on Radicale itself: what people and the office do is all kept.

``python -m benchmarks.calendars`` runs them in full, beside vdirsyncer.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.calendars import scripts
from benchmarks.calendars.contestants import Ours
from benchmarks.calendars.server import serving
from tests.pipelines import short_read

VISITS = 12
PARTS = ("company", "collections")


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ours]:
    """A company whose visits stand in the calendars, as it is kept beside itself."""
    with pytest.MonkeyPatch.context() as patch, serving(tmp_path_factory.mktemp("calendars") / "server") as server:
        patch.setattr("pipelines.sync.read_all", short_read.read_all)
        one = Ours(folder=server.folder / "company", server=server)
        scripts.settle(one, VISITS)
        for part in PARTS:
            shutil.copytree(server.folder / part, server.folder / "kept" / part)
        yield one


@pytest.fixture
def ours(settled: Ours) -> Ours:
    """The same again for each test: both sides are put back to what was kept."""
    for part in PARTS:
        shutil.rmtree(settled.server.folder / part)
        shutil.copytree(settled.server.folder / "kept" / part, settled.server.folder / part)
    return settled


def test_story_21_different_fields_of_one_event_edited_on_both_sides_are_all_kept(ours: Ours) -> None:
    found = scripts.different_fields(ours, 4, VISITS)
    assert (found.kept, found.of, found.flaws) == (8, 8, ())


def test_story_21_what_the_office_deletes_and_people_edited_waits_for_a_person_and_stays(ours: Ours) -> None:
    found = scripts.delete_against_edit(ours, 2, VISITS)
    assert (found.kept, found.of, found.flaws) == (2, 2, ())
    assert found.remark == "when_deleted: ask: waiting"


def test_story_21_what_people_delete_and_the_office_edited_waits_for_a_person_too(ours: Ours) -> None:
    found = scripts.edit_against_delete(ours, 2, VISITS)
    assert (found.kept, found.of, found.flaws) == (2, 2, ())
    assert found.remark == "when_deleted: ask: waiting"


def test_story_16_what_vanishes_from_the_offices_list_stays_and_the_reasons_are_named(ours: Ours) -> None:
    found = scripts.vanished(ours, 7, VISITS)
    assert (found.kept, found.of, found.flaws) == (7, 7, ())
    assert "returned 5 records where the last one returned 12" in found.remark
    assert "7 held: 7 deletes are more than the 5 that guards allow" in found.remark


@pytest.mark.slow
def test_story_37_edits_after_a_push_was_killed_are_kept_and_nothing_stands_twice(tmp_path: Path) -> None:
    with serving(tmp_path / "server") as server:
        found = scripts.killed(Ours(folder=tmp_path / "company", server=server), 10, 30)
    assert (found.kept, found.of, found.flaws) == (10, 10, ())
