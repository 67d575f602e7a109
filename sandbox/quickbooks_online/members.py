"""The entities that the twin knows: people and lists here, the documents beside.

Source: facts sheet "Entities and envelopes" and the members of the vendor's XML schemas.
"""

from __future__ import annotations

from sandbox.quickbooks_online.documents import (
    CREDIT_MEMO,
    ESTIMATE,
    INVOICE,
    PAYMENT,
    REFUND_RECEIPT,
    SALES_RECEIPT,
)
from sandbox.quickbooks_online.entity import Entity, Types, words

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
    filters=words(
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
    filters=words("DisplayName GivenName MiddleName FamilyName PrintOnCheckName Active PrimaryEmailAddr"),
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
    filters=words("Name Sku Type Active FullyQualifiedName Description UnitPrice PurchaseCost ParentRef"),
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
    filters=words("Name FullyQualifiedName Active AccountType AccountSubType Classification AcctNum"),
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
    filters=words("Name Active Type DueDays"),
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
    filters=words("Name Active Type"),
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
    filters=words("Name Description Active Taxable TaxGroup"),
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
    CUSTOMER, EMPLOYEE, ITEM, INVOICE, PAYMENT, ESTIMATE, SALES_RECEIPT, CREDIT_MEMO, REFUND_RECEIPT, ACCOUNT, TERM,
    PAYMENT_METHOD, TAX_CODE, COMPANY_INFO,
)  # fmt: skip
BY_NAME = {entity.name.lower(): entity for entity in ENTITIES}
BY_COLLECTION = {entity.collection: entity for entity in ENTITIES}
