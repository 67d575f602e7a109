"""The vendor's refusals: fault bodies, their codes, and the other casing that a 401 comes in.

Source: facts sheet "Errors" and "Limits"; codes 1040, 2010, 6070 and 6080 from the vendor's published table
of error codes.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.responses import Response

from sandbox.quickbooks_online.dialect import dumps, envelope_time
from sandbox.twin import Record, Refusal

_VALIDATION = "ValidationFault"
_JSON = "application/json"


class Refused(ValueError):
    """A request that the vendor refuses: HTTP ``status``, fault ``type`` and the one error inside it."""

    def __init__(
        self, code: str, message: str, detail: str, *, element: str = "", status: int = 400, type: str = _VALIDATION
    ) -> None:
        super().__init__(f"{code} {detail}")
        self.status = status
        self.type = type
        self.error = {"Message": message, "Detail": detail, "code": code, "element": element}

    @property
    def fault(self) -> Record:
        return {"Error": [dict(self.error)], "type": self.type}


class Unauthenticated(Exception):
    """No token, an unknown one or an expired one."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def missing(parameter: str) -> Refused:
    detail = f"Required parameter {parameter} is missing in the request"
    return Refused(
        "2020", "Required param missing, need to supply the required value for the API", detail, element=parameter
    )


def unsupported_property(member: str, value: Any = None) -> Refused:
    detail = f"Property Name:{member} specified is unsupported or invalid"
    if value is not None:
        detail = f"Property Name:failed to parse {member}; value {value!r} is not supported"
    return Refused("2010", "Request has invalid or unsupported property", detail, element=member)


def too_long(member: str, longest: int, length: int) -> Refused:
    supported = f"Min:0 Max:{longest} supported. Supplied length:{length}"
    return Refused(
        "2050",
        "String length is either shorter or longer than supported by specification",
        f"String length specified does not match the supported length. {supported}",
        element=member,
    )


def bad_enumeration(member: str, value: str) -> Refused:
    return Refused("2170", "Invalid Enumeration", f"Invalid Enumeration : {value}", element=member)


def bad_email(value: str) -> Refused:
    return Refused("2210", "Invalid email address", f"The email address does not follow the standard format: {value}")


def bad_reference(member: str) -> Refused:
    return Refused(
        "2500",
        "Invalid Reference Id",
        "Invalid Reference Id : Something you're trying to use has been made inactive. Check the fields with accounts, "
        "customers, items, vendors or employees.",
        element=member,
    )


def not_found() -> Refused:
    return Refused(
        "610",
        "Object Not Found",
        "Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, "
        "customers, items, vendors or employees.",
    )


def stale() -> Refused:
    return Refused(
        "5010",
        "Stale Object Error",
        "Stale Object Error : You and root were working on this at the same time. root finished before you did, so "
        "your work was not saved.",
    )


def duplicate_name() -> Refused:
    return Refused(
        "6240",
        "Duplicate Name Exists Error",
        "The name supplied already exists. : Another customer, vendor or employee is already using this name. Please "
        "use a different name.",
    )


def duplicate_number(number: str, kind: str, id: str) -> Refused:
    return Refused(
        "6140",
        "Duplicate Document Number Error",
        "Duplicate Document Number Error : You must specify a different number. This number has already been used. "
        f"DocNumber={number} is assigned to TxnType={kind} with TxnId={id}",
    )


def no_name() -> Refused:
    detail = "At least one of Title, GivenName, MiddleName, FamilyName, DisplayName, Suffix must be non-empty."
    return Refused("6080", "No Name Provided", detail)


def business(detail: str) -> Refused:
    message = "A business validation error has occurred while processing your request"
    return Refused("6000", message, f"Business Validation Error: {detail}")


def wrong_amount(supplied: Any) -> Refused:
    detail = f"Amount is not equal to UnitPrice * Qty. Supplied value:{supplied}"
    return Refused("6070", "Amount calculation incorrect in the request.", detail)


def closed_period() -> Refused:
    detail = "The account period has closed and the account books cannot be updated through the QBO Services API."
    return Refused("6210", "Account Period Closed, Cannot Update Through Services API", detail)


def bad_query(detail: str) -> Refused:
    return Refused("4001", "Invalid query", f"QueryValidationError: {detail}")


def unsupported(operation: str) -> Refused:
    return Refused("500", "Unsupported Operation", f"Operation {operation} is not supported.")


def oversized_batch(limit: int) -> Refused:
    return Refused("1040", "Batch size exceeds allowed limit", f"Batch size exceeds the allowed limit of {limit}")


def wrong_company() -> Refused:
    return Refused(
        "3100",
        "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403",
        "ApplicationAuthorizationFailed",
        status=403,
        type="AuthorizatonFault",  # the vendor's own schema spells it so
    )


def throttled(status: int = 429) -> Refused:
    return Refused(
        "3001",
        f"message=ThrottleExceeded; errorCode=003001; statusCode={status}",
        "The request limit was reached.  Try again later",
        status=status,
        type="SERVICE",
    )


def broken(status: int) -> Refused:
    return Refused(
        "10000",
        "An application error has occurred while processing your request",
        "System Failure Error: The request could not be processed.",
        status=status,
        type="SystemFault",
    )


def nowhere(status: int) -> Refused:
    """An address that leads to nothing, as the service says it of operations that it does not know."""
    return Refused("500", "Unsupported Operation", "Operation is not supported.", status=status)


def fault_response(refused: Refused, now: datetime | None) -> Response:
    """The answer to a refused request; ``time`` is left out when nobody can say it."""
    body: Record = {"Fault": refused.fault}
    if now is not None:
        body["time"] = envelope_time(now)
    return Response(dumps(body), status_code=refused.status, media_type=_JSON)


def unauthorized_response(detail: str, now: datetime | None) -> Response:
    """The 401, in its own casing and with a time in epoch milliseconds."""
    error = {
        "message": "message=AuthenticationFailed; errorCode=003200; statusCode=401",
        "detail": detail,
        "code": "3200",
        "element": None,
    }
    body: Record = {
        "warnings": None,
        "intuitObject": None,
        "fault": {"error": [error], "type": "AUTHENTICATION"},
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "time": None if now is None else int(now.timestamp() * 1000),
        "status": None,
        "cdcresponse": [],
    }
    headers = {"WWW-Authenticate": 'Bearer realm="Intuit", error="invalid_token"'}
    return Response(dumps(body), status_code=401, media_type=_JSON, headers=headers)


def refuse(refusal: Refusal) -> Response:
    """Phrase a refusal that the sandbox asks for (``Twin.refuse``)."""
    if refusal.kind == "unauthorized":
        response = unauthorized_response("Token expired: AuthenticationFailed", None)
    elif refusal.kind == "rate_limit":
        response = fault_response(throttled(refusal.status), None)
    elif refusal.kind in ("not_found", "gone"):
        response = fault_response(nowhere(refusal.status), None)
    elif refusal.kind == "forbidden":
        response = fault_response(wrong_company(), None)
    else:
        response = fault_response(broken(refusal.status), None)
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = f"{refusal.retry_after:g}"
    return response
