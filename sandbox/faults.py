"""Faults that a test or a person switches on: which system, which calls, how often."""

from __future__ import annotations

import random
import re
import threading
from dataclasses import dataclass, field, replace


@dataclass(slots=True, kw_only=True)
class Fault:
    """One switched-on fault.

    ``kind``   one of those that hit any API (``guard.GENERAL``), or a twin's own
    ``method`` upper-case HTTP method or None for any; ``path`` a regular expression searched in the
               vendor's path, or None for any
    ``times``  how many calls it still hits (None: until reset); ``rate`` the share of calls hit
    ``status`` the status of a refusal or page; ``retry_after`` seconds or None; ``seconds`` of latency
    ``form``   of ``rewritten_values``: how values are kept (``respelling.FORMS``), or None for the twin's usual way
    """

    system: str
    kind: str
    method: str | None = None
    path: str | None = None
    times: int | None = None
    rate: float = 1.0
    status: int | None = None
    retry_after: float | None = None
    seconds: float = 0.0
    form: str | None = None

    def hits(self, method: str, path: str) -> bool:
        return (self.method in (None, method)) and (self.path is None or bool(re.search(self.path, path)))


@dataclass(slots=True)
class Faults:
    """The faults in force for one system; ``take`` uses one up."""

    seed: int = 1
    _faults: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _random: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        self._random.seed(self.seed)

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def in_force(self) -> list[Fault]:
        """What is still switched on, in the order of adding."""
        with self._lock:
            return [replace(fault) for fault in self._faults]

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()
            self._random.seed(self.seed)

    def take(self, kind: str, method: str, path: str) -> Fault | None:
        """The first fault of this kind that hits the call, counted down; None when there is none."""
        with self._lock:
            for fault in self._faults:
                if fault.kind == kind and fault.hits(method, path) and self._random.random() < fault.rate:
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times <= 0:
                            self._faults.remove(fault)
                    return fault
        return None
