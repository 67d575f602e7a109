"""What the rows of the table are made of: seconds, and the processes that are measured against."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from pipelines.checks import check
from pipelines.company import assemble
from pipelines.settings import load
from pipelines.sync import run_sync

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table. ``ratio`` is ours beside the peer's; ``met`` None where no goal is set."""

    work: str
    ours: str
    goal: str
    peer: str
    ratio: str
    met: bool | None


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds and result."""
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def sync(stack: Path) -> dict[str, Any]:
    """One whole sync in this process: how many were delivered, held and rejected, and its seconds by stage.

    cpu  processor seconds of this process: what is left of ``seconds`` when the machine does other work besides
    """
    before = time.process_time()
    seconds, done = timed(lambda: run_sync(assemble(load(stack)), check=check))
    said: dict[str, Any] = {"seconds": seconds, "cpu": time.process_time() - before}
    said["stages"] = {name: round(took, 2) for name, took in done.seconds.items()}
    for part in ("delivered", "held", "rejected"):
        said[part] = sum(len(getattr(one, part)) for one in done.deliveries.values())
    assert not done.problems, done.problems
    return said


def spent(one: Mapping[str, Any]) -> str:
    """The seconds of a sync, and what of them the processor was busy with it."""
    return f"{one['seconds']:.2f} s (processor {one['cpu']:.2f} s)"


@contextmanager
def process(command: list[str], ready: Callable[[], bool], *, env: Mapping[str, str] | None = None) -> Iterator[None]:
    """A process of our own, from when it is ready to the end of the block."""
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env)
    try:
        for _ in range(600):
            assert running.poll() is None, f"{command[:4]} ended before it was ready"
            if ready():
                break
            time.sleep(0.05)
        else:
            raise AssertionError(f"{command[:4]} was not ready within 30 seconds")
        yield
    finally:
        running.terminate()
        running.wait(timeout=20)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(address: str) -> bool:
    try:
        httpx.get(address, timeout=2)
    except httpx.TransportError:
        return False
    return True


@contextmanager
def sandbox(*, headroom: int = 1) -> Iterator[str]:
    """The sandbox in a process of its own; gives its address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--headroom", str(headroom)]
    with process(command, lambda: answers(f"{address}/_sandbox/systems")):
        yield address
