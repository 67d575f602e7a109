"""QuickBooks Online, accounting: the company's customers, price book, estimates, invoices and payments.

Longer than a page because money may be written neither twice nor blindly: ``dialect`` asks and understands
refusals, ``maps`` says what records mean, ``customers`` and ``sales`` write. Facts are from the vendor's
Accounting API, minor version 75.
"""

from __future__ import annotations

from connectors.quickbooks_online import customers, dialect, sales
from connectors.quickbooks_online.maps import MAPS
from connectors.spec import Account, Api, Connector, Limit, Quota, RefreshToken, Resource, Setting, Write


def account(api: Api) -> Account:
    """The company whose books these are; its realm id is who we are."""
    info = dialect.ask(api, "query", query="SELECT * FROM CompanyInfo")["QueryResponse"]["CompanyInfo"][0]
    return Account(id=str(api.settings["realm_id"]), name=info["CompanyName"], time_zone=info.get("DefaultTimeZone"))


CONNECTOR = Connector(
    name="quickbooks_online",
    title="QuickBooks Online",
    roles=("accounting",),
    docs="https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/customer",
    base_url="https://quickbooks.api.intuit.com",
    auth=RefreshToken(
        token_url="https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer",  # noqa: S106 - an address
        client="basic",
        rotates=True,
    ),
    # Names must be written one after another (facts, Idempotency, last line).
    quota=Quota(limits=(Limit(calls=10, seconds=1), Limit(calls=500, seconds=60)), concurrency=1),
    settings=(Setting(name="realm_id", description="the company's id, as connecting it showed", required=True),),
    credentials=(
        Setting(name="client_id", description="client id of the app in Intuit's developer portal", required=True),
        Setting(name="client_secret", description="client secret of the app", required=True),
        Setting(name="refresh_token", description="refresh token that connecting the company gave", required=True),
    ),
    resources=(
        Resource(name="customers", read=dialect.listing("Customer"), id="Id", deletes="event"),
        Resource(name="items", read=dialect.listing("Item"), id="Id", deletes="event"),
        Resource(name="estimates", read=dialect.listing("Estimate"), id="Id", deletes="event"),
        Resource(name="invoices", read=dialect.listing("Invoice"), id="Id", deletes="event"),
        Resource(name="payments", read=dialect.listing("Payment"), id="Id", deletes="event"),
    ),
    maps=MAPS,
    writes=(
        Write(
            entity="customer",
            resource="customers",
            create=customers.create_customer,
            update=customers.update_customer,
            delete=customers.deactivate_customer,
            fetch=customers.fetch_customer,
            find=customers.find_customer,
            identity="key",
            guarded=True,
        ),
        Write(
            entity="invoice",
            resource="invoices",
            create=sales.create_invoice,
            update=sales.update_invoice,
            delete=sales.void_invoice,
            fetch=sales.fetch_invoice,
            find=sales.find_invoice,
            identity="key",
            extra=("lines",),
            guarded=True,
        ),
        Write(
            entity="payment",
            resource="payments",
            create=sales.create_payment,
            fetch=sales.fetch_payment,
            find=sales.find_payment,
            identity="key",
            extra=("memo",),
        ),
    ),
    judge=dialect.judge,
    account=account,
)
