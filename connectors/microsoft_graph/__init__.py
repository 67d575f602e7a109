"""Microsoft 365 calendars: visits written into technicians' mailboxes, everything else there read as busy time.

In all it is longer than one page because a delta link stands for fixed days and says "removed" also of what moved out
of them, because a batch answers each of its calls by itself, and because times come under two kinds of zone names.
Facts of the vendor come from its fact sheet (facts.md), named by section.
"""

from __future__ import annotations

from connectors.horizon import SETTINGS as HORIZON
from connectors.microsoft_graph import writing
from connectors.microsoft_graph.dialect import API, PREFER, judge
from connectors.microsoft_graph.hooks import HOOKS
from connectors.microsoft_graph.maps import MAPS
from connectors.microsoft_graph.reading import read_availability, read_events, read_users, schedule_id
from connectors.spec import (
    Account,
    Api,
    ClientCredentials,
    Connector,
    Limit,
    Quota,
    RefreshToken,
    Resource,
    Setting,
    Write,
)

TOKENS = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"


def account(api: Api) -> Account:
    """The person who signed in, or the organization that let the app in, which has no address of its own."""
    if api.credentials.get("refresh_token"):
        me = api.request("GET", f"{API}/me", params={"$select": "id,displayName,userPrincipalName"}).json()
        return Account(id=me["id"], name=me["userPrincipalName"])
    api.request("GET", f"{API}/users", params={"$select": "id", "$top": 1})
    return Account(id=api.settings["tenant"], name=api.settings["tenant"])


CONNECTOR = Connector(
    name="microsoft_graph",
    title="Microsoft 365",
    roles=("calendar",),
    docs="https://learn.microsoft.com/graph/api/resources/calendar",
    base_url="https://graph.microsoft.com",
    auth=ClientCredentials(
        token_url=TOKENS, scopes=("https://graph.microsoft.com/.default",), person=RefreshToken(token_url=TOKENS)
    ),
    # Four at once in one mailbox: ours are in no more than that altogether (Limits and errors).
    quota=Quota(
        limits=(Limit(calls=2000, seconds=1), Limit(calls=10_000, seconds=600, each=r"/users/([^/]+)/")), concurrency=4
    ),
    headers={"Prefer": PREFER},
    settings=(
        Setting(name="tenant", description="Directory (tenant) id or domain; `common` for a person.", required=True),
        Setting(name="mailboxes", description="Addresses of the mailboxes to read; without it everybody's."),
        Setting(name="availability", description="Addresses of which free/busy is read and nothing more."),
        Setting(name="mailbox_by", default="technician_email", description="Field that names the mailbox to write."),
        Setting(name="mailbox_of", default={}, description="Value of that field -> mailbox, where they differ."),
        *HORIZON,
    ),
    credentials=(
        Setting(name="client_id", description="Application (client) id.", required=True),
        Setting(name="client_secret", description="A client secret of the application.", required=True),
        Setting(name="refresh_token", description="Of a person, to act as them instead of as the application."),
    ),
    resources=(
        Resource(
            name="users", read=read_users, id="id", deletes="compare",
            description="People of the organization, or those whose mailboxes the stack names.",
        ),
        Resource(
            name="events", read=read_events, id=lambda one: f"{one['mailbox']['id']}/{one['id']}", deletes="event",
            description="Events of every calendar in the days that are read, series as the days that they take.",
        ),
        Resource(
            name="availability", read=read_availability, id=schedule_id, deletes="compare",
            description="Taken time of those whose calendars show no more than that.",
        ),
    ),
    maps=MAPS,
    writes=(
        Write(
            entity="assignment", resource="events", create=writing.create, update=writing.update,
            delete=writing.delete, fetch=writing.fetch, fetch_many=writing.fetch_many, find=writing.find,
            many=writing.send_many, batch=writing.BATCH, identity="key", extra=writing.EXTRA, guarded=True,
        ),
    ),
    judge=judge,
    account=account,
    hooks=HOOKS,
)  # fmt: skip
