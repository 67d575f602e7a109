"""The server behind the test connector ``counter``, on loopback, in the moods that real ones have."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "tok-2f1c9a7be44d"
HTML = "<!DOCTYPE html><html><body>Please sign in</body></html>"


@dataclass(slots=True)
class Counter:
    """What it holds and how it answers: ``ok``, ``html``, ``unauthorized``, or ``refuses`` what is to be made."""

    mood: str = "ok"
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    address: str = ""

    def answer(self, method: str, shown: str | None, body: bytes) -> tuple[int, str, str]:
        """(status, content type, text) of one request that showed this Authorization header."""
        if self.mood == "html":
            return 200, "text/html", HTML
        if self.mood == "unauthorized" or shown != f"Bearer {TOKEN}":
            return 401, "application/json", json.dumps({"message": f"the credentials {shown} are not valid"})
        if method == "GET":
            return 200, "application/json", json.dumps({"people": list(self.people.values())})
        if self.mood == "refuses":
            return 422, "application/json", json.dumps({"message": f"not with the token {TOKEN}"})
        made = json.loads(body)
        made = self.people.setdefault(made["key"], {**made, "id": f"s{len(self.people) + 1}"})
        return 201, "application/json", json.dumps(made)


@contextmanager
def serve() -> Iterator[Counter]:
    counter = Counter()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, kind, text = counter.answer(self.command, self.headers.get("Authorization"), body)
            data = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = handle_any  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    counter.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield counter
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
