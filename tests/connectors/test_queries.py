from __future__ import annotations

import pytest

from connectors.queries import quoted


@pytest.mark.parametrize(
    ("text", "literal"),
    [("Ann", "'Ann'"), ("O'Neil", r"'O\'Neil'"), ("A\\", r"'A\\'"), (r"\' OR 1 = 1", r"'\\\' OR 1 = 1'")],
)
def test_no_text_ends_its_literal(text: str, literal: str) -> None:
    assert quoted(text) == literal


def test_a_literal_may_stand_in_other_marks() -> None:
    assert quoted("5\" pipe, O'Neil", '"') == '"5\\" pipe, O\'Neil"'
