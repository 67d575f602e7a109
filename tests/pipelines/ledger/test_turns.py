"""Turns on SQLite and on PostgreSQL: one at a time over processes, and a killed one is over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from models.errors import Occupied
from pipelines.ledger import Ledger, turn

ROOT = Path(__file__).parents[3]
HOLDER = """
import sys
from pipelines.ledger import open_ledger, turn
with open_ledger(sys.argv[1]) as ledger, turn(ledger, "hubspot"):
    print("mine", flush=True)
    sys.stdin.read()
"""


def test_one_process_at_a_time_until_it_is_killed(url: str, ledger: Ledger) -> None:
    command = [sys.executable, "-c", HOLDER, url]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "mine\n"
        with pytest.raises(Occupied, match="another run is writing to hubspot"), turn(ledger, "hubspot", patience=0.2):
            pytest.fail("two had the turn at once")
        with turn(ledger, "jobber", patience=0):
            pass  # another system's turn is another one
        holder.send_signal(signal.SIGKILL)
        with turn(ledger, "hubspot", patience=10):
            assert holder.wait(timeout=10) == -signal.SIGKILL


def test_who_waits_comes_after_and_never_between(ledger: Ledger) -> None:
    inside: list[str] = []

    def work(name: str) -> None:
        for _ in range(5):
            with turn(ledger, "hubspot"):
                inside.append(name)
                inside.append(name)

    workers = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert len(inside) == 30
    assert inside[::2] == inside[1::2]


def test_a_turn_ends_with_an_error_too(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="half way"), turn(ledger, "hubspot"):
        raise ValueError("half way")
    with turn(ledger, "hubspot", patience=0):
        pass
