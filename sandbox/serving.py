"""Serves the sandbox with uvicorn on loopback: in the foreground for people, in a thread for tests."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence

import uvicorn
from starlette.applications import Starlette

from sandbox.app import build_app
from sandbox.clock import Clock
from sandbox.guard import ConnectionCut


class _Announcing(uvicorn.Server):
    """uvicorn has no hook for the moment at which it accepts calls."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def listen(host: str, port: int) -> socket.socket:
    """A bound loopback socket; port 0 takes any free one. ValueError for a host that is not loopback."""
    address = "127.0.0.1" if host == "localhost" else host
    try:
        loopback = ipaddress.ip_address(address).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ValueError(f"the sandbox serves on loopback only, not on {host}")
    bound = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((address, port))
    except OSError:
        bound.close()
        raise
    return bound


def url(bound: socket.socket) -> str:
    """``http://host:port`` of a bound socket."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(
    host: str,
    port: int,
    seed: int,
    announce: Callable[[str], None],
    only: Sequence[str] | None = None,
    headroom: int = 1,
) -> None:
    """Serves until SIGINT or SIGTERM, then returns; ``announce`` gets the address once calls are answered."""
    with contextlib.closing(listen(host, port)) as bound:
        address = url(bound)
        server = _server(build_app(seed, only=only, base_url=address, headroom=headroom), lambda: announce(address))
        # uvicorn raises the signal again after its clean shutdown; here it has then done its work.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        server.run(sockets=[bound])


@contextlib.contextmanager
def serving(
    seed: int = 1,
    clock: Clock | None = None,
    only: Sequence[str] | None = None,
    port: int = 0,
    headroom: int = 1,
) -> Iterator[str]:
    """The sandbox in a thread of this process for the time of a ``with``; gives its address."""
    with contextlib.closing(listen("127.0.0.1", port)) as bound:
        app = build_app(seed, clock=clock, only=only, base_url=url(bound), headroom=headroom)
        with serving_app(app, bound) as address:
            yield address


@contextlib.contextmanager
def serving_app(app: Starlette, bound: socket.socket) -> Iterator[str]:
    """Any application on a bound socket, in a thread, for the time of a ``with``."""
    ready = threading.Event()
    server = _server(app, ready.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, daemon=True)
    thread.start()
    if not ready.wait(timeout=30):
        raise RuntimeError("the sandbox did not start within 30 seconds")
    try:
        yield url(bound)
    finally:
        server.should_exit = True
        thread.join(timeout=30)


def _server(app: Starlette, ready: Callable[[], None]) -> _Announcing:
    logging.getLogger("uvicorn.error").addFilter(_unless_cut)
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", timeout_graceful_shutdown=2)
    return _Announcing(config, ready)


def _unless_cut(record: logging.LogRecord) -> bool:
    """A connection cut on purpose is no error to report."""
    return not (record.exc_info and isinstance(record.exc_info[1], ConnectionCut))
