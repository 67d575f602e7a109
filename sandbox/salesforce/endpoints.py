"""The endpoints: objects and their records, queries, windows, collections, calls in one, bulk jobs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute

from sandbox.salesforce import bulk, grouped, limits, windows
from sandbox.salesforce.catalog import KINDS, Kind, described, kind_of, summary
from sandbox.salesforce.dialect import Failure, answer, attributes, bad, instant, missing
from sandbox.salesforce.keeping import change, create, existing, matching
from sandbox.salesforce.querying import Sight, found, shown, wire
from sandbox.salesforce.routes import Call, Table, mounted, nowhere, outer
from sandbox.salesforce.soql import parse
from sandbox.store import Store
from sandbox.twin import Record

PAGE, SMALLEST = 2000, 200
LOCATOR_LIFE = timedelta(days=2)
MOST_CALLS = 25


def routes(store: Store) -> Sequence[BaseRoute]:
    """Paths as the vendor writes them."""
    return [*outer(store), *mounted(store, _table()), nowhere(store)]


def _table() -> Table:
    record, outside = "/sobjects/{object}/{id}", "/sobjects/{object}/{field}/{value}"
    ingest, job = "/jobs/ingest", "/jobs/ingest/{id}"
    return (
        ("GET", "/limits", lambda call: answer(limits.told(call.store))),
        ("GET", "/query", lambda call: _query(call, bin=False)),
        ("GET", "/queryAll", lambda call: _query(call, bin=True)),
        ("GET", "/query/{locator}", _more),
        ("GET", "/sobjects", _objects),
        ("GET", "/sobjects/{object}", lambda call: answer({"objectDescribe": summary(_kind(call)), "recentItems": []})),
        ("GET", "/sobjects/{object}/describe", lambda call: answer(described(_kind(call)))),
        ("GET", "/sobjects/{object}/updated", _updated),
        ("GET", "/sobjects/{object}/deleted", _deleted),
        ("POST", "/sobjects/{object}", _create),
        ("GET", record, _read), ("PATCH", record, _change), ("DELETE", record, _delete),
        ("GET", outside, _read_outside), ("PATCH", outside, _upsert),
        ("POST", "/composite/sobjects", lambda call: _collection(call, grouped.inserted)),
        ("PATCH", "/composite/sobjects", lambda call: _collection(call, grouped.updated)),
        ("DELETE", "/composite/sobjects", _delete_many),
        ("PATCH", "/composite/sobjects/{object}/{field}", _upsert_many),
        ("GET", "/composite/sobjects/{object}", _fetch_few), ("POST", "/composite/sobjects/{object}", _fetch_many),
        ("POST", "/composite", _composite),
        ("POST", ingest, lambda call: answer(bulk.open_ingest(call.store, call.body(), call.version))),
        ("GET", job, lambda call: answer(bulk.told(call.store, call.at("id")))),
        ("PATCH", job, lambda call: answer(bulk.advance(call.store, call.at("id"), call.body()))),
        ("DELETE", job, _forget_job),
        ("PUT", f"{job}/batches", _upload),
        ("GET", f"{job}/{{rows}}", _ingest_results),
        ("POST", "/jobs/query", lambda call: answer(bulk.open_query(call.store, call.body(), call.version))),
        ("GET", "/jobs/query/{id}", lambda call: answer(bulk.query_told(call.store, call.at("id")))),
        ("GET", "/jobs/query/{id}/results", _query_results),
    )  # fmt: skip


def _kind(call: Call) -> Kind:
    kind = kind_of(call.at("object"))
    if kind is None:
        raise missing()
    return kind


def _query(call: Call, *, bin: bool) -> Response:
    """The first page of a statement; the rest waits under a locator."""
    query = parse(call.query.get("q", ""))
    sight = Sight(store=call.store, bin=bin)
    rows = found(sight, query)
    if query.count:
        return answer({"totalSize": len(rows), "done": True, "records": []})
    records = shown(sight, query, rows, call.version)
    if call.store.faults.take("truncated_page", "GET", call.path) is not None:
        records, rows = records[: len(records) // 2], rows[: len(rows) // 2]
        return answer({"totalSize": 2 * len(rows) + 1, "done": True, "records": records})
    return _page(call, f"0r8dM{call.store.next_id('locators'):013d}", records, 0)


def _more(call: Call) -> Response:
    locator, _, at = call.at("locator").rpartition("-")
    held = _locators(call.store).get(locator)
    if held is None or call.store.clock.now() - held[0] > LOCATOR_LIFE:
        raise bad("INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(call, locator, held[1], int(at))


def _page(call: Call, locator: str, records: list[Record], at: int) -> Response:
    size = min(PAGE, max(SMALLEST, _asked_size(call)))
    body: Record = {"totalSize": len(records), "done": at + size >= len(records)}
    if not body["done"]:
        _locators(call.store)[locator] = (call.store.clock.now(), records)
        body["nextRecordsUrl"] = f"/services/data/{call.version}/query/{locator}-{at + size}"
    return answer(body | {"records": records[at : at + size]})


def _asked_size(call: Call) -> int:
    _, _, number = call.request.headers.get("sforce-query-options", "").partition("batchSize=")
    return int(number) if number.strip().isdigit() else PAGE


def _locators(store: Store) -> dict[str, tuple[datetime, list[Record]]]:
    found: dict[str, tuple[datetime, list[Record]]] = store.bag.setdefault("locators", {})
    return found


def _objects(_call: Call) -> Response:
    return answer({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [summary(kind) for kind in KINDS.values()]})


def _updated(call: Call) -> Response:
    return answer(windows.updated(call.store, _kind(call), call.query))


def _deleted(call: Call) -> Response:
    return answer(windows.deleted(call.store, _kind(call), call.query))


def _create(call: Call) -> Response:
    kind = _kind(call)
    id = create(call.store, kind, call.body())["Id"]
    return answer(grouped.saved(id), 201, {"Location": f"/services/data/{call.version}/sobjects/{kind.name}/{id}"})


def _read(call: Call) -> Response:
    kind = _kind(call)
    return _record(call, kind, existing(call.store, kind, call.at("id")))


def _read_outside(call: Call) -> Response:
    return _record(call, _kind(call), _only(call))


def _only(call: Call) -> Record:
    """The one record of an external id. Failure 300 when there are several, 404 when there is none."""
    rows = matching(call.store, _kind(call), call.at("field"), call.at("value"))
    if not rows:
        raise missing()
    if len(rows) > 1:
        raise Failure(status=300, code="MULTIPLE_CHOICES", message="several records have this value")
    return rows[0]


def _record(call: Call, kind: Kind, record: Record) -> Response:
    """All readable fields, or those asked for."""
    names = [name for name in call.query.get("fields", "").split(",") if name] or list(kind.members)
    members = [kind.member(name) for name in names]
    if None in members:
        raise bad("INVALID_FIELD", f"No such column '{names[members.index(None)]}' on entity '{kind.name}'.")
    told = {"attributes": attributes(kind.name, record["Id"], call.version)}
    told |= {one.name: wire(one, record.get(one.name)) for one in members if one is not None}
    headers = {"Last-Modified": format_datetime(_stamped(record), usegmt=True)}
    if kind.name == "Account":
        headers["ETag"] = _etag(record)
    if (since := _asked(call, "if-modified-since")) and _stamped(record) <= since:
        return Response(status_code=304, headers=headers)
    return answer(told, headers=headers)


def _stamped(record: Record) -> datetime:
    return instant(record["SystemModstamp"], "SystemModstamp").replace(microsecond=0)


def _etag(record: Record) -> str:
    return f'"{record["SystemModstamp"]}--gzip"'


def _asked(call: Call, header: str) -> datetime | None:
    text = call.request.headers.get(header)
    try:
        return parsedate_to_datetime(text) if text else None
    except ValueError as problem:
        raise bad("INVALID_HEADER", f"{header} is no date") from problem


def _unchanged(call: Call, kind: Kind, record: Record) -> None:
    """Failure 412 where the record moved on since what the call shows (Idempotency, concurrency)."""
    since, tag = _asked(call, "if-unmodified-since"), call.request.headers.get("if-match")
    moved = since is not None and _stamped(record) > since
    other = kind.name == "Account" and tag is not None and tag != _etag(record)
    if moved or other:
        raise Failure(status=412, code="PRECONDITION_FAILED", message="The record was modified since")


def _change(call: Call) -> Response:
    kind = _kind(call)
    record = existing(call.store, kind, call.at("id"))
    _unchanged(call, kind, record)
    change(call.store, kind, record, call.body())
    return answer(None, 204)


def _delete(call: Call) -> Response:
    kind = _kind(call)
    grouped.delete(call.store, kind, existing(call.store, kind, call.at("id")))
    return answer(None, 204)


def _upsert(call: Call) -> Response:
    kind, name, value = _kind(call), call.at("field"), call.at("value")
    rows = matching(call.store, kind, name, value)
    if len(rows) > 1:
        return answer([f"/services/data/{call.version}/sobjects/{kind.name}/{one['Id']}" for one in rows], 300)
    if not rows and call.query.get("updateOnly") == "true":
        raise missing()
    told = grouped.upserted(call.store, kind, name, value, call.body())
    place = {"Location": f"/services/data/{call.version}/sobjects/{kind.name}/{told['id']}"} if told["created"] else {}
    return answer(told, 201 if told["created"] else 200, place)


def _collection(call: Call, act: Any) -> Response:
    rows, whole = call.rows()
    grouped.chunked(rows)
    return answer(grouped.done(call.store, rows, lambda row: act(call.store, row), whole=whole, path=call.path))


def _upsert_many(call: Call) -> Response:
    rows, whole = call.rows()
    kind, name = _kind(call), call.at("field")
    matching(call.store, kind, name, "-")  # whether records can be found by it at all
    return answer(
        grouped.done(call.store, rows, grouped.upserting(call.store, kind, name), whole=whole, path=call.path)
    )


def _delete_many(call: Call) -> Response:
    ids = [id for id in call.query.get("ids", "").split(",") if id]
    whole = call.query.get("allOrNone") == "true"
    return answer(grouped.done(call.store, ids, grouped.removing(call.store), whole=whole, path=call.path))


def _fetch_few(call: Call) -> Response:
    return _fetched(call, call.query.get("ids", "").split(","), call.query.get("fields", "").split(","))


def _fetch_many(call: Call) -> Response:
    told = call.body()
    return _fetched(call, told.get("ids", []), told.get("fields", []))


def _fetched(call: Call, ids: Sequence[str], names: Sequence[str]) -> Response:
    return answer(grouped.fetched(call.store, _kind(call), ids, names, call.version))


def _composite(call: Call) -> Response:
    """Several calls of records in one; later ones may refer to what earlier ones made."""
    told, results = call.body(), dict[str, Any]()
    parts = told.get("compositeRequest")
    if not isinstance(parts, list) or len(parts) > MOST_CALLS:
        raise bad("INVALID_INPUT", f"A composite request has 1 to {MOST_CALLS} subrequests")
    answers = [_sub(call, part, results) for part in parts]
    return answer({"compositeResponse": answers})


def _sub(call: Call, part: Mapping[str, Any], results: dict[str, Any]) -> Record:
    text = json.dumps({"url": part["url"], "body": part.get("body")})
    for name, body in results.items():
        text = text.replace(f"@{{{name}.id}}", str((body or {}).get("id")))
    asked = json.loads(text)
    path, _, query = str(asked["url"]).partition("?")
    steps = path.strip("/").split("/")[3:]
    status, body = 200, None
    try:
        status, body = _single(call, str(part["method"]), steps, dict(parse_qsl(query)), asked["body"] or {})
    except Failure as problem:
        status, body = problem.status, [problem.entry()]
    results[str(part["referenceId"])] = body if isinstance(body, dict) else {}
    return {"body": body, "httpHeaders": {}, "httpStatusCode": status, "referenceId": part["referenceId"]}


def _single(call: Call, method: str, steps: list[str], query: Mapping[str, str], body: Record) -> tuple[int, Any]:
    """One call of a composite: a record made, changed, deleted or found."""
    store = call.store
    if (method, steps[:1]) == ("GET", ["query"]):
        asked, sight = parse(query.get("q", "")), Sight(store=store)
        rows = shown(sight, asked, found(sight, asked), call.version)
        return 200, {"totalSize": len(rows), "done": True, "records": rows}
    kind = kind_of(steps[1]) if len(steps) > 1 and steps[0] == "sobjects" else None
    if kind is None:
        raise missing()
    if method == "POST":
        return 201, grouped.saved(create(store, kind, body)["Id"])
    if method == "PATCH" and len(steps) == 4:
        told = grouped.upserted(store, kind, steps[2], steps[3], body)
        return (201 if told["created"] else 200), told
    record = existing(store, kind, steps[2])
    if method == "PATCH":
        change(store, kind, record, body)
    elif method == "DELETE":
        grouped.delete(store, kind, record)
    return 204, None


def _upload(call: Call) -> Response:
    bulk.upload(call.store, call.at("id"), call.content)
    return Response(status_code=201)


def _ingest_results(call: Call) -> Response:
    """Rows of a job that was taken on; clients write the last name in two ways."""
    which = {"successfulresults": "good", "failedresults": "bad", "unprocessedrecords": "rest"}
    if (name := call.at("rows").lower()) not in which:
        raise missing()
    return _csv(bulk.result(call.store, call.at("id"), which[name]))


def _forget_job(call: Call) -> Response:
    bulk.forget(call.store, call.at("id"))
    return answer(None, 204)


def _csv(text: str, headers: Mapping[str, str] | None = None) -> Response:
    return PlainTextResponse(text, headers=dict(headers or {}), media_type="text/csv")


def _query_results(call: Call) -> Response:
    return _csv(*bulk.query_result(call.store, call.at("id"), call.query))
