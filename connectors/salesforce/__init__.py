"""Salesforce: customers in sales, and field service where the organisation has it.

``dialect`` speaks to it, ``organisation`` knows what this one calls its own, ``reading`` lists, ``maps`` says what
records mean; ``customers`` and ``visits`` write by way of ``writing``, ``saving`` and ``bulk``. Facts of the vendor
come from its fact sheet (facts.md), named by section. In all it is longer than one page because eight maps fill one
alone, every organisation has fields and words of its own, and a customer is two records that are written in
collections or in bulk.
"""

from __future__ import annotations

from connectors.answers import part
from connectors.salesforce import customers, reading, visits
from connectors.salesforce.dialect import judge, left, rows
from connectors.salesforce.maps import MAPS
from connectors.salesforce.reading import ACCOUNT, ASSIGNED, EVENT, WORK_ORDER, Kind, changing
from connectors.salesforce.saving import BULK_ABOVE
from connectors.spec import Account, Api, Connector, Limit, Quota, RefreshToken, Resource, Setting


def account(api: Api) -> Account:
    """The organisation that our user belongs to."""
    asked = "SELECT Id, Name, IsSandbox, TimeZoneSidKey FROM Organization"
    (told,) = [one for page in rows(api, asked) for one in page]
    return Account(
        id=part(api, told, "Id"),
        name=told["Name"],
        environment="sandbox" if told["IsSandbox"] else "production",
        time_zone=told["TimeZoneSidKey"],
    )


def _resource(kind: Kind, description: str) -> Resource:
    return Resource(name=kind.resource, read=changing(kind), id="Id", deletes="event", description=description)


CONNECTOR = Connector(
    name="salesforce",
    title="Salesforce",
    roles=("crm", "scheduling"),
    docs="https://developer.salesforce.com/docs/platform/api-rest/guide/intro_rest.html",
    base_url="https://login.salesforce.com",
    auth=RefreshToken(token_url="/services/oauth2/token"),  # noqa: S106 - an address, at the organisation's own host
    # Of an organisation before its licences add to it; what is really left, each answer says (Limits and errors).
    quota=Quota(limits=(Limit(calls=100_000, seconds=86_400),), concurrency=5, left=left),
    settings=(
        Setting(
            name="marker",
            description="The organisation's external-id field for our id, on each object; null where we only read.",
            default="Plumbline_Id__c",
        ),
        Setting(name="fields", description="Its own fields in place of standard ones: `Account.Type: Stage__c`."),
        Setting(
            name="values",
            description="Its own words in place of standard ones: `Account.Type: {Kunde: Customer}`.",
        ),
        Setting(name="field_service", description="Whether it has work orders and appointments.", default=True),
        Setting(
            name="calendar_entries",
            description="Whether who goes is an event in a user's calendar, to be written, and no assigned resource.",
            default=False,
        ),
        Setting(name="bulk_above", description="Rows above which a bulk job writes them.", default=BULK_ABOVE),
        Setting(name="full_read_days", description="Days after which all is read again.", default=reading.FULL_DAYS),
    ),
    credentials=(
        Setting(name="client_id", description="Consumer key of the connected app.", required=True),
        Setting(name="client_secret", description="Consumer secret of the connected app.", required=True),
        Setting(name="refresh_token", description="Refresh token that allowing the app gave.", required=True),
    ),
    resources=(
        _resource(ACCOUNT, "Accounts, each with the contact that it had first; merged ones name their survivor."),
        _resource(WORK_ORDER, "Work orders."),
        _resource(reading.APPOINTMENT, "Service appointments with their planned and actual times."),
        _resource(ASSIGNED, "Who is sent to which appointment."),
        Resource(
            name="service_resources", read=reading.crew, id="Id", deletes="compare",
            description="People and crews that appointments are given to; they are deactivated and never deleted.",
        ),
        _resource(EVENT, "Entries in the calendars of users."),
    ),
    maps=MAPS,
    writes=(customers.WRITE, *visits.WRITES),
    judge=judge,
    account=account,
)  # fmt: skip
