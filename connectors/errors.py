"""From a system's answer to the error tree, and what must never be said aloud.

``failure`` turns a status and body into the error of ``models.errors`` that it means, in one sentence
with the vendor's own words (shortened) and a remedy. ``redact`` hides secrets in what is stored or shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from models.errors import (
    Ambiguous,
    Gone,
    Rejected,
    Stale,
    SystemFailure,
    Throttled,
    Transient,
    Unauthorized,
    Unreachable,
)

LONGEST_MESSAGE = 300
HIDDEN = "***"
SECRET_NAMES = frozenset(
    {"authorization", "proxy_authorization", "cookie", "set_cookie", "signature", "credentials", "service_account"}
    | {"token", "access_token", "refresh_token", "id_token", "auth_token", "assertion", "private_key", "private_key_id"}
    | {"secret", "client_secret", "password", "passwd", "api_key", "apikey", "x_api_key", "st_app_key", "app_key"}
)
_NAMES = "|".join(sorted((name.replace("_", "[-_ ]?") for name in SECRET_NAMES), key=len, reverse=True))
_SCHEME = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}", re.IGNORECASE)
_PAIR = re.compile(rf"""(?i)(?<![A-Za-z0-9])({_NAMES})(["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s&,;"'}}]+)""")
# One of these is in every name above and every scheme: to look for them first takes a fortieth of the time.
_STEMS = ("auth", "cookie", "signature", "credential", "account", "token", "assertion", "secret", "passw", "key")
_SCHEMES = ("bearer", "basic")
_REFUSED = (Rejected, "correct the record or the request")
_MOVED = (Unreachable, "it moved: set its new base address in the stack")
_GONE = (Gone, "it was removed there, or we may not see it")
_STALE = (Stale, "read the record again and merge before writing")
_MEANINGS: Mapping[int, tuple[type[SystemFailure], str]] = {
    401: (Unauthorized, "put valid credentials for it into the stack, or connect it again"),
    403: (Unauthorized, "give these credentials the scopes that the connector's README names"),
    404: _GONE,
    410: _GONE,
    409: _STALE,
    412: _STALE,
}
# Where vendors put the sentence that explains a refusal, most telling first.
_SENTENCES = ("message", "Message", "detail", "Detail", "error_description", "title", "error", "reason")


def redact(value: Any) -> Any:
    """The same mapping, list or text with every secret replaced by ``***``; other values come back as they are."""
    if isinstance(value, Mapping):
        return {key: HIDDEN if _is_secret(str(key)) else redact(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [redact(inner) for inner in value]
    return _redacted(value) if isinstance(value, str) else value


def _redacted(text: str) -> str:
    lowered = text.lower()
    if any(scheme in lowered for scheme in _SCHEMES):
        text = _SCHEME.sub(rf"\1 {HIDDEN}", text)
    if any(stem in lowered for stem in _STEMS):
        text = _PAIR.sub(rf"\1\2{HIDDEN}", text)
    return text


def scrub(text: str, secrets: Iterable[str]) -> str:
    """The text without these very secrets, wherever a vendor chose to repeat them."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= 6:  # a shorter one would blot out ordinary words
            text = text.replace(secret, HIDDEN)
    return str(redact(text))


def _is_secret(name: str) -> bool:
    return name.lower().replace("-", "_") in SECRET_NAMES


def failure(system: str, line: str, status: int, headers: Mapping[str, str], body: Any, now: datetime) -> SystemFailure:
    """The error that a refused request means when the connector's ``judge`` has no opinion.

    line  method and path, without the query
    body  parsed JSON, or text
    """
    said = sentence(body)
    why = f"{line} was answered with {status}" + (f" ({said})" if said else "")
    if status == 429:
        return Throttled(system, f"{why}; call it less often", wait_of(headers, now))
    if status >= 500 or status in (408, 425):
        return Transient(system, f"{why}; try again later", wait_of(headers, now))
    kind, remedy = _MEANINGS.get(status, _MOVED if status < 400 else _REFUSED)
    return kind(system, f"{why}; {remedy}")


def lost(system: str, line: str, cause: str, *, safe: bool) -> Transient:
    """The error for a request whose answer never came; harmless to lose only for those that change nothing."""
    if safe:
        return Transient(system, f"the answer to {line} was lost ({cause}); try again later")
    return Ambiguous(
        system, f"the answer to {line} was lost ({cause}): it may have taken effect; look before it is sent again"
    )


def stranger(system: str, vendor: str) -> Unreachable:
    """The error for a success that is not the vendor's: a proxy, or another service at that address."""
    return Unreachable(system, f"it answers, but not as {vendor}; check its base address")


def throttled(system: str, said: str, headers: Mapping[str, str], usual: float | None = None) -> Throttled:
    """The error for too many calls: the vendor's own seconds to wait (``Retry-After``), else the ``usual`` ones."""
    after = headers.get("retry-after", "")
    return Throttled(system, f"{said}; call it less often", float(after) if after.isdigit() else usual)


def wait_of(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that the server asks us to wait (``Retry-After`` in seconds or as a date); None when it does not say."""
    value = headers.get("retry-after", headers.get("Retry-After", "")).strip()
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass  # not a number of seconds: then it is a date
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds())


def sentence(body: Any) -> str:
    """The vendor's own explanation inside an error body, in one line of at most 300 characters."""
    found = _find(body) if isinstance(body, Mapping | list) else "" if is_markup(str(body)) else str(body or "")
    text = str(redact(" ".join(found.split())))
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 1] + "…"


def is_markup(text: str) -> bool:
    """Whether a body is an HTML page: a login form, a proxy's excuse, a maintenance notice."""
    return text.lstrip()[:15].lower().startswith(("<!doctype html", "<html"))


def _find(body: Any) -> str:
    if isinstance(body, list):
        return "; ".join(text for one in body[:3] if (text := _find(one)))
    if not isinstance(body, Mapping):
        return str(body) if body is not None else ""
    direct = [str(body[name]) for name in _SENTENCES if isinstance(body.get(name), str) and body[name]]
    if direct:
        detail = body.get("Detail") or body.get("error_description")
        return f"{direct[0]}: {detail}" if isinstance(detail, str) and detail != direct[0] else direct[0]
    for inner in ("errors", "error", "Fault", "Error", "fault", "data"):
        if text := _find(body.get(inner)):
            return text
    return ""
