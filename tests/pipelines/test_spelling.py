"""What is only another spelling, and what is another value."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from pipelines.spelling import same_spelled


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada", " ADA "),
        ("José", "Jose"),
        ("St. John", "st john"),
        ("<p>Gate &lt;4711&gt; &amp; dog&nbsp;&ndash; ring<br>twice</p>", "Gate <4711> & dog - ring\ntwice"),
        ("San José de los Reyes", "San José de"),
        (Decimal("12.5000"), Decimal("12.504")),
        (datetime(2026, 5, 4, 9, 30, 12), datetime(2026, 5, 4, 9, 30)),  # noqa: DTZ001 - naive UTC
        (["VIP", "gate"], ["gate", "vip"]),
        ('[{"item":null,"text":"Part","amount":"10.0000"}]', '[{"text":"PART","amount":"10"}]'),
        (True, True),
    ],
)
def test_the_same_in_another_spelling(one: Any, other: Any) -> None:
    assert same_spelled(one, other)
    assert same_spelled(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada", "Adele"),
        ("Ada", "Ada Maria"),
        ("Austin", None),
        ("", "Austin"),
        (Decimal("12.50"), Decimal("12.60")),
        (datetime(2026, 5, 4, 9, 30), datetime(2026, 5, 4, 9, 31)),  # noqa: DTZ001 - naive UTC
        (["vip"], ["vip", "gate"]),
        ('[{"text":"Part","amount":"10.00"}]', '[{"text":"Part","amount":"100.0"}]'),
        ('[{"text":"Part"}]', '[{"text":"Part"},{"text":"Part"}]'),
        (True, False),
    ],
)
def test_another_value(one: Any, other: Any) -> None:
    assert not same_spelled(one, other)
    assert not same_spelled(other, one)
