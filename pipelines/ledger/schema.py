"""The form of a ledger's tables: made new, brought up to date by revisions, or refused when it is newer than we are.

A revision is a file in ``migrations/versions``; its name is its id, and the last name is the form that this
Plumbline reads and writes. The id stands in the ledger's table ``alembic_version``.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, MetaData, String, Table, insert, inspect, select

from models.errors import LedgerError
from pipelines.ledger.tables import metadata

if TYPE_CHECKING:  # its import takes as long as opening ten ledgers, and few need it
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
FIRST = "r0001_first"
# Alembic's own table, as it makes it.
_version = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
# Before there were revisions, a ledger said with this table that it has the form of the first one.
_UNVERSIONED = "schema_version"
# Alembic keeps the migration that runs in global names.
_alone = threading.Lock()


def newest() -> str:
    """The form that this Plumbline reads and writes."""
    return revisions()[-1]


def revisions() -> list[str]:
    """The ids of all revisions, oldest first."""
    return sorted(path.stem for path in (MIGRATIONS / "versions").glob("r*.py"))


def is_current(db: Connection) -> bool:
    """Whether the ledger has our form. It says so without loading what changes forms."""
    return _found(db) == newest()


def settle(db: Connection) -> None:
    """Give the ledger our form: all tables of a new one, the missing revisions of an older one.

    Raises LedgerError for a form that we do not know. To be called with the writer's lock held.
    """
    found = _found(db)
    if found is None and inspect(db).has_table(_UNVERSIONED):
        found = FIRST
        db.exec_driver_sql(f"DROP TABLE {_UNVERSIONED}")
        _stamp(db, FIRST)
    if found is None:
        metadata.create_all(db)
        _stamp(db, newest())
    elif found not in revisions():
        raise LedgerError(
            f"The ledger has the form {found}, this Plumbline knows forms up to {newest()}; "
            "use the version that wrote it."
        )
    elif found != newest():
        upgrade(db, newest())


def upgrade(db: Connection, revision: str) -> None:
    """Run the revisions that lead to this one, within the transaction of ``db``."""
    from alembic import command

    with _alone:
        command.upgrade(config(db), revision)


def config(db: Connection) -> Config:
    """What alembic's commands ask for: where the revisions are, and the connection to use."""
    from alembic.config import Config

    told = Config()
    told.set_main_option("script_location", MIGRATIONS.as_posix())
    told.set_main_option("path_separator", "os")
    told.set_main_option("file_template", "%%(rev)s")
    told.attributes["connection"] = db
    return told


def _found(db: Connection) -> str | None:
    if not inspect(db).has_table(_version.name):
        return None
    return db.scalar(select(_version.c.version_num))


def _stamp(db: Connection, revision: str) -> None:
    _version.create(db)
    db.execute(insert(_version).values(version_num=revision))
