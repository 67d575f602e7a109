"""Where a vendor's description and its real interface are known to differ: the one table of exceptions.

Every entry names its source: a section of ``vendors/<system>/facts.md`` or of ``SOURCE.md``. What is not here is held
against the description to the letter.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.vendors.beyond_salesforce import SALESFORCE
from tests.vendors.differences import (
    INTEGER,
    MAYBE_STRING,
    OAUTH_REFUSAL,
    STRING,
    Differences,
    ExtraPath,
    Node,
    Patch,
    component,
    json_content,
    record,
    token_item,
)

# --- HubSpot -------------------------------------------------------------------------------------------------------

_HUBSPOT_OBJECTS = ("SimplePublicObject", "SimplePublicObjectWithAssociations", "SimplePublicUpsertObject")
_HUBSPOT_SHORT_ERROR = record(
    {"status": STRING, "message": STRING, "correlationId": STRING},
    {"category": STRING, "errorType": STRING, "policyName": STRING, "requestId": STRING},
)
_HUBSPOT_ACCOUNT = record(
    {"portalId": INTEGER, "accountType": STRING, "timeZone": STRING, "companyCurrency": STRING},
    {"utcOffset": STRING, "utcOffsetMilliseconds": INTEGER, "uiDomain": STRING, "dataHostingLocation": STRING,
     "additionalCurrencies": {"type": "array", "items": STRING}},
)  # fmt: skip
_HUBSPOT_SORT = {
    "anyOf": [STRING, record({"propertyName": STRING}, {"direction": {"enum": ["ASCENDING", "DESCENDING"]}})]
}

HUBSPOT = Differences(
    patches=(
        # SOURCE.md, "Known differences": property values may be null although the models say string.
        *(Patch(at=component(name, "properties", "properties", "additionalProperties"), value=MAYBE_STRING,
                source="SOURCE.md, Known differences") for name in _HUBSPOT_OBJECTS),
        # Recorded objects carry the record's address in the vendor's interface.
        *(Patch(at=component(name, "properties", "url"), value=STRING, source="facts.md, Read streams")
          for name in _HUBSPOT_OBJECTS),
        Patch(at=component("PublicObjectSearchRequest", "properties", "sorts", "items"), value=_HUBSPOT_SORT,
              source="SOURCE.md, Known differences"),
        Patch(at=component("Error", "properties", "status"), value=STRING, source="facts.md, Errors"),
    ),
    extra_paths=(
        ExtraPath(path="/account-info/v3/details", source="facts.md, Base URL, auth; SOURCE.md, Known differences",
                  item={"get": {"responses": {"200": json_content(_HUBSPOT_ACCOUNT),
                                              "default": json_content(_HUBSPOT_SHORT_ERROR)}}}),
    ),
    aliases={"/crm/v3/owners": "/crm/v3/owners/"},  # SOURCE.md, Known differences
    # A throttled answer has no category; an unknown path or record answers a short envelope.
    extra_answers=dict.fromkeys((400, 401, 404, 429), _HUBSPOT_SHORT_ERROR),
)  # fmt: skip

# --- QuickBooks Online ---------------------------------------------------------------------------------------------

_LOWER_CASE_FAULT = {
    "type": "object",
    "properties": {
        "fault": record({"error": {"type": "array", "items": {"type": "object", "properties": {
            "message": STRING, "detail": MAYBE_STRING, "code": STRING, "element": MAYBE_STRING}}}, "type": STRING}),
    },
    "required": ["fault"],
    "additionalProperties": True,  # the other members of the vendor's internal envelope, all null
}  # fmt: skip
_INTUIT_TOKEN = record(
    {"token_type": STRING, "access_token": STRING, "refresh_token": STRING, "expires_in": INTEGER,
     "x_refresh_token_expires_in": INTEGER},
    {"x_refresh_token_hard_expires_in": INTEGER, "id_token": STRING},
)  # fmt: skip
_REFRESH_OR_CODE = {"type": "string", "enum": ["refresh_token", "authorization_code"]}
_INTUIT_FORM = record(
    {"grant_type": _REFRESH_OR_CODE}, {"refresh_token": STRING, "code": STRING, "redirect_uri": STRING}
)
_REVOCATION = {"post": {"requestBody": json_content(record({"token": STRING})),
                        "responses": {"200": {}, "400": {}, "401": {}}}}  # fmt: skip
_OPENID = {"get": {"responses": {"200": json_content({"type": "object"})}}}
_INVOICE = "/v3/company/{realmId}/invoice/{id}"
_INCLUDE_LINK = {"name": "include", "in": "query", "schema": {"type": "string", "enum": ["invoiceLink"]}}

QUICKBOOKS_ONLINE = Differences(
    patches=(
        Patch(at=("paths", _INVOICE, "parameters"), value=[_INCLUDE_LINK], source="facts.md, Entities and envelopes"),
    ),
    extra_paths=(
        ExtraPath(path="/oauth2/v1/tokens/bearer", item=token_item(_INTUIT_FORM, _INTUIT_TOKEN),
                  source="facts.md, Base URL, auth"),
        ExtraPath(path="/v2/oauth2/tokens/revoke", item=_REVOCATION, source="facts.md, Base URL, auth"),
        ExtraPath(path="/.well-known/openid_configuration", item=_OPENID, source="facts.md, SDKs"),
    ),
    # facts.md, Errors: a refused token answers in another casing than every other fault.
    extra_answers={401: _LOWER_CASE_FAULT},
)  # fmt: skip

# --- Google Calendar -----------------------------------------------------------------------------------------------

GOOGLE_ERROR = record({"error": record(
    {"errors": {"type": "array", "items": record(
        {"domain": STRING, "reason": STRING, "message": STRING}, {"locationType": STRING, "location": STRING})},
     "code": INTEGER, "message": STRING},
    {"status": STRING},
)})  # fmt: skip
"""facts.md, "Limits and errors": always this envelope."""

_GOOGLE_FORM = record(
    {"grant_type": {"enum": ["refresh_token", "authorization_code", "urn:ietf:params:oauth:grant-type:jwt-bearer"]}},
    {"refresh_token": STRING, "code": STRING, "redirect_uri": STRING, "client_id": STRING, "client_secret": STRING,
     "assertion": STRING, "scope": STRING},
)  # fmt: skip
_GOOGLE_TOKEN = record(
    {"access_token": STRING, "expires_in": INTEGER, "token_type": STRING},
    {"refresh_token": STRING, "scope": STRING, "id_token": STRING},
)

GOOGLE_CALENDAR = Differences(
    kind="discovery",
    documents=("discovery.json", "discovery_directory.json"),
    patches=(
        # facts.md, "Deletion, time, webhooks": the offset may be left out where timeZone is given.
        Patch(at=("schemas", "EventDateTime", "properties", "dateTime", "format"), value="wall-time",
              source="facts.md, Deletion, time, webhooks"),
    ),
    extra_paths=(
        ExtraPath(path="/token", item=token_item(_GOOGLE_FORM, _GOOGLE_TOKEN),
                  source="facts.md, Base and authentication"),
    ),
    batch="/batch/calendar/v3",
)  # fmt: skip

# --- Jobber --------------------------------------------------------------------------------------------------------

_JOBBER_FORM = record(
    {"client_id": STRING, "client_secret": STRING, "grant_type": _REFRESH_OR_CODE},
    {"refresh_token": STRING, "code": STRING, "redirect_uri": STRING},
)
_JOBBER_TOKEN = record(
    {"access_token": STRING, "refresh_token": STRING}, {"expires_at": STRING, "warning": STRING, "expires_in": INTEGER}
)
_JOBBER_REFUSAL = {"type": "object"}  # facts.md gives the sentence of a voided token, not its envelope

JOBBER = Differences(
    kind="graphql",
    documents=("schema.graphql",),
    extra_paths=(
        ExtraPath(path="/api/oauth/token", item=token_item(_JOBBER_FORM, _JOBBER_TOKEN, _JOBBER_REFUSAL),
                  source="facts.md, Endpoint, auth"),
    ),
)  # fmt: skip

CALDAV = Differences(kind="webdav", documents=("exchanges.json",))

# --- read from their OpenAPI documents -----------------------------------------------------------------------------

_CODE_FORM = record(
    {"grant_type": {"enum": ["refresh_token", "authorization_code", "client_credentials"]}},
    {"refresh_token": STRING, "code": STRING, "redirect_uri": STRING, "client_id": STRING, "client_secret": STRING,
     "scope": STRING, "tenant": STRING, "code_verifier": STRING},
)  # fmt: skip
_TOKEN = record(
    {"access_token": STRING, "token_type": STRING},
    {"expires_in": INTEGER, "refresh_token": STRING, "scope": STRING, "id_token": STRING, "created_at": INTEGER,
     "data": {"type": "object"}, "instance_url": STRING, "id": STRING, "issued_at": STRING, "signature": STRING},
)  # fmt: skip


def _token(path: str, source: str, *, refusal: Node = OAUTH_REFUSAL) -> tuple[ExtraPath, ...]:
    return (ExtraPath(path=path, item=token_item(_CODE_FORM, _TOKEN, refusal), source=source),)


_ASANA_ERRORS = record({"errors": {"type": "array", "items": record({"message": STRING}, {"help": STRING})}})
_ASANA_LISTS = {"/tasks": "TaskResponse", "/projects/{project_gid}/tasks": "TaskResponse",
                "/sections/{section_gid}/tasks": "TaskResponse", "/users": "UserResponse"}  # fmt: skip
ASANA = Differences(
    patches=(
        # A list shows more than the compact form when opt_fields asks for it.
        *(
            Patch(
                at=(
                    "paths",
                    path,
                    "get",
                    "responses",
                    "200",
                    "content",
                    "application/json",
                    "schema",
                    "properties",
                    "data",
                    "items",
                ),
                value={"$ref": f"#/components/schemas/{name}"},
                source="facts.md, Base, auth, envelope",
            )
            for path, name in _ASANA_LISTS.items()
        ),
        # A create names project and section by their gids, where the description knows the form of answers alone.
        *(
            Patch(
                at=(*component("TaskBase", "allOf"), 1, "properties", "memberships", "items", "properties", name),
                value={"anyOf": [STRING, {"$ref": f"#/components/schemas/{kind}"}]},
                source="facts.md, Writes",
            )
            for name, kind in (("project", "ProjectCompact"), ("section", "SectionCompact"))
        ),
        # Where nothing was added or removed, the parent is null.
        Patch(
            at=component("EventResponse", "properties", "parent"),
            value={"allOf": [{"$ref": "#/components/schemas/AsanaNamedResource"}, {"nullable": True}]},
            source="facts.md, Incremental",
        ),
    ),
    extra_paths=_token("/-/oauth_token", "facts.md, Base, auth, envelope"),
    extra_answers=dict.fromkeys((402, 412, 429), _ASANA_ERRORS),  # facts.md, Limits, errors
)

XERO = Differences(
    documents=("openapi.json", "openapi_identity.json"),
    patches=(
        # UTC without an offset, as the vendor's own client sends it.
        Patch(at=("components", "parameters", "ifModifiedSince", "schema", "format"), value="wall-time",
              source="facts.md, Paging, filters, increment"),
        # In the vendor's own example too.
        *(Patch(at=component("Connection", "properties", name, "format"), value="wall-time",
                source="facts.md, Base URL, auth", document="openapi_identity.json")
          for name in ("createdDateUtc", "updatedDateUtc")),
    ),
    extra_paths=_token("/connect/token", "facts.md, Base URL, auth"),
    aliases={"/connections": "/Connections", "/connections/{id}": "/Connections/{id}"},  # facts.md, Base URL, auth
    # facts.md, Errors: the gateway's own bodies, some of them plain text or empty.
    extra_answers=dict.fromkeys((401, 403, 404, 412, 429, 503)),
    open_sides=frozenset({"answer"}),  # facts.md, Spec gaps: a checker must allow unknown members
)  # fmt: skip

STRIPE = Differences(
    patches=(
        # In the vendor's own example objects, not in the typed models that the description was made from.
        Patch(at=component("Invoice", "properties", "subscription"), value=MAYBE_STRING,
              source="fixtures3.json, invoice"),
    ),
    extra_paths=(
        # The client package asks for its own account here (PyPI stripe 16.1.0, AccountService.retrieve_current).
        ExtraPath(path="/v1/account", source="facts.md, SDK",
                  item={"get": {"responses": {"200": json_content({"type": "object", "required": ["id"]})}}}),
    ),
    # A refused key and an address that does not exist answer before any operation is known.
    extra_answers=dict.fromkeys((401, 404), record({"error": {"type": "object"}})),
)  # fmt: skip

SERVICETITAN = Differences(
    # Any subset may be sent (facts.md, Writes), and nobody has coordinates for an address that was just typed.
    patches=(
        Patch(at=component("Crm.V2.Customers.UpdateCustomerAddress", "required"),
              value=["street", "unit", "city", "state", "zip", "country"], source="facts.md, Writes"),
    ),
    extra_paths=_token("/connect/token", "facts.md, Base URLs, auth"),
    extra_answers=dict.fromkeys((401, 403, 404, 409, 429, 500)),  # facts.md, Errors, limits: bodies of a gateway
)  # fmt: skip

_HOUSECALL_BODY = {"required": True, "content": {"application/json": {"schema": _CODE_FORM}}}
_HOUSECALL_TOKEN = token_item(_CODE_FORM, _TOKEN)["post"] | {"requestBody": _HOUSECALL_BODY}
HOUSECALL_PRO = Differences(
    # The example of an invoice that nobody paid yet.
    patches=(
        Patch(at=component("JobInvoice", "properties", "paid_at"), value=MAYBE_STRING, source="facts.md, Read streams"),
    ),
    extra_paths=(ExtraPath(path="/oauth/token", item={"post": _HOUSECALL_TOKEN}, source="facts.md, Base URL, auth"),),
    extra_answers=dict.fromkeys((400, 401, 403, 404, 422, 429, 500)),  # facts.md: treat any body
)

_AZURE_REFUSAL = record(
    {"error": STRING, "error_description": STRING},
    {"error_codes": {"type": "array", "items": INTEGER}, "timestamp": STRING, "trace_id": STRING,
     "correlation_id": STRING, "error_uri": STRING},
)  # fmt: skip
_SCHEDULE = ("paths", "/users/{user-id}/calendar/getSchedule", "post", "requestBody", "content", "application/json",
             "schema", "properties")  # fmt: skip
_DATE_TIME: Node = {"$ref": "#/components/schemas/microsoft.graph.dateTimeTimeZone"}
_EVENTS = ("/users/{user-id}/events/{event-id}", "/users/{user-id}/calendars/{calendar-id}/events/{event-id}")
_GRAPH_EVENT: Node = {"$ref": "#/components/schemas/microsoft.graph.event"}
MICROSOFT_GRAPH = Differences(
    patches=(
        *(Patch(at=("paths", path, "patch", "responses", "200"), value=json_content(_GRAPH_EVENT),
                source="facts.md, Writes") for path in _EVENTS),
        *(Patch(at=("paths", f"{path}/cancel", "post", "responses", "202"), value={}, source="facts.md, Writes")
          for path in _EVENTS),
        *(Patch(at=("paths", f"{path}/cancel", "post", "requestBody", "content", "application/json", "schema",
                    "properties", "comment"), value=STRING, source="facts.md, Writes") for path in _EVENTS),
        Patch(at=component("microsoft.graph.ODataErrors.MainError", "properties", "innerError"),
              value={"type": "object"}, source="facts.md, Limits and errors"),
        Patch(at=(*component("microsoft.graph.event", "allOf"), 1, "properties", "cancelledOccurrences"),
              value={"type": "array", "items": STRING}, source="facts.md, Streams"),
        # The client package writes it as text (PyPI O365 2.1.10, Event.to_api_data).
        Patch(at=(*component("microsoft.graph.event", "allOf"), 1, "properties", "isOnlineMeeting"),
              value={"enum": [True, False, None, "true", "false"]}, source="facts.md, Client packages"),
        *(Patch(at=(*_SCHEDULE, name), value=value, source="facts.md, Streams")
          for name, value in (("schedules", {"type": "array", "items": STRING}), ("startTime", _DATE_TIME),
                              ("endTime", _DATE_TIME), ("availabilityViewInterval", INTEGER))),
    ),
    extra_paths=_token("/{tenant}/oauth2/v2.0/token", "facts.md, Base and authentication", refusal=_AZURE_REFUSAL),
    # facts.md, Base: every path of a user also exists for the person who signed in.
    aliases={"/me": "/users/{user-id}",
             **{f"/me/{tail}": f"/users/{{user-id}}/{tail}"
                for tail in ("calendars", "events", "calendarView", "events/{event-id}")}},
    free_members=r"@",  # OData annotations: @odata.etag, start@odata.type, @removed (facts.md, Streams and Delta)
    # opaque parts of links that are followed verbatim, the window of a delta round, what an event is shown with
    free_query=r"\$(skip|skiptoken|deltatoken|expand)|startDateTime|endDateTime",
    batch="/v1.0/$batch",
)  # fmt: skip

_SLACK_NEWER = {"/chat.postMessage": ("metadata", "client_msg_id"), "/chat.update": ("metadata",)}
_SLACK_UPLOAD = {
    "post": {
        "requestBody": {"required": True, "content": {"*/*": {}}},
        "responses": {"200": {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    }
}
SLACK = Differences(
    documents=("openapi.json", "openapi_addendum.json"),
    patches=(
        *(
            Patch(at=("paths", path, "post", "requestBody", "content", kind, "schema", "properties", name),
                  value={}, source="facts.md, Writes")
            for kind in ("application/x-www-form-urlencoded", "application/json")
            for path, names in _SLACK_NEWER.items() for name in names
        ),
        *(
            Patch(at=("paths", "/conversations.history", method, "responses", "200", "content", "application/json",
                      "schema", "properties", "messages"),
                  value={"type": "array", "items": {"$ref": "#/components/schemas/objs_message"}},
                  source="facts.md, Reads")  # nothing was said in a new channel
            for method in ("get", "post")
        ),
    ),
    extra_paths=(ExtraPath(path="/upload/v1/{key}", item=_SLACK_UPLOAD, source="facts.md, Files"),),
    # facts.md: a status of its own only when throttled or down; every refusal is 200, newer errors are in no list
    extra_answers={**dict.fromkeys((429, 500)),
                   200: {"type": "object", "required": ["ok", "error"],
                         "properties": {"ok": {"enum": [False]}, "error": STRING}}},
    free_query="include_all_metadata",  # facts.md, Reads
    free_members="include_all_metadata",
    open_sides=frozenset({"answer"}),  # SOURCE.md: validate answers leniently
)  # fmt: skip

DIFFERENCES: Mapping[str, Differences] = {
    "hubspot": HUBSPOT,
    "quickbooks_online": QUICKBOOKS_ONLINE,
    "google_calendar": GOOGLE_CALENDAR,
    "jobber": JOBBER,
    "caldav": CALDAV,
    "asana": ASANA,
    "xero": XERO,
    "stripe": STRIPE,
    "servicetitan": SERVICETITAN,
    "housecall_pro": HOUSECALL_PRO,
    "microsoft_graph": MICROSOFT_GRAPH,
    "salesforce": SALESFORCE,
    "slack": SLACK,
}
"""By system; a system that is not here is read from its ``openapi.json`` without any exception."""
