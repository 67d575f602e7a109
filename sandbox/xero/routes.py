"""The vendor's routes over a store: who may call, what is asked, how it is answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.respelling import Members, respelled
from sandbox.store import Store
from sandbox.twin import Record
from sandbox.xero import auth, calling, contacts, documents, items, payments
from sandbox.xero.calling import Outcome
from sandbox.xero.dialect import Blocked, Invalid, Refused, bad_body, blocked, envelope, missing, net
from sandbox.xero.documents import CREDITS, INVOICES, Kind
from sandbox.xero.listing import Asked, listed, of, paged, since_of

ROOT = "/api.xro/2.0"
Write = Callable[[Store, Record, int], Record]
Change = Callable[[Store, str, Record, int], Record]
_RESPELT = Members(
    texts=frozenset({"Name", "FirstName", "LastName", "AddressLine1", "City", "Region", "InvoiceNumber"}),
    notes=frozenset({"Reference", "Description"}),
    phones=frozenset({"PhoneNumber"}),
    amounts=frozenset({"UnitAmount"}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One kind of record: its name in paths and envelopes, where it is kept, and what can be done to it."""

    name: str
    collection: str
    id: str
    show: Callable[[Store, Record, bool], Record] = lambda _store, record, _lines: record
    existing: Callable[[Store, str], Record] | None = None
    put: Write | None = None
    post: Write | None = None
    change: Change | None = None
    delete: Callable[[Store, str], None] | None = None
    pages: bool = True


def _document(kind: Kind, name: str, *, post: bool) -> Place:
    return Place(
        name=name, collection=kind.collection, id=kind.id,
        show=lambda store, record, lines: documents.shown(store, record, lines=lines),
        existing=lambda store, key: documents.existing(store, kind, key),
        put=lambda store, given, places: documents.create(store, kind, given, places),
        post=(lambda store, given, places: documents.upsert(store, kind, given, places)) if post else None,
        change=lambda store, key, given, places: documents.change(store, kind, key, given, places),
    )  # fmt: skip


def _payment(store: Store, id: str) -> Record:
    record = store.get("payments", id)
    if record is None:
        raise missing()
    return record


PLACES = (
    Place(
        name="Contacts", collection="contacts", id="ContactID", existing=contacts.existing,
        put=lambda store, given, _: contacts.create(store, given),
        post=lambda store, given, _: contacts.upsert(store, given),
        change=lambda store, key, given, _: contacts.change(store, key, given),
    ),
    _document(INVOICES, "Invoices", post=True),
    _document(CREDITS, "CreditNotes", post=False),
    Place(
        name="Payments", collection="payments", id="PaymentID", existing=_payment,
        show=lambda store, record, _: payments.shown(store, record),
        put=lambda store, given, _: payments.create(store, given),
        change=lambda store, key, given, _: payments.undo(store, key, given),
    ),
    Place(
        name="Items", collection="items", id="ItemID", existing=items.existing, pages=False,
        put=lambda store, given, _: items.create(store, given),
        post=lambda store, given, _: items.upsert(store, given),
        change=lambda store, key, given, _: items.change(store, key, given), delete=items.delete,
    ),
    Place(name="Accounts", collection="accounts", id="AccountID", pages=False),
    Place(name="TaxRates", collection="taxrates", id="TaxType", pages=False),
    Place(name="Organisation", collection="organisations", id="OrganisationID", pages=False),
)  # fmt: skip
PLURAL = {"Organisation": "Organisations"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, read."""

    request: Request
    body: bytes

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.query_params

    @property
    def places(self) -> int:
        return 4 if self.query.get("unitdp") == "4" else 2

    def record(self, name: str) -> list[Record]:
        """The records of the body: one object, or a list under the name of their kind."""
        try:
            told = json.loads(self.body)
        except ValueError as problem:
            raise bad_body("The body is not valid JSON") from problem
        rows = told.get(name, [told]) if isinstance(told, dict) else None
        if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
            raise bad_body(f"The body holds no {name}")
        return rows


Work = Callable[[Store, Call], Outcome]


def routes(store: Store) -> Sequence[BaseRoute]:
    """Paths as the vendor writes them."""
    found: list[BaseRoute] = []
    for place in PLACES:
        base = f"{ROOT}/{place.name}"
        found += [Route(base, _handler(store, work), methods=[method]) for method, work in _collection(place)]
        found += [Route(f"{base}/{{id}}", _handler(store, work), methods=[method]) for method, work in _single(place)]
    found += [
        Route(f"{ROOT}/Invoices/{{id}}/Email", _handler(store, _email), methods=["POST"]),
        Route(f"{ROOT}/Invoices/{{id}}/History", _handler(store, _history), methods=["GET"]),
        Route(f"{ROOT}/Invoices/{{id}}/History", _handler(store, _note), methods=["PUT"]),
        Route("/connect/token", _token(store), methods=["POST"]),
    ]
    for spelt in ("connections", "Connections"):  # as the guide writes it, and as the vendor's client does
        found.append(Route(f"/{spelt}", _handler(store, _connections, tenant=False), methods=["GET"]))
        found.append(Route(f"/{spelt}/{{id}}", _handler(store, _disconnect, tenant=False), methods=["DELETE"]))
    return [*found, Route("/{path:path}", _handler(store, _nowhere), methods=["GET", "PUT", "POST", "DELETE"])]


def _collection(place: Place) -> list[tuple[str, Work]]:
    works: list[tuple[str, Work]] = [("GET", _list(place))]
    works += [("PUT", _many(place, place.put))] if place.put else []
    return works + ([("POST", _many(place, place.post))] if place.post else [])


def _single(place: Place) -> list[tuple[str, Work]]:
    works: list[tuple[str, Work]] = [("GET", _read(place))] if place.existing else []
    works += [("POST", _change(place, place.change))] if place.change else []
    return works + ([("DELETE", _delete(place.delete))] if place.delete else [])


def _handler(store: Store, work: Work, *, tenant: bool = True) -> Callable[[Request], Any]:
    async def handle(request: Request) -> Response:
        call = Call(request=request, body=await request.body())
        return await run_in_threadpool(_answered, store, call, work, tenant)

    return handle


def _answered(store: Store, call: Call, work: Work, tenant: bool) -> Response:
    request, left = call.request, dict[str, str]()
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    with store.lock:
        try:
            auth.check(store, request.headers, tenant=tenant)
            left = dict(calling.count(store, request.method, path))
            key = request.headers.get("idempotency-key") if request.method in ("PUT", "POST") else None
            asked = (request.method, path, call.body)
            outcome = calling.once(store, key, asked, lambda: work(store, call))
        except Blocked as problem:
            return blocked(problem)
        except Refused as problem:
            return JSONResponse(problem.body(), status_code=400, headers=left)
    if outcome.body is None:
        return Response(status_code=outcome.status, headers=left)
    body = outcome.body.get("", outcome.body)  # a bare list has no name
    return JSONResponse(body, status_code=outcome.status, headers=left)


def _list(place: Place) -> Work:
    def work(store: Store, call: Call) -> Outcome:
        asked = Asked(query=call.query, since=since_of(call.request.headers.get("if-modified-since")))
        rows = listed(of(store, place.collection, call.query), place.id, asked)
        page, told = paged(rows, call.query) if place.pages else (rows, {})
        if store.faults.take("truncated_page", "GET", call.request.url.path) is not None:
            page = page[: len(page) // 2]
        shown = [place.show(store, one, "page" in call.query) for one in page]
        return Outcome(status=200, body=envelope(store, PLURAL.get(place.name, place.name), shown, **told))

    return work


def _read(place: Place) -> Work:
    def work(store: Store, call: Call) -> Outcome:
        assert place.existing is not None  # noqa: S101 - only such places have this route
        record = place.existing(store, call.request.path_params["id"])
        return Outcome(status=200, body=envelope(store, place.name, [place.show(store, record, True)]))

    return work


def _many(place: Place, write: Write) -> Work:
    """Each record by itself; refused as a whole or each for its own reasons (Many at once)."""

    def work(store: Store, call: Call) -> Outcome:
        whole = call.query.get("summarizeErrors", "true").lower() != "false"
        given_rows, elements, start = call.record(place.name), [], store.sequence()
        kept = store.copied() if whole and len(given_rows) > 1 else None
        for given in given_rows:
            try:
                record = write(store, _spelt(store, call, given), call.places)
                elements.append(place.show(store, record, True) | ({} if whole else {"StatusAttributeString": "OK"}))
            except Invalid as problem:
                elements.append(_complained(given, problem) | ({} if whole else {"StatusAttributeString": "ERROR"}))
        if whole and any("ValidationErrors" in one for one in elements):
            if kept is not None:
                _restore(store, kept, start)
            return _invalid(elements)
        return Outcome(status=200, body=envelope(store, place.name, elements))

    return work


def _restore(store: Store, kept: Store, start: int) -> None:
    """Nothing of a request that is refused as a whole was done."""
    for place in PLACES:
        for id in {entry.id for entry in store.since(place.collection, start)}:
            if (before := kept.get(place.collection, id)) is None:
                store.delete(place.collection, id)
            else:
                store.put(place.collection, id, before)


def _change(place: Place, change: Change) -> Work:
    def work(store: Store, call: Call) -> Outcome:
        given = _spelt(store, call, call.record(place.name)[0])
        try:
            record = change(store, call.request.path_params["id"], given, call.places)
        except Invalid as problem:
            return _invalid([_complained(given, problem)])
        return Outcome(status=200, body=envelope(store, place.name, [place.show(store, record, True)]))

    return work


def _delete(delete: Callable[[Store, str], None]) -> Work:
    def work(store: Store, call: Call) -> Outcome:
        delete(store, call.request.path_params["id"])
        return Outcome(status=204, body=None)

    return work


def _complained(given: Record, problem: Invalid) -> Record:
    return given | {"ValidationErrors": [{"Message": text} for text in problem.messages]}


def _invalid(elements: Sequence[Record]) -> Outcome:
    said = {"ErrorNumber": 10, "Type": "ValidationException", "Message": "A validation exception occurred"}
    return Outcome(status=400, body=said | {"Elements": list(elements)})


def _spelt(store: Store, call: Call, given: Record) -> Record:
    fault = store.faults.take("rewritten_values", call.request.method, call.request.url.path)
    kept: Record = given if fault is None else respelled(given, fault.form or "trim", _RESPELT)
    return kept


def _email(store: Store, call: Call) -> Outcome:
    record = documents.existing(store, INVOICES, call.request.path_params["id"])
    if record["Status"] not in ("AUTHORISED", "PAID"):
        return _invalid([_complained({}, Invalid(messages=["The document must be approved before it is sent"]))])
    store.put("invoices", record["InvoiceID"], record | {"SentToContact": True})
    return Outcome(status=204, body=None)


def _history(store: Store, call: Call) -> Outcome:
    id = documents.existing(store, INVOICES, call.request.path_params["id"])["InvoiceID"]
    rows = [one["note"] for one in store.all("history") if one["of"] == id]
    return Outcome(status=200, body=envelope(store, "HistoryRecords", rows))


def _note(store: Store, call: Call) -> Outcome:
    id, now = documents.existing(store, INVOICES, call.request.path_params["id"])["InvoiceID"], store.clock.now()
    notes = [
        {"Changes": "Note", "Details": str(one.get("Details", "")), "User": "System Generated", "DateUTC": net(now),
         "DateUTCString": f"{now:%Y-%m-%dT%H:%M:%S}"}
        for one in call.record("HistoryRecords")
    ]  # fmt: skip
    for note in notes:
        store.put("history", str(store.next_id("history")), {"of": id, "note": note})
    return Outcome(status=200, body=envelope(store, "HistoryRecords", notes))


def _connections(store: Store, _call: Call) -> Outcome:
    name = next(iter(store.all("organisations")))["Name"]
    return Outcome(status=200, body={"": auth.connections(store, name)})


def _disconnect(store: Store, call: Call) -> Outcome:
    auth.disconnect(store, call.request.path_params["id"])
    return Outcome(status=204, body=None)


def _nowhere(_store: Store, _call: Call) -> Outcome:
    raise missing()


def _token(store: Store) -> Callable[[Request], Any]:
    async def handle(request: Request) -> Response:
        form = await request.body()
        with store.lock:
            try:
                return JSONResponse(auth.renewed(store, request.headers.get("authorization", ""), form))
            except auth.GrantRefused as refused:
                return JSONResponse(refused.body, status_code=refused.status)

    return handle
