"""The object types and standard properties that the twin's portal has (facts: Read streams; the properties API)."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.hubspot.dialect import Failure, invalid
from sandbox.twin import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectType:
    """One CRM object type.

    ``first_id`` starts its id sequence; ``created``/``modified`` name its stamp properties; ``shown``
    are the properties of an answer when none are asked for; ``searched`` those a ``query`` looks at;
    ``unique`` those that HubSpot itself keeps unique; ``group`` its standard property group.
    """

    name: str
    singular: str
    type_id: str
    first_id: int
    created: str
    modified: str
    shown: tuple[str, ...]
    searched: tuple[str, ...]
    group: str
    unique: tuple[str, ...] = ()


CONTACTS = ObjectType(
    name="contacts",
    singular="contact",
    type_id="0-1",
    first_id=713492963501,
    created="createdate",
    modified="lastmodifieddate",
    shown=("email", "firstname", "lastname"),
    searched=("firstname", "lastname", "email", "hs_additional_emails", "phone", "company"),
    group="contactinformation",
    unique=("email",),
)
COMPANIES = ObjectType(
    name="companies",
    singular="company",
    type_id="0-2",
    first_id=406260751501,
    created="createdate",
    modified="hs_lastmodifieddate",
    shown=("domain", "name"),
    searched=("website", "phone", "name", "domain"),
    group="companyinformation",
)
DEALS = ObjectType(
    name="deals",
    singular="deal",
    type_id="0-3",
    first_id=502310060001,
    created="createdate",
    modified="hs_lastmodifieddate",
    shown=("amount", "closedate", "dealname", "dealstage", "pipeline"),
    searched=("dealname", "pipeline", "dealstage", "description"),
    group="dealinformation",
)
TICKETS = ObjectType(
    name="tickets",
    singular="ticket",
    type_id="0-5",
    first_id=302750080001,
    created="createdate",
    modified="hs_lastmodifieddate",
    shown=("content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority", "subject"),
    searched=("subject", "content"),
    group="ticketinformation",
)
MEETINGS = ObjectType(
    name="meetings",
    singular="meeting",
    type_id="0-47",
    first_id=601820070001,
    created="hs_createdate",
    modified="hs_lastmodifieddate",
    shown=(),
    searched=("hs_meeting_title", "hs_meeting_body"),
    group="engagement",
)
TASKS = ObjectType(
    name="tasks",
    singular="task",
    type_id="0-27",
    first_id=601930070001,
    created="hs_createdate",
    modified="hs_lastmodifieddate",
    shown=(),
    searched=("hs_task_subject", "hs_task_body"),
    group="task",
)

OBJECT_TYPES = {kind.name: kind for kind in (CONTACTS, COMPANIES, DEALS, TICKETS, MEETINGS, TASKS)}
_SPELLINGS = {word: kind for kind in OBJECT_TYPES.values() for word in (kind.name, kind.singular, kind.type_id)}

# name: type, or type:fieldType, or type:fieldType=options; a leading "!" makes it read-only
_LIFECYCLE = "subscriber lead marketingqualifiedlead salesqualifiedlead opportunity customer evangelist other"
_LEADS = "NEW OPEN IN_PROGRESS OPEN_DEAL UNQUALIFIED ATTEMPTED_TO_CONTACT CONNECTED BAD_TIMING"
_EVERYWHERE = {
    "hs_object_id": "!number",
    "hs_lastmodifieddate": "!datetime",
    "hs_merged_object_ids": "!enumeration:checkbox",
    "hubspot_owner_id": "enumeration:select",
}
_STANDARD: dict[str, dict[str, str]] = {
    "contacts": {
        **dict.fromkeys(
            ("email", "firstname", "lastname", "company", "jobtitle", "address", "city", "state"), "string"
        ),
        **dict.fromkeys(("zip", "country", "website", "salutation", "fax"), "string"),
        **dict.fromkeys(("phone", "mobilephone"), "string:phonenumber"),
        "lifecyclestage": f"enumeration:radio={_LIFECYCLE}",
        "hs_lead_status": f"enumeration:radio={_LEADS}",
        "hs_additional_emails": "enumeration:checkbox",
        "associatedcompanyid": "number",
        "createdate": "!datetime",
        "lastmodifieddate": "!datetime",
        "hs_email_domain": "!string",
        "hs_full_name_or_email": "!string",
    },
    "companies": {
        **dict.fromkeys(("name", "domain", "address", "address2", "city", "state", "zip", "country"), "string"),
        **dict.fromkeys(("website", "description", "industry"), "string"),
        "phone": "string:phonenumber",
        "lifecyclestage": f"enumeration:radio={_LIFECYCLE}",
        "numberofemployees": "number",
        "annualrevenue": "number",
        "createdate": "!datetime",
    },
    "deals": {
        "dealname": "string",
        "amount": "number",
        "description": "string:textarea",
        "dealstage": "enumeration:radio",
        "pipeline": "enumeration:select",
        "closedate": "datetime",
        "createdate": "datetime",
        "hs_is_closed_won": "!bool",
        "hs_is_closed_lost": "!bool",
    },
    "tickets": {
        "subject": "string",
        "content": "string:textarea",
        "hs_pipeline": "enumeration:select",
        "hs_pipeline_stage": "enumeration:select",
        "hs_ticket_priority": "enumeration:select=LOW MEDIUM HIGH URGENT",
        "createdate": "datetime",
    },
    "meetings": {
        **dict.fromkeys(("hs_timestamp", "hs_meeting_start_time", "hs_meeting_end_time"), "datetime"),
        **dict.fromkeys(("hs_meeting_title", "hs_meeting_body", "hs_internal_meeting_notes"), "string:textarea"),
        **dict.fromkeys(("hs_meeting_external_url", "hs_meeting_location", "hs_attachment_ids"), "string"),
        "hs_meeting_outcome": "enumeration:select=SCHEDULED COMPLETED RESCHEDULED NO_SHOW CANCELED",
        "hs_activity_type": "enumeration:select",
        "hs_attendee_owner_ids": "enumeration:checkbox",
        "hs_createdate": "!datetime",
    },
    "tasks": {
        **dict.fromkeys(("hs_task_subject", "hs_task_body"), "string:textarea"),
        "hs_timestamp": "datetime",
        "hs_task_status": "enumeration:select=NOT_STARTED IN_PROGRESS WAITING DEFERRED COMPLETED",
        "hs_task_priority": "enumeration:select=NONE LOW MEDIUM HIGH",
        "hs_task_type": "enumeration:select=TODO CALL EMAIL",
        "hs_createdate": "!datetime",
    },
}
_WIDGETS = {"string": "text", "number": "number", "datetime": "date", "date": "date", "bool": "booleancheckbox"}


def object_type(word: str) -> ObjectType:
    """The type of a path segment: its name, its singular or its type id. Raises Failure 400 for another."""
    if word not in _SPELLINGS:
        raise _unknown_type(word)
    return _SPELLINGS[word]


def _unknown_type(word: str) -> Failure:
    return invalid(f"Unable to infer object type from: {word}", context={"type": [word]})


def standard_properties(kind: ObjectType, created_at: str) -> list[Record]:
    """The property definitions (ModelProperty) that every portal has for this type."""
    declared = {**_STANDARD[kind.name], **_EVERYWHERE}
    return [_definition(kind, name, text, created_at) for name, text in declared.items()]


def _definition(kind: ObjectType, name: str, text: str, created_at: str) -> Record:
    shape, _, options = text.lstrip("!").partition("=")
    type_, _, widget = shape.partition(":")
    fixed = text.startswith("!")
    return {
        "name": name,
        "label": _label(name),
        "description": "",
        "type": type_,
        "fieldType": widget or _WIDGETS[type_],
        "groupName": kind.group,
        "options": [option(value, place) for place, value in enumerate(options.split())],
        "displayOrder": -1,
        "hasUniqueValue": name in kind.unique or name == "hs_object_id",
        "hidden": False,
        "calculated": False,
        "externalOptions": name == "hubspot_owner_id",
        "hubspotDefined": True,
        "formField": not fixed,
        "archived": False,
        "createdAt": created_at,
        "updatedAt": created_at,
        "modificationMetadata": {"archivable": False, "readOnlyDefinition": True, "readOnlyValue": fixed},
    }


def option(value: str, place: int) -> Record:
    return {"label": _label(value), "value": value, "displayOrder": place, "hidden": False}


def _label(name: str) -> str:
    return name.removeprefix("hs_").replace("_", " ").capitalize()
