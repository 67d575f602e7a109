"""The twin of Slack: people, channels, messages of now and of later, files in three steps, OAuth.

Everything is answered with 200 and ``ok``; a limit that is reached with 429. Twin fault: ``rewritten_values`` (texts of
messages are kept in another spelling).
"""

from __future__ import annotations

from sandbox.slack.auth import CREDENTIALS
from sandbox.slack.dialect import refuse
from sandbox.slack.routes import routes
from sandbox.slack.seeding import IDS, seed
from sandbox.slack.stamping import remove, touch
from sandbox.twin import Twin

TWIN = Twin(
    name="slack",
    title="Slack",
    collections=("messages", "users", "channels", "scheduled", "files"),
    credentials={**CREDENTIALS, **IDS},
    seed=seed,
    routes=routes,
    touch=touch,
    remove=remove,
    refuse=refuse,
    lenient=("rewritten_values",),
)
