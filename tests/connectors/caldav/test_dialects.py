"""What other servers than Radicale do, by the facts about iCloud and by RFC 6578, played by a small server."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape

import httpx
import pytest

from connectors.caldav import CONNECTOR, dav, judge
from connectors.gateway import Gateway, Patience, open_api
from connectors.spec import Page
from models.errors import Rejected, Unauthorized, Unreachable
from tests.connectors.caldav.conftest import CREDENTIALS, outgoing
from tests.connectors.caldav.test_reading import deleted, event, records

ROOT, HOME = "https://caldav.icloud.com", "https://p62-caldav.icloud.com:443/171/calendars/"
PRINCIPAL = "<href>/171/principal/</href>"
TASKS_ONLY = "<C:supported-calendar-component-set><C:comp name='VTODO'/></C:supported-calendar-component-set>"
CALENDAR = "https://p62-caldav.icloud.com/171/calendars/office/"


def multistatus(*responses: str, tail: str = "") -> httpx.Response:
    spaces = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
    return httpx.Response(207, text=f"<multistatus {spaces}>{''.join(responses)}{tail}</multistatus>",
                          headers={"Content-Type": "text/xml; charset=utf-8"})  # fmt: skip


def response(href: str, props: str = "", status: str = "") -> str:
    found = f"<propstat><prop>{props}</prop><status>HTTP/1.1 200 OK</status></propstat>" if props else ""
    own = f"<status>HTTP/1.1 {status}</status>" if status else ""
    return f"<response><href>{href}</href>{found}{own}</response>"


@dataclass(slots=True, kw_only=True)
class Cloud:
    """One account with the calendar ``work``; its switches are the ways in which servers differ.

    events     path -> iCalendar text; gone: paths reported as deleted
    tokens     whether it keeps sync tokens; refuses: the status that a token meets
    bare       answers that leave ETag (PUT) or body (multiget) out
    page       items in one sync answer, then 507
    """

    events: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    tokens: bool = True
    refuses: int | None = None
    bare: bool = False
    page: int = 100
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = unquote(request.url.path)
        self.asked.append((request.method, str(request.url.copy_with(port=None))))
        if request.url.host == "caldav.icloud.com":
            return self._front(request, path)
        answers: Mapping[str, Callable[[httpx.Request, str], httpx.Response]] = {
            "PROPFIND": self._propfind, "REPORT": self._report, "PUT": self._put, "GET": self._get,
        }  # fmt: skip
        return answers[request.method](request, path)

    def _front(self, request: httpx.Request, path: str) -> httpx.Response:
        if path == "/.well-known/caldav":
            return httpx.Response(301, headers={"Location": "/"})
        if b"current-user-principal" in request.content:
            return multistatus(
                response(path, "<current-user-principal><href>/171/principal/</href></current-user-principal>")
            )
        home = f"<C:calendar-home-set><href>{HOME}</href></C:calendar-home-set>"
        return multistatus(response("/principal/", home))

    def _propfind(self, request: httpx.Request, path: str) -> httpx.Response:
        if path.endswith("/office/") and request.headers["depth"] == "1":
            items = [response(one, f"<getetag>{self._etag(one)}</getetag>") for one in self.events]
            return multistatus(response(path, "<resourcetype><collection/></resourcetype>"), *items)
        token = f"<sync-token>{self._token()}</sync-token>" if self.tokens else ""
        work = "<resourcetype><collection/><C:calendar/></resourcetype><displayname>Work</displayname>" + token
        tasks = (
            work.replace("Work", "Tasks")
            + "<C:supported-calendar-component-set><C:comp name='VTODO'/></C:supported-calendar-component-set>"
        )
        return multistatus(
            response("/171/calendars/", "<resourcetype><collection/></resourcetype>"),
            response("/171/calendars/inbox/", "<resourcetype><collection/><C:schedule-inbox/></resourcetype>"),
            response("/171/calendars/office/", work),
            response("/171/calendars/tasks/", tasks),
        )

    def _etag(self, path: str) -> str:
        return f'"{abs(hash(self.events[path]))}"'

    def _token(self) -> str:
        return f"token-{abs(hash(tuple(self.events.items())))}-{len(self.gone)}"

    def _report(self, request: httpx.Request, path: str) -> httpx.Response:
        tree = ET.fromstring(request.content)  # noqa: S314 - our own request
        if tree.tag.endswith("calendar-multiget"):
            return multistatus(*(self._body(str(one.text)) for one in tree.findall("{DAV:}href")))
        if tree.tag.endswith("calendar-query"):
            uid = tree.findtext(".//{urn:ietf:params:xml:ns:caldav}text-match")
            return multistatus(
                *(response(one, "<getetag>x</getetag>") for one, text in self.events.items() if f"UID:{uid}" in text)
            )
        return self._sync(tree.findtext("{DAV:}sync-token") or "", path)

    def _body(self, path: str) -> str:
        if path not in self.events:
            return response(path, status="404 Not Found")
        data = "" if self.bare else f"<C:calendar-data>{escape(self.events[path])}</C:calendar-data>"
        return response(path, f"<getetag>{self._etag(path)}</getetag>{data}")

    def _sync(self, token: str, path: str) -> httpx.Response:
        if token and self.refuses and not token.startswith("page-"):
            body = '<error xmlns="DAV:"><valid-sync-token/></error>'
            return httpx.Response(self.refuses, text=body, headers={"Content-Type": "text/xml"})
        start = int(token.removeprefix("page-")) if token.startswith("page-") else 0
        items = [response(one, f"<getetag>{self._etag(one)}</getetag>") for one in self.events]
        items += [response(one, status="404 Not Found") for one in self.gone]
        shown, rest = items[start : start + self.page], items[start + self.page :]
        own = response(path, status="507 Insufficient Storage") if rest else response(path, "<getetag>c</getetag>")
        after = f"page-{start + self.page}" if rest else self._token()
        return multistatus(*shown, own, tail=f"<sync-token>{after}</sync-token>")

    def _put(self, request: httpx.Request, path: str) -> httpx.Response:
        if path in self.events and "if-none-match" in request.headers:
            return httpx.Response(412)
        self.events[path] = request.content.decode()
        return httpx.Response(201, headers={} if self.bare else {"ETag": self._etag(path)})

    def _get(self, _request: httpx.Request, path: str) -> httpx.Response:
        if path not in self.events:
            return httpx.Response(404)
        headers = {"ETag": self._etag(path), "Content-Type": "text/calendar; charset=utf-8"}
        return httpx.Response(200, text=self.events[path], headers=headers)


@contextmanager
def opened(handler: Callable[[httpx.Request], httpx.Response], base_url: str = ROOT) -> Iterator[Gateway]:
    settings = {"calendar": f"{CALENDAR.removesuffix('work/')}{{technician}}/"}
    with open_api(
        CONNECTOR, credentials=CREDENTIALS, settings=settings, base_url=base_url, patience=Patience(tries=1),
        transport=httpx.MockTransport(handler), sleep=lambda _: None,
    ) as api:  # fmt: skip
        yield api


def read(api: Gateway, cursor: Mapping[str, Any] | None = None) -> list[Page]:
    return list(CONNECTOR.resources[0].read(api, cursor or {}))


@pytest.fixture
def cloud() -> Cloud:
    return Cloud(events={f"/171/calendars/office/{n}.ics": event(f"e{n}") for n in range(3)})


def test_a_home_on_another_host_is_followed_and_only_event_calendars_are_read(cloud: Cloud) -> None:
    with opened(cloud) as api:
        pages = read(api)
    assert set(records(pages)) == {f"{CALENDAR}{n}.ics" for n in range(3)}
    assert list((pages[-1].cursor or {})["calendars"]) == [CALENDAR]


def test_a_home_at_strangers_gets_no_credentials() -> None:
    def elsewhere(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "caldav.icloud.com"
        if request.url.path == "/.well-known/caldav":
            return httpx.Response(301, headers={"Location": "https://icloud.com.example.org/"})
        return httpx.Response(500)

    with opened(elsewhere) as api, pytest.raises(Unreachable, match=r"icloud\.com\.example\.org"):
        read(api)


def test_an_answer_in_pieces_is_read_to_its_end(cloud: Cloud) -> None:
    cloud.page = 1
    with opened(cloud) as api:
        pages = read(api)
    assert len(records(pages)) == 3
    assert (pages[-1].cursor or {})["calendars"][CALENDAR]["token"].startswith("token-")


def test_bodies_that_were_left_out_are_fetched_alone(cloud: Cloud) -> None:
    cloud.bare = True
    with opened(cloud) as api:
        found = records(read(api))
    assert len(found) == 3
    assert all(record["summary"] == "Lunch" and record["etag"] for record in found.values())
    assert len([one for one in cloud.asked if one[0] == "GET"]) == 3


@pytest.mark.parametrize("status", [400, 403, 409, 410, 412])
def test_any_refusal_of_a_token_starts_again_once(cloud: Cloud, status: int) -> None:
    with opened(cloud) as api:
        cursor = read(api)[-1].cursor
        del cloud.events["/171/calendars/office/2.ics"]
        cloud.events["/171/calendars/office/1.ics"] = event("e1", "Moved")
        cloud.refuses = status
        pages = read(api, cursor)
    assert {href: record["summary"] for href, record in records(pages).items()} == {f"{CALENDAR}1.ics": "Moved"}
    assert deleted(pages) == {f"{CALENDAR}2.ics"}


def test_a_server_without_tokens_is_compared_by_etag(cloud: Cloud) -> None:
    cloud.tokens = False
    with opened(cloud) as api:
        pages = read(api)
        assert len(records(pages)) == 3
        cloud.events["/171/calendars/office/0.ics"] = event("e0", "Moved")
        del cloud.events["/171/calendars/office/1.ics"]
        again = read(api, pages[-1].cursor)
    assert set(records(again)) == {f"{CALENDAR}0.ics"}
    assert deleted(again) == {f"{CALENDAR}1.ics"}


def test_deletes_of_unknown_addresses_are_ignored(cloud: Cloud) -> None:
    cloud.gone = ["/171/calendars/office/long-ago.ics"]
    with opened(cloud) as api:
        assert deleted(read(api)) == set()


def test_a_put_without_an_etag_is_read_back(cloud: Cloud) -> None:
    cloud.bare = True
    write = CONNECTOR.writes[0]
    assert write.create is not None
    with opened(cloud) as api:
        written = write.create(api, outgoing("create"))
    assert written.id == f"{CALENDAR.removesuffix('work/')}jose-nunez/plumbline-asg_1.ics"
    assert written.version is not None
    assert [method for method, _ in cloud.asked] == ["PUT", "GET"]


def test_addresses_are_kept_in_one_form() -> None:
    with opened(Cloud(), "https://calendar.acme.test:8443/dav") as api:
        for href in ("/dav/a%20b/x@y.ics", "https://calendar.acme.test:8443/dav/a b/x%40y.ics", "../a%20b/x@y.ics"):
            assert dav.relative(api, href, "/home/") == "/a%20b/x@y.ics"
        assert dav.relative(api, "https://other.acme.test:443/x.ics", "/") == "https://other.acme.test/x.ics"
        assert dav.absolute(api, "/a%20b/") == "https://calendar.acme.test:8443/dav/a%20b/"


@pytest.mark.parametrize(
    ("status", "condition", "error"),
    [
        (403, "<C:valid-calendar-data/>", Rejected),
        (403, "<C:max-resource-size/>", Rejected),
        (403, "<need-privileges/>", None),
        (500, "<C:valid-calendar-data/>", None),
    ],
)
def test_a_precondition_is_about_the_event(status: int, condition: str, error: type[Exception] | None) -> None:
    body = f'<error xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">{condition}</error>'
    found = judge("caldav", status, {}, body)
    assert found is None if error is None else isinstance(found, error)
    assert judge("caldav", 403, {}, "Forbidden") is None


@pytest.mark.parametrize("body", ["nonsense", "<a/>", "<multistatus xmlns='DAV:'/>"])
def test_what_is_no_multistatus_is_no_empty_account(body: str) -> None:
    answer = httpx.Response(207, text=body, headers={"Content-Type": "text/xml"})
    with opened(lambda _: answer) as api, pytest.raises(Unreachable):
        read(api)


def test_forbidden_is_forbidden() -> None:
    with opened(lambda _: httpx.Response(403, text="Access forbidden.")) as api, pytest.raises(Unauthorized):
        read(api)


def test_names_in_xml_are_data_and_not_markup() -> None:
    seen: list[str] = []

    def keep(request: httpx.Request) -> httpx.Response:
        seen.append(request.content.decode())
        return httpx.Response(201)

    with opened(keep) as api:
        dav.make_calendar(api, "/171/calendars/x/", "Smith & <Sons>")
    assert "Smith &amp; &lt;Sons&gt;" in seen[0]
    told = ET.fromstring(seen[0])  # noqa: S314 - our own request
    assert [one.get("name") for one in told.iter("{urn:ietf:params:xml:ns:caldav}comp")] == ["VEVENT"]
    assert told.findtext(".//{DAV:}displayname") == "Smith & <Sons>"
