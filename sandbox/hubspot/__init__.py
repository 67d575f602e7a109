"""The twin of HubSpot CRM: objects, search, batches, properties, owners, pipelines, OAuth."""

from __future__ import annotations

from sandbox.hubspot.auth import CREDENTIALS
from sandbox.hubspot.dialect import refuse
from sandbox.hubspot.routes import routes
from sandbox.hubspot.seeding import seed
from sandbox.hubspot.stamping import remove, touch
from sandbox.hubspot.writing import merge_by_hand
from sandbox.twin import Twin

TWIN = Twin(
    name="hubspot",
    title="HubSpot CRM",
    collections=("contacts", "companies", "owners", "deals", "tickets", "meetings", "tasks", "properties", "pipelines"),
    credentials=CREDENTIALS,
    seed=seed,
    routes=routes,
    touch=touch,
    remove=remove,
    refuse=refuse,
    merge=merge_by_hand,
    lenient=("search_lag", "stale_reads", "truncated_page", "rewritten_values", "row_error", "unlimited"),
    sessions=("refresh token revoked", "history"),
)
