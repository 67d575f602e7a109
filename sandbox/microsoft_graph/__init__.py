"""The twin of Microsoft Graph: people, mailboxes, calendars with series, delta links, free/busy, batches, OAuth.

Twin faults: ``expired_sync_token`` (410 on a link of a delta round), ``revoked_grant`` (the token endpoint refuses a
person's refresh token), ``rewritten_values`` (texts are kept in another spelling).
"""

from __future__ import annotations

from sandbox.microsoft_graph.auth import CREDENTIALS
from sandbox.microsoft_graph.dialect import refuse
from sandbox.microsoft_graph.routes import routes
from sandbox.microsoft_graph.seeding import seed
from sandbox.microsoft_graph.stamping import remove, touch
from sandbox.twin import Twin

TWIN = Twin(
    name="microsoft_graph",
    title="Microsoft 365",
    collections=("events", "users", "calendars", "permissions", "subscriptions"),
    credentials=CREDENTIALS,
    seed=seed,
    routes=routes,
    touch=touch,
    remove=remove,
    refuse=refuse,
    lenient=("expired_sync_token", "revoked_grant", "rewritten_values"),
    sessions=("grants", "refresh_tokens"),
)
