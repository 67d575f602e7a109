"""The twin of Asana: people, projects with sections and custom fields, tasks, events by sync token, webhooks, OAuth.

Its workspace is on a plan without the search for tasks. Twin faults: ``expired_sync_token`` (412 on events),
``stale_reads`` (reads lag behind), ``rewritten_values`` (texts are kept in another spelling).
"""

from __future__ import annotations

from sandbox.asana.auth import CREDENTIALS
from sandbox.asana.dialect import refuse
from sandbox.asana.routes import routes
from sandbox.asana.seeding import IDS, seed
from sandbox.asana.stamping import remove, touch
from sandbox.twin import Twin

TWIN = Twin(
    name="asana",
    title="Asana",
    collections=("tasks", "users", "projects", "sections", "custom_fields", "workspaces", "webhooks"),
    credentials={**CREDENTIALS, **IDS},
    seed=seed,
    routes=routes,
    touch=touch,
    remove=remove,
    refuse=refuse,
    lenient=("expired_sync_token", "stale_reads", "rewritten_values"),
)
