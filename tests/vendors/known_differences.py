"""Where a vendor's description and its real interface are known to differ: the one table of exceptions.

Every entry names its source: a section of ``vendors/<system>/facts.md`` or of ``SOURCE.md``. What is not here is held
against the description to the letter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Node = Mapping[str, Any]
STRING: Node = {"type": "string"}
INTEGER: Node = {"type": "integer"}
MAYBE_STRING: Node = {"type": "string", "nullable": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A change of the description before it is used: the node ``at`` these steps becomes ``value``."""

    at: Sequence[str]
    value: Any
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraPath:
    """A path that the description leaves out, written as an OpenAPI path item; absolute, server path included."""

    path: str
    item: Node
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """How to read one system's description.

    ``kind`` is ``openapi``, ``discovery``, ``graphql`` or ``webdav``; ``documents`` are files of the vendor's folder;
    ``extra_answers`` are schemas by status that any operation may answer with besides the described ones;
    ``aliases`` are second spellings of described paths;
    ``closed`` is False where the description is known to leave out members of today's answers.
    """

    kind: str = "openapi"
    documents: Sequence[str] = ("openapi.json",)
    patches: Sequence[Patch] = ()
    extra_paths: Sequence[ExtraPath] = ()
    extra_answers: Mapping[int, Any] = field(default_factory=dict)
    closed: bool = True
    aliases: Mapping[str, str] = field(default_factory=dict)


def record(required: Mapping[str, Any], optional: Mapping[str, Any] | None = None) -> Node:
    """A closed object with these members."""
    return {"type": "object", "properties": {**required, **(optional or {})}, "required": list(required)}


def json_content(schema: Node) -> Node:
    """An OpenAPI answer or body that is JSON of this schema."""
    return {"content": {"application/json": {"schema": schema}}}


OAUTH_REFUSAL = record({"error": STRING}, {"error_description": STRING, "error_uri": STRING})
"""RFC 6749, section 5.2."""


def token_item(form: Node, answer: Node, refusal: Node = OAUTH_REFUSAL) -> Node:
    """A token endpoint: a form is posted; 200 is a token, 400 and 401 are refusals."""
    body = {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}}
    refused = json_content(refusal)
    return {"post": {"requestBody": body, "responses": {"200": json_content(answer), "400": refused, "401": refused}}}


def _schemas(name: str, *steps: str) -> tuple[str, ...]:
    return ("components", "schemas", name, *steps)


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
        *(Patch(at=_schemas(name, "properties", "properties", "additionalProperties"), value=MAYBE_STRING,
                source="SOURCE.md, Known differences") for name in _HUBSPOT_OBJECTS),
        # Recorded objects carry the record's address in the vendor's interface.
        *(Patch(at=_schemas(name, "properties", "url"), value=STRING, source="facts.md, Read streams")
          for name in _HUBSPOT_OBJECTS),
        Patch(at=_schemas("PublicObjectSearchRequest", "properties", "sorts", "items"), value=_HUBSPOT_SORT,
              source="SOURCE.md, Known differences"),
        Patch(at=_schemas("Error", "properties", "status"), value=STRING, source="facts.md, Errors"),
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

DIFFERENCES: Mapping[str, Differences] = {
    "hubspot": HUBSPOT,
    "quickbooks_online": QUICKBOOKS_ONLINE,
    "google_calendar": GOOGLE_CALENDAR,
    "jobber": JOBBER,
    "caldav": CALDAV,
}
"""By system; a system that is not here is read from its ``openapi.json`` without any exception."""
