"""Reading: people whole each time; our messages from the newest one on, and all of them once a day.

The cursor: ``{"channel": <id>, "ts": <newest stamp seen>, "full_at": <instant>}``. Only we can change our messages, so
what a later read cannot show is a deletion by a person: that is found by the whole read. Facts of the vendor come from
its fact sheet (facts.md), named by section.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from connectors.paging import full_due
from connectors.slack.dialect import history, is_ours, pages
from connectors.spec import Api, Cursor, Page
from models.errors import Gone

FULL_DAYS = 1
OVERLAP = 60  # seconds that are read again


def read_users(api: Api, _: Cursor) -> Iterator[Page]:
    """Everybody: the list has no filter, and who was deactivated stays on it."""
    for records in pages(api, "users.list", "members"):
        yield Page(records=records, full=True)


def read_messages(api: Api, cursor: Cursor) -> Iterator[Page]:
    """Our messages. Gone when the stack names another channel than before."""
    channel, full, now = str(api.settings["channel"]), full_due(api, cursor, FULL_DAYS), api.now()
    if cursor and cursor["channel"] != channel:
        raise Gone(api.system, f"the stack names channel {channel} where {cursor['channel']} was read before")
    newest = Decimal(0) if full else Decimal(cursor["ts"])
    for page in history(api, channel, oldest=str(max(newest - OVERLAP, Decimal(0)))):
        newest = max(newest, *(Decimal(one["ts"]) for one in page), Decimal(0))
        yield Page(records=[one for one in page if is_ours(one)], full=full)
    whole = now.isoformat() if full else cursor["full_at"]
    yield Page(full=full, cursor={"channel": channel, "ts": str(newest), "full_at": whole})
