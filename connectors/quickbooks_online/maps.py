"""What the records of the books mean: one codec a field, both directions."""

from __future__ import annotations

from connectors.addresses import Address
from connectors.marks import marked_in, unmarked_in
from models.fields import (
    Codec,
    choice,
    date_,
    decimal,
    email,
    flag,
    json_list,
    money,
    phone,
    read_only,
    ref,
    sql,
    text,
)
from models.schema import Map

CHANGED = "MetaData.LastUpdatedTime"
ADDRESS = Address(
    at="BillAddr", street="Line1", further=tuple(f"Line{n}" for n in range(2, 6)), city="City",
    state="CountrySubDivisionCode", postal_code="PostalCode", country="Country",
)  # fmt: skip
# Invoices have no status (facts, Enumerations).
STATUS = sql(
    "CASE WHEN TRY_CAST((record->>'$.TotalAmt') AS DECIMAL(19, 4)) = 0 "
    "AND starts_with((record->>'$.PrivateNote'), 'Voided') THEN 'void' "
    "WHEN TRY_CAST((record->>'$.Balance') AS DECIMAL(19, 4)) = 0 THEN 'paid' ELSE 'open' END"
)
SUBTOTAL = sql(
    "TRY_CAST((record->>'$.TotalAmt') AS DECIMAL(19, 4)) "
    "- coalesce(TRY_CAST((record->>'$.TxnTaxDetail.TotalTax') AS DECIMAL(19, 4)), 0)"
)
LINES = json_list(
    "Line",
    {
        "item": text("@.SalesItemLineDetail.ItemRef.name"),
        "description": text("@.Description"),
        "quantity": decimal("@.SalesItemLineDetail.Qty"),
        "unit_price": money("@.SalesItemLineDetail.UnitPrice"),
        "amount": money("@.Amount"),
    },
    where=("@.DetailType", "SalesItemLineDetail"),
)
ALLOCATIONS = json_list(
    "Line",
    {"invoice": ref("@.LinkedTxn[0].TxnId"), "amount": money("@.Amount")},
    where=("@.LinkedTxn[0].TxnType", "Invoice"),
)
# A payment has one note, for its memo and for our marker.
PAYMENT_MEMO = sql(unmarked_in("(record->>'$.PrivateNote')"))
ITEM_KINDS = {"Service": "service", "NonInventory": "product", "Inventory": "product"}
OFFERS = {"Pending": "sent", "Accepted": "accepted", "Rejected": "declined", "Closed": "closed", "Converted": "closed"}
CURRENCY = read_only(text("CurrencyRef.value"))


def _core_ref(note: str) -> Codec:
    """Our core_id, as the note of a record that we made keeps it."""
    return sql(marked_in(f"(record->>'$.{note}')"))


CUSTOMER = Map(
    "customers", to="customer", id="Id", changed=CHANGED, version="SyncToken", core_ref=_core_ref("Notes"),
    fields={
        "given_name": text("GivenName"),
        "family_name": text("FamilyName"),
        "company_name": text("CompanyName"),
        "email": email("PrimaryEmailAddr.Address"),
        "phone": phone("PrimaryPhone.FreeFormNumber"),
        **ADDRESS.fields(),
        "status": read_only(choice("Active", {"true": "active", "false": "inactive"})),
        "balance": read_only(money("Balance")),
        "currency": CURRENCY,
    },
)  # fmt: skip
ITEM = Map(
    "items", to="item", id="Id", changed=CHANGED, version="SyncToken",
    fields={
        "name": text("Name", max=100),
        "description": text("Description"),
        "sku": text("Sku"),
        "unit_price": money("UnitPrice"),
        "taxable": flag("Taxable"),
        "active": flag("Active"),
        "kind": choice("Type", ITEM_KINDS, other="other"),
    },
)  # fmt: skip
ESTIMATE = Map(
    "estimates", to="estimate", id="Id", changed=CHANGED, version="SyncToken",
    fields={
        "number": text("DocNumber", max=21),
        "customer": ref("CustomerRef.value"),
        "status": choice("TxnStatus", OFFERS),
        "issued_on": date_("TxnDate"),
        "expires_on": date_("ExpirationDate"),
        "total": read_only(money("TotalAmt")),
        "currency": CURRENCY,
        "lines": LINES,
    },
)  # fmt: skip
INVOICE = Map(
    "invoices", to="invoice", id="Id", changed=CHANGED, version="SyncToken", core_ref=_core_ref("PrivateNote"),
    fields={
        "number": text("DocNumber", max=21),
        "customer": ref("CustomerRef.value"),
        "status": STATUS,
        "issued_on": date_("TxnDate"),
        "due_on": date_("DueDate"),
        "currency": CURRENCY,
        "subtotal": SUBTOTAL,
        "tax": money("TxnTaxDetail.TotalTax"),
        "total": read_only(money("TotalAmt")),
        "balance": read_only(money("Balance")),
        "memo": text("CustomerMemo.value"),
        "booked_as": read_only(text("Id")),
        "lines": LINES,
    },
)  # fmt: skip
PAYMENT = Map(
    "payments", to="payment", id="Id", changed=CHANGED, version="SyncToken", core_ref=_core_ref("PrivateNote"),
    fields={
        "reference": text("PaymentRefNum"),
        "customer": ref("CustomerRef.value"),
        "received_on": date_("TxnDate"),
        "amount": money("TotalAmt"),
        "unapplied": read_only(money("UnappliedAmt")),
        "currency": CURRENCY,
        "memo": PAYMENT_MEMO,
        "allocations": ALLOCATIONS,
    },
)  # fmt: skip


MAPS = (CUSTOMER, ITEM, ESTIMATE, INVOICE, PAYMENT)
