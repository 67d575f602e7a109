"""What the records mean: one codec a field. Facts of the vendor are named by section of its fact sheet (facts.md)."""

from __future__ import annotations

from dataclasses import replace

from connectors.addresses import Address
from connectors.marks import marked_in, unmarked_in
from models.fields import (
    Codec,
    choice,
    company_currency,
    const,
    date_,
    decimal,
    email,
    first,
    json_list,
    money,
    read_only,
    ref,
    sql,
    text,
)
from models.kinds import of_kind, phone_parts
from models.schema import Map

# What documents are addressed to comes first; people fill in either one (Streams).
ADDRESSES, PHONES = ("POBOX", "STREET"), ("DEFAULT", "MOBILE", "DDI")
FILLED = ("AddressLine1", "City", "PostalCode", "Region", "Country")


def _stamp(member: str) -> str:
    """A .NET date as a UTC timestamp (Time)."""
    digits = rf"regexp_extract((record->>'$.{member}'), '^/Date\((-?\d+)', 1)"
    return f"epoch_ms(TRY_CAST(nullif({digits}, '') AS BIGINT))"


CHANGED = sql(_stamp("UpdatedDateUTC"), path="UpdatedDateUTC")


def _net_day(member: str) -> Codec:
    """A calendar day, read from the .NET date at midnight; written as ``2026-04-24``."""
    plain = date_(member)
    return replace(first(plain, sql(f"CAST({_stamp(member)} AS DATE)")), paths=(member,))


def _day(member: str) -> Codec:
    """The same, where an ISO twin beside it is to be had."""
    net = _net_day(member)
    return replace(first(date_(f"{member}String"), net), target=member, encode=net.encode)


def _address(codec: Codec) -> Codec:
    filled = tuple(f"@.{name}" for name in FILLED)
    return of_kind("Addresses", codec, kind="@.AddressType", kinds=ADDRESSES, filled=filled)


def _unmarked(member: str) -> Codec:
    """A text without our marker, which stands at its end where the record has no number or reference of its own."""
    return replace(sql(unmarked_in(f"(record->>'$.{member}')")), target=member, encode=lambda value: value)


def _core_ref(member: str) -> Codec:
    return sql(marked_in(f"(record->>'$.{member}')"))


ADDRESS = Address(
    street="AddressLine1", further=tuple(f"AddressLine{n}" for n in range(2, 5)), city="City", state="Region",
    postal_code="PostalCode", country="Country",
)  # fmt: skip
_PERSON = "concat_ws(' ', nullif(trim((record->>'$.FirstName')), ''), nullif(trim((record->>'$.LastName')), ''))"
_NAME = "nullif(trim((record->>'$.Name')), '')"
CONTACT = Map(
    "contacts", to="customer", id="ContactID", changed=CHANGED, merged=text("MergedToContactID"),
    core_ref=sql("nullif(regexp_extract((record->>'$.ContactNumber'), '^cus_[0-9a-z]+$'), '')"),
    fields={
        "given_name": text("FirstName", max=255),
        "family_name": text("LastName", max=255),
        # A person whose name somebody else has too is told apart by what stands in brackets behind it.
        "company_name": sql(
            f"CASE WHEN {_NAME} <> {_PERSON} "
            f"AND NOT (starts_with({_NAME}, {_PERSON} || ' (') AND suffix({_NAME}, ')')) THEN {_NAME} END"
        ),
        "email": email("EmailAddress"),
        "phone": of_kind("Phones", phone_parts("@.PhoneNumber", country="@.PhoneCountryCode", area="@.PhoneAreaCode"),
                         kind="@.PhoneType", kinds=PHONES, filled=("@.PhoneNumber",)),
        **{name: _address(codec) for name, codec in ADDRESS.fields("@").items()},
        "status": read_only(choice("ContactStatus", {"ACTIVE": "active", "ARCHIVED": "inactive",
                                                     "GDPRREQUEST": "inactive"})),
        "balance": read_only(money("Balances.AccountsReceivable.Outstanding")),
        "currency": read_only(first(text("DefaultCurrency"), company_currency())),
    },
)  # fmt: skip

ITEM = Map(
    "items", to="item", id="ItemID", changed=CHANGED,
    fields={
        "name": read_only(first(text("Name"), text("Code"))),
        "description": text("Description"),
        "sku": text("Code"),
        "unit_price": money("SalesDetails.UnitPrice"),
        "taxable": sql("nullif(trim((record->>'$.SalesDetails.TaxType')), '') <> 'NONE'"),
        "active": const(True),
        "kind": sql("CASE WHEN (record->>'$.IsTrackedAsInventory') = 'true' THEN 'product' END"),
    },
)  # fmt: skip

STATES = {"DRAFT": "draft", "SUBMITTED": "draft", "AUTHORISED": "open", "PAID": "paid", "VOIDED": "void",
          "DELETED": "void"}  # fmt: skip
DELETED = sql("(record->>'$.Status') = 'DELETED'")
BOOKED = sql("CASE WHEN (record->>'$.Status') IN ('AUTHORISED', 'PAID') THEN (record->>'$.InvoiceID') END")
LINES = json_list(
    "LineItems",
    {
        "item": first(text("@.Item.Name"), text("@.ItemCode")),
        "description": text("@.Description"),
        "quantity": decimal("@.Quantity"),
        "unit_price": money("@.UnitAmount"),
        "amount": money("@.LineAmount"),
    },
)
INVOICE = Map(
    "invoices", to="invoice", id="InvoiceID", changed=CHANGED, core_ref=_core_ref("Reference"), deleted=DELETED,
    where=sql("(record->>'$.Type') = 'ACCREC'"),  # bills of suppliers are in the same list
    fields={
        "number": text("InvoiceNumber", max=255),
        "customer": ref("Contact.ContactID"),
        "status": read_only(choice("Status", STATES)),
        "issued_on": _day("Date"),
        "due_on": _day("DueDate"),
        "currency": read_only(text("CurrencyCode")),
        "subtotal": read_only(money("SubTotal")),
        "tax": read_only(money("TotalTax")),
        "total": read_only(money("Total")),
        "balance": read_only(money("AmountDue")),
        "memo": _unmarked("Reference"),
        "booked_as": BOOKED,
        "lines": LINES,
    },
)  # fmt: skip

PAYMENT = Map(
    "payments", to="payment", id="PaymentID", changed=CHANGED, core_ref=_core_ref("Reference"), deleted=DELETED,
    where=sql("(record->>'$.PaymentType') = 'ACCRECPAYMENT'"),  # others pay suppliers or give money back
    fields={
        "reference": _unmarked("Reference"),
        "customer": read_only(ref("Invoice.Contact.ContactID")),
        "received_on": _net_day("Date"),
        "amount": money("Amount"),
        "currency": read_only(text("Invoice.CurrencyCode")),
        # A payment settles one invoice, or none that we see (Streams).
        "allocations": sql(
            "CASE WHEN (record->>'$.Invoice.InvoiceID') IS NULL THEN to_json([]) ELSE to_json([{"
            "'invoice': (record->>'$.Invoice.InvoiceID'), "
            "'amount': CAST(TRY_CAST((record->>'$.Amount') AS DECIMAL(19, 4)) AS VARCHAR)}]) END"
        ),
    },
)  # fmt: skip

CREDIT_STATES = STATES | {"PAID": "used"}
CREDIT_NOTE = Map(
    "credit_notes", to="credit_note", id="CreditNoteID", changed=CHANGED, deleted=DELETED,
    where=sql("(record->>'$.Type') = 'ACCRECCREDIT'"),  # those of suppliers are in the same list
    fields={
        "number": read_only(text("CreditNoteNumber")),
        "customer": read_only(ref("Contact.ContactID")),
        "status": read_only(choice("Status", CREDIT_STATES)),
        "issued_on": read_only(_day("Date")),
        "currency": read_only(text("CurrencyCode")),
        "subtotal": read_only(money("SubTotal")),
        "tax": read_only(money("TotalTax")),
        "total": read_only(money("Total")),
        "remaining": read_only(money("RemainingCredit")),
        "memo": read_only(text("Reference")),
        "lines": LINES,
        "allocations": json_list(
            "Allocations", {"invoice": ref("@.Invoice.InvoiceID"), "amount": money("@.Amount")},
        ),
    },
)  # fmt: skip

MAPS = (CONTACT, ITEM, INVOICE, PAYMENT, CREDIT_NOTE)
