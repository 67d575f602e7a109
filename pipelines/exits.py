"""How a command ends: one sentence for what went wrong, a status to rely on, and no noise of libraries."""

from __future__ import annotations

import logging
import sys

from models.errors import Held, PlumblineError, StackError
from pipelines import show

DONE, FAILED, WRONG, HELD = 0, 1, 2, 3


def hush(*, debug: bool) -> None:
    """Logs only when they are asked for, those of libraries that set their own level too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.INFO if debug else logging.CRITICAL)
    logging.basicConfig(level=handler.level, handlers=[handler])


def told(problem: Exception) -> int:
    """Say what went wrong in one sentence on standard error; returns the exit status that it means."""
    if isinstance(problem, PlumblineError):
        show.err.print(f"[red]error[/red] {problem}", soft_wrap=True)
        return WRONG if isinstance(problem, StackError) else HELD if isinstance(problem, Held) else FAILED
    what = " ".join(f"{type(problem).__name__}: {problem}".split())
    show.err.print(
        f"[red]error[/red] something that nobody foresaw: {what}; nothing is lost, the next sync goes on from here. "
        "Run it with `plumbline --debug` to see where it happened",
        soft_wrap=True,
    )
    return FAILED
