"""Where a process dies: functions of the push and the ledger, wrapped in the child that is to die and nowhere else.

A point is ``(name, passage)``: before or after one function of ours or one statement of the database, for the nth time.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from sqlalchemy import Engine, event

from benchmarks.crash.shop import Caller
from pipelines import booking, ledger, push, sending, settling
from pipelines.ledger import journal

Point = tuple[str, int]
# What is wrapped: the steps of the protocol, those within one transaction, and both ends of each request.
STEPS: Mapping[Any, tuple[str, ...]] = {
    ledger: (
        "start_run", "finish_run", "save_plan", "pending_ids", "in_doubt", "list_links", "next_generations",
        "record_intents", "record_receipts", "record_rejections", "record_absent", "record_void", "record_held",
        "written_since",
    ),
    journal: ("carry_on", "_settle", "_outcome", "_insert_receipts"),
    push: ("push", "_encoded", "_hold", "send", "book"),
    sending: ("_compared", "_send_one", "_refreshed", "confirmed"),
    booking: ("_receipts", "_read_back", "_receipt"),
    settling: ("settle", "_settle_one", "_look", "book", "confirmed"),
    Caller: ("_send", "_receive"),
}  # fmt: skip
STATEMENTS = ("before_cursor_execute", "after_cursor_execute", "commit")


def wrap(reached: Callable[[str], None]) -> None:
    """Call ``reached`` before and after each step and statement of this process. There is no way back."""
    for place, names in STEPS.items():
        for name in names:
            if hasattr(place, name):
                said = f"{getattr(place, '__name__', place)}.{name}".rpartition("pipelines.")[2]
                setattr(place, name, _around(getattr(place, name), said, reached))
    for name in STATEMENTS:
        event.listen(Engine, name, lambda *_, name=name: reached(f"sql {name}"))


def _around(step: Callable[..., Any], name: str, reached: Callable[[str], None]) -> Callable[..., Any]:
    @wraps(step)
    def around(*given: Any, **more: Any) -> Any:
        reached(f"before {name}")
        result = step(*given, **more)
        reached(f"after {name}")
        return result

    return around


def dies_at(point: Point) -> Callable[[str], None]:
    """What kills this process at a point, at once and without a word."""
    passed: Counter[str] = Counter()

    def reached(name: str) -> None:
        passed[name] += 1
        if (name, passed[name]) == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached
