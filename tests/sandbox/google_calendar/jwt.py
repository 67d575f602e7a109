"""Service account assertions, signed or spoilt at will."""

from __future__ import annotations

import base64
import json
from typing import Any

from sandbox.google_calendar.credentials import SCOPES, SERVICE_ACCOUNT


def assertion(header: dict[str, Any] | None = None, signature: bytes = b"s" * 256, **claims: Any) -> str:
    """A JWT of the sandbox's service account; a claim given as None is left out."""
    whole = {
        "iss": SERVICE_ACCOUNT,
        "aud": "https://oauth2.googleapis.com/token",
        "iat": 1_800_000_000,
        "exp": 1_800_003_600,
        "scope": " ".join(SCOPES),
        **claims,
    }
    kept = {name: value for name, value in whole.items() if value is not None}
    parts = (header or {"typ": "JWT", "alg": "RS256", "kid": "k"}, kept)
    return ".".join(_packed(part) for part in (*(json.dumps(part).encode() for part in parts), signature))


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
