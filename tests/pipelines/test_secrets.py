"""No credential is written anywhere: not into the lake, the warehouse, the ledger, a log, a plan or what people see."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from connectors.gateway import open_api
from pipelines.show import plain
from tests.pipelines import http_counter
from tests.pipelines.desk import ADA, Desk
from tests.pipelines.http_counter import TOKEN, Counter


@pytest.fixture
def shop() -> Iterator[Counter]:
    with http_counter.serve() as counter:
        yield counter


def everything(desk: Desk) -> Iterator[tuple[str, str]]:
    """Every file of the company's data as text: packed ones unpacked, all others as they are."""
    home = desk.folder / ".plumbline"
    for path in home.rglob("*"):
        if path.is_dir():
            continue
        yield path.name, path.read_bytes().decode("latin-1")
        if path.suffix == ".parquet":
            yield path.name, str(pq.read_table(path).to_pylist())
    for table in desk.rows(
        "SELECT schema_name || '.' || table_name AS name FROM duckdb_tables() WHERE database_name = current_database()"
    ):
        yield table["name"], str(desk.rows(f"SELECT * FROM {table['name']}"))  # noqa: S608 - our own names
    yield from _ledger(home / "ledger.sqlite")


def _ledger(path: Path) -> Iterator[tuple[str, str]]:
    with sqlite3.connect(path) as db:
        names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            yield name, str(db.execute(f"SELECT * FROM {name}").fetchall())  # noqa: S608 - our own names
    db.close()


@pytest.mark.parametrize("mood", ["ok", "unauthorized", "refuses"])
def test_a_token_that_the_vendor_repeats_is_nowhere_to_be_found(
    mood: str, desk: Desk, shop: Counter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    monkeypatch.setattr("connectors.gateway.open_api", partial(open_api, sleep=lambda _: None))
    desk.extra = {
        "shop": {
            "connector": "counter",
            "roles": ["scheduling"],
            "base_url": shop.address,
            "environment": "sandbox",
            "credentials": {"token": "env:DESK_TOKEN"},
        }
    }
    desk.rest["handoffs"] = {"shop.customer": {"mode": "live"}}
    desk.edit("crm", "1", **ADA)
    shop.mood = mood

    said: list[Any] = [desk.sync(), desk.sync()]

    delivered, held, rejected = said[0]["pushed"]["delivered"], said[0]["pushed"]["held"], said[0]["pushed"]["rejected"]
    assert (delivered, held, rejected) == {"ok": (1, 0, 0), "unauthorized": (0, 1, 0), "refuses": (0, 0, 1)}[mood]
    assert TOKEN not in json.dumps(said, default=str)
    assert TOKEN not in caplog.text
    assert desk.session is not None
    assert TOKEN not in plain([str(desk.session.plans), str(desk.session.deliveries), str(desk.session.reports)])
    assert TOKEN not in repr(desk.session)
    assert [name for name, text in everything(desk) if TOKEN in text] == []
