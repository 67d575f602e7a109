"""Reading: people whole each time; our messages from the newest one on, and all of them once a day.

The cursor: ``{"channels": {<id>: <newest stamp seen>}, "full_at": <instant>}``. Only we can change our messages, so
what a later read cannot show is a deletion by a person: that is found by the whole read. Facts of the vendor come from
its fact sheet (facts.md), named by section.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from connectors.paging import full_due
from connectors.slack.dialect import channels, history, is_ours, pages
from connectors.spec import Api, Cursor, Page
from models.errors import Gone

FULL_DAYS = 1
OVERLAP = 60  # seconds that are read again


def read_users(api: Api, _: Cursor) -> Iterator[Page]:
    """Everybody: the list has no filter, and who was deactivated stays on it."""
    for records in pages(api, "users.list", "members"):
        yield Page(records=records, full=True)


def read_messages(api: Api, cursor: Cursor) -> Iterator[Page]:
    """Our messages of all channels. Gone when the stack names other channels than before."""
    named, full, now = sorted(set(channels(api.settings).values())), full_due(api, cursor, FULL_DAYS), api.now()
    known = cursor.get("channels", {})
    if cursor and sorted(known) != named:
        raise Gone(api.system, f"the stack names channel {', '.join(named)} where {', '.join(known)} was read before")
    newest = {one: "0" if full else str(known[one]) for one in named}
    for one in named:
        for page in history(api, one, oldest=str(max(Decimal(newest[one]) - OVERLAP, Decimal(0)))):
            newest[one] = max(newest[one], *(said["ts"] for said in page), key=Decimal)
            yield Page(records=[said for said in page if is_ours(said)], full=full)
    whole = now.isoformat() if full else cursor["full_at"]
    yield Page(full=full, cursor={"channels": newest, "full_at": whole})
