"""The twin of Salesforce: accounts, contacts, field service and calendars of one organisation, REST and Bulk 2.0."""

from sandbox.salesforce import auth, bulk
from sandbox.salesforce.catalog import KINDS
from sandbox.salesforce.dialect import refuse
from sandbox.salesforce.endpoints import routes
from sandbox.salesforce.keeping import merge, remove, touch
from sandbox.salesforce.seeding import seed
from sandbox.twin import Twin

TWIN = Twin(
    name="salesforce",
    title="Salesforce",
    collections=tuple(KINDS),
    credentials={
        "access_token": auth.FIRST_ACCESS,
        "client_id": auth.CLIENT_ID,
        "client_secret": auth.CLIENT_SECRET,
        "refresh_token": auth.REFRESH,
    },
    seed=seed,
    routes=routes,
    touch=touch,
    remove=remove,
    refuse=refuse,
    lenient=("rewritten_values", "row_error", bulk.FAULT, "stale_reads", "truncated_page", "unlimited"),
    sessions=(auth.BAG,),
    merge=merge,
    settings={"calendar_entries": True},
)
