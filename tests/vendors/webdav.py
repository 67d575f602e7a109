"""CalDAV exchanges against the vocabulary that a real server was recorded to speak, and the rules around it.

CalDAV has no schema. What is checked: the method and its statuses, ``Depth`` and conditions, content types, the names
and namespaces of XML elements, the structure of a multistatus, and that a stored object is one proper VCALENDAR.
Rules come from ``vendors/caldav/facts.md``; the recorded exchanges give the elements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from tests.vendors.exchange import Exchange, media_type

DAV, CAL, CS = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{http://calendarserver.org/ns/}"

STATUSES: Mapping[str, frozenset[int]] = {
    "OPTIONS": frozenset({200, 204}),
    "GET": frozenset({200, 301, 304, 404}),
    "HEAD": frozenset({200, 301, 304, 404}),
    "PROPFIND": frozenset({207, 301, 404}),
    "PROPPATCH": frozenset({207, 404}),
    "REPORT": frozenset({207, 400, 404, 409, 410, 412}),
    "PUT": frozenset({200, 201, 204, 400, 404, 409, 412}),
    "DELETE": frozenset({200, 204, 404, 412}),
    "MKCALENDAR": frozenset({201, 405, 409}),
    "MOVE": frozenset({201, 204, 404, 409, 412}),
}
"""facts.md, "Discovery", "Incremental read" and "Writes"."""

ANYWHERE = frozenset({401, 403, 429, 500, 503, 507})
"""facts.md, "Base and authentication" and "Deletion, limits, errors": any method may be answered so."""

ROOTS: Mapping[str, frozenset[str]] = {
    "PROPFIND": frozenset({f"{DAV}propfind"}),
    "PROPPATCH": frozenset({f"{DAV}propertyupdate"}),
    "REPORT": frozenset({f"{DAV}sync-collection", f"{CAL}calendar-query", f"{CAL}calendar-multiget"}),
    "MKCALENDAR": frozenset({f"{CAL}mkcalendar"}),
}

RULED = frozenset(
    {
        *(DAV + name for name in (
            "multistatus", "response", "href", "propstat", "prop", "status", "error", "responsedescription",
            "propfind", "propertyupdate", "set", "remove", "sync-collection", "sync-token",
            "sync-level", "limit", "nresults", "valid-sync-token", "number-of-matches-within-limits", "getetag",
            "getcontenttype", "getcontentlength", "getlastmodified", "creationdate", "displayname", "resourcetype",
            "collection", "principal", "owner", "current-user-principal", "principal-URL", "principal-collection-set",
            "resource-must-be-null", "unauthenticated", "need-privileges", "resource", "privilege",
        )),
        *(CAL + name for name in (
            "calendar", "calendar-data", "calendar-query", "calendar-multiget", "filter", "comp-filter", "prop-filter",
            "param-filter", "is-not-defined", "text-match", "time-range", "comp", "expand", "limit-recurrence-set",
            "timezone", "calendar-timezone", "calendar-description", "calendar-home-set", "calendar-user-address-set",
            "supported-calendar-component-set", "no-uid-conflict", "mkcalendar", "max-resource-size",
            "valid-calendar-data", "schedule-inbox", "schedule-outbox", "schedule-inbox-URL", "schedule-outbox-URL",
            "schedule-tag",
        )),
        CS + "getctag",
    }
)  # fmt: skip
"""Elements of RFC 4918, 4791 and 6578 that facts.md names or that the recorded ones imply, and the one of RFC 6638
(3.2.10) that a common client asks for with every query. ``allprop`` is not among
them: iCloud fails on it, so properties are always named (facts.md, "Deletion, limits, errors")."""

_STATUS_LINE = re.compile(r"HTTP/1\.1 \d{3}( .*)?")
_UTC = re.compile(r"\d{8}T\d{6}Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebDav:
    """``elements``: names in Clark notation that may appear in a body."""

    elements: frozenset[str]

    def knows(self, path: str) -> bool:
        """A WebDAV tree has no fixed paths: the client follows hrefs."""
        return path.startswith("/")

    def problems(self, exchange: Exchange) -> list[str]:
        """Everything wrong with the request, then with the answer; empty when both are valid."""
        if exchange.method not in STATUSES:
            return [f"request: unknown method: {exchange.method}"]
        problems = [*_header_problems(exchange), *self._request_problems(exchange)]
        if exchange.status not in STATUSES[exchange.method] | ANYWHERE:
            problems.append(f"answer: unknown status {exchange.status} of {exchange.method}")
        return [*problems, *self._answer_problems(exchange)]

    def _request_problems(self, exchange: Exchange) -> Iterator[str]:
        if exchange.method == "PUT":
            yield from calendar_problems(exchange.request_body, "request body")
            return
        if not exchange.request_body:
            if exchange.method in ("REPORT", "PROPPATCH"):
                yield "request: the body is missing"
            return
        roots = ROOTS.get(exchange.method, frozenset())
        if not roots:
            yield f"request: a body with {exchange.method}"
            return
        tree = _tree(exchange.request_body)
        if tree is None or tree.tag not in roots:
            yield f"request body: the root is not one of {sorted(roots)}"
            return
        yield from self._unknown(tree, "request body")
        yield from _report_problems(tree)

    def _answer_problems(self, exchange: Exchange) -> Iterator[str]:
        kind = media_type(exchange.response_header("content-type"))
        if exchange.status == 207 or (
            exchange.method == "DELETE" and exchange.status == 200 and exchange.response_body
        ):
            yield from self._multistatus_problems(exchange)
        elif kind in ("text/xml", "application/xml") and exchange.response_body:
            tree = _tree(exchange.response_body)
            if tree is None or tree.tag != f"{DAV}error":
                yield "answer body: an XML refusal must be a DAV:error"
            else:
                yield from self._unknown(tree, "answer body")
        elif exchange.method == "GET" and exchange.status == 200:
            if not exchange.response_header("etag"):
                yield "answer: no ETag"
            if kind == "text/calendar":
                yield from calendar_problems(
                    exchange.response_body, "answer body", many_uids=exchange.path.endswith("/")
                )
            else:
                yield f"answer: content type {kind!r} is not 'text/calendar'"

    def _multistatus_problems(self, exchange: Exchange) -> Iterator[str]:
        tree = _tree(exchange.response_body)
        if tree is None or tree.tag != f"{DAV}multistatus":
            yield "answer body: the root is not DAV:multistatus"
            return
        yield from self._unknown(tree, "answer body")
        asked = _tree(exchange.request_body)
        if asked is not None and asked.tag == f"{DAV}sync-collection" and tree.find(f"{DAV}sync-token") is None:
            yield "answer body: no sync-token"
        for response in tree.findall(f"{DAV}response"):
            yield from _response_problems(response)

    def _unknown(self, tree: ET.Element, where: str) -> Iterator[str]:
        for tag in sorted({one.tag for one in tree.iter()} - self.elements):
            yield f"{where}: unknown element {tag}"


def _header_problems(exchange: Exchange) -> Iterator[str]:
    depth = exchange.request_header("depth")
    if exchange.method == "PROPFIND" and depth not in ("0", "1"):
        yield f"request: Depth of a PROPFIND must be 0 or 1, not {depth!r}"
    if exchange.method == "REPORT" and depth not in ("0", "1", None):
        yield f"request: Depth of a REPORT must be 0 or 1, not {depth!r}"
    kind = media_type(exchange.request_header("content-type"))
    if exchange.method == "PUT" and kind != "text/calendar":
        yield f"request: content type {kind!r} is not 'text/calendar'"
    if exchange.method in ROOTS and exchange.request_body and kind not in ("application/xml", "text/xml"):
        yield f"request: content type {kind!r} is not 'application/xml'"
    if exchange.method == "MOVE" and not exchange.request_header("destination"):
        yield "request: MOVE without Destination"
    yield from _condition_problems(exchange)


def _condition_problems(exchange: Exchange) -> Iterator[str]:
    if exchange.request_header("if-none-match") not in (None, "*") and exchange.method == "PUT":
        yield "request: If-None-Match of a PUT must be *"
    match = exchange.request_header("if-match")
    if match is not None and not re.fullmatch(r'\*|(W/)?"[^"]*"', match):
        yield f"request: If-Match is not a quoted ETag: {match}"


def _report_problems(tree: ET.Element) -> Iterator[str]:
    if tree.tag == f"{DAV}sync-collection":
        for name in ("sync-token", "sync-level", "prop"):
            if tree.find(DAV + name) is None:
                yield f"request body: sync-collection without {name}"
    if tree.tag == f"{CAL}calendar-multiget" and tree.find(f"{DAV}href") is None:
        yield "request body: calendar-multiget without href"
    if tree.tag == f"{CAL}calendar-query" and tree.find(f"{CAL}filter") is None:
        yield "request body: calendar-query without filter"
    for limits in tree.iter(f"{CAL}time-range"):
        if not limits.attrib or not all(_UTC.fullmatch(value) for value in limits.attrib.values()):
            yield "request body: time-range is not in UTC basic form"


def _response_problems(response: ET.Element) -> Iterator[str]:
    href = response.findtext(f"{DAV}href")
    if not href:
        yield "answer body: a response without href"
    propstats = response.findall(f"{DAV}propstat")
    holders = propstats or [response]
    for holder in holders:
        if not _STATUS_LINE.fullmatch(holder.findtext(f"{DAV}status") or ""):
            yield f"answer body: {href}: no status line"
    if any(one.find(f"{DAV}prop") is None for one in propstats):
        yield f"answer body: {href}: a propstat without prop"


def _tree(body: bytes) -> ET.Element | None:
    try:
        return ET.fromstring(body) if body else None  # noqa: S314 (bodies of our own tests)
    except ET.ParseError:
        return None


def calendar_problems(body: bytes, where: str, *, many_uids: bool = False) -> list[str]:
    """What is wrong with a stored calendar object (facts.md, "Writes" and "VEVENT fields")."""
    lines = _unfolded(body.decode("utf-8", "replace"))
    names = [re.split("[:;]", line, maxsplit=1)[0].upper() for line in lines]
    if not lines or lines[0].upper() != "BEGIN:VCALENDAR" or lines[-1].upper() != "END:VCALENDAR":
        return [f"{where}: not one VCALENDAR"]
    problems = [f"{where}: no {name}" for name in ("VERSION", "PRODID", "UID", "DTSTAMP") if name not in names]
    uids = {line for line, name in zip(lines, names, strict=True) if name == "UID"}
    if len(uids) > 1 and not many_uids:
        problems.append(f"{where}: {len(uids)} different UIDs")
    if "METHOD" in names:
        problems.append(f"{where}: a stored object has no METHOD")
    if "BEGIN:VEVENT" in (line.upper() for line in lines) and "DTSTART" not in names:
        problems.append(f"{where}: no DTSTART")
    if any(len(line) > 75 for line in body.splitlines()):
        problems.append(f"{where}: a line is longer than 75 octets")
    return [*problems, *(f"{where}: no name in line {line!r}" for line in lines if ":" not in line)]


def _unfolded(text: str) -> list[str]:
    return [line for line in re.sub(r"\r?\n[ \t]", "", text).splitlines() if line]


def build(recorded: Mapping[str, Any]) -> WebDav:
    """The vocabulary of the recorded exchanges joined with the ruled one."""
    bodies = (side.get("body") for one in recorded["exchanges"] for side in (one["request"], one["response"]))
    trees: Sequence[ET.Element | None] = [_tree(body.encode()) for body in bodies if body and "<" in body]
    spoken = {element.tag for tree in trees if tree is not None for element in tree.iter()}
    return WebDav(elements=RULED | spoken)
