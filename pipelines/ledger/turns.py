"""Turns: of all runs that write to one system, one at a time, over threads, processes and machines.

A turn ends with the process that has it, however it ends. With a ledger in PostgreSQL it is an advisory lock of a
session; with SQLite it is a locked file beside the ledger, which the kernel lets go of.
"""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import text

from models.errors import Occupied
from pipelines.ledger.database import Ledger, spoken

# How long a run waits for its turn, in seconds, and how often it looks.
PATIENCE = 30.0
_LOOK = 0.05


@contextmanager
def turn(ledger: Ledger, system: str, *, patience: float | None = None) -> Iterator[None]:
    """Be the only one that writes to a system for the time of a ``with``; a turn is not taken twice by one thread.

    Raises Occupied when another has it for longer than ``patience`` seconds.
    """
    taken = _session_lock if ledger.engine.dialect.name == "postgresql" else _file_lock
    with taken(ledger, system, time.monotonic() + (PATIENCE if patience is None else patience)):
        yield


@contextmanager
def _file_lock(ledger: Ledger, system: str, deadline: float) -> Iterator[None]:
    beside = Path(str(ledger.engine.url.database))
    with beside.with_name(f"{beside.name}.{quote(system, safe='')}.lock").open("a") as file:

        def take() -> bool:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        _wait(take, system, deadline)
        yield


@contextmanager
def _session_lock(ledger: Ledger, system: str, deadline: float) -> Iterator[None]:
    """A lock of the database session; what two ledgers in one database call by one name are two systems."""
    query = text("SELECT pg_try_advisory_lock(hashtextextended(current_schema() || ' ' || :system, 0))")
    with spoken(ledger), ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.detach()  # closed at the end, and with it the session and its lock

        _wait(lambda: bool(db.scalar(query, {"system": system})), system, deadline)
        yield


def _wait(take: Callable[[], bool], system: str, deadline: float) -> None:
    while not take():
        if time.monotonic() >= deadline:
            raise Occupied(f"another run is writing to {system}; the next run after it goes on from there")
        time.sleep(_LOOK)
