"""Sites, technicians, time off, jobs and appointments over eight weeks around the company's now."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from faker import Faker

from sandbox.company import Appointment, Busy, Customer, InvoiceLine, Job, Product, Site, Technician
from sandbox.founding.board import Board, Stretch, local_instant, working_days
from sandbox.founding.catalog import pick_lines

ZONE = "America/Chicago"
DOMAIN = "bluebonnet.example.com"
JOBS = 600
APPOINTMENTS = 900
NOT_YET_PLANNED = 30  # jobs without any appointment
UNSCHEDULED = 30  # appointments without a time
DOUBLE_BOOKED = 3  # pairs of coming appointments of one technician at one time
FORMER = "tech8"

_COORDINATES = (30.2672, -97.7431)
_TITLES = (
    "No heat", "No cooling", "Furnace tune-up", "AC tune-up", "Thermostat replacement", "Refrigerant leak search",
    "Clogged main drain", "Water heater replacement", "Leaking faucet", "Garbage disposal replacement",
    "Low water pressure", "Running toilet", "Panel inspection", "GFCI outlets, kitchen", "EV charger installation",
    "Flickering lights", "Surge protector installation", "Maintenance visit",
)  # fmt: skip
_NOTES = (
    "", "", "Gate code 4471#", "Call 30 minutes ahead", "Dog in the back yard", "Key under the mat; alarm off",
    "Tenant lets you in, bill the owner", "Attic access through the garage", "Parking on the street only",
)  # fmt: skip
_PERSONAL = ("Dentist", "School pick-up", "Truck in the shop", "Licence renewal class", "Doctor", "Parent-teacher talk")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Everything that is done in the field; ``lines`` is what each job (by key) is made of."""

    sites: tuple[Site, ...]
    jobs: tuple[Job, ...]
    appointments: tuple[Appointment, ...]
    busy: tuple[Busy, ...]
    lines: dict[str, tuple[InvoiceLine, ...]]


def technicians(fake: Faker, phone: Sequence[str]) -> tuple[Technician, ...]:
    """Eight technicians; the last one has left."""
    return tuple(
        Technician(
            key=f"tech{n}",
            given_name=fake.first_name(),
            family_name=fake.last_name(),
            email=f"tech{n}@{DOMAIN}",
            phone=phone[n - 1],
            active=f"tech{n}" != FORMER,
        )
        for n in range(1, 9)
    )


def field_work(
    rng: random.Random,
    customers: Sequence[Customer],
    crew: Sequence[Technician],
    offer: Sequence[Product],
    now: datetime,
) -> Work:
    """Jobs of the customers that the scheduling system knows, with their appointments on a shared board."""
    served = [customer for customer in customers if "jobber" in customer.seen_by]
    sites = _sites(rng, served)
    board = Board(rng=rng, zone=ZoneInfo(ZONE), days=working_days(now), technicians=[t.key for t in crew])
    board.retire(FORMER, since=now.date() - timedelta(days=12))
    busy = _busy(rng, board, [t.key for t in crew if t.active])
    drafts = _drafts(rng, served, sites, now)
    lines = {job.key: pick_lines(rng, offer) for job in drafts}
    booked = _appointments(rng, board, drafts, now)
    jobs = tuple(_settled(rng, job, booked[job.key], lines[job.key], now) for job in drafts)
    jobs = _handed_over(rng, jobs, crew)
    appointments = tuple(visit for job in jobs for visit in booked[job.key])
    return Work(sites=sites, jobs=jobs, appointments=_numbered(appointments), busy=busy, lines=lines)


def _sites(rng: random.Random, served: Sequence[Customer]) -> tuple[Site, ...]:
    """One site a household, one to three a firm (further ones next door)."""
    sites: list[Site] = []
    for customer in served:
        address = customer.truth.address
        if address is None:  # a spelling may lack it, the truth never does
            continue
        number, _, street = address.street.partition(" ")
        for nth in range(rng.choice((1, 2, 3)) if customer.is_company else 1):
            sites.append(
                Site(
                    key=f"site-{len(sites) + 1:03}",
                    customer=customer.key,
                    name=None if nth == 0 else f"Building {nth + 1}",
                    address=replace(address, street=f"{int(number) + 2 * nth} {street}"),
                    latitude=round(_COORDINATES[0] + rng.uniform(-0.3, 0.3), 6),
                    longitude=round(_COORDINATES[1] + rng.uniform(-0.3, 0.3), 6),
                )
            )
    return tuple(sites)


def _busy(rng: random.Random, board: Board, active: Sequence[str]) -> tuple[Busy, ...]:
    """25 entries: eight all-day ones of one to five days, seventeen personal events of an hour or two."""
    entries = []
    for n in range(25):
        technician, day = active[n % len(active)], rng.choice(board.days)
        all_day = n % 3 == 0 and n < 24
        hour, length = rng.choice((8, 10, 13, 15)), rng.choice((1, 1, 2))
        last = day + timedelta(days=rng.choice((1, 1, 2, 5)))
        start = local_instant(day, 0 if all_day else hour, ZoneInfo(ZONE))
        end = local_instant(last if all_day else day, 0 if all_day else hour + length, ZoneInfo(ZONE))
        board.block(technician, Stretch(start=start, end=end))
        entries.append(
            Busy(
                key=f"busy-{n + 1:02}",
                technician=technician,
                title="Time off" if all_day else rng.choice(_PERSONAL),
                starts_at=start,
                ends_at=end,
                all_day=all_day,
                time_zone=ZONE,
            )
        )
    return tuple(entries)


def _drafts(rng: random.Random, served: Sequence[Customer], sites: Sequence[Site], now: datetime) -> list[Job]:
    """600 jobs without appointments; customers that are invoiced too are the regulars."""
    of: dict[str, list[str]] = {}
    for site in sites:
        of.setdefault(site.customer, []).append(site.key)
    regulars = [c.key for c in served if "quickbooks_online" in c.seen_by]
    others = [c.key for c in served if "quickbooks_online" not in c.seen_by]
    owners = [regulars[n % len(regulars)] for n in range(280)] + [others[n % len(others)] for n in range(JOBS - 280)]
    rng.shuffle(owners)
    return [
        Job(
            key=f"job-{n + 1:03}",
            number=n + 1,
            customer=owner,
            site=rng.choice(of[owner]),
            title=rng.choice(_TITLES),
            instructions=rng.choice(_NOTES),
            status="new",
            total=Decimal(0),
            created_at=now,
            completed_at=None,
        )
        for n, owner in enumerate(owners)
    ]


def _appointments(
    rng: random.Random, board: Board, drafts: Sequence[Job], now: datetime
) -> dict[str, list[Appointment]]:
    """900 appointments: one for most jobs, up to four for some; ``UNSCHEDULED`` of them without a time."""
    counts = [0] * NOT_YET_PLANNED + [1] * (len(drafts) - NOT_YET_PLANNED)
    while sum(counts) < APPOINTMENTS:
        n = rng.randrange(NOT_YET_PLANNED, len(counts))
        counts[n] += counts[n] < 4
    order = list(drafts)
    rng.shuffle(order)
    booked: dict[str, list[Appointment]] = {job.key: [] for job in drafts}
    planned = [(job, count) for job, count in zip(order, counts, strict=True) if count]
    for n, (job, count) in enumerate(planned):
        past = n < 0.62 * len(planned)
        booked[job.key] = _visits(rng, board, job, count, now, past=past)
    return _double_booked(rng, _without_times(rng, booked))


def _visits(rng: random.Random, board: Board, job: Job, count: int, now: datetime, *, past: bool) -> list[Appointment]:
    """The appointments of one job in the order of time, each a few days after the one before."""
    today = now.date()
    days = [day for day in board.days if (day < today) == past]
    at = rng.randrange(max(1, len(days) - 2 * count))
    visits = []
    for nth in range(count):
        day = days[min(at, len(days) - 1)]
        stretch, crew = board.book(day, pair=rng.random() < 0.07, whole_day=rng.random() < 0.012)
        at += rng.randrange(1, 4)
        visits.append(
            Appointment(
                key="",
                job=job.key,
                title=job.title if nth == 0 else f"{job.title} (visit {nth + 1})",
                starts_at=stretch.start,
                ends_at=stretch.end,
                all_day=stretch.end - stretch.start > timedelta(hours=12),
                time_zone=ZONE,
                technicians=crew,
                status=_status(rng, stretch, now),
            )
        )
    return sorted(visits, key=lambda visit: visit.starts_at or now)


def _status(rng: random.Random, stretch: Stretch, now: datetime) -> str:
    """What the status must be by the clock, with some that need a follow-up.

    Nothing is called off yet: a scheduling system forgets such visits, and every one of these is on the board.
    """
    roll = rng.random()
    if stretch.end <= now:
        return "paused" if roll > 0.96 else "completed"
    if stretch.start <= now:
        return "started"
    return "en_route" if stretch.start - now <= timedelta(hours=1) else "scheduled"


def _without_times(rng: random.Random, booked: dict[str, list[Appointment]]) -> dict[str, list[Appointment]]:
    """Takes the time off the last appointment of some coming jobs; half of these lose their technician too."""
    coming = [key for key, visits in booked.items() if visits and visits[-1].status == "scheduled"]
    for n, key in enumerate(rng.sample(coming, UNSCHEDULED)):
        crew = booked[key][-1].technicians if n % 2 else ()
        open_visit = replace(booked[key][-1], starts_at=None, ends_at=None, all_day=False, technicians=crew)
        booked[key] = [*booked[key][:-1], open_visit]
    return booked


def _double_booked(rng: random.Random, booked: dict[str, list[Appointment]]) -> dict[str, list[Appointment]]:
    """Sends a technician to two places at once: what a dispatcher does in a hurry."""
    coming = [
        key
        for key, visits in booked.items()
        if len(visits) == 1 and visits[0].status == "scheduled" and visits[0].starts_at and not visits[0].all_day
    ]
    chosen = rng.sample(coming, 2 * DOUBLE_BOOKED)
    for one, other in zip(chosen[::2], chosen[1::2], strict=True):
        kept = booked[one][0]
        clash = replace(
            booked[other][0], starts_at=kept.starts_at, ends_at=kept.ends_at, technicians=kept.technicians[:1]
        )
        booked[other] = [clash]
    return booked


def _settled(
    rng: random.Random, job: Job, visits: Sequence[Appointment], lines: Sequence[InvoiceLine], now: datetime
) -> Job:
    """The job with the status that its appointments imply, and with dates around them."""
    ends = [visit.ends_at for visit in visits if visit.ends_at and visit.status == "completed"]
    starts = [visit.starts_at for visit in visits if visit.starts_at]
    status = _job_status([visit.status for visit in visits], timed=bool(starts))
    before = timedelta(hours=rng.randrange(2, 14 * 24), minutes=rng.randrange(60))
    return replace(
        job,
        status=status,
        total=sum((line.amount for line in lines), Decimal(0)),
        created_at=(min([now, *starts]) - before).astimezone(UTC),
        completed_at=max(ends) if status == "completed" else None,
    )


def _job_status(visits: Sequence[str], *, timed: bool) -> str:
    live = [status for status in visits if status != "canceled"]
    if visits and not live:
        return "canceled"
    if live and live[-1] == "completed" and set(live) <= {"completed", "paused"}:
        return "completed"
    if live and live[-1] == "paused":
        return "paused"
    if any(status in ("completed", "started", "en_route", "paused") for status in live):
        return "in_progress"
    return "scheduled" if timed else "new"


def _handed_over(rng: random.Random, jobs: Sequence[Job], crew: Sequence[Technician]) -> tuple[Job, ...]:
    """Coming jobs that the technician who left would have done: the note stays, the appointments are others'."""
    former = next(t for t in crew if t.key == FORMER)
    coming = [job.key for job in jobs if job.status == "scheduled"]
    taken_over = set(rng.sample(coming, min(12, len(coming))))
    note = f"Reassigned: was planned for {former.given_name} {former.family_name}."
    return tuple(
        replace(job, instructions=f"{note} {job.instructions}".strip()) if job.key in taken_over else job
        for job in jobs
    )


def _numbered(appointments: Sequence[Appointment]) -> tuple[Appointment, ...]:
    return tuple(replace(visit, key=f"appointment-{n:03}") for n, visit in enumerate(appointments, start=1))
