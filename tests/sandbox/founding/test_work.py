from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from sandbox.company import Appointment
from sandbox.founding import build
from sandbox.founding.work import DOUBLE_BOOKED

CHICAGO = ZoneInfo("America/Chicago")
SEEDS = pytest.mark.parametrize("seed", [1, 2, 3])


def timed(seed: int) -> list[tuple[Appointment, timedelta]]:
    visits = build(seed).appointments
    return [(v, v.ends_at - v.starts_at) for v in visits if v.starts_at and v.ends_at]


def test_seven_technicians_are_active_and_one_is_gone() -> None:
    company = build(1)
    assert [t.active for t in company.technicians] == [True] * 7 + [False]
    assert [t.email for t in company.technicians] == [f"tech{n}@bluebonnet.example.com" for n in range(1, 9)]
    gone = company.technicians[-1].key
    coming = [v for v in company.appointments if v.starts_at and v.starts_at > company.now]
    assert not any(gone in v.technicians for v in coming)
    assert any(gone in v.technicians for v in company.appointments)
    assert gone not in {busy.technician for busy in company.busy}


@SEEDS
def test_appointments_fill_eight_weeks_across_the_change_of_clocks(seed: int) -> None:
    company = build(seed)
    starts = [v.starts_at for v in company.appointments if v.starts_at]
    assert company.now - timedelta(weeks=5) <= min(starts) < company.now - timedelta(weeks=4)
    assert company.now + timedelta(weeks=2) < max(starts) <= company.now + timedelta(weeks=3)
    offsets = {start.astimezone(CHICAGO).utcoffset() for start in starts}
    assert offsets == {timedelta(hours=-6), timedelta(hours=-5)}
    assert 0.5 < sum(start < company.now for start in starts) / len(starts) < 0.75


@SEEDS
def test_work_is_done_in_working_hours(seed: int) -> None:
    for visit, length in timed(seed):
        start = visit.starts_at.astimezone(CHICAGO)
        if visit.all_day:
            assert (start.hour, start.minute) == (0, 0)
            assert timedelta(hours=23) <= length <= timedelta(hours=25)
        else:
            assert 8 <= start.hour < 17
            assert start.weekday() < 6
            assert timedelta(hours=1) <= length <= timedelta(minutes=90)
        assert visit.time_zone == "America/Chicago"


@SEEDS
def test_some_appointments_are_special(seed: int) -> None:
    visits = build(seed).appointments
    assert sum(v.starts_at is None for v in visits) == 30
    assert all((v.starts_at is None) == (v.ends_at is None) for v in visits)
    crews = Counter(len(v.technicians) for v in visits)
    assert crews[2] > 20
    assert crews[0] == 15
    assert 2 <= sum(v.all_day for v in visits) <= 20


@SEEDS
def test_statuses_agree_with_the_clock(seed: int) -> None:
    now = build(seed).now
    for visit in build(seed).appointments:
        if visit.starts_at is None or visit.ends_at is None:
            assert visit.status == "scheduled"
        elif visit.ends_at <= now:
            assert visit.status in {"completed", "paused"}
        elif visit.starts_at <= now:
            assert visit.status == "started"
        else:
            assert visit.status in {"scheduled", "en_route"}
    assert {v.status for v in build(seed).appointments} >= {"completed", "paused", "scheduled"}


@SEEDS
def test_a_job_is_what_its_appointments_make_it(seed: int) -> None:
    company = build(seed)
    visits: dict[str, list[Appointment]] = defaultdict(list)
    for visit in company.appointments:
        visits[visit.job].append(visit)
    for job in company.jobs:
        statuses = {visit.status for visit in visits[job.key]}
        assert job.created_at <= company.now
        assert (job.completed_at is not None) == (job.status == "completed")
        if job.status == "completed":
            assert statuses <= {"completed", "paused"}
            assert job.completed_at is not None
            assert job.created_at < job.completed_at <= company.now
        if job.status == "new":
            assert not any(visit.starts_at for visit in visits[job.key])
        if job.status == "scheduled":
            assert statuses <= {"scheduled"}
    assert {job.status for job in company.jobs} == {"new", "scheduled", "in_progress", "paused", "completed"}


@SEEDS
def test_jobs_belong_to_customers_and_sites_that_the_scheduling_system_sees(seed: int) -> None:
    company = build(seed)
    seen = {customer.key for customer in company.customers if "jobber" in customer.seen_by}
    of_site = {site.key: site.customer for site in company.sites}
    assert {site.customer for site in company.sites} == seen
    assert all(job.customer in seen and of_site[job.site] == job.customer for job in company.jobs)
    assert [job.number for job in company.jobs] == list(range(1, 601))


@SEEDS
def test_only_the_deliberate_double_bookings_overlap(seed: int) -> None:
    of: dict[str, list[Appointment]] = defaultdict(list)
    for visit, _ in timed(seed):
        for who in visit.technicians:
            of[who].append(visit)
    clashes = 0
    for visits in of.values():
        visits.sort(key=lambda v: (v.starts_at, v.key))
        clashes += sum(earlier.ends_at > later.starts_at for earlier, later in itertools.pairwise(visits))
    assert clashes == DOUBLE_BOOKED


@SEEDS
def test_nobody_works_during_time_off(seed: int) -> None:
    company = build(seed)
    visits = [v for v, _ in timed(seed)]
    clashing = [
        (visit.key, busy.key)
        for busy in company.busy
        for visit in visits
        if busy.technician in visit.technicians and visit.starts_at < busy.ends_at and busy.starts_at < visit.ends_at
    ]
    assert clashing == []


@SEEDS
def test_time_off_is_whole_days_and_personal_events_are_hours(seed: int) -> None:
    for busy in build(seed).busy:
        start, end = busy.starts_at.astimezone(CHICAGO), busy.ends_at.astimezone(CHICAGO)
        assert start < end
        if busy.all_day:
            assert (start.hour, end.hour) == (0, 0)
        else:
            assert start.date() == end.date()
    assert sum(busy.all_day for busy in build(seed).busy) == 8


def test_follow_ups_are_often_done_by_somebody_else() -> None:
    crews: dict[str, set[str]] = defaultdict(set)
    for visit in build(1).appointments:
        crews[visit.job].update(visit.technicians)
    assert sum(len(crew) > 1 for crew in crews.values()) > 100


def test_work_of_the_technician_who_left_was_reassigned() -> None:
    notes = [job.instructions for job in build(1).jobs if job.instructions.startswith("Reassigned")]
    assert len(notes) == 12
