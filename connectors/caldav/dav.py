"""WebDAV and CalDAV over an ``Api``: discovery, sync, multiget (RFC 4791, 6578; facts: Discovery, Incremental read).

Addresses of calendars and events are kept relative to the base address, percent-encoded in one way, so that they
stay the same wherever the base is mounted; only those on another host of the vendor are kept whole.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urljoin, urlsplit

from connectors.spec import Answer, Api
from models.errors import Gone, Unreachable

DAV, CAL = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
XML = {"Content-Type": "application/xml; charset=utf-8"}
MOVED = (301, 302, 303, 307, 308)
# Bodies at once; servers bear 50 to 100 (facts: Incremental read).
CHUNK = 50

for _prefix, _space in (("d", DAV), ("c", CAL)):
    ET.register_namespace(_prefix, _space[1:-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What a server says of one address. ``status`` is that of the whole item; ``found`` holds its known properties."""

    href: str
    status: int
    found: Mapping[str, ET.Element] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        element = self.found.get(name)
        return element.text if element is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """A calendar that holds events; ``token`` is its sync token as listed, None where it keeps none."""

    href: str
    name: str
    token: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What moved in a calendar: address -> ETag, addresses that are gone, and the token to go on from."""

    etags: Mapping[str, str | None]
    gone: Sequence[str]
    token: str | None


def home_of(api: Api) -> tuple[str, ...]:
    """The addresses under which the account's calendars stand."""
    root = _root(api)
    principal = principal_of(api, root)
    items = propfind(api, principal, (f"{CAL}calendar-home-set",), depth=0)
    homes = [here for item in items for here in _hrefs(api, item.found.get(f"{CAL}calendar-home-set"), principal)]
    if not homes:
        raise Unreachable(api.system, f"{principal} names no calendars; the account may have no calendar service")
    return tuple(dict.fromkeys(homes))


def principal_of(api: Api, root: str = "/") -> str:
    """The address of the account itself."""
    for item in propfind(api, root, (f"{DAV}current-user-principal",), depth=0):
        if found := _hrefs(api, item.found.get(f"{DAV}current-user-principal"), root):
            return found[0]
    raise Unreachable(api.system, "it does not say who we are; check that its base address is a CalDAV server's")


def _root(api: Api) -> str:
    """Where the well-known address leads (RFC 6764); the base address itself where it leads nowhere."""
    known = "/.well-known/caldav"
    body = _propfind((f"{DAV}current-user-principal",))
    answer = _ask(api, "PROPFIND", known, body, depth="0", accept=(*MOVED, 400, 403, 404, 405, 501))
    return relative(api, answer.headers["location"], known) if answer.status in MOVED else "/"


def calendars(api: Api, home: str) -> list[Calendar] | None:
    """The calendars of a home that hold events; None when there is no such home for us (any more)."""
    names = (f"{DAV}resourcetype", f"{DAV}displayname", f"{DAV}sync-token", f"{CAL}supported-calendar-component-set")
    answer = _ask(api, "PROPFIND", home, _propfind(names), depth="1", accept=(403, 404, 410))
    if answer.status != 207:
        return None
    found: list[Calendar] = []
    for item in _items(api, answer, home):
        kind = item.found.get(f"{DAV}resourcetype")
        parts = item.found.get(f"{CAL}supported-calendar-component-set")
        events = parts is None or any(part.get("name") == "VEVENT" for part in parts)
        if kind is not None and kind.find(f"{CAL}calendar") is not None and events:
            name = item.text(f"{DAV}displayname") or item.href
            found.append(Calendar(href=item.href, name=name, token=item.text(f"{DAV}sync-token")))
    return found


def exists(api: Api, href: str) -> bool:
    """Whether anything stands at an address."""
    answer = _ask(api, "PROPFIND", href, _propfind((f"{DAV}resourcetype",)), depth="0", accept=(404, 410))
    return answer.status == 207


def changes(api: Api, calendar: str, token: str | None) -> Changes:
    """What moved since a token (None: everything there is). Gone when the server no longer knows that token.

    Any refusal of a token counts as that (facts: Incremental read); the caller then asks without one.
    """
    etags: dict[str, str | None] = {}
    gone: list[str] = []
    accept = (400, 403, 404, 409, 410, 412) if token else ()
    while True:
        body = ET.Element(f"{DAV}sync-collection")
        ET.SubElement(body, f"{DAV}sync-token").text = token
        ET.SubElement(body, f"{DAV}sync-level").text = "1"
        ET.SubElement(ET.SubElement(body, f"{DAV}prop"), f"{DAV}getetag")
        answer = _ask(api, "REPORT", calendar, body, depth="0", accept=accept)
        if answer.status in accept:
            raise Gone(api.system, f"{calendar} no longer knows the position to read on from")
        more = False
        for item in _items(api, answer, calendar):
            if item.href == calendar or item.href.endswith("/"):
                more = more or item.status == 507  # RFC 6578 3.6: cut off here, go on with the new token
            elif item.status in (404, 410):
                gone.append(item.href)
            else:
                etags[item.href] = item.text(f"{DAV}getetag")
        token = _tree(api, answer).findtext(f"{DAV}sync-token") or None
        if not more:
            return Changes(etags=etags, gone=gone, token=token)


def etags(api: Api, calendar: str) -> dict[str, str | None]:
    """Every event's address and ETag, for servers without sync tokens."""
    items = propfind(api, calendar, (f"{DAV}getetag", f"{DAV}resourcetype"), depth=1)
    return {i.href: i.text(f"{DAV}getetag") for i in items if i.href != calendar and not i.href.endswith("/")}


def bodies(api: Api, calendar: str, hrefs: Sequence[str]) -> dict[str, tuple[str | None, str]]:
    """Address -> (ETag, iCalendar text) of at most ``CHUNK`` events; those that are gone are left out.

    Servers that leave a body out of the common answer are asked for it alone (facts: iCloud).
    """
    body = ET.Element(f"{CAL}calendar-multiget")
    prop = ET.SubElement(body, f"{DAV}prop")
    ET.SubElement(prop, f"{DAV}getetag")
    ET.SubElement(prop, f"{CAL}calendar-data")
    for href in hrefs:
        ET.SubElement(body, f"{DAV}href").text = urlsplit(absolute(api, href)).path
    answer = _ask(api, "REPORT", calendar, body, depth="0")
    items = {item.href: item for item in _items(api, answer, calendar)}
    found: dict[str, tuple[str | None, str]] = {}
    for href in hrefs:
        item = items.get(href)
        text = item.text(f"{CAL}calendar-data") if item is not None else None
        if item is not None and text:
            found[href] = (item.text(f"{DAV}getetag"), text)
        elif (item is None or item.status not in (404, 410)) and (single := get(api, href)) is not None:
            found[href] = single
    return found


def get(api: Api, href: str) -> tuple[str | None, str] | None:
    """(ETag, iCalendar text) of one event; None when it is gone."""
    answer = api.request("GET", href, headers={"Accept": "text/calendar"}, accept=(404, 410))
    return None if answer.status in (404, 410) else (answer.headers.get("etag"), answer.text)


def with_uid(api: Api, calendar: str, uid: str) -> list[str]:
    """Addresses of the events of a calendar that carry a UID."""
    body = ET.Element(f"{CAL}calendar-query")
    ET.SubElement(ET.SubElement(body, f"{DAV}prop"), f"{DAV}getetag")
    whole = ET.SubElement(ET.SubElement(body, f"{CAL}filter"), f"{CAL}comp-filter", name="VCALENDAR")
    event = ET.SubElement(whole, f"{CAL}comp-filter", name="VEVENT")
    text = ET.SubElement(ET.SubElement(event, f"{CAL}prop-filter", name="UID"), f"{CAL}text-match", collation="i;octet")
    text.text = uid
    return [item.href for item in _items(api, _ask(api, "REPORT", calendar, body, depth="1"), calendar)]


def make_calendar(api: Api, href: str, name: str) -> None:
    """Make a calendar for events; one that is there already, made by whomever, is as good (facts: Writes)."""
    body = ET.Element(f"{CAL}mkcalendar")
    prop = ET.SubElement(ET.SubElement(body, f"{DAV}set"), f"{DAV}prop")
    ET.SubElement(prop, f"{DAV}displayname").text = name
    ET.SubElement(ET.SubElement(prop, f"{CAL}supported-calendar-component-set"), f"{CAL}comp", name="VEVENT")
    api.request("MKCALENDAR", href, content=_bytes(body), headers=XML, accept=(403, 405, 409), repeatable=True)


def propfind(api: Api, href: str, names: Iterable[str], *, depth: int) -> list[Item]:
    """Named properties of an address, and with depth 1 of what stands directly in it."""
    return _items(api, _ask(api, "PROPFIND", href, _propfind(names), depth=str(depth)), href)


def refusal(text: str) -> str | None:
    """The precondition that a ``DAV:error`` body names (``no-uid-conflict``); None when the body is no such thing."""
    try:
        tree = ET.fromstring(text)  # noqa: S314 - expat bounds entities; a server's answer is read nowhere else
    except ET.ParseError:
        return None
    return tree[0].tag.rpartition("}")[2] if tree.tag == f"{DAV}error" and len(tree) else None


def absolute(api: Api, href: str) -> str:
    """The whole address of a relative one."""
    return href if "://" in href else api.base_url.rstrip("/") + href


def relative(api: Api, href: str, asked: str) -> str:
    """An address that a server gave in its answer about ``asked``, as it is kept: relative to the base address."""
    told = urlsplit(urljoin(absolute(api, asked), href))
    base = urlsplit(api.base_url)
    path = quote(unquote(told.path), safe="/@:!$&'()*+,;=~")
    if _host(told.scheme, told.hostname, told.port) != _host(base.scheme, base.hostname, base.port):
        port = "" if told.port in (None, 443) else f":{told.port}"
        return f"{told.scheme}://{told.hostname}{port}{path}"
    prefix = base.path.rstrip("/")
    return path[len(prefix) :] if path.startswith(f"{prefix}/") else path


def _host(scheme: str, host: str | None, port: int | None) -> tuple[str, str | None, int]:
    return scheme, host, port or (443 if scheme == "https" else 80)


def _ask(api: Api, method: str, href: str, body: ET.Element, *, depth: str, accept: Sequence[int] = ()) -> Answer:
    return api.request(method, href, content=_bytes(body), headers={**XML, "Depth": depth}, accept=accept)


def _propfind(names: Iterable[str]) -> ET.Element:
    # Always by name: asking for all of them fails on iCloud (facts: Deletion, limits, errors).
    body = ET.Element(f"{DAV}propfind")
    prop = ET.SubElement(body, f"{DAV}prop")
    for name in names:
        ET.SubElement(prop, name)
    return body


def _bytes(body: ET.Element) -> bytes:
    return bytes(ET.tostring(body, encoding="utf-8", xml_declaration=True))


def _items(api: Api, answer: Answer, asked: str) -> list[Item]:
    return [_item(api, response, asked) for response in _tree(api, answer).iter(f"{DAV}response")]


def _tree(api: Api, answer: Answer) -> ET.Element:
    """The multistatus; Unreachable when the answer is something else."""
    try:
        tree = ET.fromstring(answer.text)  # noqa: S314 - expat bounds entities; a server's answer is read nowhere else
    except ET.ParseError as problem:
        raise Unreachable(api.system, f"it answers with something that is no XML ({problem})") from problem
    if tree.tag != f"{DAV}multistatus":
        raise Unreachable(api.system, f"it answers with {tree.tag} where a WebDAV multistatus was expected")
    return tree


def _item(api: Api, response: ET.Element, asked: str) -> Item:
    """One response: its own status, and the properties that were found (those missing stand under another status)."""
    href = relative(api, response.findtext(f"{DAV}href") or "", asked)
    found = {
        one.tag: one
        for part in response.findall(f"{DAV}propstat")
        if _status(part) == 200
        for one in part.findall(f"{DAV}prop/*")
    }
    return Item(href=href, status=_status(response), found=found)


def _status(element: ET.Element) -> int:
    """The number in ``HTTP/1.1 404 Not Found``; 200 where there is no status."""
    line = (element.findtext(f"{DAV}status") or "").split()
    return int(line[1]) if len(line) > 1 and line[1].isdigit() else 200


def _hrefs(api: Api, element: ET.Element | None, asked: str) -> list[str]:
    found = element.findall(f"{DAV}href") if element is not None else []
    return [relative(api, one.text.strip(), asked) for one in found if one.text]
