from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connectors.hooks import naming
from models.errors import Rejected


def named(payload: Any) -> Iterator[tuple[str, str]]:
    for event in payload["events"]:
        yield "jobs", str(event["job"]["id"])


def test_a_record_that_several_events_name_is_touched_once() -> None:
    body = b'{"events": [{"job": {"id": 7}}, {"job": {"id": 8}}, {"job": {"id": 7}}]}'
    assert naming("acme", named)({}, body) == [("jobs", "7"), ("jobs", "8")]


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"events": [7]}', b'{"events": null}', b"\xff"])
def test_a_body_that_is_no_payload_is_refused(body: bytes) -> None:
    with pytest.raises(Rejected, match="acme: a webhook delivery is no payload of this vendor's"):
        naming("acme", named)({}, body)
