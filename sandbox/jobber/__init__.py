"""The field-service scheduling system with a GraphQL API: clients, properties, jobs, visits, invoices, users."""

from __future__ import annotations

from sandbox.jobber import shapes, tokens
from sandbox.jobber.changes import removed, touched
from sandbox.jobber.dialect import refused
from sandbox.jobber.merging import merged
from sandbox.jobber.seeding import seed
from sandbox.jobber.server import routes
from sandbox.twin import Twin

TWIN = Twin(
    name="jobber",
    title="Jobber",
    collections=("clients", "properties", "jobs", "visits", "users", "invoices", "payment_records", "products"),
    credentials={
        "client_id": tokens.CLIENT_ID,
        "client_secret": tokens.CLIENT_SECRET,
        "access_token": tokens.FIRST_ACCESS_TOKEN,
        "refresh_token": tokens.FIRST_REFRESH_TOKEN,
        # From the account's set-up pages: the text field that marks records we made.
        "client_custom_field_configuration_id": shapes.CLIENT_MARKER,
        "job_custom_field_configuration_id": shapes.JOB_MARKER,
    },
    seed=seed,
    routes=routes,
    touch=touched,
    remove=removed,
    refuse=refused,
    one_door=True,
    merge=merged,
    lenient=("throttled", "search_lag", "stale_reads", "rotated_refresh_token", "rewritten_values"),
)
