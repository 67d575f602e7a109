"""A contact of HubSpot as a customer, and what of a contact has to be asked for."""

from __future__ import annotations

from connectors.addresses import Address
from models.fields import choice, email, phone, text
from models.schema import Map

CONTACTS = "/crm/v3/objects/contacts"
MARKER = "plumbline_id"
STAGES = {
    "lead": "lead",
    "subscriber": "lead",
    "marketingqualifiedlead": "lead",
    "salesqualifiedlead": "lead",
    "opportunity": "lead",
    "customer": "active",
    "evangelist": "active",
}
ADDRESS = Address(at="properties", street="address", city="city", state="state", postal_code="zip", country="country")

CUSTOMER = Map(
    "contacts",
    to="customer",
    id="id",
    changed="updatedAt",
    version="updatedAt",
    core_ref=text(f"properties.{MARKER}"),
    fields={
        "given_name": text("properties.firstname"),
        "family_name": text("properties.lastname"),
        "company_name": text("properties.company"),
        "email": email("properties.email"),
        "phone": phone("properties.phone"),
        **ADDRESS.fields(),
        "status": choice("properties.lifecyclestage", STAGES, other="lead"),
    },
)
# HubSpot shows only what is asked for, and a batch answer only what was sent (Read streams, Writes).
SHOWN = [
    *(path.removeprefix("properties.") for codec in CUSTOMER.fields.values() for path in codec.paths),
    MARKER,
    "lastmodifieddate",
    "hs_merged_object_ids",
]
