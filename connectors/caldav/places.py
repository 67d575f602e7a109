"""Whose calendar stands where: the address of a technician's calendar, and back."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connectors.caldav import dav
from connectors.spec import Api
from models.errors import StackError
from models.fields import read_only, text
from models.paths import call, literal

PLACE = "{technician}"
LONGEST = 60
# Read off the calendar's address, which has less of an e-mail address than the technician; compared in that form.
NAMED = replace(
    read_only(text("technician")),
    fit=lambda value: call("nullif", call("trim", call("left", call("trim", call(
        "regexp_replace", call("lower", call("strip_accents", call("split_part", value, literal("@"), literal(1)))),
        literal("[^a-z0-9]+"), literal("-"), literal("g"),
    ), literal("-")), literal(LONGEST)), literal("-")), literal("")),
)  # fmt: skip


def calendar_of(api: Api, name: str) -> str:
    """The address of the calendar that is called after a technician. StackError when the stack does not say where."""
    pattern = api.settings.get("calendar")
    if not pattern:
        raise StackError(f"{api.system}: setting 'calendar' is missing: write the address of a technician's calendar, "
                         f"as in /dispatch/{PLACE}/")  # fmt: skip
    filled = str(pattern).replace(PLACE, name).strip("/")
    return dav.relative(api, filled, "/") if "://" in filled else f"/{filled}"


def whose(api: Api, calendar: str) -> str | None:
    """Whom a calendar is called after, as ``slug`` says it; None where its address tells nobody."""
    if PLACE not in str(api.settings.get("calendar") or ""):
        return None
    mark = "0technician0"
    before, _, after = calendar_of(api, mark).partition(mark)
    found = re.fullmatch(f"{re.escape(before)}([^/]+){re.escape(after)}/?", calendar)
    return found[1] if found else None


def slug(desired: Mapping[str, Any]) -> str:
    """A technician's name in addresses: of the e-mail address, which is one person's, else of the name and our id.

    Lower case, ASCII letters, digits and hyphens, at most 60.
    """
    email = str(desired.get("technician_email") or "").partition("@")[0]
    if plain := _plain(email):
        return plain
    mark = hashlib.sha256(str(desired.get("technician") or "").encode()).hexdigest()[:6]
    return f"{_plain(str(desired.get('technician_name') or ''))[: LONGEST - 7] or 'technician'}-{mark}"


def _plain(text: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:LONGEST].strip("-")
