"""Founding the workspace: the office, everybody who ever drove out, a few channels, and what was said in dispatch."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.company import Appointment, Company, Technician
from sandbox.slack.dialect import BOT, BOT_USER, TEAM, seconds, stamp
from sandbox.slack.messages import keep
from sandbox.store import Store
from sandbox.twin import Record

IDS = {"channel": "C0KRQLD01"}
OWNER = "U0KRQLJ00"
GENERAL, OFFICE, OLD = "C0KRQLG00", "C0KRQLP02", "C0KRQLZ03"
FOUNDED_BEFORE = timedelta(days=500)
TALKED_OF = 12  # of the latest visits somebody said something


def seed(company: Company, store: Store) -> None:
    """Fill an empty store with the company's part of Slack."""
    domain = next((one.email.partition("@")[2] for one in company.technicians), "example.com")
    store.put("team", TEAM, {"name": company.name, "domain": domain.partition(".")[0], "owner": OWNER})
    founded, zone = company.now - FOUNDED_BEFORE, company.time_zone
    _seed_user(store, OWNER, ("Dispatch", "Office"), f"office@{domain}", "", founded, zone, is_admin=True)
    _seed_user(store, "USLACKBOT", ("Slackbot", ""), None, "", founded, zone)
    _seed_user(store, BOT_USER, ("Plumbline", ""), None, "", founded, zone, is_bot=True)
    ids = {one.key: _seed_technician(store, one, n, founded, zone) for n, one in enumerate(company.technicians, 1)}
    members = len(store.all("users"))
    for id, name, more in (
        (GENERAL, "general", {"is_general": True, "is_member": False}),
        (IDS["channel"], "dispatch", {}),
        (OFFICE, "office", {"is_private": True, "is_member": False, "num_members": 1}),
        (OLD, "storm-2025", {"is_archived": True, "is_member": False}),
    ):
        _seed_channel(store, id, name, seconds(founded), {"num_members": members, **more})
    past = [one for one in company.appointments if one.starts_at and one.starts_at < company.now and one.technicians]
    for visit in sorted(past, key=lambda one: (one.starts_at or company.now, one.key))[-TALKED_OF:]:
        _seed_remark(store, visit, ids)


def _seed_technician(store: Store, one: Technician, place: int, founded: datetime, zone: str) -> str:
    id = f"U0KRQLT{place:02}"
    _seed_user(store, id, (one.given_name, one.family_name), one.email, one.phone, founded, zone,
               deleted=not one.active)  # fmt: skip
    return id


def _seed_user(
    store: Store, id: str, name: tuple[str, str], email: str | None, phone: str, founded: datetime, zone: str,
    **more: bool,
) -> None:  # fmt: skip
    real, local = " ".join(filter(None, name)), ZoneInfo(zone)
    offset = founded.astimezone(local).utcoffset() or timedelta()
    profile: Record = {
        "real_name": real, "real_name_normalized": real, "display_name": name[0].lower(),
        "display_name_normalized": name[0].lower(), "first_name": name[0], "last_name": name[1], "title": "",
        "phone": phone, "skype": "", "status_text": "", "status_emoji": "", "status_expiration": 0,
        "avatar_hash": "g0a1b2c3d4e5", "fields": {}, "team": TEAM,
    }  # fmt: skip
    if email is not None:
        profile["email"] = email
    if more.get("is_bot"):
        profile["bot_id"] = BOT
    record: Record = {
        "id": id, "team_id": TEAM, "name": real.lower().replace(" ", "."), "deleted": False, "color": "9f69e7",
        "real_name": real, "tz": zone, "tz_label": founded.astimezone(local).tzname(),
        "tz_offset": int(offset.total_seconds()), "is_admin": False, "is_owner": False, "is_primary_owner": False,
        "is_restricted": False, "is_ultra_restricted": False, "is_bot": False, "is_app_user": False,
        "updated": seconds(founded), "profile": profile,
    }  # fmt: skip
    store.put("users", id, {**record, **more})


def _seed_channel(store: Store, id: str, name: str, created: int, more: Record) -> None:
    said = {"value": "", "creator": "", "last_set": 0}
    record: Record = {
        "id": id, "name": name, "name_normalized": name, "is_channel": True, "is_group": False, "is_im": False,
        "is_mpim": False, "is_private": False, "created": created, "creator": OWNER, "is_archived": False,
        "is_general": False, "is_shared": False, "is_ext_shared": False, "is_org_shared": False, "is_member": True,
        "topic": dict(said), "purpose": dict(said), "previous_names": [],
    }  # fmt: skip
    store.put("channels", id, {**record, **more})


def _seed_remark(store: Store, visit: Appointment, ids: dict[str, str]) -> None:
    """Somebody of the crew says that they are there."""
    at = visit.starts_at
    if at is not None:
        said = {"type": "message", "user": ids[visit.technicians[0]], "text": f"on site, {visit.title}", "team": TEAM}
        micros = int(at.timestamp()) * 1_000_000 + 100_000 + len(store.all("messages"))
        keep(store, {**said, "ts": stamp(micros), "channel": IDS["channel"]})
