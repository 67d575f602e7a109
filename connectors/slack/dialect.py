"""How Slack is asked and what its answers mean: 200 for everything, and ``ok`` says whether it worked.

Facts of the vendor come from its fact sheet (facts.md), named by section.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.errors import sentence, stranger
from connectors.paging import token_pages
from connectors.spec import Api, Record
from models.errors import (
    Ambiguous,
    Gone,
    Rejected,
    SystemFailure,
    Throttled,
    Transient,
    Unauthorized,
)

API = "/api"
PAGE = 200  # what the vendor recommends (Reads)
EVENTS = {"assignment": "plumbline_assignment", "alert": "plumbline_alert"}  # the type that marks a message as ours
_SCOPES = "give the app the scopes that the connector's README names, and install it again"
_CHANNEL = "invite the app to the channel, or name another one in the stack"
# What an error means (Errors worth simulating). What is wrong with the token or the channel is so with every message:
# nothing more is tried there until a person has looked. What broke inside may have done its work before.
MEANINGS: Mapping[str, tuple[type[SystemFailure], str]] = {
    **dict.fromkeys(
        ("not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired", "no_permission",
         "missing_scope", "not_allowed_token_type", "org_login_required", "ekm_access_denied", "restricted_action"),
        (Unauthorized, _SCOPES),
    ),
    **dict.fromkeys(("channel_not_found", "not_in_channel", "is_archived"), (Unauthorized, _CHANNEL)),
    **dict.fromkeys(
        ("message_not_found", "file_not_found", "file_deleted", "invalid_cursor"), (Gone, "it was removed there")
    ),
    **dict.fromkeys(("ratelimited", "rate_limited"), (Throttled, "call it less often")),
    **dict.fromkeys(("request_timeout", "team_added_to_org", "service_unavailable"), (Transient, "try again later")),
    **dict.fromkeys(
        ("fatal_error", "internal_error"), (Ambiguous, "it may have taken effect: look before it is sent again")
    ),
}  # fmt: skip
REFUSED = (Rejected, "correct the record or the request")


def judge(system: str, status: int, _headers: Mapping[str, str], body: Any) -> Exception | None:
    """The error that ``ok: false`` names; answers that are not Slack's. Other statuses speak for themselves."""
    if not 200 <= status < 300 or isinstance(body, str):
        return None
    if not isinstance(body, Mapping) or not isinstance(body.get("ok"), bool):
        return stranger(system, "Slack")
    if body["ok"]:
        return None
    kind, remedy = MEANINGS.get(str(body.get("error")), REFUSED)
    return kind(system, f"{_said(body)}; {remedy}")


def _said(body: Mapping[str, Any]) -> str:
    """The error with what stands beside it: the missing scope, the wrong argument."""
    details = body.get("response_metadata")
    messages = details.get("messages") if isinstance(details, Mapping) else None
    more = [f"needs {body['needed']}"] if body.get("needed") else []
    more += [str(one) for one in messages] if isinstance(messages, list) else []
    return sentence("; ".join([str(body.get("error")), *more]))


def ask(api: Api, method: str, **given: Any) -> Any:
    """A method that reads."""
    return api.request("GET", f"{API}/{method}", params=given).json()


def tell(api: Api, method: str, given: Mapping[str, str], *, repeatable: bool = False) -> Any:
    """A method that changes something: a form, nested values as JSON text (Base)."""
    return api.request("POST", f"{API}/{method}", data=given, repeatable=repeatable).json()


def pages(api: Api, method: str, member: str, **given: Any) -> Iterator[Sequence[Record]]:
    """The pages of a list; an empty or absent cursor ends it (Reads)."""

    def fetch(cursor: str | None) -> tuple[Sequence[Record], str | None]:
        body = ask(api, method, limit=PAGE, cursor=cursor, **given)
        return body[member], (body.get("response_metadata") or {}).get("next_cursor")

    return token_pages(fetch, system=api.system)


def history(api: Api, channel: str, **bounds: str) -> Iterator[Sequence[Record]]:
    """What was said in a channel, newest first, each message with its channel and its metadata."""
    given = {"channel": channel, "include_all_metadata": "true", "inclusive": "true", **bounds}
    for page in pages(api, "conversations.history", "messages", **given):
        yield [{**one, "channel": channel} for one in page]


def channels(settings: Mapping[str, Any]) -> dict[str, str]:
    """The channel in which each entity is told: alerts have their own where the stack names one."""
    dispatch = str(settings["channel"])
    return {"assignment": dispatch, "alert": str(settings.get("alerts_channel") or dispatch)}


def is_ours(message: Record) -> bool:
    return (message.get("metadata") or {}).get("event_type") in EVENTS.values()
