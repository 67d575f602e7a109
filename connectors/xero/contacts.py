"""Writing contacts: one for each name, adopted only when it is the same customer; addresses and phones go whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from connectors.addresses import PARTS, moved
from connectors.answers import current
from connectors.parties import called, reached_alike, renamed
from connectors.spec import Api, Outgoing, Record, Written
from connectors.xero.dialect import Taken, matching, one, save
from connectors.xero.maps import ADDRESS, ADDRESSES, FILLED, PHONES
from models.change import digest
from models.errors import Rejected

EXTRA = ("company_name", "phone", *PARTS)
LONGEST = 255
_AMERICAN = re.compile(r"\+1(\d{3})(\d{7})")


def fetch(api: Api, id: str) -> Written | None:
    """The contact; an archived one counts as gone: contacts are never removed (Deletion)."""
    record = one(api, "Contacts", id)
    return None if record is None or record.get("ContactStatus") != "ACTIVE" else written(record)


def create(api: Api, out: Outgoing) -> Written:
    """A new contact under our id; a namesake that is the same customer is adopted, another one told apart by its place.

    Rejected when an active contact with another e-mail address and phone has that name as well.
    """
    body = _body(out, {}) | {"ContactNumber": out.change.core_id}
    given = {name: value for name, value in body.items() if value not in ("", None)}
    try:
        return save(api, "PUT", "Contacts", given, id="ContactID", key=out.key)
    except Taken as taken:
        namesakes = [one for one in matching(api, "Contacts", Name=given["Name"]) if _is_active(one)]
        same = next((record for record in namesakes if _same(record, out)), None)
        if same is not None:
            return written(same)
        return _told_apart(api, out, given, taken)


def _told_apart(api: Api, out: Outgoing, given: Record, taken: Taken) -> Written:
    """The new contact with its place behind the name, as bookkeepers write it: Ann Lee (Round Rock)."""
    known = out.change.desired
    place = known.get("city") or known.get("postal_code") or out.change.core_id[-6:]
    name = f"{given['Name'][: LONGEST - len(place) - 3]} ({place})"
    try:
        return save(api, "PUT", "Contacts", {**given, "Name": name}, id="ContactID", key=f"{out.key}-2")
    except Taken:
        said = f"contacts are called {given['Name']!r} and {name!r} too, with another e-mail and phone than"
        raise Rejected(api.system, f"{said} {out.change.core_id}; merge them, or rename one of them") from taken


def find(api: Api, out: Outgoing) -> Written | None:
    """The contact that a create of unknown outcome made, by our id."""
    found = matching(api, "Contacts", ContactNumber=out.change.core_id)
    return next((written(record) for record in found if _is_active(record)), None)


def update(api: Api, out: Outgoing) -> Written:
    """The changed fields; there is no version to show, so the push compared before (Idempotency)."""
    id = str(out.change.target_id)
    return _changed(api, out, _body(out, current(api, one(api, "Contacts", id), f"contact {id}")))


def archive(api: Api, out: Outgoing) -> Written:
    """Archive the contact; the books keep every name."""
    _changed(api, out, {"ContactStatus": "ARCHIVED"})
    return Written(id=str(out.change.target_id))


def _changed(api: Api, out: Outgoing, body: Record) -> Written:
    id = str(out.change.target_id)
    whole = {"ContactID": id, **body}
    return save(api, "POST", "Contacts", whole, id="ContactID", at=id, key=f"{out.key}-{digest(whole, length=8)}")


def written(record: Record) -> Written:
    """A contact as the outcome of a write."""
    return Written(id=record["ContactID"], record=record)


def _is_active(record: Record) -> bool:
    return record.get("ContactStatus") == "ACTIVE"


def _body(out: Outgoing, current: Record) -> dict[str, Any]:
    """The changed members; an empty text clears one."""
    change, known = out.change, out.change.desired
    body: dict[str, Any] = {name: "" if value is None else value for name, value in out.record.items()}
    if renamed(change) or not current:
        name = called(change, by_email=True)[:LONGEST]
        body["Name"] = name + ("" if known.get("company_name") else _apart(current))
    if moved(change):
        body["Addresses"] = list(_addresses(ADDRESS.whole(change), current.get("Addresses") or ()))
    if "phone" in change.after:
        body["Phones"] = list(_phones(known.get("phone"), current.get("Phones") or ()))
    return body


def _apart(current: Record) -> str:
    """What tells the contact apart from a namesake: brackets behind its person's name."""
    person = " ".join(current[part] for part in ("FirstName", "LastName") if current.get(part))
    found = re.fullmatch(rf"{re.escape(person)}( \([^()]+\))", str(current.get("Name") or ""))
    return found[1] if person and found else ""


def _addresses(ours: Record, current: Sequence[Record]) -> Iterator[Record]:
    """The address that is read, changed; what we do not know of it stays. Without any address all that we read go."""
    if not any(ours.values()):
        yield from ({"AddressType": kind, **ours} for kind in ADDRESSES if current or kind == ADDRESSES[0])
        return
    kept = _read(current, "AddressType", ADDRESSES, FILLED)
    yield {"AddressType": ADDRESSES[0], **kept, **ours}


def _phones(number: str | None, current: Sequence[Record]) -> Iterator[Record]:
    """The number that is read, changed; American numbers in the three parts that people see."""
    kept = _read(current, "PhoneType", PHONES, ("PhoneNumber",))
    kinds = [str(kept.get("PhoneType", PHONES[0]))] if number else [str(one["PhoneType"]) for one in current]
    american = _AMERICAN.fullmatch(number or "")
    area, rest = american.groups() if american else ("", number or "")
    code = "1" if american else ""
    for kind in kinds:
        if kind in PHONES:
            yield {"PhoneType": kind, "PhoneNumber": rest, "PhoneAreaCode": area, "PhoneCountryCode": code}


def _read(elements: Sequence[Record], member: str, kinds: Sequence[str], filled: Sequence[str]) -> Record:
    """The element that counts, as the map reads it; empty when none has anything in it."""
    full = [one for one in elements if any(str(one.get(name) or "").strip() for name in filled)]
    return next((one for kind in kinds for one in full if one.get(member) == kind), {})


def _same(record: Record, out: Outgoing) -> bool:
    """Our own id decides; without one the e-mail address or the phone number must agree."""
    ours = str(record.get("ContactNumber") or "")
    if ours.startswith("cus_"):
        return ours == out.change.core_id
    told = _read(record.get("Phones") or (), "PhoneType", PHONES, ("PhoneNumber",))
    spoken = "".join(str(told.get(name) or "") for name in ("PhoneCountryCode", "PhoneAreaCode", "PhoneNumber"))
    return reached_alike(out.change, email=record.get("EmailAddress"), phone=spoken)
