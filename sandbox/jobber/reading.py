"""The queries: look-ups by id and filtered, searched, sorted lists (facts, "Read streams")."""

# ruff: noqa: ARG001, ARG005 - every field and mutation answers by one signature
from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from graphql import GraphQLError

from sandbox.jobber.derived import invoice_status, job_status, visit_status
from sandbox.jobber.identity import ids_in
from sandbox.jobber.moments import instant, stamp
from sandbox.jobber.view import Context

Record = dict[str, Any]
Args = dict[str, Any]
Query = Callable[[Record, Context, Args], Any]
Keep = Callable[[Record], bool]

GRAPHQL_PATH = "/api/graphql"
# How far behind the search index is while a `search_lag` fault names no seconds.
_LAG_SECONDS = 30.0


def _by_id(collection: str) -> Query:
    """One record, or null when this account has none with that id."""
    return lambda _, context, args: context.get(collection, args.get("id"))


def _account(_: Record, context: Context, args: Args) -> Record | None:
    return next(iter(context.all("account")), None)


def _user(_: Record, context: Context, args: Args) -> Record | None:
    """Without an id: the user who connected the app."""
    if args.get("id"):
        return context.get("users", args["id"])
    return next((user for user in context.all("users") if user["isCurrentUser"]), None)


def _product(_: Record, context: Context, args: Args) -> Record:
    found = context.get("products", args["id"])
    if found is None:
        raise GraphQLError("ProductOrService not found", extensions={"code": "NOT_FOUND"})
    return found


def _clients(_: Record, context: Context, args: Args) -> list[Record]:
    wanted = args.get("filter") or {}
    keeps = [_equal(key, wanted) for key in ("isCompany", "isLead", "isArchived")]
    keeps += [_within(key, wanted) for key in ("updatedAt", "createdAt")]
    labels = {label.casefold() for label in wanted.get("tags") or ()}
    keeps.append(lambda one: not labels or any(tag["label"].casefold() in labels for tag in one["tags"]["nodes"]))
    found = _kept(context.all("clients"), keeps)
    if args.get("searchTerm"):
        fields = args.get("searchFields") or list(_CLIENT_TEXTS)
        found = _searched(found, context, args["searchTerm"], lambda one: _client_texts(one, fields, context))
    return _sorted(found, context, args.get("sort"))


def _properties(_: Record, context: Context, args: Args) -> list[Record]:
    wanted = args.get("filter") or {}
    found = context.all("properties")
    if wanted.get("clientId"):
        found = context.pointing("properties", "client", wanted["clientId"])
    if wanted.get("primary") is not None:
        firsts = {context.pointing("properties", "client", one["client"]["id"])[0]["id"] for one in found}
        found = [one for one in found if (one["id"] in firsts) == wanted["primary"]]
    return _searched(found, context, args.get("searchTerm"), lambda one: [str(one["name"]), *_address_texts(one)])


def _jobs(_: Record, context: Context, args: Args) -> list[Record]:
    wanted = args.get("filter") or {}
    keeps = [_equal("jobType", wanted), _listed(wanted)]
    keeps += [_within(key, wanted) for key in ("createdAt", "startAt", "endAt", "completedAt")]
    keeps.append(lambda one: wanted.get("status") in {None, job_status(one, context, {})})
    found = _kept(context.all("jobs"), keeps)
    found = _searched(found, context, args.get("searchTerm"), lambda one: _job_texts(one, context))
    return _sorted(found, context, args.get("sort"))


def visits(job: Record, context: Context, args: Args) -> list[Record]:
    """Visits of the account, or of a job when asked below one; a filter on dates leaves unscheduled visits out."""
    wanted = args.get("filter") or {}
    all_ = context.pointing("visits", "job", job["id"]) if job else context.all("visits")
    keeps = [_listed(wanted), *(_within(key, wanted) for key in ("createdAt", "startAt", "endAt", "completedAt"))]
    if wanted.get("assignedTo"):
        keeps.append(lambda one: wanted["assignedTo"] in ids_in(one["assignedUsers"]))
    if wanted.get("status"):
        keeps.append(lambda one: _in_state(one, wanted["status"], context, args))
    return _sorted(_kept(all_, keeps), context, args.get("sort"))


def _in_state(visit: Record, state: str, context: Context, args: Args) -> bool:
    """ACTIVE means any visit that is not completed."""
    if state == "ACTIVE":
        return not visit["isComplete"]
    return visit_status(visit, context, {"timezone": args.get("timezone")}) == state


def _invoices(_: Record, context: Context, args: Args) -> list[Record]:
    wanted = args.get("filter") or {}
    keeps = [_within(key, wanted) for key in ("updatedAt", "createdAt", "issuedDate", "dueDate")]
    keeps.append(lambda one: wanted.get("clientId") in {None, one["client"]["id"]})
    keeps.append(lambda one: wanted.get("status") in {None, invoice_status(one, context, {})})
    found = _kept(context.all("invoices"), keeps)
    found = _searched(found, context, args.get("searchTerm"), lambda one: _invoice_texts(one, context))
    return _sorted(found, context, args.get("sort"))


def invoices_of_job(job: Record, context: Context, args: Args) -> list[Record]:
    return _sorted(context.pointing("invoices", "jobs", job["id"]), context, args.get("sort"))


def _payment_records(_: Record, context: Context, args: Args) -> list[Record]:
    wanted = args.get("filter") or {}
    keeps = [_within("entryDate", wanted), _equal("adjustmentType", wanted), _equal("paymentType", wanted)]
    keeps.append(lambda one: wanted.get("clientId") in {None, *ids_in(one["client"])})
    return _sorted(_kept(context.all("payment_records"), keeps), context, args.get("sort"))


def _users(_: Record, context: Context, args: Args) -> list[Record]:
    wanted = args.get("filter") or {}
    keeps = [_equal("status", wanted), _listed({"ids": wanted.get("userIds")})]
    return _sorted(_kept(context.all("users"), keeps), context, args.get("sort"))


def _products(_: Record, context: Context, args: Args) -> list[Record]:
    wanted = args.get("filter") or {}
    found = _kept(context.all("products"), [_equal("category", wanted), _listed(wanted)])
    return _searched(found, context, args.get("searchTerm"), lambda one: [one["name"], one["description"] or ""])


def _tax_rates(_: Record, context: Context, args: Args) -> list[Record]:
    return _searched(context.all("tax_rates"), context, args.get("searchTerm"), lambda one: [one["name"]])


QUERIES: dict[str, Query] = {
    "account": _account,
    "client": _by_id("clients"),
    "clients": _clients,
    "property": _by_id("properties"),
    "properties": _properties,
    "job": _by_id("jobs"),
    "jobs": _jobs,
    "visit": _by_id("visits"),
    "visits": visits,
    "invoice": _by_id("invoices"),
    "invoices": _invoices,
    "paymentRecord": _by_id("payment_records"),
    "paymentRecords": _payment_records,
    "user": _user,
    "users": _users,
    "product": _product,
    "products": _products,
    "taxRates": _tax_rates,
}


# Lists below another record that take a filter or an order of their own.
NESTED: dict[tuple[str, str], Query] = {("Job", "visits"): visits, ("Job", "invoices"): invoices_of_job}


# --- filters -----------------------------------------------------------------------------------------


def _kept(records: Iterable[Record], keeps: Sequence[Keep]) -> list[Record]:
    return [record for record in records if all(keep(record) for keep in keeps)]


def _equal(key: str, wanted: Mapping[str, Any]) -> Keep:
    return lambda record: wanted.get(key) is None or record[key] == wanted[key]


def _listed(wanted: Mapping[str, Any]) -> Keep:
    return lambda record: wanted.get("ids") is None or record["id"] in wanted["ids"]


def _within(key: str, wanted: Mapping[str, Any]) -> Keep:
    """Iso8601DateTimeRangeInput: ``after`` and ``before`` leave the named instant itself out."""
    given: dict[str, datetime] = {part: at for part, at in (wanted.get(key) or {}).items() if at is not None}
    after, before, equal = (stamp(given[part]) if part in given else None for part in ("after", "before", "eq"))

    def keep(record: Record) -> bool:
        # Stamps have one spelling, so that their order as text is their order in time.
        at = record[key] and stamp(instant(record[key]))
        inside = (after is None or at > after) and (before is None or at < before) if at else False
        return not given or (inside and equal in {None, at})

    return keep


# --- searching ---------------------------------------------------------------------------------------


def _searched(
    records: list[Record], context: Context, term: str | None, texts: Callable[[Record], Iterable[str]]
) -> list[Record]:
    """Records of which one text holds the term, in any case; behind by some seconds under a `search_lag` fault."""
    if not term:
        return records
    fault = context.store.faults.take("search_lag", "POST", GRAPHQL_PATH)
    if fault is not None:
        indexed = stamp(context.now - timedelta(seconds=fault.seconds or _LAG_SECONDS))
        records = [one for one in records if (one.get("updatedAt") or "") <= indexed]
    sought = term.strip().casefold()
    return [one for one in records if any(sought in text.casefold() for text in texts(one))]


def _client_texts(client: Record, fields: Sequence[str], context: Context) -> list[str]:
    return [text for field in fields for text in _CLIENT_TEXTS[field](client, context)]


def _address_texts(place: Record) -> list[str]:
    address = place["address"]
    return [address[key] for key in ("street", "city", "postalCode") if address[key]]


def _phone_texts(client: Record, context: Context) -> list[str]:
    return [text for one in client["phones"] for text in (one["number"], re.sub(r"\D", "", one["number"]))]


def _property_texts(client: Record, context: Context) -> list[str]:
    owned = context.pointing("properties", "client", client["id"])
    return [text for one in owned for text in _address_texts(one)]


_CLIENT_TEXTS: dict[str, Callable[[Record, Context], list[str]]] = {
    "NAMES": lambda client, context: [client["name"], client["secondaryName"] or ""],
    "EMAILS": lambda client, context: [one["address"] for one in client["emails"]],
    "PRIMARY_EMAIL": lambda client, context: [one["address"] for one in client["emails"] if one["primary"]],
    "PHONES": _phone_texts,
    "NOTES": lambda client, context: [
        one["message"] for one in context.pointing("client_notes", "client", client["id"])
    ],
    "CUSTOM_FIELDS": lambda client, context: [one["valueText"] for one in client["customFields"]],
    "PROPERTIES": _property_texts,
}


def _job_texts(job: Record, context: Context) -> list[str]:
    values = [one["valueText"] for one in job["customFields"]]
    return [job["title"] or "", job["instructions"] or "", str(job["jobNumber"]), _client_name(job, context), *values]


def _invoice_texts(invoice: Record, context: Context) -> list[str]:
    return [invoice["invoiceNumber"], invoice["subject"], _client_name(invoice, context)]


def _client_name(record: Record, context: Context, key: str = "name") -> str:
    client = context.get("clients", record["client"]["id"])
    return str(client[key] or "") if client else ""


# --- sorting -----------------------------------------------------------------------------------------


def _sorted(
    records: list[Record], context: Context, sort: Mapping[str, str] | Sequence[Mapping[str, str]] | None
) -> list[Record]:
    """By the keys asked for, the first one strongest; without any, and among equals, oldest record first."""
    orders = [sort] if isinstance(sort, Mapping) else list(sort or ())
    for order in reversed(orders):
        value = _SORT_VALUES[order["key"]]
        records = sorted(
            records, key=lambda one: _sortable(value(one, context)), reverse=order["direction"] == "DESCENDING"
        )
    return records


def _sortable(value: Any) -> tuple[bool, Any]:
    return (value is not None, value.casefold() if isinstance(value, str) else value)


def _field(name: str) -> Callable[[Record, Context], Any]:
    return lambda record, context: record[name]


_SORT_VALUES: dict[str, Callable[[Record, Context], Any]] = {
    "PRIMARY_NAME": _field("name"),
    "FIRST_NAME": _field("firstName"),
    "LAST_NAME": _field("lastName"),
    "UPDATED_AT": _field("updatedAt"),
    "CREATED_AT": lambda record, context: record.get("createdAt") or record.get("entryDate"),
    "START_AT": _field("startAt"),
    "JOB_NUMBER": _field("jobNumber"),
    "INVOICE_NUMBER": _field("invoiceNumber"),
    "ISSUED_DATE": _field("issuedDate"),
    "DUE_DATE": _field("dueDate"),
    "ENTRY_DATE": _field("entryDate"),
    "NAME": lambda record, context: record["name"]["full"],
    "CLIENT_PRIMARY_NAME": _client_name,
    "CLIENT_FIRST_NAME": lambda record, context: _client_name(record, context, "firstName"),
}
