"""A company of exports from three systems, made from a seed, with known things wrong in it.

The CRM has the customers, the schedule has jobs, visits and the links from bills to jobs, the books have bills and
payments. All customers and jobs are made up. It is the evening of May 31, 2026, in Chicago.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.planted.plants import Plants, Size

ZONE = "America/Chicago"
NOW = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
TODAY = date(2026, 5, 31)
HOURS = (7, 9, 12, 14)  # a technician's four visits of a day, 90 minutes each
CENT = Decimal("0.01")
TAX = Decimal("0.0825")
Record = dict[str, Any]

GIVEN = tuple(
    "Ada Ben Cara Dirk Elsa Finn Gina Hugo Iris Jack Kira Liam Mona Nils Olga Paul Rosa Seth Tara Uwe Vera Walt Xena "  # noqa: SIM905 - words in a line
    "Yuri Zoe Alma Boris Clara Denis Edith Frank Greta Hanna Igor Judith Kurt Laura Marco Nadia Oscar".split()
)
ONSETS = tuple("B Br C Ch D Dr F Fl G Gr H J K Kl L M N P Pr Qu R S Sch Sh St T Tr V W Z".split())  # noqa: SIM905 - words in a line
VOWELS = ("a", "e", "i", "o", "u", "ai", "ee", "ou")
MIDDLES = tuple("b ck d ff g l ll m nd nn p r rr rt s ss t v x z".split())  # noqa: SIM905 - words in a line
ENDINGS = tuple("a er ez in ini io is kov man o sen ski son stein ton uch ura ville wood y".split())  # noqa: SIM905 - words in a line
WAYS = ("Street", "Avenue", "Lane", "Road", "Drive", "Court", "Way", "Circle")
TOWNS = ("Aurora", "Berwyn", "Cicero", "Dolton", "Elgin", "Gurnee", "Joliet", "Lisle", "Niles", "Skokie")


@dataclass(slots=True)
class Exports:
    """The rows of each file, ``<system>_<resource>``, and what is wrong with them."""

    size: Size
    files: dict[str, list[Record]] = field(default_factory=dict)
    plants: Plants = field(default_factory=Plants)


def made(size: Size, seed: int = 5) -> Exports:
    """The company before anything went wrong."""
    chance = random.Random(seed)
    exports = Exports(size=size)
    families = [_word(chance) for _ in range(size.customers * 3 // 4)]
    people = [_person(number, families, chance) for number in range(size.customers)]
    for system in ("crm", "field", "books"):
        exports.files[f"{system}_people"] = [one | {"id": f"{system[0]}{one['id']}"} for one in people]
    exports.files["field_crew"] = [
        {
            "id": f"t{n}",
            "name": f"{GIVEN[n % 40]} {_word(chance)}",
            "email": f"crew{n}@planted.example",
            "active": "true",
        }
        for n in range(size.technicians)
    ]
    for name in ("field_jobs", "field_visits", "field_goes", "field_invoices", "books_invoices", "books_payments"):
        exports.files[name] = []
    for number in range(size.jobs):
        _job(exports, number, chance)
    return exports


def _word(chance: random.Random) -> str:
    return "".join(chance.choice(parts) for parts in (ONSETS, VOWELS, MIDDLES, ENDINGS))


def _person(number: int, families: list[str], chance: random.Random) -> Record:
    """Names are as unlike each other as those of a phone book; some people have the same family name."""
    given, family = chance.choice(GIVEN), families[number % len(families)]
    return {
        "id": str(number),
        "given": given,
        "family": family,
        "email": f"{given}.{family}.{number}@mail{number % 40}.example".lower(),
        "phone": f"+1{312 + number % 3 * 100:03}{200 + number // 1000 % 700:03}{number * 7919 % 10000:04}",
        "street": f"{chance.randint(1, 9999)} {_word(chance)} {chance.choice(WAYS)}",
        "city": chance.choice(TOWNS),
        "postal": f"60{chance.randint(100, 999)}",
    }


def _job(exports: Exports, number: int, chance: random.Random) -> None:
    """A job with its visit in one technician's week; what lies in the past is done, billed and paid."""
    size, files = exports.size, exports.files
    slot = number // size.technicians
    days = -(-size.jobs // size.technicians // len(HOURS))
    day = TODAY + timedelta(days=slot // len(HOURS) - days * 6 // 10 + 1)
    done = day <= TODAY
    starts = datetime(day.year, day.month, day.day, HOURS[slot % len(HOURS)], tzinfo=ZoneInfo(ZONE))
    customer, technician = number % size.customers, number % size.technicians
    lines = [Decimal(chance.randint(2_000, 90_000)) / 100 for _ in range(chance.randint(1, 3))]
    status = "completed" if done else "scheduled"
    files["field_jobs"].append(
        {"id": f"j{number}", "number": f"J-{number:06}", "customer": f"f{customer}", "status": status,
         "total": str(sum(lines)), "done": starts.isoformat() if done else None}
    )  # fmt: skip
    files["field_visits"].append(visit(f"v{number}", f"j{number}", status, starts))
    files["field_goes"].append({"id": f"a{number}", "visit": f"v{number}", "who": f"t{technician}"})
    if done:
        _billed(files, number, customer, day, lines)


def visit(id: str, job: str, status: str, starts: datetime, minutes: int = 90) -> Record:
    """A visit with instant, wall time and zone, as an export gives them."""
    ends = (starts.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(starts.tzinfo)
    return {
        "id": id, "job": job, "status": status, "starts": starts.isoformat(), "ends": ends.isoformat(),
        "local_start": f"{starts:%Y-%m-%d %H:%M:%S}", "local_end": f"{ends:%Y-%m-%d %H:%M:%S}",
        "zone": ZONE, "all_day": "false", "first_day": None, "last_day": None,
    }  # fmt: skip


def _billed(files: dict[str, list[Record]], number: int, customer: int, day: date, lines: list[Decimal]) -> None:
    subtotal = sum(lines, Decimal(0))
    tax = (subtotal * TAX).quantize(CENT, ROUND_HALF_UP)
    bill = {
        "id": f"i{number}", "number": f"{100000 + number}", "customer": f"b{customer}", "status": "paid",
        "issued": f"{day}", "due": f"{day + timedelta(days=30)}", "currency": "USD", "subtotal": str(subtotal),
        "tax": str(tax), "total": str(subtotal + tax), "balance": "0", "lines": [{"amount": str(one)} for one in lines],
    }  # fmt: skip
    files["books_invoices"].append(bill)
    files["books_payments"].append(payment(f"p{number}", bill, bill["total"], day))
    files["field_invoices"].append(
        {"id": f"fi{number}", "number": bill["number"], "customer": f"f{customer}", "job": f"j{number}"}
    )


def payment(id: str, bill: Record, amount: str, day: date | str) -> Record:
    """A payment of one bill."""
    return {"id": id, "reference": id.upper(), "customer": bill["customer"], "amount": amount, "received": f"{day}",
            "unapplied": "0", "currency": "USD", "applied": [{"invoice": bill["id"], "amount": amount}]}  # fmt: skip
