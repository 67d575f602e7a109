"""What a webhook says was touched, and that its signature holds with and without the prefix that clients tolerate."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.hooks import Delivery
from connectors.housecall_pro.hooks import HOOKS
from models.errors import Rejected, Unauthorized

RECORDED: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[3] / "connectors" / "housecall_pro" / "deliveries.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"customer": {"id": "cus_1"}}, [("customers", "cus_1")]),
        ({"employee": {"id": "pro_1"}}, [("employees", "pro_1")]),
        ({"appointment": {"id": "appt_1", "job_id": "job_1"}}, [("jobs", "job_1")]),
        ({"appointment": {"job_id": "job_1"}, "job": {"id": "job_1"}}, [("jobs", "job_1")]),
        ({"lead": {"id": "lea_1"}}, []),
        ({"job": {"id": None}}, []),
    ],
)
def test_a_payload_names_what_is_to_be_read_again(members: dict[str, Any], found: list[tuple[str, str]]) -> None:
    body = json.dumps({"event": "job.created", **members}).encode()
    assert HOOKS.touched({}, body) == found


@pytest.mark.parametrize("body", [b"[]", b"{}", b"no", b'{"event": 1}'])
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(Rejected, match="no payload of this vendor"):
        HOOKS.touched({}, body)


@pytest.mark.parametrize("one", RECORDED, ids=lambda one: json.loads(one["body"])["event"])
def test_the_stamp_is_signed_with_the_body(one: dict[str, Any]) -> None:
    headers = {name.lower(): value for name, value in one["headers"].items()}
    good = Delivery(
        method="POST", url=one["url"], headers=headers, body=one["body"].encode(), received_at=datetime.now(UTC)
    )
    HOOKS.verify(one["secret"], good)
    for changed in ({"api-timestamp": "1775143239"}, {"api-timestamp": ""}):
        with pytest.raises(Unauthorized):
            HOOKS.verify(
                one["secret"],
                Delivery(
                    method="POST", url=good.url, headers=headers | changed, body=good.body, received_at=good.received_at
                ),
            )
