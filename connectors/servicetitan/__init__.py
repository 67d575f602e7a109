"""ServiceTitan: customers and their locations, jobs with visits and crews, the price book, invoices and payments.

``dialect`` speaks to it, ``reading`` follows its feeds, ``maps`` says what records mean, ``customers``, ``visits`` and
``invoices`` write. In all it is longer than one page because nine maps fill one alone, eight feeds are joined from
several lists, and each kind of record keeps our id in another place. Facts of the vendor come from its fact sheet
(facts.md), named by section.
"""

from __future__ import annotations

from connectors.servicetitan import customers, invoices, reading, visits
from connectors.servicetitan.dialect import judge, rows
from connectors.servicetitan.maps import MAPS
from connectors.spec import Account, Api, ClientCredentials, Connector, Limit, Quota, Resource, Setting, Write


def account(api: Api) -> Account:
    """The tenant, by the name that its business units give (no endpoint tells it by itself)."""
    id = str(api.settings["tenant_id"])
    units = list(rows(api, "settings/business-units"))
    name = next((one["tenant"]["name"] for one in units if one.get("tenant")), id)
    return Account(id=id, name=name, environment="integration" if "integration" in api.base_url else "production")


CONNECTOR = Connector(
    name="servicetitan",
    title="ServiceTitan",
    roles=("scheduling", "crm"),
    docs="https://developer.servicetitan.io/docs/welcome/",
    base_url="https://api.servicetitan.io",
    auth=ClientCredentials(
        token_url="https://auth.servicetitan.io/connect/token",  # noqa: S106 - an address
        shown={"ST-App-Key": "app_key"},
    ),
    # For one app and tenant (Errors, limits).
    quota=Quota(limits=(Limit(calls=60, seconds=1),), concurrency=4),
    settings=(
        Setting(name="tenant_id", description="The tenant's id, from Settings > Integrations.", required=True),
        Setting(
            name="application_guid", description="GUID of our app, under which it keeps external data.", required=True
        ),
    ),
    credentials=(
        Setting(name="client_id", description="Client id of the app for this tenant.", required=True),
        Setting(name="client_secret", description="Client secret of the app for this tenant.", required=True),
        Setting(name="app_key", description="The app's key in the developer portal.", required=True),
    ),
    resources=(
        Resource(
            name="customers", read=reading.customers, id="id", deletes="none",
            description="Customers with how they are reached; they become inactive or are merged, and never go.",
        ),
        Resource(
            name="locations", read=reading.feed("crm/export/locations"), id="id", deletes="flag",
            description="Places of customers where work is done; one out of use is inactive.",
        ),
        Resource(
            name="technicians", read=reading.feed("settings/export/technicians"), id="id", deletes="none",
            description="People who are sent to visits; who left is inactive.",
        ),
        Resource(
            name="jobs", read=reading.feed("jpm/export/jobs", reading.kinds), id="id", deletes="flag",
            description="Work that was booked; it is cancelled and never removed.",
        ),
        Resource(
            name="appointments", read=reading.feed("jpm/export/appointments", reading.titled), id="id",
            deletes="flag", description="Visits for jobs; one that was taken out is inactive.",
        ),
        Resource(
            name="assignments", read=reading.feed("dispatch/export/appointment-assignments"), id="id",
            deletes="flag", description="Who is sent to which visit; who is sent no longer is inactive.",
        ),
        Resource(
            name="services", read=reading.services, id="id", deletes="compare",
            description="Services of the price book, with those that are not sold any more.",
        ),
        Resource(
            name="invoices", read=reading.feed("accounting/export/invoices"), id="id", deletes="flag",
            description="Invoices of jobs with their items, from the day on which the job was booked.",
        ),
        Resource(
            name="payments", read=reading.feed("accounting/export/payments"), id="id", deletes="flag",
            description="Money received, with the invoices that it was put towards.",
        ),
    ),
    maps=MAPS,
    writes=(
        Write(
            entity="customer", resource="customers", create=customers.create, update=customers.update,
            fetch=customers.fetch, fetch_many=customers.fetch_many, find=customers.find, identity="marker",
            extra=customers.EXTRA,
        ),
        Write(
            entity="location", resource="locations", create=customers.create_location,
            update=customers.update_location, delete=customers.delete_location, fetch=customers.fetch_location,
            fetch_many=customers.fetch_locations, find=customers.find_location, identity="marker",
            only_new=("customer",),
        ),
        Write(
            entity="appointment", resource="appointments", create=visits.schedule, update=visits.move,
            delete=visits.unschedule, fetch=visits.fetch_visit, fetch_many=visits.fetch_visits,
            find=visits.find_visit, identity="marker", extra=("instructions",), only_new=("job",),
        ),
        Write(
            entity="assignment", resource="assignments", create=visits.dispatch, update=visits.reassign,
            delete=visits.recall, fetch=visits.fetch_dispatch, fetch_many=visits.fetch_dispatches,
            find=visits.find_dispatch, identity="marker", only_new=("appointment",),
        ),
        Write(
            entity="invoice", resource="invoices", update=invoices.book, fetch=invoices.fetch,
            fetch_many=invoices.fetch_many, identity="upsert",
        ),
    ),
    judge=judge,
    account=account,
)  # fmt: skip
