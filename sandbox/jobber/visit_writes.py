"""Mutations of visits: what is done, when, and by whom (facts, "Writes" and "Time")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from graphql import GraphQLError

from sandbox.jobber import shapes
from sandbox.jobber.identity import new_id, reference
from sandbox.jobber.moments import instant, last_second, midnight, stamp
from sandbox.jobber.refusals import Refused, existing
from sandbox.jobber.view import Context

Record = dict[str, Any]
Args = dict[str, Any]

UNSCHEDULED: Record = {"startAt": None, "endAt": None, "allDay": False}
# How long a timed visit lasts when only its start is given (from memory of the web interface).
_DEFAULT_LENGTH = timedelta(hours=1)


def visit_create(_: Record, context: Context, args: Args) -> Record:
    """Several visits at once, all or none."""
    job = context.get("jobs", args["jobId"])
    if job is None:
        # The payload's job is never null, so a missing one cannot be told by userErrors.
        raise GraphQLError("Job not found", extensions={"code": "NOT_FOUND"})
    try:
        planned = [_planned(context, job, given) for given in args["input"]["visits"]]
    except Refused as refused:
        return {"job": reference(job["id"]), "createdVisits": [], "userErrors": refused.user_errors}
    created = [shapes.visit(new_id(context.store, "Visit"), job=job, at=stamp(context.now), **one) for one in planned]
    for visit in created:
        context.keep("visits", visit)
    return {"job": reference(job["id"]), "createdVisits": [reference(visit["id"]) for visit in created]}


def _planned(context: Context, job: Record, given: Mapping[str, Any]) -> Record:
    schedule = given.get("schedule") or {}
    users = checked_users(context, schedule.get("teamMemberIdsToAssign") or (), ["input", "visits", "schedule"])
    named = given.get("title") is not None
    return {
        "title": given["title"] if named else job["title"],
        "isDefaultTitle": not named,
        "instructions": given.get("instructions"),
        "overrideOrder": given.get("overrideOrder"),
        "teamReminderOffset": schedule.get("teamReminderOffset"),
        "assignedUsers": shapes.references(users),
        **_schedule(schedule.get("startAt"), schedule.get("endAt"), None),
    }


def visit_edit(_: Record, context: Context, args: Args) -> Record:
    visit = existing(context, "visits", args["id"], ["id"])
    given = {key: args["attributes"][key] for key in ("title", "instructions") if key in args["attributes"]}
    default = {"isDefaultTitle": False} if "title" in given else {}
    context.keep("visits", {**visit, **given, **default})
    return {"visit": reference(visit["id"])}


def visit_edit_schedule(_: Record, context: Context, args: Args) -> Record:
    """Move a visit. A start alone keeps the length; a start that is null takes the visit off the schedule."""
    given = args["input"]
    visit = existing(context, "visits", args["id"], ["id"])
    if "startAt" in given or "endAt" in given:
        context.keep("visits", {**visit, **_moved(visit, given)})
    return {"visit": reference(visit["id"])}


def _moved(visit: Record, given: Mapping[str, Any]) -> Record:
    if "startAt" in given:
        length = timedelta(minutes=visit["duration"]) if visit["duration"] and not visit["allDay"] else None
        return _schedule(given["startAt"], given.get("endAt"), length)
    end = _at(given["endAt"], end=True) if given["endAt"] else None
    if visit["startAt"] is None or end is None or instant(end) < instant(visit["startAt"]):
        raise Refused("End time must be after start time", ["input", "endAt"])
    return {"endAt": end}


def appointment_edit_schedule(_: Record, context: Context, args: Args) -> Record:
    """The same by instants: exactly one of unschedule, schedule, scheduleAllDay."""
    given = {key: value for key, value in args["input"].items() if value is not None}
    visit = existing(context, "visits", args["appointmentId"], ["appointmentId"])
    if len(given) != 1:
        raise Refused("Provide one of unschedule, schedule or scheduleAllDay", ["input"])
    if "schedule" in given:
        start, end = given["schedule"]["startAt"], given["schedule"]["endAt"]
        moved = _checked({"startAt": stamp(start), "endAt": stamp(end), "allDay": False})
    elif "scheduleAllDay" in given:
        day = given["scheduleAllDay"]
        zone, last = day["timezone"], day.get("endDate") or day["startDate"]
        moved = _checked(
            {"startAt": midnight(day["startDate"], zone), "endAt": last_second(last, zone), "allDay": True}
        )
    else:
        moved = UNSCHEDULED
    context.keep("visits", {**visit, **moved})
    return {"appointment": {**(context.get("visits", visit["id"]) or {}), "__typename": "Visit"}}


def visit_edit_assigned_users(_: Record, context: Context, args: Args) -> Record:
    visit = existing(context, "visits", args["visitId"], ["visitId"])
    users = checked_users(context, args["input"]["assignedUserIds"], ["input", "assignedUserIds"])
    context.keep("visits", {**visit, "assignedUsers": shapes.references(users)})
    return {"visit": reference(visit["id"])}


def visit_complete(_: Record, context: Context, args: Args) -> Record:
    visit = existing(context, "visits", args["visitId"], ["visitId"])
    context.keep("visits", completed(context, visit, (args.get("input") or {}).get("completedAt")))
    return {"visit": reference(visit["id"])}


def completed(context: Context, visit: Record, at: datetime | None) -> Record:
    """The visit as done, by the user whose connection this is; one that is done keeps its moment unless told."""
    owner = next((user for user in context.all("users") if user["isCurrentUser"]), None)
    moment = stamp(at) if at else visit["completedAt"] or stamp(context.now)
    return {**visit, "isComplete": True, "completedAt": moment, "completedBy": owner and owner["name"]["full"]}


def visit_uncomplete(_: Record, context: Context, args: Args) -> Record:
    visit = existing(context, "visits", args["visitId"], ["visitId"])
    context.keep("visits", {**visit, "isComplete": False})
    return {"visit": reference(visit["id"])}


def visit_delete(_: Record, context: Context, args: Args) -> Record:
    """Gone for good, all or none; the answer shows what was deleted."""
    visits = [existing(context, "visits", id, ["visitIds"]) for id in args["visitIds"]]
    for visit in visits:
        context.store.delete("visits", visit["id"])
    return {"visits": visits}


def checked_users(context: Context, ids: Sequence[str], path: Sequence[str]) -> list[str]:
    """The ids in the order given, each once.

    Raises:
        Refused: one of them is no user of the account, or is deactivated.
    """
    for id in ids:
        if existing(context, "users", id, path)["status"] == "DEACTIVATED":
            raise Refused("User is not active", path)
    return list(dict.fromkeys(ids))


# --- wall times --------------------------------------------------------------------------------------


def _schedule(start: Mapping[str, Any] | None, end: Mapping[str, Any] | None, length: timedelta | None) -> Record:
    """``LocalDateTimeAttributes`` to what is stored; a start without a time means any time that day."""
    if start is None:
        return UNSCHEDULED
    if start.get("time") is None:
        last = end or start
        all_day = {"startAt": _at(start), "endAt": last_second(last["date"], last["timezone"]), "allDay": True}
        return _checked(all_day)
    begins = _at(start)
    ends = _at(end, end=True) if end else stamp(instant(begins) + (length or _DEFAULT_LENGTH))
    return _checked({"startAt": begins, "endAt": ends, "allDay": False})


def _at(given: Mapping[str, Any], *, end: bool = False) -> str:
    if given.get("time") is None and end:
        return last_second(given["date"], given["timezone"])
    return stamp(datetime.combine(given["date"], given.get("time") or time(), ZoneInfo(given["timezone"])))


def _checked(times: Record) -> Record:
    if instant(times["endAt"]) < instant(times["startAt"]):
        raise Refused("End time must be after start time", ["input", "endAt"])
    return times
