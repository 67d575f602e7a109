"""Plants duplicates, overlaps, broken rows and zone traps into the exports of a company."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.planted.company import HOURS, TODAY, ZONE, Exports, Record, made, visit
from tests.planted.money import spoil
from tests.planted.plants import Size

CHICAGO = ZoneInfo(ZONE)


def planted(size: Size, seed: int = 5) -> Exports:
    """A company with everything that its size says is wrong with it; the same for the same seed."""
    exports, chance = made(size, seed), random.Random(seed)
    _overlaps(exports, chance)
    spoil(exports, chance)
    _duplicates(exports, chance)
    _broken(exports)
    _zones(exports)
    return exports


def _duplicates(exports: Exports, chance: random.Random) -> None:
    """Somebody was entered into the CRM twice: with a typing error, another address, or without the e-mail address."""
    people = exports.files["crm_people"]
    for number, index in enumerate(chance.sample(range(len(people)), exports.size.duplicates)):
        one = people[index]
        family = one["family"]
        told: list[Record] = [
            {"family": family[:2] + family[3:], "email": None},
            {"email": f"{family}@second.example".lower(), "given": one["given"][0]},
            {"phone": None, "street": one["street"].rsplit(" ", 1)[0]},
            {"phone": None, "email": one["email"].replace("@", "1@")},
        ]
        kind = number % len(told)
        people.append(one | told[kind] | {"id": f"d{number}"})
        names = ("typing_error", "another_address", "no_phone", "e_mail_mistyped")
        exports.plants.add("duplicate", names[kind], "duplicates", f"crm:{one['id']}", f"crm:d{number}")


def _overlaps(exports: Exports, chance: random.Random) -> None:
    """A coming visit takes an hour longer than planned and runs into the next one of its technician."""
    crew, visits = exports.size.technicians, exports.files["field_visits"]
    coming = [
        number
        for number, one in enumerate(visits)
        if one["starts"] > f"{TODAY + timedelta(days=1)}"
        and number // crew % len(HOURS) in (0, 2)
        and number + crew < len(visits)
    ]
    for number in chance.sample(coming, exports.size.overlaps):
        starts = datetime.fromisoformat(visits[number]["starts"]).astimezone(CHICAGO)
        visits[number] = visit(f"v{number}", f"j{number}", "scheduled", starts, minutes=150)
        exports.plants.add("overlap", "longer", "double_bookings", f"field:a{number}", f"field:a{number + crew}")


def _broken(exports: Exports) -> None:
    """Rows that no system could use."""
    files = exports.files
    bill, paid = files["books_invoices"][0], files["books_payments"][0]
    job, one = files["field_jobs"][0], files["field_visits"][0]
    told: tuple[tuple[str, str, Record], ...] = (
        ("unreadable_total", "books_invoices", bill | {"total": "about 200"}),
        ("impossible_date", "books_invoices", bill | {"issued": "2026-02-30"}),
        ("payment_without_amount", "books_payments", paid | {"amount": None}),
        ("unknown_state", "field_jobs", job | {"status": "somewhere"}),
        ("unreadable_instant", "field_visits", one | {"starts": "tomorrow at nine"}),
        ("technician_without_name", "field_crew", files["field_crew"][0] | {"name": None}),
    )
    for number in range(exports.size.broken):
        kind, name, record = told[number % len(told)]
        files[name].append(record | {"id": f"x{number}", "number": f"X{number}", "reference": f"X{number}"})
        exports.plants.add("broken", kind, "quarantine", f"{name.partition('_')[0]}:x{number}")


def _zones(exports: Exports) -> None:
    """Times that cannot be what they say; and as many in a repeated hour that can, which nobody may complain about."""
    march, november = datetime(2026, 3, 8, 3, 30, tzinfo=CHICAGO), datetime(2025, 11, 2, 1, 30, tzinfo=CHICAGO)
    summer = datetime(2026, 5, 4, 9, 0, tzinfo=CHICAGO)
    usual, day = (
        visit("", "j0", "completed", summer),
        {"starts": None, "ends": None, "local_start": None, "local_end": None},
    )
    told: tuple[tuple[str, str, Record], ...] = (
        ("hour_that_is_left_out", "appointment_start_agrees_with_zone",
         visit("", "j0", "completed", march) | {"local_start": "2026-03-08 02:30:00"}),
        ("hour_that_comes_twice", "appointment_start_agrees_with_zone",
         visit("", "j0", "completed", november) | {"starts": "2025-11-02T01:30:00-04:00"}),
        ("wrong_offset", "appointment_start_agrees_with_zone", usual | {"starts": "2026-05-04T09:00:00-06:00"}),
        ("no_zone", "appointment_wall_time_has_zone", usual | {"zone": None}),
        ("name_of_windows", "quarantine", usual | {"zone": "Central Standard Time"}),
        ("day_that_ends_before", "appointment_days_in_order",
         usual | day | {"all_day": "true", "first_day": "2026-05-05", "last_day": "2026-05-04"}),
        ("day_with_times", "appointment_timed_or_all_day",
         usual | {"all_day": "true", "first_day": "2026-05-04", "last_day": "2026-05-05"}),
    )  # fmt: skip
    for number in range(exports.size.zones):
        kind, finding, record = told[number % len(told)]
        exports.files["field_visits"].append(record | {"id": f"z{number}"})
        exports.plants.add("zone", kind, finding, f"field:z{number}")
        fine = visit(f"ok{number}", "j0", "completed", november.replace(fold=number % 2))
        exports.files["field_visits"].append(fine)
