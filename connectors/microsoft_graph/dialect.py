"""How Microsoft Graph is spoken to: addresses, refusals, events as they are kept, and twenty calls in one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from connectors.errors import failure, lost, sentence, stranger
from connectors.paging import token_pages
from connectors.schedule import aware
from connectors.spec import EMPTY, Api, Record, Written
from connectors.zone_names import iana, windows
from models.errors import Ambiguous, Gone, Rejected

API = "v1.0"
# Ids that survive a move, with every call (Idempotency and finding our own); bodies as text, pages of a sensible size.
PREFER = 'IdType="ImmutableId", outlook.body-content-type="text", odata.maxpagesize=200'
OURS = "plumbline"  # transactionId: plumbline:<core id>:<key of the change>
MARKER = "String {b3f0c1f2-5a4e-4d0a-9c86-6d1f0a2b7e35} Name PlumblineId"
DUPLICATE = "ErrorDuplicateTransactionId"
NO_MAILBOX = "MailboxNotEnabledForRESTAPI"  # of somebody who is there: a licence lapsed, or there never was one
EXPIRED = frozenset(("syncstatenotfound", "resyncrequired"))
MOST, LANES = 20, 4  # calls of one batch; of these at once for one mailbox (Batch)


def code_of(body: Any) -> str:
    """``error.code`` of the envelope (Limits and errors); empty in an answer of another form."""
    error = body.get("error") if isinstance(body, Mapping) else None
    return str(error.get("code") or "") if isinstance(error, Mapping) else ""


def judge(system: str, status: int, _headers: Mapping[str, str], body: Any) -> Exception | None:
    """What a code says that its status does not, and answers that are no answers of Graph."""
    if 200 <= status < 300:
        graphs = status in (202, 204) or (isinstance(body, Mapping) and not body.keys().isdisjoint(_MEMBERS))
        return None if graphs else stranger(system, "Microsoft Graph")
    code = code_of(body)
    if code.lower() in EXPIRED:  # some report 400 (Delta)
        return Gone(system, f"{sentence(body)} ({code}); its calendar is read again")
    if code in NO_MAILBOX:
        return Rejected(
            system, f"{sentence(body)} ({code}); there is no such mailbox: correct 'mailboxes' or the address"
        )
    return None


_MEMBERS = ("@odata.context", "value", "responses", "id")


def mailbox_path(mailbox: str, *more: str) -> str:
    """The address of a mailbox or of something in it; ids hold ``=`` and more."""
    return "/".join(("users", *(quote(part, safe="") for part in (mailbox, *more))))


def follow(api: Api, path: str, params: Mapping[str, Any] = EMPTY) -> Iterator[Mapping[str, Any]]:
    """Answers of a list; where it goes on is taken as it is given (Streams)."""

    def fetch(link: str | None) -> tuple[Any, str | None]:
        body = api.request("GET", link or path, params=None if link else params).json()
        return body, body.get("@odata.nextLink")

    return token_pages(fetch, system=api.system)


def kept(mailbox: str, event: Record, address: str | None = None) -> dict[str, Any]:
    """An event as it is kept: with its mailbox, which it does not tell, its IANA zone, and its time in ``when``.

    address  of the mailbox; without it the organizer's, who of our own events is nobody else
    """
    organizer = (event.get("organizer") or {}).get("emailAddress") or {}
    own = {name: value for name, value in event.items() if name not in ("@odata.context", "@odata.type")}
    zone = iana(str(event.get("originalStartTimeZone") or ""))
    told = {"mailbox": {"id": mailbox, "address": address or organizer.get("address")}, "zone": zone}
    return {**own, **told, "when": _when(event)}


def _when(event: Record) -> dict[str, str]:
    """Instants in UTC, or first and last day; or why there are none."""
    sides = [event.get(side) or {} for side in ("start", "end")]
    try:
        walls = [datetime.fromisoformat(str(one["dateTime"])[:19]) for one in sides]
        if event.get("isAllDay"):  # the last day is exclusive there (Writes)
            first, last = walls[0].date(), walls[1].date() - timedelta(days=1)
            return {"starts_on": first.isoformat(), "ends_on": max(first, last).isoformat()}
        zones = [ZoneInfo(str(iana(str(one["timeZone"])))) for one in sides]
        instants = [at.replace(tzinfo=zone).astimezone(UTC) for at, zone in zip(walls, zones, strict=True)]
    except (KeyError, ValueError, OSError, OverflowError):
        return {"problem": f"its time cannot be read: {sides[0]}"}
    return dict(zip(("starts_at", "ends_at"), (at.isoformat() for at in instants), strict=True))


def written(mailbox: str, event: Record) -> Written:
    return Written(id=f"{mailbox}/{event['id']}", version=event["@odata.etag"], record=kept(mailbox, event))


def moments(start: datetime, end: datetime, zone: ZoneInfo) -> list[dict[str, str]]:
    """Two UTC instants as wall times; in UTC where the clock shows one of them twice."""
    walls = [aware(at).astimezone(zone) for at in (start, end)]
    twice = any(wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset() for wall in walls)
    shown = [wall.astimezone(UTC) for wall in walls] if twice else walls
    name = "UTC" if twice else windows(zone.key) or zone.key
    return [{"dateTime": at.strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": name} for at in shown]


def midnight(day: date, zone: ZoneInfo) -> dict[str, str]:
    return {"dateTime": f"{day.isoformat()}T00:00:00", "timeZone": windows(zone.key) or zone.key}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One call of a batch; ``mailbox`` is whose pace it goes by."""

    method: str
    path: str
    mailbox: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    """What one call of a batch was answered with."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


def refusal(api: Api, line: str, answer: Inner, *, safe: bool = True) -> Exception:
    """The error that an inner answer means, as the gateway says it of an outer one.

    safe  whether the call changed nothing: a server that broke while it wrote may have finished first
    """
    known = judge(api.system, answer.status, answer.headers, answer.body)
    if known is None and answer.status >= 500 and not safe:
        return lost(api.system, line, f"answered with {answer.status}", safe=False)
    return known or failure(api.system, line, answer.status, answer.headers, answer.body, api.now())


def ask(api: Api, parts: Sequence[Part], *, repeatable: bool) -> list[Inner | Exception]:
    """Every call's answer, in order, by as few batches as may be; Ambiguous stands for one that is silent.

    A mailbox does four things at once, so that each call waits for the fourth before it. When that one fails, Graph
    does not do the call (424), and it is asked again.
    """
    answers: dict[int, Inner | Exception] = {}
    waiting = list(range(len(parts)))
    while waiting:
        now, later = waiting[:MOST], waiting[MOST:]
        answers |= _batch(api, {number: parts[number] for number in now}, repeatable=repeatable)
        waiting = [number for number in now if getattr(answers[number], "status", 0) == 424] + later
    return [answers[number] for number in range(len(parts))]


def _batch(api: Api, parts: Mapping[int, Part], *, repeatable: bool) -> dict[int, Inner | Exception]:
    lanes: dict[str, list[str]] = {}
    requests: list[dict[str, Any]] = []
    for number, part in parts.items():
        lane = lanes.setdefault(part.mailbox, [])
        before = {"dependsOn": [lane[-LANES]]} if len(lane) >= LANES else {}
        content = {"Content-Type": "application/json"} if part.body is not None else {}
        body = {"body": part.body} if part.body is not None else {}
        headers = {"Prefer": PREFER, **content, **part.headers}
        one = {"id": str(number), "method": part.method, "url": f"/{part.path}", "headers": headers}
        requests.append({**one, **body, **before})
        lane.append(str(number))
    told = api.request("POST", f"{API}/$batch", json={"requests": requests}, repeatable=repeatable).json()["responses"]
    found = {str(one["id"]): one for one in told}
    silent = Ambiguous(api.system, "the answer to a batch is silent about this call; look there")
    return {number: _inner(found[str(number)]) if str(number) in found else silent for number in parts}


def _inner(one: Mapping[str, Any]) -> Inner:
    return Inner(status=int(one["status"]), body=one.get("body"), headers=one.get("headers") or {})
