"""Phone numbers, for the one function of ours that SQL calls."""

from __future__ import annotations

from functools import cache

import phonenumbers


@cache
def phone_e164(text: str | None, region: str | None) -> str | None:
    """A phone number as E.164, None when it is none; ``region`` is the home of numbers without a country code."""
    if text is None:
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
