"""What the records mean: one codec a field."""

from __future__ import annotations

from connectors.addresses import Address
from connectors.stripe.dialect import MARKER, ODD
from models.days import day_of
from models.fields import (
    choice,
    const,
    decimal,
    email,
    first,
    json_list,
    money,
    phone,
    read_only,
    ref,
    sql,
    text,
)
from models.minor import currency, less, minor, together
from models.schema import Map

_OURS = text(f"metadata.{MARKER}")
_CURRENCY = read_only(currency())
# Accounts from before names were told apart have one name; a company shows by its legal form.
_FORM = r"(?i)\b(llc|inc|ltd|corp|co|gmbh|pllc|lp)\.?$"
_NAME, _FIRM, _MAN = (f"nullif(trim((record->>'$.{one}')), '')" for one in ("name", "business_name", "individual_name"))
_GIVEN, _FAMILY = (f"nullif(trim((record->>'$.metadata.{one}')), '')" for one in ("given_name", "family_name"))
_COMPANY = f"coalesce({_FIRM}, CASE WHEN {_MAN} IS NULL AND regexp_matches({_NAME}, '{_FORM}') THEN {_NAME} END)"
_PERSON = f"coalesce({_MAN}, CASE WHEN {_COMPANY} IS NULL THEN {_NAME} END)"
# The parts that we wrote count as long as nobody changed the name that they make.
_KNOWN = f"concat_ws(' ', {_GIVEN}, {_FAMILY}) = {_PERSON}"
_SPLIT_GIVEN = rf"nullif(regexp_replace({_PERSON}, '\s*\S+$', ''), '')"
_SPLIT_FAMILY = rf"regexp_extract({_PERSON}, '(\S+)$', 1)"
ADDRESS = Address(
    at="address", street="line1", further=("line2",), city="city", state="state", postal_code="postal_code",
    country="country",
)  # fmt: skip
CUSTOMER = Map(
    "customers", to="customer", id="id", core_ref=_OURS,
    fields={
        "given_name": sql(f"CASE WHEN {_KNOWN} THEN {_GIVEN} ELSE {_SPLIT_GIVEN} END"),
        "family_name": sql(f"CASE WHEN {_KNOWN} THEN {_FAMILY} ELSE {_SPLIT_FAMILY} END"),
        "company_name": sql(_COMPANY),
        "email": email("email"),
        "phone": phone("phone"),
        **ADDRESS.fields(),
    },
)  # fmt: skip

STATES = {"draft": "draft", "open": "open", "paid": "paid", "void": "void", "uncollectible": "open"}
LINES = json_list(
    "lines.data",
    {
        "item": text("@.metadata.item"),
        "description": text("@.description"),
        "quantity": first(decimal("@.quantity_decimal"), decimal("@.quantity")),
        "unit_price": minor("@.pricing.unit_amount_decimal", currency="@.currency", exponents=ODD),
        "amount": minor("@.amount", currency="@.currency", exponents=ODD),
    },
)
INVOICE = Map(
    "invoices", to="invoice", id="id", core_ref=_OURS,
    # Nobody owes a void one any more, and it can never be opened again: to others it is as good as deleted.
    deleted=sql("(record->>'$.status') = 'void'"),
    fields={
        "number": text("number", max=26),
        "customer": ref("customer"),
        "status": read_only(choice("status", STATES)),
        "issued_on": first(day_of("effective_at"), day_of("status_transitions.finalized_at"), day_of("created")),
        "due_on": day_of("due_date"),
        "currency": _CURRENCY,
        "subtotal": read_only(minor("subtotal", exponents=ODD)),
        "tax": less(minor("total", exponents=ODD), minor("total_excluding_tax", exponents=ODD)),
        "total": read_only(minor("total", exponents=ODD)),
        "balance": read_only(minor("amount_remaining", exponents=ODD)),
        "pay_url": read_only(text("hosted_invoice_url")),
        "memo": text("description"),
        "lines": LINES,
    },
)  # fmt: skip

_ACTIVE = "(record->>'$.active') = 'true'"
_STATE = "coalesce(nullif((record->>'$.metadata.state'), ''), 'open')"
_COUNT, _LIMIT = (
    f"TRY_CAST((record->>'$.restrictions.completed_sessions.{one}') AS INT)" for one in ("count", "limit")
)
_USED_UP = f"coalesce({_COUNT} >= {_LIMIT}, FALSE)"
_SAID = f"CASE WHEN NOT {_ACTIVE} AND {_STATE} IN ('draft', 'paid', 'void') THEN {_STATE} ELSE 'open' END"
LINK = Map(
    "payment_links", to="invoice", id="id", core_ref=_OURS,
    where=sql(f"nullif((record->>'$.metadata.{MARKER}'), '') IS NOT NULL"),
    # Off although we said that the bill is open: somebody switched it off.
    deleted=sql(f"NOT {_ACTIVE} AND {_STATE} = 'open' AND NOT {_USED_UP}"),
    makes={"status": ("open",)},
    fields={
        "number": text("metadata.number"),
        # One that is on can be paid, whatever we said.
        "status": sql(_SAID),
        "currency": _CURRENCY,
        "total": read_only(money("metadata.total")),
        # Of one that we switched off nothing is asked any more.
        "balance": first(
            sql(f"CASE WHEN NOT {_ACTIVE} AND {_STATE} <> 'open' THEN 0::DECIMAL(19, 4) END"),
            read_only(minor("line_items.data[0].amount_total", exponents=ODD)),
        ),
        "pay_url": sql(f"CASE WHEN {_ACTIVE} AND NOT {_USED_UP} THEN (record->>'$.url') END"),
    },
)  # fmt: skip

METHODS = {"card": "card", "card_present": "card", "us_bank_account": "ach", "ach_debit": "ach",
           "ach_credit_transfer": "ach"}  # fmt: skip
PAYMENT = Map(
    "charges", to="payment", id="id",
    # Attempts that failed and amounts that were only reserved are no money received.
    where=sql("(record->>'$.status') = 'succeeded' AND (record->>'$.captured') = 'true'"),
    fields={
        "reference": read_only(text("id")),
        "customer": read_only(ref("customer")),
        "received_on": day_of("created"),
        "amount": read_only(minor("amount_captured", exponents=ODD)),
        "currency": _CURRENCY,
        "method": read_only(choice("payment_method_details.type", METHODS, other="other")),
        "memo": read_only(text("description")),
        "allocations": json_list(
            "invoice_payments",
            {"invoice": ref("@.invoice"), "amount": minor("@.amount_paid", currency="@.currency", exponents=ODD)},
        ),
    },
)  # fmt: skip

KINDS = {"charge": "payment", "refund": "refund", "refund_failure": "refund", "fee": "fee"}
PAYOUT = Map(
    "payouts", to="payout", id="id",
    fields={
        "reference": read_only(text("id")),
        "arrived_on": day_of("arrival_date", zone="UTC"),  # a day: midnight UTC
        "amount": read_only(minor("amount", exponents=ODD)),
        "currency": _CURRENCY,
        "status": read_only(choice("status", {"paid": "paid", "pending": "pending", "in_transit": "pending",
                                              "failed": "failed", "canceled": "canceled"})),
        "lines": together(
            json_list("balance_transactions", {
                "kind": choice("@.reporting_category", KINDS, other="adjustment"),
                "payment": text("@.source"),
                "amount": minor("@.amount", currency="@.currency", exponents=ODD),
            }),
            json_list("balance_transactions", {
                "kind": const("fee"),
                "payment": text("@.source"),
                "amount": minor("@.fee", currency="@.currency", exponents=ODD, negative=True),
            }),
        ),
    },
)  # fmt: skip

MAPS = (CUSTOMER, INVOICE, LINK, PAYMENT, PAYOUT)
