"""What a message of ours says to people, made from what its metadata says to us."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from models.schema import Context

LONGEST = 3000  # characters of a long text that are shown; the metadata has it whole (Writes)
Said = Mapping[str, Any]


def of_visit(said: Said, context: Context) -> str:
    """Lines for people: what, when in the visit's own wall time, who, where, how far, what to know."""
    what = " · ".join(filter(None, (said.get("title"), said.get("job_number") and f"#{said['job_number']}")))
    who = f"<@{said['technician']}>" if said.get("technician") else escaped(said.get("technician_name"))
    status = str(said.get("status") or "").replace("_", " ")
    lines = (f"*{escaped(what) or 'Visit'}*", _when(said, context), who, escaped(said.get("place")), status)
    return "\n".join(filter(None, (*lines, escaped(_short(said.get("instructions") or "")))))


def of_alert(said: Said, context: Context) -> str:
    """Lines for people: what waits, what is known of it, what to do, since when; struck out once it is over."""
    title = escaped(said.get("title")) or "Alert"
    if said.get("state") == "over":
        return "\n".join(filter(None, (f"~{title}~", _moment("over since", said.get("over_at"), context))))
    details, remedy = (escaped(_short(said.get(name) or "")) for name in ("details", "remedy"))
    lines = (f":warning: *{title}*", details, remedy and f"→ {remedy}", _moment("since", said.get("since"), context))
    return "\n".join(filter(None, lines))


def _moment(words: str, at: str | None, context: Context) -> str:
    zone = ZoneInfo(context.time_zone)
    return f"{words} {datetime.fromisoformat(at).astimezone(zone):%a %Y-%m-%d %H:%M %Z}" if at else ""


def escaped(text: Any) -> str:
    """Text in which Slack sees no markup (facts.md, Writes)."""
    return str(text or "").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _when(said: Said, context: Context) -> str:
    if said.get("starts_on"):
        return " to ".join(dict.fromkeys((said["starts_on"], said.get("ends_on") or said["starts_on"])))
    if not said.get("starts_at"):
        return ""
    zone = ZoneInfo(said.get("time_zone") or context.time_zone)
    start = datetime.fromisoformat(said["starts_at"]).astimezone(zone)
    end = datetime.fromisoformat(said.get("ends_at") or said["starts_at"]).astimezone(zone)
    until = f"{end:%H:%M}" if end.date() == start.date() else f"{end:%a %Y-%m-%d %H:%M}"
    return f"{start:%a %Y-%m-%d %H:%M} to {until} {end:%Z}"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


WORDINGS: Mapping[str, Callable[[Said, Context], str]] = {"assignment": of_visit, "alert": of_alert}
