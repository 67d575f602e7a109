"""QuickBooks Online Accounting API v3, stood in for locally (minor version 75)."""

from sandbox.quickbooks_online import auth, lapses
from sandbox.quickbooks_online.change import remove, touch
from sandbox.quickbooks_online.members import ENTITIES
from sandbox.quickbooks_online.refusals import refuse
from sandbox.quickbooks_online.routes import routes
from sandbox.quickbooks_online.seeding import seed
from sandbox.twin import Twin

TWIN = Twin(
    name="quickbooks_online",
    title="QuickBooks Online",
    collections=tuple(entity.collection for entity in ENTITIES),
    credentials={
        "realm_id": auth.REALM_ID,
        "client_id": auth.CLIENT_ID,
        "client_secret": auth.CLIENT_SECRET,
        "access_token": auth.FIRST_ACCESS_TOKEN,
        "refresh_token": auth.FIRST_REFRESH_TOKEN,
    },
    seed=seed,
    routes=routes,
    touch=touch,
    remove=remove,
    refuse=refuse,
    lenient=lapses.KINDS,
    sessions=(auth.BAG,),
)
