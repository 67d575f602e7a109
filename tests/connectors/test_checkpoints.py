"""Where the next read starts: it moves with what is durably stored, and with nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.raw import loads
from connectors.reading import read_system
from connectors.spec import Cursor, Page
from models.errors import Transient, Unauthorized
from tests.connectors.kit import MemorySystem, resource

PAGES = 4


class Killed(BaseException):
    """The process ends here."""


class Source:
    """A collection of ``count`` records, one a page; the read ends with ``problem`` before page ``at``."""

    def __init__(self, count: int = PAGES) -> None:
        self.count, self.at = count, count
        self.cursors: list[Cursor] = []
        self.problem: BaseException | None = None

    def __call__(self, cursor: Cursor) -> Iterator[Page]:
        self.cursors.append(dict(cursor))
        for n in range(cursor.get("next", 0), self.count):
            if self.problem is not None and n == self.at:
                raise self.problem
            yield Page(records=[{"id": n}], cursor={"next": n + 1}, full=not cursor)


def read(folder: Path, source: Source) -> None:
    api = MemorySystem("acme")
    read_system(api, (resource("jobs", source),), lake=folder / "lake", state_dir=folder / "state")


@pytest.mark.parametrize("page", range(PAGES))
def test_story_22_killed_before_any_page_the_next_read_has_everything(tmp_path: Path, page: int) -> None:
    source = Source()
    source.at, source.problem = page, Killed()
    with pytest.raises(BaseException):  # noqa: B017, PT011 - dlt wraps what kills it
        read(tmp_path, source)
    assert [one for one in loads(tmp_path / "lake", "acme") if one.full] == []
    source.problem = None
    read(tmp_path, source)
    assert source.cursors == [{}, {}]
    assert [set(one.full) for one in loads(tmp_path / "lake", "acme")][-1] == {"jobs"}


@pytest.mark.parametrize("problem", [Transient("acme", "try later"), Unauthorized("acme", "token refused"), Killed()])
def test_story_39_a_run_that_fails_leaves_the_checkpoint_to_the_byte(tmp_path: Path, problem: BaseException) -> None:
    source = Source(2)
    read(tmp_path, source)
    source.count, source.at, source.problem = PAGES, 3, problem  # after a page that would move the cursor
    for _ in range(2):
        if isinstance(problem, Killed):
            with pytest.raises(BaseException):  # noqa: B017, PT011 - dlt wraps what kills it
                read(tmp_path, source)
        else:
            read(tmp_path, source)
    source.problem = None
    read(tmp_path, source)
    assert [json.dumps(cursor) for cursor in source.cursors] == ["{}"] + ['{"next": 2}'] * 3
