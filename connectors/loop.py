"""The loop on which all requests of this process run, in a thread of its own, and the way onto it for plain functions.

Connectors and pushes are plain functions in plain threads; pools, quotas and sign-ins of a system are shared by all of
them and live here, where nothing needs a lock because only one thing runs at a time.
"""

from __future__ import annotations

import asyncio
import atexit
import importlib.util
import os
import sys
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

# httpcore looks for this package several times a request; where it is missing, the search is a quarter of our time.
if importlib.util.find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # "is not there", as the import system spells it


class _Thread:
    """The running loop; made by the first caller, and anew in a process that was forked from this one."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def loop(self) -> asyncio.AbstractEventLoop:
        with self._guard:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="requests", daemon=True)
                self._thread.start()
            return self._loop

    def forget(self) -> None:
        """A forked process has none of its parent's threads."""
        self._guard, self._loop, self._thread = threading.Lock(), None, None

    def stop(self) -> None:
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(timeout=5)
            self._loop.close()
            self._loop = None


_thread = _Thread()
atexit.register(_thread.stop)
os.register_at_fork(after_in_child=_thread.forget)


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on the loop and wait for what it gives; a caller that is interrupted takes its work along.

    The caller's context variables hold inside. Never to be called from the loop itself, which would wait for itself.
    """
    future = asyncio.run_coroutine_threadsafe(work, _thread.loop())
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise
