from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from models.errors import LedgerError
from pipelines.ledger import Ledger, list_runs, open_ledger, start_run
from pipelines.ledger.database import reading, writing
from pipelines.ledger.tables import metadata, runs
from tests.pipelines.ledger.samples import at


def test_opening_twice_keeps_what_is_there(url: str) -> None:
    with open_ledger(url) as ledger:
        start_run(ledger, run="r1", kind="sync", at=at(0))
    with open_ledger(url) as ledger:
        assert [run.id for run in list_runs(ledger)] == ["r1"]


def test_a_failed_transaction_leaves_nothing(ledger: Ledger) -> None:
    def half() -> None:
        with writing(ledger) as db:
            db.execute(update(runs).values(kind="changed"))
            raise ValueError("half way")

    with pytest.raises(ValueError, match="half way"):
        half()
    assert [run.kind for run in list_runs(ledger)] == ["sync"]


def test_what_contradicts_the_ledger_is_refused_in_a_sentence(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="refuses what contradicts it"), writing(ledger) as db:
        db.execute(update(runs).values(status="undecided"))


def test_writers_take_turns(ledger: Ledger) -> None:
    def count_up() -> None:
        for _ in range(20):
            with writing(ledger) as db:
                number = int(db.scalar(select(runs.c.kind)))
                db.execute(update(runs).values(kind=str(number + 1)))

    with writing(ledger) as db:
        db.execute(update(runs).values(kind="0"))
    workers = [threading.Thread(target=count_up) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert [run.kind for run in list_runs(ledger)] == ["80"]


def test_two_that_open_a_new_ledger_at_once_both_succeed(url: str) -> None:
    failures: list[BaseException] = []

    def opened() -> None:
        try:
            open_ledger(url).close()
        except LedgerError as error:
            failures.append(error)

    workers = [threading.Thread(target=opened) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert failures == []


def test_sqlite_is_set_up_to_lose_nothing(tmp_path: Path) -> None:
    with open_ledger(f"sqlite:///{tmp_path / 'new' / 'ledger.sqlite'}") as ledger, reading(ledger) as db:
        found = {name: db.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_every_table_is_made(ledger: Ledger) -> None:
    with reading(ledger) as db:
        assert [db.scalar(select(table).limit(0)) for table in metadata.sorted_tables] == [None] * len(metadata.tables)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("ledger.sqlite", "is not one; use sqlite"),
        ("mysql://host/db", "cannot live in mysql"),
        ("sqlite://", "needs a file"),
        ("postgresql://nobody:pass-word@127.0.0.1:1/none", "cannot be used"),
    ],
)
def test_a_useless_address_is_refused_without_its_password(address: str, message: str) -> None:
    with pytest.raises(LedgerError, match=message) as refusal:
        open_ledger(address)
    assert "pass-word" not in str(refusal.value)
