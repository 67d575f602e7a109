"""The form of a ledger: new, older, unnumbered, newer, and changed by two processes at once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, inspect, select, text

from models.errors import LedgerError
from pipelines.ledger import Ledger, database, load_plan, open_ledger, save_plan, schema, start_run
from pipelines.ledger.database import reading
from pipelines.ledger.migrations.__main__ import write_revision
from pipelines.ledger.tables import metadata
from tests.pipelines.ledger.samples import at, change, plan

ROOT = Path(__file__).parents[3]
NEXT = """
from alembic import op
import sqlalchemy as sa

revision = "r9000_next"
down_revision = "{last}"


def upgrade():
    op.create_table("notes", sa.Column("id", sa.Integer, primary_key=True))
    with op.batch_alter_table("plans", recreate="auto") as batch:
        batch.add_column(sa.Column("note", sa.String, nullable=False, server_default="none"))
        batch.alter_column("mode", nullable=True)
    {more}
"""


@pytest.fixture
def bare(url: str) -> Iterator[Ledger]:
    """A database with nothing in it."""
    with Ledger(engine=database._engine(database._address(url), os.getpid())) as one:
        yield one


@pytest.fixture
def revisions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the revisions, to which a test may add."""
    copy = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(schema, "MIGRATIONS", copy)
    return copy / "versions"


def add_next(versions: Path, more: str = "pass") -> None:
    (versions / "r9000_next.py").write_text(NEXT.format(last=schema.newest(), more=more))


def form(url: str) -> str | None:
    with open_ledger(url) as ledger, reading(ledger) as db:
        return db.scalar(select(schema._version.c.version_num))


def checks(db: Connection) -> dict[str, set[str | None]]:
    return {
        name: {one["name"] for one in inspect(db).get_check_constraints(name)}
        for name in inspect(db).get_table_names()
        if name != "alembic_version"
    }


def test_the_revisions_make_the_tables_that_the_code_declares(bare: Ledger) -> None:
    with database._reshaping(bare) as db:
        schema.upgrade(db, "head")
    with reading(bare) as db:
        options: dict[str, Any] = {"compare_type": True}
        assert compare_metadata(MigrationContext.configure(db, opts=options), metadata) == []
        declared = {
            name: {one.name for one in table.constraints if isinstance(one, CheckConstraint)}
            for name, table in metadata.tables.items()
        }
        assert checks(db) == declared


def test_the_revisions_are_one_line_and_their_names_are_its_order() -> None:
    script = ScriptDirectory(schema.MIGRATIONS.as_posix())
    assert [one.revision for one in script.walk_revisions()][::-1] == schema.revisions()
    assert script.get_heads() == [schema.newest()]


def test_a_new_ledger_has_the_newest_form(url: str) -> None:
    assert form(url) == schema.newest()


def test_a_ledger_from_before_revisions_is_adopted_with_all_that_it_holds(bare: Ledger, url: str) -> None:
    with database._reshaping(bare) as db:
        schema.upgrade(db, schema.FIRST)
        db.execute(text("DROP TABLE alembic_version"))
        db.execute(text("CREATE TABLE schema_version (version INTEGER PRIMARY KEY)"))
        db.execute(text("INSERT INTO schema_version VALUES (1)"))
        db.execute(text("INSERT INTO runs VALUES ('r1', 'sync', '2026-05-04', NULL, 'done', NULL)"))
    assert form(url) == schema.newest()
    with reading(bare) as db:
        assert db.scalar(text("SELECT id FROM runs")) == "r1"
        assert not inspect(db).has_table("schema_version")


def test_an_older_ledger_follows_with_all_that_it_holds(url: str, revisions: Path) -> None:
    with open_ledger(url) as ledger:
        start_run(ledger, run="r1", kind="sync", at=at(0))
        kept = plan(change())
        save_plan(ledger, kept)
    add_next(revisions)
    assert form(url) == "r9000_next"
    with open_ledger(url) as ledger:
        # The table of plans was made anew; what refers to its rows is still there, and still held to them.
        assert load_plan(ledger, kept.id).plan == kept
        with pytest.raises(LedgerError, match="refuses what contradicts it"), database.writing(ledger) as db:
            db.execute(text("UPDATE changes SET plan = 99"))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("op.execute('DELETE FROM nowhere')", "cannot be used"),
        ("op.execute('DELETE FROM runs')", "without what they refer to|refuses what contradicts it"),
    ],
)
def test_a_revision_that_fails_changes_nothing(url: str, revisions: Path, more: str, message: str) -> None:
    with open_ledger(url) as ledger:
        start_run(ledger, run="r1", kind="sync", at=at(0))
        save_plan(ledger, kept := plan(change()))
        add_next(revisions, more)
        with pytest.raises(LedgerError, match=message):
            open_ledger(url)
        (revisions / "r9000_next.py").unlink()
        assert form(url) == schema.newest()
        assert load_plan(ledger, kept.id).plan == kept
        with reading(ledger) as db:
            assert not inspect(db).has_table("notes")


def test_a_newer_ledger_is_refused_and_left_alone(url: str, revisions: Path) -> None:
    add_next(revisions)
    assert form(url) == "r9000_next"
    (revisions / "r9000_next.py").unlink()
    with pytest.raises(LedgerError, match=f"the form r9000_next, .* up to {schema.newest()}; use the version"):
        open_ledger(url)


OPENER = """
import sys
from pathlib import Path
from pipelines.ledger import open_ledger, schema
schema.MIGRATIONS = Path(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
open_ledger(sys.argv[1]).close()
"""


def test_two_processes_that_bring_one_ledger_up_to_date_do_not_collide(url: str, revisions: Path) -> None:
    open_ledger(url).close()
    add_next(revisions)
    command = [sys.executable, "-c", OPENER, url, str(revisions.parent)]
    with opener(command) as one, opener(command) as two:
        for process in (one, two):
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        assert [process.communicate("go\n", timeout=60)[0] for process in (one, two)] == ["", ""]
        assert (one.returncode, two.returncode) == (0, 0)
    assert form(url) == "r9000_next"


def opener(command: list[str]) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_what_the_tables_say_and_no_revision_does_is_written_as_the_next_one(bare: Ledger, revisions: Path) -> None:
    for known in revisions.glob("r*.py"):
        known.unlink()
    assert write_revision("all_of_it") == "r0001_all_of_it"
    with database._reshaping(bare) as db:
        schema.upgrade(db, "head")
        assert set(inspect(db).get_table_names()) == {*metadata.tables, "alembic_version"}
    with pytest.raises(ValueError, match="is no id"):
        write_revision("a name that is far too long and has spaces")
