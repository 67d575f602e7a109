"""Jobber: clients, properties, jobs, visits, users, invoices, payments and products over its GraphQL API.

In all it is longer than one page because nine maps fill one alone, GraphQL needs documents (``*.graphql``), and nearly
every list its own way of reading: ``graphql`` speaks, ``reads`` lists, ``maps`` translates, ``writes`` changes; this
file declares.
"""

from __future__ import annotations

from connectors.jobber import reads, writes
from connectors.jobber.graphql import ask, cost, judge
from connectors.jobber.maps import MAPS
from connectors.spec import Account, Api, Connector, Limit, Quota, RefreshToken, Resource, Setting, Write


def account(api: Api) -> Account:
    """The Jobber account that the app is connected to."""
    found = ask(api, "account")
    return Account(id=found["id"], name=found["name"])


CONNECTOR = Connector(
    name="jobber",
    title="Jobber",
    roles=("scheduling", "crm"),
    docs="https://developer.getjobber.com/docs/",
    base_url="https://api.getjobber.com",
    auth=RefreshToken(token_url="api/oauth/token", rotates=True),  # noqa: S106 - an address, no secret
    # Requests, and points of a bucket of 10,000 that 500 a second fill (facts, "Pagination, cost limits").
    quota=Quota(
        limits=(Limit(calls=2500, seconds=300), Limit(calls=10_000, seconds=20, unit="points")),
        concurrency=2,
        cost=cost,
    ),
    headers={"X-JOBBER-GRAPHQL-VERSION": "2025-04-16"},
    credentials=(
        Setting(name="client_id", description="Client ID of your app in Jobber's developer centre.", required=True),
        Setting(name="client_secret", description="Its client secret.", required=True),
        Setting(name="refresh_token", description="The refresh token from connecting the account.", required=True),
    ),
    settings=(
        Setting(
            name=writes.MARKER,
            description="Id of the text custom field on clients that holds our own id; needed to make clients.",
        ),
        Setting(
            name="full_read_days",
            description="Days after which clients, jobs, visits and invoices are read whole, which shows deletions.",
            default=reads.FULL_READ_DAYS,
        ),
    ),
    resources=(
        Resource(
            name="clients",
            read=reads.since(reads.CLIENTS, filtered=True),
            id="id",
            deletes="compare",
            lag=60,
            description="Customers and leads. What was archived stays; deletions show in the next whole read.",
        ),
        Resource(
            name="properties",
            read=reads.everything(reads.PROPERTIES),
            id="id",
            deletes="compare",
            description="Service addresses.",
        ),
        Resource(
            name="users", read=reads.everything(reads.USERS), id="id", deletes="compare", description="Team members."
        ),
        Resource(
            name="products",
            read=reads.everything(reads.PRODUCTS),
            id="id",
            deletes="compare",
            description="Products and services of the price book.",
        ),
        Resource(
            name="jobs",
            read=reads.since(reads.JOBS, filtered=False),
            id="id",
            deletes="compare",
            description="Jobs; deletions show in the next whole read.",
        ),
        Resource(
            name="visits",
            read=reads.visits,
            id="id",
            deletes="event",
            description="Visits with their team; deletions near today show at once, others in a whole read.",
        ),
        Resource(
            name="invoices",
            read=reads.since(reads.INVOICES, filtered=True),
            id="id",
            deletes="compare",
            description="Invoices with their lines; deletions show in the next whole read.",
        ),
        Resource(
            name="payment_records",
            read=reads.everything(reads.PAYMENTS),
            id="id",
            deletes="compare",
            description="Payments, deposits and other entries of the clients' ledgers.",
        ),
    ),
    maps=MAPS,
    writes=(
        Write(
            entity="customer",
            resource="clients",
            create=writes.create_client,
            update=writes.update_client,
            fetch=writes.fetch_client,
            find=writes.find_client,
            identity="marker",
        ),
        Write(
            entity="appointment",
            resource="visits",
            update=writes.update_visit,
            fetch=writes.fetch_visit,
            fetch_many=writes.fetch_visits,
            identity="marker",
            extra=("starts_on", "ends_on"),
        ),
    ),
    judge=judge,
    account=account,
)
