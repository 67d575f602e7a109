"""Mutations of clients, their notes and their properties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.jobber import shapes
from sandbox.jobber.identity import encoded, new_id, number_of, reference
from sandbox.jobber.moments import stamp
from sandbox.jobber.refusals import Refused, existing
from sandbox.jobber.view import Context

Record = dict[str, Any]
Args = dict[str, Any]

_PLAIN = ("firstName", "lastName", "companyName", "isCompany")
_RECEIVES = tuple(
    f"receives{kind}" for kind in ("FollowUps", "InvoiceFollowUps", "QuoteFollowUps", "Reminders", "ReviewRequests")
)


def client_create(_: Record, context: Context, args: Args) -> Record:
    """A new lead; a person needs a name or a company name."""
    given = args["input"]
    known = _plain(given)
    if not any((known.get(key) or "").strip() for key in ("firstName", "lastName", "companyName")):
        raise Refused("First name, last name or company name can't be blank", ["input", "firstName"])
    parts: Record = {
        "emails": _added(context, [], given.get("emails") or (), _email),
        "phones": _added(context, [], given.get("phones") or (), _phone),
        "customFields": with_custom_fields([shapes.marker()], given.get("customFields"), "clients", context),
    }
    if given.get("billingAddress"):
        parts["billingAddress"] = shapes.billing_address(given["billingAddress"])
    id = new_id(context.store, "Client")
    context.keep("clients", shapes.client(id, created_at=stamp(context.now), **known, **parts))
    for place in given.get("properties") or ():
        _create_property(context, id, place)
    return {"client": reference(id)}


def client_edit(_: Record, context: Context, args: Args) -> Record:
    given = args["input"]
    client = existing(context, "clients", args["clientId"], ["clientId"])
    client |= _plain(given)
    client["emails"] = _edited(context, client["emails"], given, "emails", _email)
    client["phones"] = _edited(context, client["phones"], given, "phones", _phone)
    client["tags"] = _tagged(client["tags"]["nodes"], given)
    client["customFields"] = with_custom_fields(client["customFields"], given.get("customFields"), "clients", context)
    if given.get("billingAddress"):
        client["billingAddress"] = shapes.billing_address(
            {**(client["billingAddress"] or {}), **given["billingAddress"]}
        )
    context.keep("clients", client)
    return {"client": reference(client["id"])}


def client_archive(_: Record, context: Context, args: Args) -> Record:
    return _set_archived(context, args, archived=True)


def client_unarchive(_: Record, context: Context, args: Args) -> Record:
    return _set_archived(context, args, archived=False)


def _set_archived(context: Context, args: Args, *, archived: bool) -> Record:
    client = existing(context, "clients", args["clientId"], ["clientId"])
    if client["isArchived"] != archived:
        context.keep("clients", {**client, "isArchived": archived})
    return {"client": reference(client["id"])}


def client_create_note(_: Record, context: Context, args: Args) -> Record:
    client = existing(context, "clients", args["clientId"], ["clientId"])
    note = new_note(context, "ClientNote", args["input"], client=reference(client["id"]))
    context.store.put("client_notes", note["id"], note)
    return {"client": reference(client["id"]), "clientNote": note}


def new_note(context: Context, kind: str, given: Mapping[str, Any], **owner: Record) -> Record:
    message = given.get("message") or ""
    if not message.strip():
        raise Refused("Message can't be blank", ["input", "message"])
    return {"id": new_id(context.store, kind), "createdAt": stamp(context.now), "message": message, **owner}


def property_create(_: Record, context: Context, args: Args) -> Record:
    client = existing(context, "clients", args["clientId"], ["clientId"])
    created = [_create_property(context, client["id"], place) for place in args["input"].get("properties") or ()]
    return {"client": reference(client["id"]), "properties": [reference(id) for id in created]}


def _create_property(context: Context, client: str, given: Mapping[str, Any]) -> str:
    id = new_id(context.store, "Property")
    address = shapes.property_address(encoded("PropertyAddress", number_of(id)), dict(given["address"]))
    place = shapes.property_(id, client=client, address=address, name=given.get("name"))
    context.keep("properties", place)
    return id


def property_edit(_: Record, context: Context, args: Args) -> Record:
    """Parts of the address that are not given stay; a moved address waits to be geocoded again."""
    given = args["input"]
    place = existing(context, "properties", args["propertyId"], ["propertyId"])
    if "name" in given:
        place["name"] = given["name"]
    if given.get("address"):
        moved = {**place["address"], "coordinates": None, **given["address"]}
        place["address"] = shapes.property_address(place["address"]["id"], moved)
    context.keep("properties", place)
    return {"property": reference(place["id"])}


# --- parts of a client -------------------------------------------------------------------------------


def _plain(given: Mapping[str, Any]) -> Record:
    known = {key: given[key] for key in (*_PLAIN, *_RECEIVES) if key in given}
    if "title" in given:
        known["title"] = shapes.spelled_title(given["title"])
    return known


def _email(context: Context, given: Mapping[str, Any]) -> Record:
    if not given.get("address"):
        raise Refused("Email address can't be blank", ["input", "emails", "address"])
    primary = bool(given.get("primary"))
    return shapes.email(context.store, given["address"], given.get("description") or "MAIN", primary=primary)


def _phone(context: Context, given: Mapping[str, Any]) -> Record:
    if not given.get("number"):
        raise Refused("Phone number can't be blank", ["input", "phones", "number"])
    primary, sms = bool(given.get("primary")), given.get("smsAllowed") is not False
    return shapes.phone(context.store, given["number"], given.get("description") or "MAIN", primary=primary, sms=sms)


def _added(context: Context, have: list[Record], given: Sequence[Mapping[str, Any]], build: Any) -> list[Record]:
    """The parts with new ones behind them; one of them is primary, the newest that says so."""
    return _one_primary([*have, *(build(context, one) for one in given)])


def _edited(context: Context, have: list[Record], given: Mapping[str, Any], key: str, build: Any) -> list[Record]:
    edits = {edit["id"]: {k: v for k, v in edit.items() if v is not None} for edit in given.get(f"{key}ToEdit") or ()}
    deleted = set(given.get(f"{key}ToDelete") or ())
    unknown = (edits.keys() | deleted) - {one["id"] for one in have}
    if unknown:
        raise Refused(f"{key.removesuffix('s').capitalize()} not found", ["input", f"{key}ToEdit"])
    edited_last = sorted((one for one in have if one["id"] not in deleted), key=lambda one: one["id"] in edits)
    kept = _one_primary([{**one, **edits.get(one["id"], {})} for one in edited_last])
    kept.sort(key=lambda one: [had["id"] for had in have].index(one["id"]))
    return _added(context, kept, given.get(f"{key}ToAdd") or (), build)


def _one_primary(parts: list[Record]) -> list[Record]:
    primaries = [place for place, one in enumerate(parts) if one["primary"]]
    chosen = primaries[-1] if primaries else 0
    return [{**one, "primary": place == chosen} for place, one in enumerate(parts)]


def _tagged(have: list[Record], given: Mapping[str, Any]) -> Record:
    gone = {label.casefold() for label in given.get("tagsToDelete") or ()}
    wanted = {tag["label"].casefold(): tag for tag in have if tag["label"].casefold() not in gone}
    for label in given.get("tagsToAdd") or ():
        wanted.setdefault(label.casefold(), shapes.tag(label))
    return shapes.nodes(list(wanted.values()))


def with_custom_fields(
    have: list[Record], given: Sequence[Mapping[str, Any]] | None, collection: str, context: Context
) -> list[Record]:
    """The record's custom fields with the given values; the account has one text field for this collection.

    Raises:
        Refused: a configuration or field id that the account does not have here, or a value of another type.
    """
    fields = [dict(field) for field in have]
    for one in given or ():
        known = {field["id"] for field in fields} | {None}
        if (
            one.get("customFieldConfigurationId") not in {None, shapes.MARKERS[collection]}
            or one.get("id") not in known
        ):
            raise Refused("Custom field configuration not found", ["input", "customFields"])
        if one.get("valueText") is None:
            raise Refused("Value must be text", ["input", "customFields", "valueText"])
        fields[0] = {**fields[0], "id": fields[0]["id"] or new_id(context.store, "CustomFieldText")}
        fields[0]["valueText"] = one["valueText"]
    return fields
