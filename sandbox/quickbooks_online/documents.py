"""The documents of the books: invoices and payments, and what else takes a number of its own.

Source: facts sheet "Entities and envelopes" and the members of the vendor's XML schemas.
"""

from __future__ import annotations

from sandbox.quickbooks_online.entity import Entity, Types, words

_SALE: Types = {
    "ApplyTaxAfterDiscount": "flag",
    "BillAddr": "address",
    "BillEmail": "email",
    "BillEmailBcc": "email",
    "BillEmailCc": "email",
    "ClassRef": "ref:Class",
    "CurrencyRef": "ref:Currency",
    "CustomField": "custom",
    "CustomerMemo": "memo",
    "CustomerRef": "ref:Customer",
    "DepartmentRef": "ref:Department",
    "DocNumber": "text:21",
    "DueDate": "date",
    "EmailStatus": "enum:NotSet|NeedToSend|EmailSent",
    "ExchangeRate": "number",
    "FreeFormAddress": "flag",
    "GlobalTaxCalculation": "enum:TaxExcluded|TaxInclusive|NotApplicable",
    "Line": "lines",
    "LinkedTxn": "links",
    "PrintStatus": "enum:NotSet|NeedToPrint|PrintComplete",
    "PrivateNote": "text:4000",
    "SalesTermRef": "ref:Term",
    "ShipAddr": "address",
    "ShipDate": "date",
    "ShipFromAddr": "address",
    "TrackingNum": "text:30",
    "TxnDate": "date",
    "TxnTaxDetail": "tax",
}
_SALE_DERIVED: Types = {"TotalAmt": "money", "HomeTotalAmt": "money", "DeliveryInfo": "raw"}

INVOICE = Entity(
    name="Invoice",
    collection="invoices",
    family="transaction",
    ids="transactions",
    required=("CustomerRef", "Line"),
    members={
        **_SALE,
        "AllowIPNPayment": "flag",
        "AllowOnlineACHPayment": "flag",
        "AllowOnlineCreditCardPayment": "flag",
        "AllowOnlinePayment": "flag",
        "Deposit": "money",
        "DepositToAccountRef": "ref:Account",
    },
    derived={
        **_SALE_DERIVED,
        "Balance": "money",
        "HomeBalance": "money",
        "EInvoiceStatus": "raw",
        "InvoiceLink": "text:4000",
        "RecurDataRef": "raw",
    },
    filters=words(
        "DocNumber TxnDate DueDate ShipDate CustomerRef SalesTermRef TotalAmt Balance EmailStatus PrintStatus"
    ),
)

ESTIMATE = Entity(
    name="Estimate",
    collection="estimates",
    family="transaction",
    ids="transactions",
    required=("CustomerRef", "Line"),
    members={
        **_SALE,
        "AcceptedBy": "text:100",
        "AcceptedDate": "date",
        "ExpirationDate": "date",
        "TxnStatus": "enum:Accepted|Closed|Pending|Rejected|Converted",
    },
    derived=_SALE_DERIVED,
    filters=words("DocNumber TxnDate DueDate ExpirationDate CustomerRef TotalAmt TxnStatus EmailStatus"),
)


def _settled_at_once(name: str, collection: str) -> Entity:
    """A kind of sale without a balance that is paid off; its numbers are its own here, as each kind's are."""
    later = ("DueDate", "SalesTermRef", "ShipDate", "ShipFromAddr", "TrackingNum", "LinkedTxn")
    return Entity(
        name=name,
        collection=collection,
        family="transaction",
        ids="transactions",
        required=("CustomerRef", "Line"),
        members={member: kind for member, kind in _SALE.items() if member not in later},
        derived=_SALE_DERIVED,
        filters=words("DocNumber TxnDate CustomerRef TotalAmt"),
    )


SALES_RECEIPT = _settled_at_once("SalesReceipt", "salesreceipts")
CREDIT_MEMO = _settled_at_once("CreditMemo", "creditmemos")
REFUND_RECEIPT = _settled_at_once("RefundReceipt", "refundreceipts")

PAYMENT = Entity(
    name="Payment",
    collection="payments",
    family="transaction",
    ids="transactions",
    required=("CustomerRef", "TotalAmt"),
    members={
        "ARAccountRef": "ref:Account",
        "CurrencyRef": "ref:Currency",
        "CustomField": "custom",
        "CustomerRef": "ref:Customer",
        "DepositToAccountRef": "ref:Account",
        "ExchangeRate": "number",
        "Line": "lines",
        "PaymentMethodRef": "ref:PaymentMethod",
        "PaymentRefNum": "text:21",
        "PrivateNote": "text:4000",
        "ProcessPayment": "flag",
        "TotalAmt": "money",
        "TxnDate": "date",
    },
    derived={"UnappliedAmt": "money", "LinkedTxn": "raw"},
    filters=words("TxnDate CustomerRef TotalAmt UnappliedAmt PaymentRefNum PaymentMethodRef"),
)
