"""HubSpot CRM: contacts as customers, read in full or since the last read, written in batches.

In all it is longer than one page because HubSpot answers batches row by row and its search can neither be paged by
offset nor trusted to be up to date. Facts of the vendor come from its fact sheet (facts.md), named by section.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.errors import sentence
from connectors.hubspot.customer import CUSTOMER, MARKER
from connectors.hubspot.reading import OVERLAP, read_contacts
from connectors.hubspot.writing import BATCH, delete, fetch, fetch_many, find, send, send_many
from connectors.spec import Account, Api, Bearer, Connector, Limit, Quota, Resource, Setting, Write
from models.errors import Rejected, Throttled, Transient

PROPERTIES = "/crm/v3/properties/contacts"
# Seconds to wait by policyName (Rate limits); after DAILY a later run tries again.
WAITS = {"TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0, "DAILY": 3600.0}
# Locked record, and portal on the move (Errors): both pass.
PASSING = {423: 2.0, 477: 3600.0}


def prepare(api: Api) -> None:
    """Make the property that carries our marker. Rejected when one of that name allows the same value twice."""
    found = api.request("GET", f"{PROPERTIES}/{MARKER}", accept=(404,))
    if found.status == 404:
        wanted: dict[str, Any] = {"name": MARKER, "label": "Plumbline id", "type": "string", "fieldType": "text"}
        wanted |= {"hasUniqueValue": True, "groupName": "contactinformation"}
        # 409: somebody was faster, or the first answer was lost; the property is there.
        api.request("POST", PROPERTIES, json=wanted, accept=(409,), repeatable=True)
    elif not found.json().get("hasUniqueValue"):
        raise Rejected(api.system, f"the contact property {MARKER} does not demand unique values; remove it there")


def account(api: Api) -> Account:
    """The portal that the token belongs to (Base URL, auth)."""
    told = api.request("GET", "/account-info/v3/details").json()
    kind = told["accountType"]
    return Account(
        id=str(told["portalId"]),
        name=f"portal {told['portalId']}",
        environment="production" if kind == "STANDARD" else kind.lower(),
        time_zone=told.get("timeZone"),
    )


def judge(system: str, status: int, _headers: Mapping[str, str], body: Any) -> Exception | None:
    """HubSpot promises no Retry-After: how long to wait depends on the policy that was broken (Rate limits)."""
    if status == 429:
        policy = body.get("policyName") if isinstance(body, Mapping) else None
        return Throttled(system, f"{sentence(body)} ({policy or 'rate limit'})", WAITS.get(str(policy), 10.0))
    if status in PASSING:
        return Transient(system, f"answered with {status} ({sentence(body)}); try again later", PASSING[status])
    return None


CONNECTOR = Connector(
    name="hubspot",
    title="HubSpot CRM",
    roles=("crm",),
    docs="https://developers.hubspot.com/docs/api/crm/contacts",
    base_url="https://api.hubapi.com",
    auth=Bearer(),
    # Of the least that any private app has (Rate limits).
    quota=Quota(
        limits=(
            Limit(calls=100, seconds=10),
            Limit(calls=250_000, seconds=86_400),
            Limit(calls=5, seconds=1, only="/search$"),
        ),
        concurrency=4,
    ),
    credentials=(Setting(name="token", description="Access token of a private app.", required=True),),
    resources=(
        Resource(
            name="contacts", read=read_contacts, id="id", deletes="event", lag=OVERLAP // 1000,
            description="People and companies in the CRM; archived and merged ones are reported as deleted.",
        ),
    ),
    maps=(CUSTOMER,),
    writes=(
        Write(
            entity="customer", resource="contacts", create=send, update=send, delete=delete, fetch=fetch,
            find=find, fetch_many=fetch_many, identity="upsert", many=send_many, batch=BATCH,
        ),
    ),
    judge=judge,
    prepare=prepare,
    account=account,
)  # fmt: skip
