"""Writing payment links: one page for each open bill, which takes one payment of what is still open.

The amount of a link can never be changed (Writes, product, price), so another amount is another link: the old one is
switched off first, so that there is never more than one that can be paid. What we said of the bill stands in the
metadata, and a link that is off because of what we said is told apart from one that a person switched off.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connectors.answers import current
from connectors.spec import Api, Outgoing, Record, Written
from connectors.stripe import reading
from connectors.stripe.dialect import MARKER, ODD, post
from models.errors import Rejected
from models.minor import to_minor

PATH = "/v1/payment_links"
STATE = "state"  # metadata: how far the bill is, as we said it; OFF of an open one whose link is off all the same
OFF = "off"
SUCCESSOR = "replaced_by"  # metadata of a link that another took the place of
SHOWN = {"expand": ["line_items"]}


def create(api: Api, out: Outgoing) -> Written:
    """A link for what is open of the bill, good for one payment."""
    if not _payable(api, out):
        said = f"invoice {out.change.core_id} has nothing open that could be paid; look at its status and its balance"
        raise Rejected(out.change.system, said)
    return _written(_made(api, out, key=out.key))


def update(api: Api, out: Outgoing) -> Written:
    """The link as the bill is now: off once nothing can be paid any more, another one when the amount is another."""
    id = str(out.change.target_id)
    found = reading.link(api, id)
    known = current(api, found if found and _core_id(found) else None, f"payment link {id}")
    if not _payable(api, out):
        return _written(_switched(api, out, known, active=False, state=_state(out)))
    stands = known["active"] or (used_up(known) and _state_of(known) == "open")
    if stands and _amount(api, out) == asked(known):
        return _written(_switched(api, out, known, active=known["active"], state="open"))
    return _written(_replaced(api, out, known))


def remove(api: Api, out: Outgoing) -> Written:
    """A link is never deleted (Deletes): it is switched off, and ours no longer."""
    id = str(out.change.target_id)
    if reading.link(api, id) is not None:
        post(api, f"{PATH}/{id}", {"active": False, "metadata": {MARKER: None}}, key=f"{out.key}-gone")
    return Written(id=id)


def fetch(api: Api, id: str) -> Written | None:
    """The link, or the one in its place; one that is no longer ours, or that a person switched off, is gone."""
    record = reading.link(api, id)
    if record is not None and (successor := _said(record, SUCCESSOR)):
        record = reading.link(api, successor)
    return _written(record) if record is not None and _stands(record) else None


def find(api: Api, out: Outgoing) -> Written | None:
    """The link that a create of unknown outcome made; lists cannot be asked for metadata, so all are looked at."""
    record = _standing(api, out.change.core_id)
    return None if record is None else _written(record)


def asked(link: Record) -> int:
    """What a link asks for, in the smallest unit of its currency."""
    return sum(int(item["amount_total"]) for item in link["line_items"]["data"])


def used_up(link: Record) -> bool:
    """Whether the payment that it is good for was made."""
    sessions = (link.get("restrictions") or {}).get("completed_sessions") or {}
    return bool(sessions.get("limit")) and int(sessions.get("count") or 0) >= int(sessions["limit"])


def _made(api: Api, out: Outgoing, *, key: str) -> Record:
    number = out.change.desired.get("number")
    title, code = f"Invoice {number}" if number else "Invoice", _currency(api, out)
    price = {"currency": code.lower(), "unit_amount": _amount(api, out), "product_data": {"name": title}}
    ours = {MARKER: out.change.core_id, **({"number": number} if number else {})}
    body = {
        "line_items": [{"price_data": price, "quantity": 1}],
        "metadata": {**ours, **_told(out), STATE: "open"},
        # What a link says stays with it; its payment is told apart by what it carries itself (Writes).
        "payment_intent_data": {"description": title, "metadata": ours},
        "restrictions": {"completed_sessions": {"limit": 1}},
    }
    return post(api, PATH, body | SHOWN, key=key)


def _switched(api: Api, out: Outgoing, link: Record, *, active: bool, state: str) -> Record:
    said = {"number": out.change.desired.get("number"), **_told(out), STATE: state}
    body = {"active": active, "metadata": said}
    return post(api, f"{PATH}/{link['id']}", body | SHOWN, key=f"{out.key}-{'on' if active else 'off'}")


def _replaced(api: Api, out: Outgoing, link: Record) -> Record:
    """Another link in the place of one. Cut short in between, it goes on where it stopped: the old one is off.

    Rejected when the old one was paid, also when that happened only now.
    """
    begun = not link["active"]
    if not begun:
        link = _switched(api, out, link, active=False, state=OFF)
    if used_up(link):
        said = (
            f"payment link {link['id']} was paid and the bill is open; book its payment, or ask for the rest yourself"
        )
        raise Rejected(api.system, said)
    made = _standing(api, out.change.core_id, but=link["id"]) if begun else None
    if made is not None and asked(made) != _amount(api, out):
        _let_go(api, out, made["id"], None)
        made = None
    made = made or _made(api, out, key=f"{out.key}-new")
    _let_go(api, out, link["id"], made["id"])
    return made


def _let_go(api: Api, out: Outgoing, id: str, successor: str | None) -> None:
    body = {"active": False, "metadata": {MARKER: None, SUCCESSOR: successor}}
    post(api, f"{PATH}/{id}", body, key=f"{out.key}-{id}-replaced")


def _standing(api: Api, core_id: str, *, but: str = "") -> Record | None:
    for rows in reading.links(api):
        for record in rows:
            if _core_id(record) == core_id and record["id"] != but and _stands(record):
                return record
    return None


def _stands(link: Record) -> bool:
    """Whether it is ours, and not switched off by somebody while the bill is open."""
    return bool(_core_id(link)) and (link["active"] or used_up(link) or _state_of(link) != "open")


def _core_id(link: Record) -> str:
    return _said(link, MARKER)


def _state_of(link: Record) -> str:
    return _said(link, STATE) or "open"


def _said(link: Record, name: str) -> str:
    return str((link.get("metadata") or {}).get(name) or "")


def _told(out: Outgoing) -> dict[str, Any]:
    total = out.change.desired.get("total")
    return {"total": None if total is None else f"{Decimal(total):f}"}


def _state(out: Outgoing) -> str:
    status = str(out.change.desired.get("status") or "open")
    return OFF if status == "open" else status


def _payable(api: Api, out: Outgoing) -> bool:
    return out.change.desired.get("status") == "open" and _amount(api, out) > 0


def _amount(api: Api, out: Outgoing) -> int:
    """What is open, where the books say it, else the whole; in the smallest unit."""
    known = out.change.desired
    open_ = known.get("balance") if known.get("balance") is not None else known.get("total")
    return 0 if open_ is None else to_minor(Decimal(open_), _currency(api, out), ODD)


def _currency(api: Api, out: Outgoing) -> str:
    return str(out.change.desired.get("currency") or api.context.currency)


def _written(record: Record) -> Written:
    return Written(id=record["id"], record=record)
