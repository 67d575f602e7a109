"""Housecall Pro: customers with their addresses, jobs with their visits, employees, invoices and estimates.

In all it is longer than one page because eight maps fill one alone, a list shows what changed in three ways, and a job
is written in three parts: ``reading`` lists, ``maps`` translates, ``customers``, ``jobs`` and ``visits`` write,
``hooks`` listens; this declares.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.addresses import PARTS
from connectors.answers import part
from connectors.errors import sentence
from connectors.housecall_pro import customers, jobs, reading, visits
from connectors.housecall_pro.hooks import HOOKS
from connectors.housecall_pro.maps import MAPS
from connectors.spec import Account, Api, Bearer, Connector, Quota, Resource, Setting, Write
from models.errors import Rejected, SystemFailure


def account(api: Api) -> Account:
    """The company whose key it is."""
    found = api.request("GET", "/company").json()
    id = str(part(api, found, "id"))
    return Account(id=id, name=str(found.get("name") or id), time_zone=found.get("time_zone"))


def judge(system: str, status: int, _: Mapping[str, str], body: Any) -> SystemFailure | None:
    """The vendor has no versions (facts, "Idempotency"): its 409 is a value that is taken, and nothing stale."""
    if status != 409:
        return None
    return Rejected(system, f"it conflicts with what is there ({sentence(body)}); correct the record")


CONNECTOR = Connector(
    name="housecall_pro",
    title="Housecall Pro",
    roles=("scheduling", "crm"),
    docs="https://docs.housecallpro.com/",
    base_url="https://api.housecallpro.com",
    auth=Bearer(scheme="Token"),
    # No limits are published; one call at a time, because who is sent to a visit is written as a whole list.
    quota=Quota(concurrency=1),
    credentials=(Setting(name="token", description="The API key from the account's app settings.", required=True),),
    settings=(
        Setting(
            name="full_read_days",
            description="Days after which customers, jobs, estimates and invoices are read whole.",
            default=reading.FULL_READ_DAYS,
        ),
    ),
    resources=(
        Resource(
            name="customers",
            read=reading.changing("/customers", "customers"),
            id="id",
            deletes="compare",
            description="Customers with their addresses; deletions show in the next whole read.",
        ),
        Resource(
            name="employees",
            read=reading.employees,
            id="id",
            deletes="compare",
            description="People that work is given to.",
        ),
        Resource(
            name="jobs",
            read=reading.changing("/jobs", "jobs", reading.dispatching, **{"expand[]": "appointments"}),
            id="id",
            deletes="flag",
            description="Jobs with their visits and who is sent to them; a deleted job says so.",
        ),
        Resource(
            name="invoices",
            read=reading.invoices,
            id="id",
            deletes="compare",
            description="Bills with their lines; none is deleted, they are voided.",
        ),
        Resource(
            name="estimates",
            read=reading.changing("/estimates", "estimates"),
            id="id",
            deletes="compare",
            description="Offers with their options; deletions show in the next whole read.",
        ),
    ),
    maps=MAPS,
    writes=(
        Write(
            entity="customer",
            resource="customers",
            create=customers.create,
            update=customers.update,
            fetch=customers.fetch,
            find=customers.find,
            identity="marker",
            extra=PARTS,
            only_new=PARTS,
        ),
        Write(
            entity="job",
            resource="jobs",
            create=jobs.create,
            fetch=jobs.fetch,
            find=jobs.find,
            identity="marker",
            extra=("number", "title", "instructions", "total"),
            only_new=("number", "title", "instructions", "total", "customer", "location"),
        ),
        Write(
            entity="appointment",
            resource="jobs",
            create=visits.schedule,
            update=visits.move,
            delete=visits.unschedule,
            fetch=visits.fetch_visit,
            find=visits.find_visit,
            identity="marker",
            only_new=("job",),
        ),
        Write(
            entity="assignment",
            resource="jobs",
            create=visits.dispatch,
            update=visits.reassign,
            delete=visits.recall,
            fetch=visits.fetch_dispatch,
            find=visits.find_dispatch,
            identity="upsert",
            only_new=("appointment",),
        ),
    ),
    judge=judge,
    account=account,
    hooks=HOOKS,
)
