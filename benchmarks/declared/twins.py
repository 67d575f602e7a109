"""The twins over a company that has next to nothing of its own: technicians and a price book."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from benchmarks.declared.systems import twin_of
from sandbox.app import assemble
from sandbox.company import Company
from sandbox.estate import Estate, found
from sandbox.serving import listen, serving_app, url
from sandbox.twin import Twin


def little(whole: Company) -> Company:
    """The company without customers, and without all that comes from them."""
    return replace(whole, customers=(), sites=(), jobs=(), appointments=(), invoices=(), payments=(), busy=())


def _over(system: str) -> Twin:
    twin = twin_of(system)
    return replace(twin, seed=lambda whole, store: twin.seed(little(whole), store))


def estate(systems: Sequence[str], address: str) -> Estate:
    """The twins of these systems, filled from the little company."""
    return found({name: _over(name) for name in systems}, seed=1, clock=None, base_url=address, headroom=1000)


@contextmanager
def served(systems: Sequence[str]) -> Iterator[tuple[str, Estate]]:
    """The twins in a thread of this process: their address, and what they hold."""
    with listen("127.0.0.1", 0) as bound:
        here = estate(systems, url(bound))
        with serving_app(assemble(here), bound) as address:
            yield address, here


@contextmanager
def apart(systems: Sequence[str]) -> Iterator[str]:
    """The address of the twins in a fork of this process, so that what is forked later has none of their threads."""
    reader, writer = os.pipe()
    if (pid := os.fork()) == 0:
        _serve(systems, writer)
    os.close(writer)
    try:
        with os.fdopen(reader) as said:
            yield said.readline().strip()
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _serve(systems: Sequence[str], writer: int) -> None:
    """Serves until the process is killed, and never returns to what was forked."""
    try:
        with served(systems) as (address, _):
            os.write(writer, f"{address}\n".encode())
            signal.pause()
    finally:
        os._exit(1)
