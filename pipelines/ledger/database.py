"""Opening the ledger, and the one way in which it is read and written.

SQLite is the default (WAL, every commit on disk before it returns, foreign keys on); a PostgreSQL
address works the same. Both have one writer at a time, so what two workers of one company write is
never interleaved.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, IntegrityError, OperationalError, ProgrammingError

from models.errors import LedgerError
from pipelines.ledger import schema

T = TypeVar("T")

# How long a writer waits for the one before it, in seconds. Transactions take milliseconds; a wait of
# this length means that a process hangs with the ledger in its hands.
PATIENCE = 30
# Any number, the same for all writers of one PostgreSQL ledger.
_WRITER_LOCK = 7_305_120
# How many ledgers of one process keep their compiled statements.
COMPANIES = 16
# SQLite takes 32,766 parameters in one statement, PostgreSQL 65,535.
_CHUNK = 5_000
_WRITING = "plumbline_writing"
_RESHAPING = "reshaping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """An open ledger; give it to the functions of this package and ``close`` it at the end.

    open  the transaction that is under way (``together``), None when each function has one of its own
    """

    engine: Engine
    open: Connection | None = None

    def close(self) -> None:
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()


def open_ledger(url: str) -> Ledger:
    """The ledger at a SQLAlchemy address (``sqlite:///path/ledger.sqlite``, ``postgresql://…``).

    A new one is made, an older one brought up to date in one transaction. Raises LedgerError when it cannot be
    reached, its driver is not installed, or a newer Plumbline wrote it.
    """
    ledger = Ledger(engine=_engine(_address(url), os.getpid()))
    try:
        with reading(ledger) as db:
            current = schema.is_current(db)
        if not current:
            with _reshaping(ledger) as db:
                schema.settle(db)
    except LedgerError:
        ledger.close()
        raise
    return ledger


@contextmanager
def reading(ledger: Ledger) -> Iterator[Connection]:
    """One consistent view of the ledger; nothing can be written through it that lasts."""
    if ledger.open is not None:
        yield ledger.open
        return
    with spoken(ledger), ledger.engine.connect() as db:
        yield db


@contextmanager
def writing(ledger: Ledger) -> Iterator[Connection]:
    """One transaction: on disk when the block ends, undone when it raises, never beside another writer."""
    if ledger.open is not None:
        yield ledger.open
        return
    with spoken(ledger), ledger.engine.connect().execution_options(**{_WRITING: True}) as db, db.begin():
        if db.dialect.name == "postgresql":
            db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _WRITER_LOCK})
        yield db


@contextmanager
def together(ledger: Ledger) -> Iterator[Ledger]:
    """The ledger for a block whose writes are one transaction: a commit waits for the disk, however little it says."""
    with writing(ledger) as db:
        yield replace(ledger, open=db)


def chunks(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """The items in pieces that fit into the parameters of one statement."""
    return (items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK))


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise LedgerError(
            f"The ledger's address {url!r} is not one; use sqlite:///file or postgresql://host/db."
        ) from error
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise LedgerError(f"The ledger cannot live in {address.get_backend_name()}; use SQLite or PostgreSQL.")
    if address.get_backend_name() == "sqlite" and address.database in (None, "", ":memory:"):
        raise LedgerError("The ledger needs a file: what is kept in memory is lost with the process.")
    return address


@lru_cache(maxsize=COMPANIES)
def _engine(address: URL, process: int) -> Engine:  # noqa: ARG001 - a fork must not use our connections
    """The engine of an address: it keeps what it compiled, which takes longer than most of what is asked."""
    serializer = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))
    if address.get_backend_name() == "sqlite":
        Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(address, json_serializer=serializer, connect_args={"timeout": PATIENCE})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        engine = create_engine(
            address.set(drivername="postgresql+psycopg"),
            json_serializer=serializer,
            pool_pre_ping=True,
            connect_args={"connect_timeout": PATIENCE},
        )
    except ModuleNotFoundError as error:
        raise LedgerError("A ledger in PostgreSQL needs its driver: pip install 'plumbline[postgres]'.") from error
    event.listen(engine, "connect", _prepare_postgres)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Python's own transaction handling begins late and commits early; ours says BEGIN itself.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(db: Connection) -> None:
    purpose = db.get_execution_options().get(_WRITING)
    if purpose == _RESHAPING:
        # SQLite changes a table by copying it, and dropping the old one would take along what refers to it.
        db.exec_driver_sql("PRAGMA foreign_keys = OFF")
    # A transaction that reads first and writes later may find that it has lost its turn; a writer takes it at once.
    db.exec_driver_sql("BEGIN IMMEDIATE" if purpose else "BEGIN")


def _prepare_postgres(connection: Any, _record: object) -> None:
    # A server may be set up to answer before a commit is on disk; the protocol of writing forbids that.
    connection.execute("SET synchronous_commit = on")
    connection.execute(f"SET lock_timeout = '{PATIENCE}s'")
    connection.commit()


@contextmanager
def _reshaping(ledger: Ledger) -> Iterator[Connection]:
    """``writing`` for changes of the tables themselves, on a connection that serves nothing else."""
    with spoken(ledger), ledger.engine.connect().execution_options(**{_WRITING: _RESHAPING}) as db:
        db.detach()
        with db.begin():
            if db.dialect.name == "postgresql":
                db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _WRITER_LOCK})
            yield db
            if db.dialect.name == "sqlite" and (lost := db.exec_driver_sql("PRAGMA foreign_key_check").all()):
                raise LedgerError(f"The ledger's new form would leave {len(lost)} rows without what they refer to.")


@contextmanager
def spoken(ledger: Ledger) -> Iterator[None]:
    """The database's refusals as one sentence of ours."""
    where = ledger.engine.url.render_as_string(hide_password=True)
    try:
        yield
    except IntegrityError as error:
        raise LedgerError(f"The ledger {where} refuses what contradicts it: {error.orig}") from error
    except (OperationalError, ProgrammingError) as error:
        raise LedgerError(f"The ledger {where} cannot be used: {error.orig}") from error
