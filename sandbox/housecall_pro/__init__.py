"""The twin of Housecall Pro: customers, jobs with their visits, employees, invoices and estimates."""

from __future__ import annotations

from sandbox.housecall_pro.auth import CREDENTIALS, TOKENS
from sandbox.housecall_pro.changes import remove, touch
from sandbox.housecall_pro.dialect import refuse
from sandbox.housecall_pro.routes import routes
from sandbox.housecall_pro.seeding import seed
from sandbox.twin import Twin

TWIN = Twin(
    name="housecall_pro",
    title="Housecall Pro",
    collections=("customers", "employees", "jobs", "invoices", "estimates"),
    credentials=CREDENTIALS,
    seed=seed,
    routes=routes,
    touch=touch,
    remove=remove,
    refuse=refuse,
    lenient=("rewritten_values", "stale_reads"),
    sessions=(TOKENS,),
)
