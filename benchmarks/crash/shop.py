"""A shop that outlives the processes that write to it: records over a socket, and six ways to treat a key.

===========  ==================================================================================
honours      a key makes one record, for ever
marks        no keys: a record carries our mark and can be searched for it
ignores      takes keys and makes another record each time; searched by mark
replays      answers a known key as it did at first, also when the record was deleted since
expires      forgets its keys between two runs; searched by mark
drops        honours keys, and loses one answer in five after it did what it was asked
===========  ==================================================================================
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Record = dict[str, Any]
KINDS = ("honours", "marks", "ignores", "replays", "expires", "drops")
KEYED = ("honours", "replays", "expires", "drops")


@dataclass(slots=True)
class Shop:
    """What the shop holds. ``made`` counts creates that took effect, for every mark."""

    kind: str = "honours"
    records: dict[str, Record] = field(default_factory=dict)
    keys: dict[str, Record] = field(default_factory=dict)
    numbers: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, asked: Record) -> Record | None:
        """What is answered; None for an answer that is lost on its way."""
        with self.lock:
            said: Record = getattr(self, f"do_{asked['do']}")(asked)
        written = asked["do"] in ("create", "update", "delete")
        lost = self.kind == "drops" and written and self.chance.random() < 0.2
        return None if lost else said

    def do_reset(self, asked: Record) -> Record:
        self.kind, self.records, self.keys = asked["kind"], dict(asked["records"]), {}
        self.numbers = len(self.records)
        return {}

    def do_night(self, _: Record) -> Record:
        """Time passes between two runs."""
        if self.kind == "expires":
            self.keys.clear()
        return {}

    def do_list(self, _: Record) -> Record:
        return {"records": list(self.records.values())}

    def do_fetch(self, asked: Record) -> Record:
        return {"record": self.records.get(asked["id"])}

    def do_find(self, asked: Record) -> Record:
        return {"record": next((r for r in self.records.values() if r["mark"] == asked["mark"]), None)}

    def do_create(self, asked: Record) -> Record:
        known = self.keys.get(asked["key"]) if self.kind in KEYED else None
        if known is not None:
            return {"record": known if self.kind == "replays" else self.records.get(known["id"], known)}
        self.numbers += 1
        record = {**asked["record"], "id": f"p{self.numbers}", "mark": asked["mark"], "version": "1"}
        self.records[record["id"]] = self.keys[asked["key"]] = record
        return {"record": record}

    def do_update(self, asked: Record) -> Record:
        record = self.records.get(asked["id"])
        if record is None or record["version"] != asked["version"]:
            return {"stale": True}
        self.records[asked["id"]] = {**record, **asked["record"], "version": str(int(record["version"]) + 1)}
        return {"record": self.records[asked["id"]]}

    def do_delete(self, asked: Record) -> Record:
        record = self.records.get(asked["id"])
        if record is not None and record["version"] != asked["version"]:
            return {"stale": True}
        self.records.pop(asked["id"], None)
        return {}


class _Handler(socketserver.StreamRequestHandler):
    """One caller, line by line, until it hangs up or dies."""

    def handle(self) -> None:
        shop: Shop = self.server.shop  # type: ignore[attr-defined]
        # Who asks may be killed at any time, which is what this is about.
        with contextlib.suppress(OSError):
            for line in self.rfile:
                if (said := shop.answer(json.loads(line))) is None:
                    return
                self.wfile.write(json.dumps(said).encode() + b"\n")


@contextmanager
def open_shop(place: Path) -> Iterator[Path]:
    """A shop in a process of its own; gives the address of its socket. To be called before any thread is started."""
    address = place / "shop"
    with socketserver.ThreadingUnixStreamServer(str(address), _Handler) as server:
        server.daemon_threads = True
        server.shop = Shop()  # type: ignore[attr-defined]
        if (pid := os.fork()) == 0:
            try:
                server.serve_forever()
            finally:
                os._exit(0)
    try:
        yield address
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


class Lost(ConnectionError):
    """The answer did not come."""


@dataclass(slots=True)
class Caller:
    """The way to a shop. One question at a time; threads wait for each other."""

    address: Path
    system: str = "shop"
    _socket: socket.socket | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, do: str, **more: Any) -> Record:
        """Raises Lost when there is no answer: it may have taken effect."""
        with self._lock:
            self._send(json.dumps({"do": do, **more}).encode() + b"\n")
            said = self._receive()
        if not said:
            self._socket = None
            raise Lost(do)
        return dict(json.loads(said))

    def _send(self, line: bytes) -> None:
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.connect(str(self.address))
        self._socket.sendall(line)

    def _receive(self) -> bytes:
        assert self._socket is not None
        parts: list[bytes] = []
        while not parts or not parts[-1].endswith(b"\n"):
            part = self._socket.recv(65536)
            if not part:
                return b""
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        if self._socket is not None:
            with closing(self._socket):
                self._socket = None
