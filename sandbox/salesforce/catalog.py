"""The objects of this organisation: their fields, what may be written, their picklists and what they refer to.

Facts of the vendor come from its fact sheet (facts.md), named by section: "Reads" has the fields, "Writes" what is
required. A line of ``_OBJECTS`` is ``Field:type:flags``; a type in capitals is an object that the field refers to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

EXTERNAL_ID = "Plumbline_Id__c"
_FLAGS = {"r": "required", "x": "read only", "c": "create only", "e": "external id", "i": "id lookup"}
_SYSTEM = "Id:id:x IsDeleted:boolean:x CreatedDate:datetime:x LastModifiedDate:datetime:x SystemModstamp:datetime:x"
_PLACE = "{0}Street:textarea {0}City:string {0}State:string {0}PostalCode:string {0}Country:string "
_PLACE += "{0}Latitude:double {0}Longitude:double"
_MARKED = f"{EXTERNAL_ID}:string:e"
_OBJECTS = {
    "Account": (
        "001",
        ("Name:string:r Type:picklist ParentId:Account Phone:phone Website:string AccountNumber:string "
        f"Industry:string Description:textarea OwnerId:User MasterRecordId:Account:x {_MARKED} "
        + _PLACE.format("Billing") + " " + _PLACE.format("Shipping")),
    ),
    "Contact": (
        "003",
        ("AccountId:Account FirstName:string LastName:string:r Name:string:x Email:email:i Phone:phone "
        f"MobilePhone:phone Title:string Department:string OwnerId:User MasterRecordId:Contact:x {_MARKED} "
        + _PLACE.format("Mailing")),
    ),
    "WorkOrder": (
        "0WO",
        ("WorkOrderNumber:string:x AccountId:Account ContactId:Contact Subject:string Description:textarea "
        "Status:picklist StatusCategory:string:x Priority:picklist StartDate:datetime EndDate:datetime "
        "Duration:double DurationType:picklist Subtotal:currency:x Discount:double:x Tax:currency "
        "TotalPrice:currency:x GrandTotal:currency:x LineItemCount:int:x ServiceAppointmentCount:int:x "
        f"IsClosed:boolean:x OwnerId:User {_MARKED} " + _PLACE.format("")),
    ),
    "ServiceAppointment": (
        "08p",
        ("AppointmentNumber:string:x ParentRecordId:Account,WorkOrder:rc ParentRecordType:string:x "
        "AccountId:Account:x ContactId:Contact Status:picklist StatusCategory:string:x EarliestStartTime:datetime:r "
        "DueDate:datetime:r SchedStartTime:datetime SchedEndTime:datetime ArrivalWindowStartTime:datetime "
        "ArrivalWindowEndTime:datetime ActualStartTime:datetime ActualEndTime:datetime Duration:double "
        "DurationType:picklist DurationInMinutes:double:x Subject:string Description:textarea Email:email Phone:phone "
        f"CancellationReason:string Comments:textarea OwnerId:User {_MARKED} " + _PLACE.format("")),
    ),
    "AssignedResource": (
        "03r",
        ("AssignedResourceNumber:string:x ServiceAppointmentId:ServiceAppointment:rc "
        "ServiceResourceId:ServiceResource:r IsRequiredResource:boolean Role:string EventId:Event"),
    ),
    "ServiceResource": (
        "0Hn",
        ("Name:string:r RelatedRecordId:User ResourceType:picklist IsActive:boolean Description:textarea "
        "OwnerId:User"),
    ),
    "Event": (
        "00U",
        ("Subject:string StartDateTime:datetime EndDateTime:datetime DurationInMinutes:int "
        "ActivityDateTime:datetime ActivityDate:date IsAllDayEvent:boolean Location:string Description:textarea "
        "WhoId:Contact WhatId:Account,WorkOrder,ServiceAppointment AccountId:Account:x OwnerId:User ShowAs:picklist "
        "IsPrivate:boolean IsRecurrence:boolean:x RecurrenceActivityId:Event:x "
        f"ServiceAppointmentId:ServiceAppointment IsArchived:boolean:x {_MARKED}"),
    ),
    "User": (
        "005",
        ("Username:string Name:string:x FirstName:string LastName:string:r Email:email:r Phone:phone "
        "MobilePhone:phone IsActive:boolean TimeZoneSidKey:picklist Alias:string"),
    ),
    "Organization": (
        "00D",
        ("Name:string OrganizationType:string:x IsSandbox:boolean:x TimeZoneSidKey:picklist InstanceName:string:x"),
    ),
}  # fmt: skip
WITHOUT_BIN = ("ServiceResource", "User", "Organization")  # nothing of them is ever deleted
STATUS = {
    "ServiceAppointment": (
        "None",
        "Scheduled",
        "Dispatched",
        "In Progress",
        "Completed",
        "Cannot Complete",
        "Canceled",
    ),
    "WorkOrder": ("New", "In Progress", "On Hold", "Completed", "Cannot Complete", "Closed", "Canceled"),
}
PICKLISTS: Mapping[tuple[str, str], Sequence[str]] = {
    **{(name, "Status"): values for name, values in STATUS.items()},
    ("Account", "Type"): ("Prospect", "Customer - Direct", "Customer - Channel", "Other"),
    ("Event", "ShowAs"): ("Busy", "OutOfOffice", "Free"),
    ("WorkOrder", "DurationType"): ("Hours", "Minutes"),
    ("ServiceAppointment", "DurationType"): ("Hours", "Minutes"),
    ("WorkOrder", "Priority"): ("Low", "Medium", "High", "Critical"),
    ("ServiceResource", "ResourceType"): ("T", "D", "C", "A", "S", "P"),
}
# Child relationships: the name in a sub-query -> the object and its field that points up.
CHILDREN: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "Account": {"Contacts": ("Contact", "AccountId"), "WorkOrders": ("WorkOrder", "AccountId")},
    "WorkOrder": {"ServiceAppointments": ("ServiceAppointment", "ParentRecordId")},
    "ServiceAppointment": {"ServiceResources": ("AssignedResource", "ServiceAppointmentId")},
}
LENGTHS = {"string": 255, "textarea": 32_000, "phone": 40, "email": 80, "picklist": 255}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One field. ``kind`` is a type of the vendor's; ``to`` the objects that a reference may name."""

    name: str
    kind: str
    to: tuple[str, ...] = ()
    flags: str = ""

    @property
    def relationship(self) -> str | None:
        """What a query calls the record that it refers to."""
        return self.name.removesuffix("Id") if self.to else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One object: what its ids begin with, and its fields by name."""

    name: str
    prefix: str
    members: Mapping[str, Member]

    @property
    def deletes(self) -> bool:
        return self.name not in WITHOUT_BIN

    def member(self, name: str) -> Member | None:
        """The field of this name, in whatever case it is written."""
        return self.members.get(name) or next((m for n, m in self.members.items() if n.lower() == name.lower()), None)


def _member(line: str) -> Member:
    name, kind, *flags = line.split(":")
    to = tuple(kind.split(",")) if kind[0].isupper() else ()
    return Member(name=name, kind="reference" if to else kind, to=to, flags="".join(flags))


def _kind(name: str, prefix: str, lines: str) -> Kind:
    members = [_member(line) for line in f"{_SYSTEM} {lines}".split()]
    kept = [one for one in members if not (one.name == "IsDeleted" and name in WITHOUT_BIN)]
    return Kind(name=name, prefix=prefix, members={one.name: one for one in kept})


KINDS: Mapping[str, Kind] = {name: _kind(name, prefix, lines) for name, (prefix, lines) in _OBJECTS.items()}


def kind_of(name: str) -> Kind | None:
    """The object of this name, in whatever case it is written."""
    return KINDS.get(name) or next((kind for each, kind in KINDS.items() if each.lower() == name.lower()), None)


def described(kind: Kind) -> dict[str, object]:
    """What describe tells of an object."""
    return {
        "name": kind.name, "label": kind.name, "labelPlural": f"{kind.name}s", "keyPrefix": kind.prefix,
        "custom": False, "createable": True, "updateable": True, "deletable": kind.deletes, "queryable": True,
        "replicateable": True, "mergeable": kind.name in ("Account", "Contact"),
        "fields": [_field(kind, one) for one in kind.members.values()],
        "childRelationships": [
            {"childSObject": child, "field": field, "relationshipName": name, "cascadeDelete": child == "Contact"}
            for name, (child, field) in CHILDREN.get(kind.name, {}).items()
        ],
        "urls": {"sobject": f"/services/data/v59.0/sobjects/{kind.name}"},
    }  # fmt: skip


def summary(kind: Kind) -> dict[str, object]:
    """What the list of objects tells of one."""
    return {name: value for name, value in described(kind).items() if name not in ("fields", "childRelationships")}


def _field(kind: Kind, one: Member) -> dict[str, object]:
    values = PICKLISTS.get((kind.name, one.name), ())
    external, written = "e" in one.flags, "x" not in one.flags
    return {
        "name": one.name, "label": one.name.removesuffix("__c"), "type": one.kind, "length": LENGTHS.get(one.kind, 0),
        "custom": one.name.endswith("__c"), "nillable": "r" not in one.flags, "createable": written,
        "updateable": written and "c" not in one.flags, "externalId": external, "unique": external,
        "idLookup": one.name == "Id" or external or "i" in one.flags, "restrictedPicklist": bool(values),
        "picklistValues": [_option(n, value) for n, value in enumerate(values)],
        "referenceTo": list(one.to), **({"relationshipName": one.relationship} if one.to else {}),
    }  # fmt: skip


def _option(number: int, value: str) -> dict[str, object]:
    return {"label": value, "value": value, "active": True, "defaultValue": number == 0}
