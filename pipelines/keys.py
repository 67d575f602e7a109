"""Asset keys: the stages of the path of the data, as Dagster names them."""

from __future__ import annotations

import re

from dagster import AssetKey


def system(name: str) -> AssetKey:
    """``system/<s>``: the vendor's product itself, where the path begins."""
    return AssetKey(["system", name])


def raw(name: str, resource: str) -> AssetKey:
    """``raw/<s>/<resource>``: every record version as it was read."""
    return AssetKey(["raw", name, resource])


def staged(name: str, entity: str) -> AssetKey:
    """``staged/<s>/<entity>``: the newest version of each source record, in canonical names and types."""
    return AssetKey(["staged", name, entity])


def xref(entity: str) -> AssetKey:
    """``xref/<entity>``: which source records are the same real thing."""
    return AssetKey(["xref", entity])


def core(entity: str) -> AssetKey:
    """``core/<entity>``: the canonical record."""
    return AssetKey(["core", entity])


def plan(name: str, entity: str) -> AssetKey:
    """``plan/<s>/<entity>``: what would be written, frozen."""
    return AssetKey(["plan", name, entity])


def push(name: str, entity: str) -> AssetKey:
    """``push/<s>/<entity>``: what was written, with receipts."""
    return AssetKey(["push", name, entity])


def report(name: str) -> AssetKey:
    """``report/<name>``: what people read."""
    return AssetKey(["report", name])


def page(key: AssetKey) -> str:
    """Where the UI shows an asset."""
    return f"/assets/{key.to_user_string()}"


def plain(*parts: str) -> str:
    """A name that Dagster takes for an op or a group: letters, digits and underscores."""
    return re.sub(r"\W", "_", "_".join(parts))
