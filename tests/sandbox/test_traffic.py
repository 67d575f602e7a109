from __future__ import annotations

import pytest

from sandbox.traffic import without_secrets


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", "/p"),
        ("pageToken=a%2Fb&syncToken=c", "/p?pageToken=a%2Fb&syncToken=c"),
        ("hapikey=x&limit=1", "/p?hapikey=***&limit=1"),
        ("Code=x&state=y", "/p?Code=***&state=y"),
    ],
)
def test_only_credentials_are_hidden(query: str, shown: str) -> None:
    assert without_secrets("/p", query) == shown
