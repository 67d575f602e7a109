"""Assignments into technicians' calendars: one event each, under a transaction id that makes a second create none.

Nobody is invited: the events have no attendees, and stand in the technician's own calendar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.answers import current, planned_version
from connectors.batches import settled
from connectors.microsoft_graph.dialect import (
    API,
    DUPLICATE,
    MARKER,
    OURS,
    Inner,
    Part,
    ask,
    code_of,
    follow,
    mailbox_path,
    midnight,
    moments,
    refusal,
    written,
)
from connectors.microsoft_graph.maps import ASSIGNMENT
from connectors.schedule import TIMES, Days, moves, shown_time, zone_of
from connectors.spec import Api, Outgoing, Written
from models.change import Change, digest
from models.days import day_after
from models.errors import Gone, Rejected, Stale, SystemFailure
from models.fields import encode_record

EXTRA = (*TIMES, "technician_email")
BATCH = 20


def create(api: Api, outgoing: Outgoing) -> Written:
    """Make the event; Graph knows a second one by its transaction id, and the first is taken for it.

    Rejected when there is no such mailbox, or when Graph does not take the event.
    """
    mailbox = mailbox_of(api, outgoing.change)
    return _made(api, outgoing, mailbox, _sent(api, _creation(api, outgoing, mailbox)))


def _made(api: Api, outgoing: Outgoing, mailbox: str, answer: Inner) -> Written:
    if answer.good:
        return written(mailbox, answer.body)
    if code_of(answer.body) != DUPLICATE:  # by 400 or 409 (Idempotency and finding our own)
        raise refusal(api, f"POST events of {mailbox}", answer, safe=False)
    if existing := answer.body["error"].get("@event.existingEventId"):
        # One that somebody deleted since is still the answer to this key: the push sees that it is gone.
        target = f"{mailbox}/{existing}"
        return fetch(api, target) or Written(id=target)
    found = _found(api, outgoing, mailbox)
    if found is None:
        raise refusal(api, f"POST events of {mailbox}", answer)
    return found


def find(api: Api, outgoing: Outgoing) -> Written | None:
    """The event of a create whose answer was lost."""
    return _found(api, outgoing, mailbox_of(api, outgoing.change))


def _found(api: Api, outgoing: Outgoing, mailbox: str) -> Written | None:
    """By our durable marker, which a copy would carry too; the transaction id tells ours."""
    own = f"ep/id eq '{MARKER}' and ep/value eq '{outgoing.change.core_id}'"
    params = {"$filter": f"singleValueExtendedProperties/Any(ep: {own})"}
    for body in follow(api, f"{API}/{mailbox_path(mailbox, 'events')}", params):
        for event in body["value"]:
            if event.get("transactionId") == _transaction(outgoing):
                return written(mailbox, event)
    return None


def fetch(api: Api, target_id: str) -> Written | None:
    """The event as it is now; None when it was deleted, also with its whole mailbox. Rejected when that is locked."""
    mailbox, path = _place(target_id)
    try:
        return written(mailbox, api.request("GET", f"{API}/{path}").json())
    except Gone:
        return None


def fetch_many(api: Api, ids: Sequence[str]) -> Mapping[str, Written]:
    """Events by id, deleted ones left out."""
    found: dict[str, Written] = {}
    parts = [Part(method="GET", path=path, mailbox=mailbox) for mailbox, path in map(_place, ids)]
    for id, part, answer in zip(ids, parts, ask(api, parts, repeatable=True), strict=True):
        if isinstance(answer, Inner) and answer.good:
            found[id] = written(part.mailbox, answer.body)
            continue
        problem = refusal(api, f"GET /{part.path}", answer) if isinstance(answer, Inner) else answer
        if not isinstance(problem, Gone):
            raise problem
    return found


def update(api: Api, outgoing: Outgoing) -> Written:
    """Change what moved, unless the event moved on. Stale when it did."""
    mailbox, _ = _place(str(outgoing.change.target_id))
    there = mailbox_of(api, outgoing.change) if _may_move(api, outgoing.change) else mailbox
    if there != mailbox:
        return _moved(api, outgoing, there)
    return written(mailbox, _sent(api, _alteration(api, outgoing)).body)


def _moved(api: Api, outgoing: Outgoing, there: str) -> Written:
    """Nothing moves from one mailbox to another: the event is made there, and then deleted here.

    Done again after a crash in between, the transaction id finds what was made. When the deletion is refused, what was
    made is taken back, and the next attempt goes under an id that follows from the one that is used up.
    """
    change = outgoing.change
    before = current(api, fetch(api, str(change.target_id)), f"event {change.target_id}")
    if before["@odata.etag"] != planned_version(change):
        raise Stale(api.system, f"{change.target_id} moved on since it was read; read it again")
    own = replace(outgoing, key=digest(change.target_id, there, length=32))
    made = _made(api, own, there, _sent(api, _creation(api, own, there)))
    while made.record is None:
        own = replace(own, key=digest(own.key, made.id, length=32))
        made = _made(api, own, there, _sent(api, _creation(api, own, there)))
    try:
        delete(api, outgoing)
    except Stale:
        delete(api, replace(outgoing, change=replace(change, target_id=made.id, version=made.version)))
        raise
    return made


def delete(api: Api, outgoing: Outgoing) -> Written:
    """Delete the event that the change was planned against; what is deleted already counts as done."""
    target = str(outgoing.change.target_id)
    _, path = _place(target)
    try:
        api.request("DELETE", f"{API}/{path}", headers=_shown(outgoing.change))
    except Gone:
        pass  # what was to be reached
    except Stale:
        if fetch(api, target) is not None:
            raise
    return Written(id=target)


def send_many(api: Api, batch: Sequence[Outgoing]) -> Sequence[Written | Exception]:
    """Up to twenty creates and updates at once, each with what became of it."""
    answers: dict[int, Written | Exception] = {}
    parts: dict[int, Part] = {}
    mailboxes = _mailboxes(api, [one.change for one in batch if one.change.action == "create"])
    for number, one in enumerate(batch):
        try:
            if one.change.action == "update" and _may_move(api, one.change):
                answers[number] = update(api, one)
            elif one.change.action == "update":
                parts[number] = _alteration(api, one)
            else:
                parts[number] = _creation(api, one, settled(mailboxes[_named(api, one.change)]))
        except SystemFailure as problem:
            answers[number] = problem
    told = ask(api, list(parts.values()), repeatable=all(one.method == "POST" for one in parts.values()))
    for (number, part), answer in zip(parts.items(), told, strict=True):
        answers[number] = _outcome(api, batch[number], part, answer)
    return [answers[number] for number in range(len(batch))]


def _outcome(api: Api, outgoing: Outgoing, part: Part, answer: Inner | Exception) -> Written | Exception:
    try:
        if part.method == "POST":
            return _made(api, outgoing, part.mailbox, settled(answer))
        if settled(answer).good:
            return written(part.mailbox, settled(answer).body)
        return refusal(api, f"PATCH /{part.path}", settled(answer), safe=False)
    except SystemFailure as problem:
        return problem


def _sent(api: Api, part: Part) -> Inner:
    """One call by itself; a create may be sent again, because Graph knows its transaction id."""
    again, seen = (True, (400, 409)) if part.method == "POST" else (None, ())
    answer = api.request(
        part.method, f"{API}/{part.path}", json=part.body, headers=part.headers, accept=seen, repeatable=again
    )
    return Inner(status=answer.status, body=answer.json(), headers=answer.headers)


def mailbox_of(api: Api, change: Change) -> str:
    """The id of the mailbox that this assignment belongs in. Rejected when there is none."""
    return settled(_mailboxes(api, [change])[_named(api, change)])


def _mailboxes(api: Api, changes: Sequence[Change]) -> dict[str, str | Exception]:
    """Address -> id of the mailbox, or why there is none; by one call, or one batch."""
    names = sorted({_named(api, change) for change in changes} - {""})
    parts = [Part(method="GET", path=f"{mailbox_path(one)}?$select=id", mailbox=one) for one in names]
    if len(parts) == 1:
        answer = api.request("GET", f"{API}/{parts[0].path}", accept=(404,))
        answers: list[Inner | Exception] = [Inner(status=answer.status, body=answer.json(), headers=answer.headers)]
    else:
        answers = ask(api, parts, repeatable=True)
    none = Rejected(api.system, f"{api.settings['mailbox_by']} names no mailbox; set it, or 'mailbox_of'")
    return {"": none, **{name: _mailbox(api, name, one) for name, one in zip(names, answers, strict=True)}}


def _mailbox(api: Api, name: str, answer: Inner | Exception) -> str | Exception:
    if isinstance(answer, Exception):
        return answer
    if answer.status == 404:
        return Rejected(api.system, f"there is no mailbox {name}; correct the address, or name another in 'mailbox_of'")
    return str(answer.body["id"]) if answer.good else refusal(api, f"GET /users/{name}", answer)


def _named(api: Api, change: Change) -> str:
    """What the stack says this assignment's mailbox is called; empty when the assignment does not tell."""
    value = change.desired.get(api.settings["mailbox_by"])
    return str(api.settings["mailbox_of"].get(value, value) or "")


def _may_move(api: Api, change: Change) -> bool:
    """Whether another mailbox may be meant."""
    return api.settings["mailbox_by"] in change.after


def _place(target_id: str) -> tuple[str, str]:
    mailbox, _, event = target_id.partition("/")
    return mailbox, mailbox_path(mailbox, "events", event)


def _shown(change: Change) -> Mapping[str, str]:
    return {"If-Match": planned_version(change)}


def _transaction(outgoing: Outgoing) -> str:
    return f"{OURS}:{outgoing.change.core_id}:{outgoing.key}"


def _creation(api: Api, outgoing: Outgoing, mailbox: str) -> Part:
    change = outgoing.change
    said = _said(encoded(change))
    own = {"transactionId": _transaction(outgoing), "showAs": "busy"}
    marker = {"singleValueExtendedProperties": [{"id": MARKER, "value": change.core_id}]}
    body = {**said, **_times(api, change), **own, **marker}
    return Part(method="POST", path=mailbox_path(mailbox, "events"), mailbox=mailbox, body=body)


def _alteration(api: Api, outgoing: Outgoing) -> Part:
    change = outgoing.change
    mailbox, path = _place(str(change.target_id))
    times = _times(api, change) if moves(change) else {}
    body = {**_said(outgoing.record), **times}
    return Part(method="PATCH", path=path, mailbox=mailbox, body=body, headers=_shown(change))


def encoded(change: Change) -> Mapping[str, Any]:
    """The texts of a whole event: what a change alters is not all that a new one says."""
    known = {name: value for name, value in change.desired.items() if value is not None}
    return encode_record(ASSIGNMENT.fields, known)


def _said(record: Mapping[str, Any]) -> dict[str, Any]:
    """Texts as Graph takes them: what is not said is empty, and a body is plain text."""
    said = {"subject": record["subject"] or ""} if "subject" in record else {}
    if "body" in record:
        said["body"] = {"contentType": "text", "content": record["body"]["content"] or ""}
    if "location" in record:
        said["location"] = {"displayName": record["location"]["displayName"] or ""}
    return said


def _times(api: Api, change: Change) -> dict[str, Any]:
    """``start``, ``end`` and ``isAllDay``."""
    zone, time = zone_of(api, change), shown_time(change)
    if isinstance(time, Days):
        return {"start": midnight(time.first, zone), "end": midnight(day_after(time.last), zone), "isAllDay": True}
    start, end = moments(time.start, time.end, zone)
    return {"start": start, "end": end, "isAllDay": False}
