"""The Workspace directory's users (facts section "Streams", technicians; the vendor's directory description)."""

from __future__ import annotations

import base64
import re
from typing import Any

from starlette.responses import Response

from sandbox.google_calendar import shelf
from sandbox.google_calendar.dialect import CalendarError, Call, choice, flag, invalid, number, reply
from sandbox.google_calendar.stamps import collection_etag

Record = dict[str, Any]

CUSTOMER = "C0sandbox1"
_TERM = re.compile(r"(\w+)(:|=)('[^']*'|\S+)")
_ORDERS = ("email", "familyName", "givenName")


def list_users(call: Call) -> Response:
    """``GET admin/directory/v1/users``: one page of users, by ``customer`` or ``domain``."""
    _check_admin(call)
    users = [user for user in call.store.all("users") if _inside(call, user) and _asked(call, user)]
    order = choice(call, "orderBy", _ORDERS) or "email"
    users.sort(key=lambda user: (_sort_key(user, order), user["id"]))
    if (choice(call, "sortOrder", ("ASCENDING", "DESCENDING")) or "ASCENDING") == "DESCENDING":
        users.reverse()
    size, start = number(call, "maxResults", default=100, top=500), _start(call)
    page: Record = {"kind": "admin#directory#users", "etag": collection_etag(call.store, "users")}
    page["users"] = users[start : start + size]
    if start + size < len(users):
        page["nextPageToken"] = base64.urlsafe_b64encode(f"users:{start + size}".encode()).decode()
    return reply(call, page)


def get_user(call: Call) -> Response:
    """``GET admin/directory/v1/users/{userKey}``: by id, primary e-mail or alias."""
    _check_admin(call)
    user = shelf.user(call.store, call.ids["userKey"])
    if user is None:
        raise CalendarError(404, "notFound", "Resource Not Found: userKey")
    return reply(call, user)


def _check_admin(call: Call) -> None:
    user = shelf.user(call.store, call.caller.email)
    if user is None or not user.get("isAdmin"):
        raise CalendarError(403, "forbidden", "Not Authorized to access this resource/api")


def _inside(call: Call, user: Record) -> bool:
    customer, domain = call.query.get("customer"), call.query.get("domain")
    if customer is None and domain is None:
        raise CalendarError(400, "badRequest", "Bad Request")
    if customer not in (None, "my_customer", CUSTOMER):
        raise CalendarError(404, "notFound", "Domain not found.")
    here = domain is None or user["primaryEmail"].endswith(f"@{domain}")
    return here and ("deletionTime" in user) == bool(flag(call, "showDeleted"))


def _asked(call: Call, user: Record) -> bool:
    text = call.query.get("query", "")
    terms = _TERM.findall(text)
    if text.strip() and not terms:
        raise invalid("Invalid Input: query", "query")
    return all(_meets(user, field, exact == "=", value.strip("'")) for field, exact, value in terms)


def _meets(user: Record, field: str, exact: bool, value: str) -> bool:
    held = {
        "email": user["primaryEmail"],
        "givenName": user["name"]["givenName"],
        "familyName": user["name"]["familyName"],
        "name": user["name"]["fullName"],
        "isSuspended": str(user["suspended"]).lower(),
        "isAdmin": str(user["isAdmin"]).lower(),
        "orgUnitPath": user["orgUnitPath"],
    }
    if field not in held:
        raise invalid("Invalid Input: query", "query")
    mine, wanted = held[field].lower(), value.lower()
    if wanted.endswith("*"):
        return bool(mine.startswith(wanted[:-1]))
    return bool(mine == wanted if exact or field in ("email", "isSuspended", "isAdmin") else wanted in mine)


def _sort_key(user: Record, order: str) -> str:
    return str(user["primaryEmail"] if order == "email" else user["name"][order]).lower()


def _start(call: Call) -> int:
    token = call.query.get("pageToken")
    if token is None:
        return 0
    try:
        name, _, start = base64.urlsafe_b64decode(token).decode().partition(":")
    except ValueError:
        name, start = "", ""
    if name != "users" or not start.isdigit():
        raise invalid("Invalid Input: pageToken", "pageToken")
    return int(start)
