"""Credentials: references in stack.yml to values that never stand there.

``env:NAME`` an environment variable · ``file:PATH`` a file's content · ``sandbox:NAME`` what the local
sandbox at the system's base_url gives away freely (``sandbox:*`` all of it as JSON, ``sandbox:`` the same name).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from models.errors import CredentialError, did_you_mean
from pipelines.clock import LOOPBACK
from pipelines.settings import Stack


def resolve(stack: Stack, system: str) -> dict[str, str]:
    """The values of a system's credentials; CredentialError names the reference that leads nowhere."""
    entry = stack.systems[system]
    return {name: _value(stack, system, name, reference) for name, reference in entry.credentials.items()}


def _value(stack: Stack, system: str, name: str, reference: str) -> str:
    where = ("systems", system, "credentials", name)
    kind, _, rest = reference.partition(":")
    if kind == "env":
        value = os.environ.get(rest)
        if not value:
            raise CredentialError(str(stack.error(where, f"the environment variable {rest} is not set; export it")))
        return value
    if kind == "file":
        path = stack.folder / Path(rest).expanduser()
        try:
            return path.read_text(encoding="utf-8").strip()
        except OSError as problem:
            raise CredentialError(str(stack.error(where, f"{rest} cannot be read ({problem.strerror})"))) from problem
    if kind == "sandbox":
        return _sandbox(stack, system, rest or name, where)
    raise CredentialError(
        str(stack.error(where, "a credential is a reference (env:NAME or file:PATH), never the value itself"))
    )


def _sandbox(stack: Stack, system: str, name: str, where: tuple[str, ...]) -> str:
    address = urlsplit(stack.systems[system].base_url or "")
    if address.scheme != "http" or address.hostname not in LOOPBACK:
        raise CredentialError(str(stack.error(where, "sandbox: works only for a base_url on this machine")))
    known = _sandbox_systems(stack, where, f"http://{address.netloc}/_sandbox/systems")
    found = known.get(address.path.strip("/").split("/")[0], {})
    if name == "*":
        return json.dumps(dict(found))
    if name not in found:
        raise CredentialError(str(stack.error(where, f"the sandbox gives no {name!r}; {did_you_mean(name, found)}")))
    return found[name]


def _sandbox_systems(stack: Stack, where: tuple[str, ...], address: str) -> Mapping[str, Mapping[str, str]]:
    try:
        with urlopen(address, timeout=5) as answer:  # noqa: S310 - http on this machine, checked by the caller
            listed = json.load(answer)
    except (URLError, OSError, ValueError) as problem:
        message = f"no sandbox answers at {address}; start it with `plumbline sandbox`"
        raise CredentialError(str(stack.error(where, message))) from problem
    rows = listed["systems"] if isinstance(listed, dict) else listed
    return {row["name"]: row["credentials"] for row in rows}
