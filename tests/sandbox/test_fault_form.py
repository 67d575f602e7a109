from __future__ import annotations

from typing import Any

import httpx
import pytest

GOOD = {"system": "tiny", "kind": "rate_limit"}


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ([], "a fault is a JSON object"),
        ({**GOOD, "colour": "red"}, "unknown field colour; a fault has system, kind, method"),
        ({"kind": "rate_limit"}, "there are tiny"),
        (
            {"system": "tiny", "kind": "earthquake"},
            "latency, rate_limit, unauthorized, forbidden, not_found, gone, server_error",
        ),
        ({**GOOD, "method": "FETCH"}, "method is one of GET"),
        ({**GOOD, "path": "("}, "path is a regular expression"),
        ({**GOOD, "times": 0}, "times is a whole number"),
        ({**GOOD, "times": True}, "times is a whole number"),
        ({**GOOD, "rate": 1.5}, "rate is a share"),
        ({**GOOD, "status": 200}, "only html_error_page may have the status 200"),
        ({**GOOD, "status": 302}, "status is an HTTP status"),
        ({**GOOD, "form": "loud"}, "form is one of trim"),
        ({**GOOD, "retry_after": "soon"}, "retry_after is seconds"),
        ({**GOOD, "seconds": -1}, "seconds is seconds"),
    ],
)
def test_a_wrong_fault_is_refused_with_what_is_allowed(tiny: httpx.Client, body: Any, says: str) -> None:
    answer = tiny.post("/_sandbox/faults", json=body)
    assert answer.status_code == 400
    assert says in answer.json()["error"]
    assert tiny.get("/_sandbox/faults").json() == {"faults": []}


def test_a_twins_own_kind_is_allowed(tiny: httpx.Client) -> None:
    fault = tiny.post("/_sandbox/faults", json={"system": "tiny", "kind": "stale_reads", "method": "get"}).json()
    assert fault["method"] == "GET"
    assert tiny.get("/_sandbox/faults").json() == {"faults": [fault]}
