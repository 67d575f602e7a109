"""What Salesforce's description leaves out: query, composite, collections, bulk, limits (facts.md, Gaps).

The shapes are those of the fact sheet's recorded answers, so that every call of the connector and of the vendor's own
client is held against something.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.vendors.differences import (
    INTEGER,
    OAUTH_REFUSAL,
    STRING,
    Differences,
    ExtraPath,
    Node,
    json_content,
    record,
    token_item,
)

ROOT = "/services/data/{version}"
BOOLEAN: Node = {"type": "boolean"}
FREE: Node = {"type": "object", "additionalProperties": True}
ERROR = record({"message": STRING, "errorCode": STRING}, {"fields": {"type": "array", "items": STRING}})
ERRORS: Node = {"type": "array", "items": ERROR, "minItems": 1}
_ROW_ERROR = record({"statusCode": STRING, "message": STRING, "fields": {"type": "array", "items": STRING}})
SAVED = record(
    {"success": BOOLEAN, "errors": {"type": "array", "items": _ROW_ERROR}}, {"id": STRING, "created": BOOLEAN}
)
SAVED_MANY: Node = {"type": "array", "items": SAVED, "maxItems": 200}
_SHOWN = {"type": "object", "required": ["attributes"], "additionalProperties": True}
FOUND = record(
    {"totalSize": INTEGER, "done": BOOLEAN, "records": {"type": "array", "items": _SHOWN}}, {"nextRecordsUrl": STRING}
)
_MARKED = {"type": "object", "required": ["attributes"], "additionalProperties": True}
MANY = record({"records": {"type": "array", "items": _MARKED, "maxItems": 200}}, {"allOrNone": BOOLEAN})
WINDOW = record(
    {"ids": {"type": "array", "items": STRING}, "latestDateCovered": {"type": "string", "format": "date-time"}}
)
_LIST: Node = {"type": "array", "items": STRING}
FETCH = record({"ids": _LIST, "fields": _LIST})
_SUB = record({"method": STRING, "url": STRING, "referenceId": STRING}, {"body": FREE})
_SUB_ANSWER = record({"body": {}, "httpHeaders": FREE, "httpStatusCode": INTEGER, "referenceId": STRING})
_STATES = {"enum": ["Open", "UploadComplete", "InProgress", "JobComplete", "Failed", "Aborted"]}
_TEXTS = (
    "object", "contentUrl", "concurrencyMode", "contentType", "lineEnding", "columnDelimiter", "externalIdFieldName",
    "createdById", "createdDate", "systemModstamp", "errorMessage",
)  # fmt: skip
_COUNTS = ("numberRecordsProcessed", "numberRecordsFailed", "retries")
JOB = record(
    {"id": STRING, "state": _STATES, "jobType": STRING, "apiVersion": {"type": "number"}, "operation": STRING},
    {**dict.fromkeys(_TEXTS, STRING), **dict.fromkeys(_COUNTS, INTEGER)},
)
_OPERATION = {"enum": ["insert", "update", "upsert", "delete", "hardDelete"]}
INGEST = record(
    {"object": STRING, "operation": _OPERATION},
    {"externalIdFieldName": STRING, "contentType": STRING, "lineEnding": STRING, "columnDelimiter": STRING},
)
QUERY_JOB = record({"operation": {"enum": ["query", "queryAll"]}, "query": STRING},
                   {"contentType": STRING, "columnDelimiter": STRING, "lineEnding": STRING})  # fmt: skip
_LIMIT = record({"Max": INTEGER, "Remaining": INTEGER})
LIMITS = {"type": "object", "additionalProperties": _LIMIT, "required": ["DailyApiRequests"]}
VERSIONS = {"type": "array", "items": record({"label": STRING, "url": STRING, "version": STRING})}
FAILURES = {str(status): json_content(ERRORS) for status in (400, 401, 403, 404, 405, 412, 413, 414, 415, 500, 503)}
CSV: Node = {"content": {"text/csv": {"schema": STRING}}}


def _asked(*names: str, optional: tuple[str, ...] = ()) -> list[Node]:
    told: list[Node] = [{"name": name, "in": "query", "required": True, "schema": STRING} for name in names]
    return told + [{"name": name, "in": "query", "schema": STRING} for name in optional]


def _call(answers: Mapping[str, Any], *, sent: Any = None, parameters: list[Node] | None = None) -> Node:
    told: dict[str, Any] = {"responses": {**FAILURES, **answers}, "parameters": parameters or []}
    return told if sent is None else told | {"requestBody": {"required": True, **sent}}


_OK = {name: {"200": json_content(schema)} for name, schema in
       (("found", FOUND), ("many", SAVED_MANY), ("job", JOB), ("limits", LIMITS), ("window", WINDOW))}  # fmt: skip
_QUERY = {"get": _call(_OK["found"], parameters=_asked("q"))}
_UPSERTED = {
    "200": json_content(SAVED),
    "201": json_content(SAVED),
    "300": json_content({"type": "array", "items": STRING}),
}
_READ_MANY = {"200": json_content({"type": "array", "items": {"anyOf": [_SHOWN, {"enum": [None]}]}})}
_RESULTS = {"get": _call({"200": CSV})}
PATHS: Mapping[str, Node] = {
    "/query": _QUERY,
    "/queryAll": _QUERY,
    "/query/{locator}": {"get": _call(_OK["found"])},
    "/limits": {"get": _call(_OK["limits"])},
    "/sobjects/{object}/updated": {"get": _call(_OK["window"], parameters=_asked("start", "end"))},
    "/sobjects/{object}/{field}/{value}": {
        "get": _call({"200": json_content(_SHOWN)}, parameters=_asked(optional=("fields",))),
        "patch": _call(_UPSERTED, sent=json_content(FREE), parameters=_asked(optional=("updateOnly",))),
    },
    "/composite": {
        "post": _call(
            {"200": json_content(record({"compositeResponse": {"type": "array", "items": _SUB_ANSWER}}))},
            sent=json_content(record({"compositeRequest": {"type": "array", "items": _SUB}}, {"allOrNone": BOOLEAN})),
        )
    },
    "/composite/sobjects": {
        "post": _call(_OK["many"], sent=json_content(MANY)),
        "patch": _call(_OK["many"], sent=json_content(MANY)),
        "delete": _call(_OK["many"], parameters=_asked("ids", optional=("allOrNone",))),
    },
    "/composite/sobjects/{object}/{field}": {"patch": _call(_OK["many"], sent=json_content(MANY))},
    "/composite/sobjects/{object}": {
        "get": _call(_READ_MANY, parameters=_asked("ids", "fields")),
        "post": _call(_READ_MANY, sent=json_content(FETCH)),
    },
    "/jobs/ingest": {"post": _call(_OK["job"], sent=json_content(INGEST))},
    "/jobs/ingest/{id}": {
        "get": _call(_OK["job"]),
        "patch": _call(_OK["job"], sent=json_content(record({"state": {"enum": ["UploadComplete", "Aborted"]}}))),
        "delete": _call({"204": {}}),
    },
    "/jobs/ingest/{id}/batches": {"put": _call({"201": {}}, sent={"content": {"text/csv": {"schema": STRING}}})},
    **{f"/jobs/ingest/{{id}}/{name}": _RESULTS for name in (
        "successfulResults", "failedResults", "unprocessedrecords", "unprocessedRecords")},
    "/jobs/query": {"post": _call(_OK["job"], sent=json_content(QUERY_JOB))},
    "/jobs/query/{id}": {"get": _call(_OK["job"])},
    "/jobs/query/{id}/results": {"get": _call({"200": CSV}, parameters=_asked(optional=("locator", "maxRecords")))},
}  # fmt: skip
_FORM = record(
    {"grant_type": {"enum": ["refresh_token", "authorization_code", "client_credentials"]}},
    {"refresh_token": STRING, "code": STRING, "redirect_uri": STRING, "client_id": STRING, "client_secret": STRING},
)
_TOKEN = record(
    {"access_token": STRING, "token_type": STRING, "instance_url": STRING, "id": STRING, "issued_at": STRING},
    {"refresh_token": STRING, "scope": STRING, "signature": STRING},
)

SALESFORCE = Differences(
    extra_paths=(
        ExtraPath(path="/services/oauth2/token", item=token_item(_FORM, _TOKEN, OAUTH_REFUSAL),
                  source="facts.md, Base URL, auth"),
        ExtraPath(path="/services/data", item={"get": {"responses": {"200": json_content(VERSIONS)}}},
                  source="facts.md, Base URL, auth"),
        *(ExtraPath(path=f"{ROOT}{path}{slash}", item=item, source="facts.md, Gaps; SDKs against a local simulator")
          for path, item in PATHS.items() for slash in ("", "/")),
    ),
    # facts.md, Idempotency, concurrency: 412 on a change too, which the description knows of reads alone
    extra_answers={412: ERRORS},
    servers=tuple(f"/services/data/v{number}.0" for number in range(55, 70)),  # SOURCE.md: servers are left out
    # as the vendor's own client spells them (facts.md, SDKs against a local simulator)
    aliases={f"{path}/": path for path in (
        "/sobjects", "/sobjects/Account", "/sobjects/Contact", "/sobjects/{sObject}/deleted")},
    free_members=r"__[cr]$|^attributes$",  # an organisation's own fields (SOURCE.md)
    unset=True,  # facts.md, Reads: what is not set is null, in every record
)  # fmt: skip
