"""The twin of Xero's Accounting API 2.0: contacts, price book, invoices, credit notes and payments of one company."""

from sandbox.twin import Twin
from sandbox.xero import auth
from sandbox.xero.change import merge, remove, touch
from sandbox.xero.dialect import refuse
from sandbox.xero.routes import routes
from sandbox.xero.seeding import seed

TWIN = Twin(
    name="xero",
    title="Xero",
    collections=("contacts", "items", "invoices", "credit_notes", "payments", "accounts", "taxrates", "organisations"),
    credentials={
        "tenant_id": auth.TENANT,
        "client_id": auth.CLIENT_ID,
        "client_secret": auth.CLIENT_SECRET,
        "access_token": auth.FIRST_ACCESS,
        "refresh_token": auth.FIRST_REFRESH,
    },
    seed=seed,
    routes=routes,
    touch=touch,
    remove=remove,
    refuse=refuse,
    lenient=(
        "ignored_idempotency_key", "rewritten_values", "rotated_refresh_token", "stale_reads", "truncated_page",
        "unlimited",
    ),
    sessions=(auth.BAG, "keys"),
    merge=merge,
)  # fmt: skip
