"""Reading contacts: the list the first time, then the search for what was modified, and always the archive.

Facts of the vendor come from its fact sheet (facts.md), named by section.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.hubspot.customer import CONTACTS, SHOWN
from connectors.paging import token_pages
from connectors.spec import Api, Cursor, Page, Record
from models.errors import Transient

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LIST, SEARCH = 100, 200  # records a page (Read streams, Incremental)
OVERLAP = 5 * 60 * 1000  # ms; search trails behind writes by seconds to minutes (Incremental)
DAY = 24 * 60 * 60 * 1000  # ms; archived contacts are told again for a day, so that a page cut short loses none
BELIEVABLE = 0.9  # of the contacts that the search counts must a full list show


def read_contacts(api: Api, cursor: Cursor) -> Iterator[Page]:
    """Live contacts with the ids that were merged into them, then the ids that are archived.

    The cursor is HubSpot's newest modification stamp (``since``, epoch ms) when the read began, never our own
    clock: what is changed while we read is read again next time.
    """
    since = cursor.get("since")
    newest, count = _newest(api)
    full = since is None
    for records in _listed(api, count) if since is None else _changed(api, since - OVERLAP):
        yield Page(records=records, merged=_merged(records), full=full)
    for archived in _pages(api, {"archived": "true", "properties": "hs_object_id"}):
        gone = [one["id"] for one in archived if _archived_at(one) >= (since or 0) - DAY]
        yield Page(deleted=gone, full=full)
    yield Page(cursor={"since": max(newest, since or 0)}, full=full)


def _newest(api: Api) -> tuple[int, int]:
    """The newest modification stamp that the search knows (epoch ms, 0 without contacts), and how many contacts."""
    sort = {"propertyName": "lastmodifieddate", "direction": "DESCENDING"}
    found = _search(api, {"sorts": [sort], "limit": 1, "properties": ["lastmodifieddate"]})
    stamps = [_ms(one["properties"]["lastmodifieddate"]) for one in found["results"]]
    return max(stamps, default=0), found["total"]


def _listed(api: Api, count: int) -> Iterator[Sequence[Record]]:
    """Every live contact. Transient when the list ends far short of what the search counts."""
    seen = 0
    for records in _pages(api, {"properties": ",".join(SHOWN)}):
        seen += len(records)
        yield records
    if seen < BELIEVABLE * count:
        raise Transient(api.system, f"the list ended after {seen} contacts where {count} are counted; read it again")


def _changed(api: Api, since: int) -> Iterator[Sequence[Record]]:
    """Contacts modified at or after an instant (epoch ms), by id.

    Going on by id instead of by offset passes the cap of 10,000 results (Incremental), and a contact that is
    edited meanwhile cannot push another one across the edge of a page.
    """
    last, left = 0, True
    while left:
        filters = [_filter("lastmodifieddate", "GTE", since), _filter("hs_object_id", "GT", last)]
        sort = {"propertyName": "hs_object_id", "direction": "ASCENDING"}
        query = {"filterGroups": [{"filters": filters}], "sorts": [sort], "limit": SEARCH, "properties": SHOWN}
        found = _search(api, query)
        records, before = found["results"], last
        last = max((int(one["id"]) for one in records), default=before)
        left = found["total"] > len(records)
        if left and last == before:
            raise Transient(api.system, f"the search counts {found['total']} contacts more and shows none; read again")
        yield records


def _filter(name: str, operator: str, value: int) -> dict[str, str]:
    return {"propertyName": name, "operator": operator, "value": str(value)}


def _search(api: Api, query: Mapping[str, Any]) -> Any:
    return api.request("POST", f"{CONTACTS}/search", json=query, repeatable=True).json()


def _pages(api: Api, params: Mapping[str, str]) -> Iterator[Sequence[Record]]:
    """The pages of a list; ``paging`` is absent on the last one (Read streams)."""

    def page(after: str | None) -> tuple[Sequence[Record], str | None]:
        body = api.request("GET", CONTACTS, params={"limit": LIST, "after": after, **params}).json()
        return body["results"], body.get("paging", {}).get("next", {}).get("after")

    return token_pages(page, system=api.system)


def _merged(records: Iterable[Record]) -> dict[str, str]:
    """Ids that these contacts swallowed in a merge: no list shows them any more (Deletion, time, enums)."""
    told = ((one["id"], one["properties"].get("hs_merged_object_ids") or "") for one in records)
    return {lost: survivor for survivor, ids in told for lost in ids.split(";") if lost}


def _archived_at(record: Record) -> int:
    return _ms(record.get("archivedAt") or record["updatedAt"])


def _ms(stamp: str) -> int:
    return (datetime.fromisoformat(stamp) - EPOCH) // timedelta(milliseconds=1)
