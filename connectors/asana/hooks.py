"""Webhooks of a project: compact events about its tasks, signed with a secret that Asana itself brings.

While a webhook is being made, Asana calls its target once with ``X-Hook-Secret`` and waits for the same header in the
answer; that secret signs every later delivery (facts.md, Webhooks). A delivery may be lost and comes at most once, so
reading by events goes on beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors import signatures
from connectors.asana.boards import ASSIGNMENTS, JOBS
from connectors.hooks import Delivery, Hooks, Welcome, naming

SECRET, SIGNATURE = "x-hook-secret", "x-hook-signature"
# Actions on tasks; parents and comments come as changes of the task too (Incremental).
ACTIONS = ("added", "changed", "removed", "deleted", "undeleted")


def confirm(delivery: Delivery) -> Welcome | None:
    """The handshake: the secret goes back in the header that it came in."""
    secret = delivery.headers.get(SECRET)
    return Welcome(headers={SECRET: secret}, secret=secret) if secret else None


def named(payload: Any) -> Iterator[tuple[str, str]]:
    """The tasks that events name. They do not say of which project, so each is looked for on both boards."""
    for event in payload["events"]:
        if event["resource"]["resource_type"] == "task":
            yield from ((board.setting, str(event["resource"]["gid"])) for board in (JOBS, ASSIGNMENTS))


HOOKS = Hooks(
    events=ACTIONS,
    touched=naming("asana", named),
    verify=signatures.of_body("asana", SIGNATURE),
    signature=SIGNATURE,
    confirm=confirm,
)
