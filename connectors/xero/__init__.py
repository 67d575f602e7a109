"""Xero, accounting: contacts, the price book, invoices, payments and credit notes of one organisation.

``dialect`` speaks to it, ``reading`` lists, ``maps`` says what records mean, ``contacts``, ``invoices`` and
``payments`` write, ``hooks`` checks what it sends by itself. In all it is longer than one page because five maps fill
one alone, and because names and numbers are taken, periods closed and documents final, which has to be understood from
refusals. Facts of the vendor come from its fact sheet (facts.md), named by section.
"""

from __future__ import annotations

from connectors.answers import part
from connectors.spec import Account, Api, Connector, Limit, Quota, RefreshToken, Resource, Setting, Write
from connectors.xero import contacts, invoices, payments, reading
from connectors.xero.dialect import PLACES, ask, judge
from connectors.xero.hooks import HOOKS
from connectors.xero.maps import MAPS


def account(api: Api) -> Account:
    """The organisation whose books these are (Streams)."""
    (told,) = part(api, ask(api, "Organisation"), "Organisations")
    environment = "demo" if told.get("IsDemoCompany") else "production"
    return Account(id=told["OrganisationID"], name=told["Name"], environment=environment)


CONNECTOR = Connector(
    name="xero",
    title="Xero",
    roles=("accounting",),
    docs="https://developer.xero.com/documentation/api/accounting/overview",
    base_url="https://api.xero.com",
    auth=RefreshToken(token_url="https://identity.xero.com/connect/token", client="basic", rotates=True),  # noqa: S106
    # For one organisation and app (Limits).
    quota=Quota(limits=(Limit(calls=60, seconds=60), Limit(calls=5000, seconds=86_400)), concurrency=5),
    settings=(
        Setting(name="tenant_id", description="The organisation's id, as /connections lists it.", required=True),
        Setting(name="sales_account", description="Code of the account that invoice lines go to.", default="200"),
        Setting(name="payment_account", description="Code of the account that payments go to.", default="090"),
        Setting(name="tax_type", description="Tax type of lines that bear sales tax.", default="OUTPUT"),
        Setting(name="full_read_days", description="Days after which all is read again.", default=reading.FULL_DAYS),
    ),
    credentials=(
        Setting(name="client_id", description="Client id of the app in Xero's developer portal.", required=True),
        Setting(name="client_secret", description="Client secret of the app.", required=True),
        Setting(name="refresh_token", description="Refresh token that connecting it gave.", required=True),
    ),
    resources=(
        Resource(
            name="contacts", read=reading.listing("Contacts", "ContactID", includeArchived="true"), id="ContactID",
            deletes="none", description="Customers and suppliers; archived and merged ones stay in the list.",
        ),
        Resource(
            name="items", read=reading.items, id="ItemID", deletes="compare", description="The price book.",
        ),
        Resource(
            name="invoices", read=reading.listing("Invoices", "InvoiceID", unitdp=PLACES), id="InvoiceID",
            deletes="flag", description="Invoices and bills with their lines; void and deleted ones stay.",
        ),
        Resource(
            name="payments", read=reading.listing("Payments", "PaymentID"), id="PaymentID", deletes="flag",
            description="Money received or paid, each with the one document that it settles.",
        ),
        Resource(
            name="credit_notes", read=reading.listing("CreditNotes", "CreditNoteID", unitdp=PLACES), id="CreditNoteID",
            deletes="flag", description="What was credited, with what it was taken off; void and deleted ones stay.",
        ),
    ),
    maps=MAPS,
    writes=(
        Write(
            entity="customer", resource="contacts", create=contacts.create, update=contacts.update,
            delete=contacts.archive, fetch=contacts.fetch, find=contacts.find, identity="key", extra=contacts.EXTRA,
        ),
        Write(
            entity="invoice", resource="invoices", create=invoices.create, update=invoices.update,
            delete=invoices.remove, fetch=invoices.fetch, find=invoices.find, identity="key",
            extra=("lines", "tax", "status"), only_new=("status",), voids=True,
        ),
        Write(
            entity="payment", resource="payments", create=payments.create, delete=payments.remove,
            fetch=payments.fetch, find=payments.find, identity="key", extra=("allocations",),
        ),
    ),
    judge=judge,
    account=account,
    hooks=HOOKS,
)  # fmt: skip
