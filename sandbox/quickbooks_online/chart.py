"""What every company of this vendor starts with: accounts, terms, payment methods, sales tax.

Ids are fixed, so that the rest of the twin can point at them.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sandbox.quickbooks_online.dialect import reference
from sandbox.twin import Record

ACCOUNTS_RECEIVABLE = "84"
UNDEPOSITED_FUNDS = "4"
SERVICE_INCOME = "1"
TAXABLE, UNTAXED, SALES_TAX = "TAX", "NON", "2"
CASH, CHECK, CARD, TRANSFER = "1", "2", "3", "4"

# Percent by tax rate; the API shows a rate only inside the tax lines of a sale.
RATES: Mapping[str, Decimal] = {"3": Decimal("8.25")}

ACCOUNTS: tuple[Record, ...] = (
    {"Id": SERVICE_INCOME, "Name": "Services", "AccountType": "Income", "AccountSubType": "ServiceFeeIncome"},
    {"Id": "2", "Name": "Sales Tax Payable", "AccountType": "Other Current Liability",
     "AccountSubType": "SalesTaxPayable"},
    {"Id": UNDEPOSITED_FUNDS, "Name": "Undeposited Funds", "AccountType": "Other Current Asset",
     "AccountSubType": "UndepositedFunds"},
    {"Id": "35", "Name": "Checking", "AccountType": "Bank", "AccountSubType": "Checking"},
    {"Id": "80", "Name": "Cost of Goods Sold", "AccountType": "Cost of Goods Sold",
     "AccountSubType": "SuppliesMaterialsCogs"},
    {"Id": ACCOUNTS_RECEIVABLE, "Name": "Accounts Receivable (A/R)", "AccountType": "Accounts Receivable",
     "AccountSubType": "AccountsReceivable"},
)  # fmt: skip

TERMS: tuple[Record, ...] = (
    {"Id": "1", "Name": "Due on receipt", "DueDays": 0},
    {"Id": "2", "Name": "Net 15", "DueDays": 15},
    {"Id": "3", "Name": "Net 30", "DueDays": 30},
    {"Id": "4", "Name": "Net 60", "DueDays": 60},
)

METHODS: tuple[Record, ...] = (
    {"Id": CASH, "Name": "Cash", "Type": "NON_CREDIT_CARD"},
    {"Id": CHECK, "Name": "Check", "Type": "NON_CREDIT_CARD"},
    {"Id": CARD, "Name": "Credit Card", "Type": "CREDIT_CARD"},
    {"Id": TRANSFER, "Name": "ACH", "Type": "NON_CREDIT_CARD"},
)

TAX_CODES: tuple[Record, ...] = (
    {"Id": TAXABLE, "Name": TAXABLE, "Description": TAXABLE, "Taxable": True, "TaxGroup": False, "Hidden": False},
    {"Id": UNTAXED, "Name": UNTAXED, "Description": UNTAXED, "Taxable": False, "TaxGroup": False, "Hidden": False},
    {"Id": SALES_TAX, "Name": "Texas", "Description": "Sales Tax", "Taxable": True, "TaxGroup": True, "Hidden": False,
     "SalesTaxRateList": {"TaxRateDetail": [
         {"TaxRateRef": reference("3", "Texas sales tax"), "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0}]},
     "PurchaseTaxRateList": {"TaxRateDetail": []}},
)  # fmt: skip


def rate_of(code: Mapping[str, object] | None) -> str | None:
    """The tax rate's id behind a tax code, None for a code without one."""
    rates = code.get("SalesTaxRateList") if code else None
    details = rates.get("TaxRateDetail") if isinstance(rates, Mapping) else None
    return str(details[0]["TaxRateRef"]["value"]) if details else None
