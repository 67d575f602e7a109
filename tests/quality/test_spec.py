from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from quality.spec import Verdict
from tests.quality.frames import thing


@pytest.mark.parametrize(
    ("severity", "outcome", "blocks"),
    [
        ("block", "pass", False),
        ("block", "fail", True),
        ("block", "broken", True),
        ("warn", "fail", False),
        ("warn", "broken", False),
    ],
)
def test_only_a_blocking_check_that_did_not_pass_blocks(severity, outcome, blocks):
    assert Verdict(check=thing("unique", severity=severity), outcome=outcome).blocks is blocks


def test_a_check_warns_unless_it_says_otherwise():
    assert thing("unique").severity == "warn"


def test_a_check_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        thing("unique").severity = "block"
