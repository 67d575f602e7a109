"""Fifteen kinds of errors that people and systems make with money, planted into bills and payments."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from tests.planted.company import Exports, Record, payment


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One finished job with its bill in the books, its payment, and the link from the bill to the job.

    ``other``: a finished job of another customer that nothing else is done to.
    """

    exports: Exports
    number: int
    bill: Record
    paid: Record
    link: Record
    other: Record

    def drop(self, record: Record) -> None:
        """Leave a record out of its export."""
        record["dropped"] = True

    def pay(self, amount: Decimal | str) -> None:
        """The payment is of this amount, applied whole."""
        self.paid.update(amount=str(amount), applied=[{"invoice": self.bill["id"], "amount": str(amount)}])


def _sum_of_lines(case: Case) -> str:
    case.bill["subtotal"] = str(Decimal(case.bill["subtotal"]) + 5)
    return "invoice_subtotal_adds_up"


def _two_pennies(case: Case) -> str:
    case.bill["total"] = str(Decimal(case.bill["total"]) + Decimal("0.02"))
    case.pay(case.bill["total"])
    return "invoice_total_adds_up"


def _hidden_discount(case: Case) -> str:
    case.bill["total"] = str(Decimal(case.bill["total"]) - 10)
    case.pay(case.bill["total"])
    return "invoice_total_adds_up"


def _below_zero(case: Case) -> str:
    case.bill.update(total="-50", subtotal="-50", tax="0", lines=[{"amount": "-50"}])
    case.drop(case.paid)
    return "invoice_total_not_negative"


def _paid_with_balance(case: Case) -> str:
    case.bill["balance"] = "25"
    return "invoice_status_fits_balance"


def _balance_above_total(case: Case) -> str:
    case.bill.update(status="open", balance=str(Decimal(case.bill["total"]) + 10))
    case.drop(case.paid)
    return "invoice_balance_within_total"


def _other_currency(case: Case) -> str:
    case.bill["currency"] = "CAD"
    return "invoice_other_currency"


def _wrong_customer(case: Case) -> str:
    case.link["job"] = case.other["id"]
    return "invoice_job_of_the_same_customer"


def _without_job(case: Case) -> str:
    case.drop(case.link)
    return "invoiced_without_job"


def _overpaid(case: Case) -> str:
    case.pay(Decimal(case.bill["total"]) + 20)
    return "overpaid"


def _not_invoiced(case: Case) -> str:
    for one in (case.bill, case.paid, case.link):
        case.drop(one)
    return "completed_not_invoiced"


def _void_with_payment(case: Case) -> str:
    case.bill["status"] = "void"
    return "paid_without_invoice"


def _entered_twice(case: Case) -> str:
    again = payment(f"pp{case.number}", case.bill, case.paid["amount"], case.paid["received"])
    case.exports.files["books_payments"].append(again)
    case.exports.plants.touched.add(f"books:{again['id']}")
    return "payment_received_once"


def _applied_too_much(case: Case) -> str:
    case.paid["amount"] = str(Decimal(case.paid["amount"]) - 1)
    return "payment_allocations_add_up"


def _another_payer(case: Case) -> str:
    case.paid["customer"] = f"b{case.other['customer'][1:]}"
    return "another_payer"


KINDS: Mapping[str, tuple[str, Callable[[Case], str]]] = {
    "sum_of_lines": ("i", _sum_of_lines),
    "two_pennies": ("i", _two_pennies),
    "hidden_discount": ("i", _hidden_discount),
    "below_zero": ("i", _below_zero),
    "paid_with_balance": ("i", _paid_with_balance),
    "balance_above_total": ("i", _balance_above_total),
    "other_currency": ("i", _other_currency),
    "wrong_customer": ("i", _wrong_customer),
    "without_job": ("i", _without_job),
    "overpaid": ("i", _overpaid),
    "not_invoiced": ("j", _not_invoiced),
    "void_with_payment": ("p", _void_with_payment),
    "entered_twice": ("p", _entered_twice),
    "applied_too_much": ("p", _applied_too_much),
    "another_payer": ("p", _another_payer),
}


def spoil(exports: Exports, chance: random.Random) -> None:
    """Plant as many money errors as the size says, the kinds in turn, each on a job of its own."""
    files = exports.files
    jobs = {one["id"]: one for one in files["field_jobs"]}
    billed = list(zip(files["books_invoices"], files["books_payments"], files["field_invoices"], strict=True))
    picked = chance.sample(range(len(billed)), exports.size.money * 2)
    for turn in range(exports.size.money):
        bill, paid, link = billed[picked[turn]]
        other = jobs[billed[picked[-1 - turn]][2]["job"]]
        case = Case(exports=exports, number=int(bill["id"][1:]), bill=bill, paid=paid, link=link, other=other)
        kind = list(KINDS)[turn % len(KINDS)]
        letter, plant = KINDS[kind]
        names = {"i": f"books:i{case.number}", "p": f"books:p{case.number}", "j": f"field:j{case.number}"}
        exports.plants.touched.update(names.values())
        if kind == "wrong_customer":
            exports.plants.touched.add(f"field:{other['id']}")
        exports.plants.add("money", kind, plant(case), names[letter])
    for name in ("books_invoices", "books_payments", "field_invoices"):
        files[name] = [one for one in files[name] if not one.get("dropped")]
