"""QuickBooks Online, accounting: the company's customers, price book, estimates, invoices and payments.

In all it is longer than one page because money may be written neither twice nor blindly: ``dialect`` asks and
understands refusals, ``maps`` says what records mean, ``customers`` and ``sales`` write by way of ``writing``, and
``numbers`` looks whose a number is. Facts are from the vendor's Accounting API, minor version 75.
"""

from __future__ import annotations

from connectors.answers import part
from connectors.quickbooks_online import customers, dialect, sales
from connectors.quickbooks_online.maps import MAPS
from connectors.spec import Account, Api, Connector, Limit, Quota, RefreshToken, Resource, Setting, Write


def account(api: Api) -> Account:
    """The company whose books these are; its realm id is who we are."""
    answer = part(api, dialect.ask(api, "query", query="SELECT * FROM CompanyInfo"), "QueryResponse")
    (info,) = part(api, answer, "CompanyInfo")
    return Account(id=str(api.settings["realm_id"]), name=info["CompanyName"], time_zone=info.get("DefaultTimeZone"))


def _resource(name: str, entity: str, description: str) -> Resource:
    return Resource(name=name, read=dialect.listing(entity), id="Id", deletes="event", description=description)


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
        _resource("customers", "Customer", "Customers and their sub-customers (job sites), also inactive ones."),
        _resource("items", "Item", "The price book: services and products, also inactive ones."),
        _resource("estimates", "Estimate", "Offers with their lines."),
        _resource("invoices", "Invoice", "Invoices with their lines; voided ones stay, deleted ones go."),
        _resource("payments", "Payment", "Money received, and the invoices it is applied to."),
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
            voids=True,
        ),
        Write(
            entity="payment",
            resource="payments",
            create=sales.create_payment,
            update=sales.update_payment,
            fetch=sales.fetch_payment,
            find=sales.find_payment,
            identity="key",
            extra=("memo", "allocations"),
            guarded=True,
        ),
    ),
    judge=dialect.judge,
    account=account,
)
