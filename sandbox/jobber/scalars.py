"""The API's own scalars: what each accepts from a caller. Answers carry stored values as they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from graphql import GraphQLError

from sandbox.jobber.identity import decoded
from sandbox.jobber.moments import instant


def _invalid(value: Any, kind: str) -> GraphQLError:
    return GraphQLError(f"'{value}' is not a valid {kind}")


def _encoded_id(value: Any) -> str:
    if not isinstance(value, str) or decoded(value) is None:
        raise _invalid(value, "EncodedId")
    return value


def _date_time(value: Any) -> datetime:
    try:
        return instant(value)
    except (TypeError, ValueError) as error:
        raise _invalid(value, "ISO8601DateTime") from error


def _date(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise _invalid(value, "ISO8601Date") from error


def _time(value: Any) -> time:
    try:
        return time.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise _invalid(value, "ISO8601Time") from error


def _timezone(value: Any) -> str:
    try:
        return ZoneInfo(value).key
    except (TypeError, ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise _invalid(value, "Timezone") from error


def _minutes(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _invalid(value, "Minutes")
    return value


def _true(value: Any) -> bool:
    if value is not True:
        raise _invalid(value, "True")
    return True


SCALARS: dict[str, Callable[[Any], Any]] = {
    "EncodedId": _encoded_id,
    "ISO8601DateTime": _date_time,
    "ISO8601Date": _date,
    "ISO8601Time": _time,
    "Timezone": _timezone,
    "Minutes": _minutes,
    "True": _true,
}
