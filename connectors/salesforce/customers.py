"""A customer as an account and the contact that it is spoken to through: both are written, the account first.

An account is called by the company's name, else by the person's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from connectors.batches import send_one, settled
from connectors.parties import called, renamed
from connectors.salesforce import writing
from connectors.salesforce.maps import MARKER, NAMELESS
from connectors.salesforce.reading import ACCOUNT, known
from connectors.salesforce.saving import Row, save_some
from connectors.salesforce.writing import BATCH, Sent, guarded, keyed, read_back
from connectors.spec import Api, Outgoing, Record, Write, Written
from models.errors import Gone, PlumblineError, Rejected


def send_many(api: Api, batch: Sequence[Outgoing]) -> Sent:
    """Creates and updates: accounts, then the contacts of those that were taken."""
    current = _current(api, batch)
    told = save_some(api, "Account", [_account_row(one) for one in batch])
    ids = [str(one.change.target_id) if id is None else id for one, id in zip(batch, told, strict=True)]
    people = [
        id if isinstance(id, PlumblineError) else _contact_row(one, id, current.get(id))
        for one, id in zip(batch, ids, strict=True)
    ]
    outcomes = save_some(api, "Contact", people)
    taken = [person if isinstance(person, PlumblineError) else id for id, person in zip(ids, outcomes, strict=True)]
    return read_back(api, ACCOUNT, taken)


def _current(api: Api, batch: Sequence[Outgoing]) -> Mapping[str, Record]:
    """The accounts that are to be changed, for who their contact is."""
    return known(api, ACCOUNT, [str(one.change.target_id) for one in batch if one.change.action == "update"])


def _account_row(one: Outgoing) -> Row:
    """The account's part of a change; None where there is none."""
    fields: dict[str, Any] = {name: value for name, value in one.record.items() if name != "Contact"}
    change = one.change
    if change.action == "create" or renamed(change):
        try:
            fields["Name"] = called(change)[:255]
        except Rejected as problem:
            return problem
    return keyed(one, fields) if fields else None


def _contact_row(one: Outgoing, account: str, current: Record | None) -> Record | None:
    """The contact's part of a change, with a dash for the last name that it needs and nobody knows."""
    told: Mapping[str, Any] = one.record.get("Contact") or {}
    held = (current or {}).get("Contact")
    said = {name: value for name, value in told.items() if held or value is not None}
    if not said:
        return None
    if (not held or "LastName" in said) and not said.get("LastName"):
        said["LastName"] = NAMELESS
    if held:
        return {"Id": held["Id"], **said}
    return {MARKER: one.change.core_id, "AccountId": account, **said}


def update(api: Api, one: Outgoing) -> Written:
    """One customer, unless its account moved on since the version that the change was planned against: then Stale."""
    id, row = str(one.change.target_id), settled(_account_row(one))
    if row is not None:
        guarded(api, ACCOUNT, row, one.change.version)
    (told,) = save_some(api, "Contact", [_contact_row(one, id, _current(api, [one]).get(id))])
    settled(told)
    found = writing.fetch(api, id, kind=ACCOUNT)
    if found is None:
        raise Gone(api.system, f"Account {id} is not there any more")
    return found


def find(api: Api, one: Outgoing) -> Written | None:
    """The customer that a create of unknown outcome made, whole: one whose contact was not made yet is sent again."""
    found = writing.find(api, one, kind=ACCOUNT)
    held = (found.record or {}).get("Contact") if found else None
    return found if held or not any((one.record.get("Contact") or {}).values()) else None


WRITE = Write(
    entity="customer",
    resource=ACCOUNT.resource,
    create=send_one(send_many),
    update=update,
    delete=partial(writing.delete, kind=ACCOUNT),
    fetch=partial(writing.fetch, kind=ACCOUNT),
    fetch_many=partial(writing.fetch_many, kind=ACCOUNT),
    find=find,
    identity="upsert",
    extra=("company_name",),
    many=send_many,
    batch=BATCH,
)
