"""The members of each entity that the twin knows: how they are typed, which are derived, which can be queried.

A member's type is one of ``text:<longest>``, ``flag``, ``number``, ``money``, ``count``, ``date``, ``instant``,
``ref:<Entity>``, ``enum:<A|B>``, ``phone``, ``email``, ``uri``, ``address``, ``memo``, ``lines``, ``links``,
``tax``, ``custom``. A reference to an entity that this company does not keep (a class, a department) can
never be resolved and is refused.

Source: facts sheet "Entities and envelopes" and the members of the vendor's XML schemas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Types = Mapping[str, str]
HEADER: Types = {
    "Id": "text:30",
    "SyncToken": "text:30",
    "MetaData.CreateTime": "instant",
    "MetaData.LastUpdatedTime": "instant",
}
# Sent back by clients that post what they have read; the server decides them itself.
IGNORED = frozenset({"domain", "sparse", "MetaData", "Id", "SyncToken", "status"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One entity of the API.

    ``family``      name (can be made inactive), transaction (can be deleted), company (one record)
    ``ids``         the sequence its ids come from: transactions share one, people share one
    ``label``       the member that names a record; unique within ``namespace``
    ``members``     writable members and their types; ``derived`` are read-only
    ``filters``     members that a query may compare or order by, beside Id and MetaData
    ``creatable``   False where the API only reads
    ``captured``    whether change data capture covers it
    """

    name: str
    collection: str
    family: Literal["name", "transaction", "company"]
    ids: str
    members: Types
    derived: Types
    filters: frozenset[str]
    required: tuple[str, ...] = ()
    label: str = ""
    namespace: str = ""
    creatable: bool = True
    captured: bool = True

    @property
    def types(self) -> dict[str, str]:
        """Every member that can be asked for, with its type."""
        return {**HEADER, **self.derived, **self.members}

    @property
    def queryable(self) -> frozenset[str]:
        return self.filters | HEADER.keys() - {"SyncToken"}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PERSON: Types = {
    "Title": "text:16",
    "GivenName": "text:100",
    "MiddleName": "text:100",
    "FamilyName": "text:100",
    "Suffix": "text:16",
    "DisplayName": "text:500",
    "CompanyName": "text:100",
    "PrintOnCheckName": "text:110",
    "Active": "flag",
    "PrimaryPhone": "phone",
    "AlternatePhone": "phone",
    "Mobile": "phone",
    "Fax": "phone",
    "PrimaryEmailAddr": "email",
    "WebAddr": "uri",
    "Notes": "text:2000",
}

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

CUSTOMER = Entity(
    name="Customer",
    collection="customers",
    family="name",
    ids="people",
    label="DisplayName",
    namespace="people",
    members={
        **_PERSON,
        "ARAccountRef": "ref:Account",
        "BillAddr": "address",
        "BillWithParent": "flag",
        "CurrencyRef": "ref:Currency",
        "DefaultTaxCodeRef": "ref:TaxCode",
        "IsProject": "flag",
        "Job": "flag",
        "OpenBalanceDate": "date",
        "ParentRef": "ref:Customer",
        "PaymentMethodRef": "ref:PaymentMethod",
        "PreferredDeliveryMethod": "enum:Print|Email|None",
        "PrimaryTaxIdentifier": "text:20",
        "ResaleNum": "text:16",
        "SalesTermRef": "ref:Term",
        "ShipAddr": "address",
        "Taxable": "flag",
    },
    derived={"FullyQualifiedName": "text:500", "Level": "count", "Balance": "money", "BalanceWithJobs": "money"},
    filters=_words(
        "DisplayName Title GivenName MiddleName FamilyName Suffix CompanyName FullyQualifiedName Active "
        "PrintOnCheckName PrimaryEmailAddr PrimaryPhone Mobile Job ParentRef Taxable Balance BalanceWithJobs"
    ),
)

EMPLOYEE = Entity(
    name="Employee",
    collection="employees",
    family="name",
    ids="people",
    label="DisplayName",
    namespace="people",
    members={
        **{name: kind for name, kind in _PERSON.items() if name not in ("AlternatePhone", "Fax", "WebAddr")},
        "BillRate": "number",
        "BillableTime": "flag",
        "BirthDate": "date",
        "CostRate": "number",
        "EmployeeNumber": "text:100",
        "Gender": "enum:Male|Female",
        "HiredDate": "date",
        "PrimaryAddr": "address",
        "ReleasedDate": "date",
        "SSN": "text:100",
    },
    derived={"FullyQualifiedName": "text:500"},
    filters=_words("DisplayName GivenName MiddleName FamilyName PrintOnCheckName Active PrimaryEmailAddr"),
)

ITEM = Entity(
    name="Item",
    collection="items",
    family="name",
    ids="items",
    label="Name",
    namespace="items",
    required=("Name",),
    members={
        "Active": "flag",
        "AssetAccountRef": "ref:Account",
        "Description": "text:4000",
        "ExpenseAccountRef": "ref:Account",
        "IncomeAccountRef": "ref:Account",
        "InvStartDate": "date",
        "Name": "text:100",
        "ParentRef": "ref:Item",
        "PurchaseCost": "number",
        "PurchaseDesc": "text:1000",
        "PurchaseTaxIncluded": "flag",
        "QtyOnHand": "number",
        "SalesTaxCodeRef": "ref:TaxCode",
        "SalesTaxIncluded": "flag",
        "Sku": "text:100",
        "SubItem": "flag",
        "Taxable": "flag",
        "TrackQtyOnHand": "flag",
        "Type": "enum:Service|Inventory|NonInventory|Group|Category|Bundle",
        "UnitPrice": "number",
    },
    derived={"FullyQualifiedName": "text:500", "Level": "count"},
    filters=_words("Name Sku Type Active FullyQualifiedName Description UnitPrice PurchaseCost ParentRef"),
)

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
    filters=_words(
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
    filters=_words("DocNumber TxnDate DueDate ExpirationDate CustomerRef TotalAmt TxnStatus EmailStatus"),
)

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
    filters=_words("TxnDate CustomerRef TotalAmt UnappliedAmt PaymentRefNum PaymentMethodRef"),
)

ACCOUNT = Entity(
    name="Account",
    collection="accounts",
    family="name",
    ids="accounts",
    label="Name",
    namespace="accounts",
    required=("Name", "AccountType"),
    members={
        "AccountSubType": "text:100",
        "AccountType": "enum:Bank|Accounts Receivable|Other Current Asset|Fixed Asset|Other Asset|Accounts Payable|"
        "Credit Card|Other Current Liability|Long Term Liability|Equity|Income|Cost of Goods Sold|Expense|"
        "Other Income|Other Expense",
        "AcctNum": "text:20",
        "Active": "flag",
        "CurrencyRef": "ref:Currency",
        "Description": "text:100",
        "Name": "text:100",
        "ParentRef": "ref:Account",
        "SubAccount": "flag",
        "TaxCodeRef": "ref:TaxCode",
    },
    derived={
        "Classification": "text:30",
        "FullyQualifiedName": "text:500",
        "CurrentBalance": "money",
        "CurrentBalanceWithSubAccounts": "money",
    },
    filters=_words("Name FullyQualifiedName Active AccountType AccountSubType Classification AcctNum"),
)

TERM = Entity(
    name="Term",
    collection="terms",
    family="name",
    ids="terms",
    label="Name",
    namespace="terms",
    required=("Name",),
    members={
        "Active": "flag",
        "DayOfMonthDue": "count",
        "DiscountDayOfMonth": "count",
        "DiscountDays": "count",
        "DiscountPercent": "number",
        "DueDays": "count",
        "DueNextMonthDays": "count",
        "Name": "text:31",
    },
    derived={"Type": "text:30"},
    filters=_words("Name Active Type DueDays"),
)

PAYMENT_METHOD = Entity(
    name="PaymentMethod",
    collection="paymentmethods",
    family="name",
    ids="paymentmethods",
    label="Name",
    namespace="paymentmethods",
    required=("Name",),
    members={"Active": "flag", "Name": "text:31", "Type": "enum:CREDIT_CARD|NON_CREDIT_CARD"},
    derived={},
    filters=_words("Name Active Type"),
)

TAX_CODE = Entity(
    name="TaxCode",
    collection="taxcodes",
    family="name",
    ids="taxcodes",
    label="Name",
    namespace="taxcodes",
    members={},
    derived={
        "Name": "text:100",
        "Description": "text:100",
        **dict.fromkeys(("Active", "Hidden", "Taxable", "TaxGroup"), "flag"),
    },
    filters=_words("Name Description Active Taxable TaxGroup"),
    creatable=False,
    captured=False,
)

COMPANY_INFO = Entity(
    name="CompanyInfo",
    collection="companyinfo",
    family="company",
    ids="companyinfo",
    members={
        "CompanyAddr": "address",
        "CompanyName": "text:1024",
        "CompanyURL": "uri",
        "Country": "text:3",
        "CustomerCommunicationAddr": "address",
        "Email": "email",
        "FiscalYearStartMonth": "enum:January|February|March|April|May|June|July|August|September|October|November|"
        "December",
        "LegalAddr": "address",
        "LegalName": "text:1024",
        "PrimaryPhone": "phone",
        "WebAddr": "uri",
    },
    derived={
        "CompanyStartDate": "date",
        "DefaultTimeZone": "text:60",
        "SupportedLanguages": "text:60",
        "NameValue": "raw",
    },
    filters=frozenset({"CompanyName"}),
    creatable=False,
)

ENTITIES: tuple[Entity, ...] = (
    CUSTOMER, EMPLOYEE, ITEM, INVOICE, PAYMENT, ESTIMATE, ACCOUNT, TERM, PAYMENT_METHOD, TAX_CODE, COMPANY_INFO
)  # fmt: skip
BY_NAME = {entity.name.lower(): entity for entity in ENTITIES}
BY_COLLECTION = {entity.collection: entity for entity in ENTITIES}
