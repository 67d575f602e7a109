"""How a kept event looks to a caller: zone and body as preferred, members as chosen (facts: Base, headers; Time)."""

from __future__ import annotations

import html
import re
from typing import Any

from sandbox.microsoft_graph.dialect import Call, bad, chosen
from sandbox.microsoft_graph.drafts import PLACE
from sandbox.microsoft_graph.times import named, shown, span
from sandbox.twin import Record

_EXPANDED = "singleValueExtendedProperties"
_EXPAND = re.compile(r"singleValueExtendedProperties\(\$filter=id eq '((?:[^']|'')*)'\)", re.IGNORECASE)
_HIDDEN = (PLACE, _EXPANDED)


def show(call: Call, event: Record) -> Record:
    """An event as this call wants it."""
    zone = call.prefers.get("outlook.timezone") or "UTC"
    named(zone)
    seen = {
        name: value for name, value in event.items() if name not in _HIDDEN and (name, value) != ("recurrence", None)
    }
    seen["bodyPreview"] = plain(event["body"])[:255]
    seen["body"] = _body(event["body"], call.prefers.get("outlook.body-content-type") or "html")
    if event["isAllDay"]:
        seen |= {side: {**event[side], "timeZone": zone} for side in ("start", "end")}
    else:
        seen |= {side: shown(at, zone) for side, at in zip(("start", "end"), span(event), strict=True)}
    return chosen(call, seen) | _expanded(call, event)


def plain(body: Record) -> str:
    """A body as text."""
    text = str(body["content"])
    if body["contentType"] == "html":
        text = html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<br ?/?>|</p>", "\n", text))).strip()
    return text


def _body(body: Record, wanted: str) -> Record:
    if wanted == "text":
        lines = plain(body).replace("\r\n", "\n").split("\n")
        return {"contentType": "text", "content": "\r\n".join(lines)}
    if body["contentType"] == "html":
        return dict(body)
    inner = html.escape(str(body["content"]), quote=False).replace("\n", "<br>")
    return {"contentType": "html", "content": f"<html><head></head><body>{inner}</body></html>" if inner else ""}


def _expanded(call: Call, event: Record) -> dict[str, Any]:
    asked = call.query.get("$expand")
    if not asked:
        return {}
    found = _EXPAND.fullmatch(asked.strip())
    if found is None:
        raise bad("Could not find a property named in $expand on type 'microsoft.graph.event'.")
    shown_ = [one for one in event[_EXPANDED] if one["id"] == found[1].replace("''", "'")]
    return {_EXPANDED: shown_} if shown_ else {}
