"""The twin of ServiceTitan's V2 API: customers and their places, jobs with visits and crews, invoices, payments."""

from __future__ import annotations

from sandbox.servicetitan.auth import CREDENTIALS, TOKENS
from sandbox.servicetitan.changes import merge, remove, touch
from sandbox.servicetitan.dialect import refuse
from sandbox.servicetitan.routes import routes
from sandbox.servicetitan.seeding import seed
from sandbox.twin import Twin

TWIN = Twin(
    name="servicetitan",
    title="ServiceTitan",
    collections=(
        "customers", "contacts", "locations", "jobs", "appointments", "assignments", "technicians", "services",
        "invoices", "payments", "job_types", "business_units",
    ),
    credentials=CREDENTIALS,
    seed=seed,
    routes=routes,
    touch=touch,
    remove=remove,
    refuse=refuse,
    lenient=("expired_continuation", "rewritten_values", "stale_reads", "unlimited"),
    sessions=(TOKENS,),
    merge=merge,
)  # fmt: skip
