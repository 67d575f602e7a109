"""The contender in pandas: the same contract, crosswalk, rules, events, conflicts and plan, as one writes it there."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.reconcile import lake
from pipelines.phone import phone_e164

ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
BARE = re.compile(r"[\W_]+")
PLACE = ["street", "city", "state", "postal_code", "country"]
NAMES = ["given_name", "family_name", "company_name", "email"]
KEYS = (
    ["email"],
    ["phone", "family_name"],
    ["phone", "company_name"],
    ["family_name", "given_name", "street", "postal_code"],
    ["company_name", "street", "postal_code"],
)
ORDER = ("hubspot", "jobber", "quickbooks_online")
OWNERS = {"phone": ("jobber", "hubspot", "quickbooks_online")} | dict.fromkeys(
    ("balance", "currency"), ("quickbooks_online", "jobber")
)
WRITTEN = {"hubspot": [*NAMES, "phone", *PLACE, "status"], "quickbooks_online": [*NAMES, "phone", *PLACE]}


def _blank(value: Any) -> Any:
    return (str(value).strip() or None) if value is not None else None


def _hubspot(record: Mapping[str, Any]) -> dict[str, Any]:
    of = record["properties"]
    stage = _blank(of["lifecyclestage"])
    place = ("address", "city", "state", "zip", "country")
    return {
        "source_id": _blank(record["id"]),
        "stamp": record["updatedAt"],
        "version": record["updatedAt"],
        **{f: _blank(of[k]) for f, k in zip(NAMES, ("firstname", "lastname", "company", "email"), strict=True)},
        "phone": of["phone"],
        **{f: _blank(of[k]) for f, k in zip(PLACE, place, strict=True)},
        "status": "active" if stage in ("customer", "evangelist") else stage and "lead",
    }


def _jobber(record: Mapping[str, Any]) -> dict[str, Any]:
    def primary(listed: list[dict[str, Any]], key: str) -> Any:
        return next((one[key] for one in listed if one["primary"]), listed[0][key] if listed else None)

    at = record["billingAddress"]
    keys = ("city", "province", "postalCode", "country")
    street = [part for part in (_blank(at["street1"]), _blank(at["street2"])) if part]
    return {
        "source_id": _blank(record["id"]),
        "stamp": record["updatedAt"],
        "version": record["updatedAt"],
        **{f: _blank(record[k]) for f, k in zip(NAMES[:3], ("firstName", "lastName", "companyName"), strict=True)},
        "email": primary(record["emails"], "address"),
        "phone": primary(record["phones"], "number"),
        "street": ", ".join(street) or None,
        **{f: _blank(at[k]) for f, k in zip(PLACE[1:], keys, strict=True)},
        "status": "inactive" if record["isArchived"] else "lead" if record["isLead"] else "active",
        "tags": sorted({node["label"] for node in record["tags"]["nodes"]}),
        "balance": _blank(record["balance"]),
        "currency": "USD",
    }


def _quickbooks(record: Mapping[str, Any]) -> dict[str, Any]:
    at = record["BillAddr"]
    lines = [part for n in range(1, 6) if (part := _blank(at.get(f"Line{n}")))]
    keys = ("City", "CountrySubDivisionCode", "PostalCode", "Country")
    return {
        "source_id": _blank(record["Id"]),
        "stamp": record["MetaData"]["LastUpdatedTime"],
        "version": record["SyncToken"],
        **{f: _blank(record[k]) for f, k in zip(NAMES[:3], ("GivenName", "FamilyName", "CompanyName"), strict=True)},
        "email": (record["PrimaryEmailAddr"] or {}).get("Address"),
        "phone": (record["PrimaryPhone"] or {}).get("FreeFormNumber"),
        "street": ", ".join(lines) or None,
        **{f: _blank(at[k]) for f, k in zip(PLACE[1:], keys, strict=True)},
        "status": "active" if record["Active"] else "inactive",
        "balance": _blank(record["Balance"]),
        "currency": _blank(record["CurrencyRef"]["value"]),
    }


READERS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "hubspot": _hubspot, "jobber": _jobber, "quickbooks_online": _quickbooks,
}  # fmt: skip


def run(folder: Path, threads: int) -> dict[str, float]:  # noqa: ARG001 - pandas has one
    """Seconds of the first contact."""
    started, worked = time.monotonic(), time.process_time()
    staged, broken = {}, []
    for system in ORDER:
        staged[system], bad = _staged(folder, system)
        broken.append(bad)
    xref = _crosswalk(staged)
    sides = {
        system: frame.merge(xref[xref.system == system], on="source_id").set_index("core_id")
        for system, frame in staged.items()
    }
    core = _core(sides, pd.Index(xref.core_id.unique(), name="core_id"))
    shown = {"xref": xref, "core": _plain(core), "changes": _events(core), "quarantine": pd.concat(broken)}
    shown |= {"conflicts": _conflicts(core, sides), "plan": _plan(core, sides)}
    seconds = {"full": time.monotonic() - started, "full cpu": time.process_time() - worked}
    target = folder / "frames"
    target.mkdir(exist_ok=True)
    for name, frame in shown.items():
        frame.to_parquet(target / f"{name}.parquet", index=False)
    return seconds


def _staged(folder: Path, system: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    raw = pd.read_parquet(lake.file(folder, system, lake.FIRST))
    frame = pd.DataFrame([READERS[system](json.loads(text)) for text in raw.record])
    frame["stamp"] = pd.to_datetime(frame.stamp, utc=True, format="ISO8601").dt.tz_localize(None)
    frame["stamp"] = frame.stamp.where(frame.stamp < raw.read_at, raw.read_at)
    frame = frame.assign(seq=raw.seq, id=raw.id, record=raw.record)
    frame = frame.sort_values(["stamp", "seq"]).drop_duplicates("id", keep="last")
    email = frame.email.str.strip().str.lower()
    frame["email"] = email.where(email.str.fullmatch(ADDRESS.pattern).eq(True), None)
    frame["phone"] = [phone_e164(_blank(text), "US") for text in frame.phone]
    bad = frame.iloc[:0]
    if "balance" in frame:
        number = pd.to_numeric(frame.balance, errors="coerce")
        bad = frame[number.isna() & frame.balance.notna()]
        frame = frame.drop(bad.index)
        frame["balance"] = number.loc[frame.index].map("{:.4f}".format)
    reason = [
        f"{system} customer: balance: '{b}' cannot be read as money (field balance)" for b in bad.get("balance", ())
    ]
    return frame, bad[["id", "source_id", "record"]].assign(system=system, reason=reason)


def _crosswalk(staged: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    parts = {part for key in KEYS for part in key}
    records = pd.concat([f[["source_id", *parts]].assign(system=s) for s, f in staged.items()])
    records = records.sort_values(["system", "source_id"]).reset_index(drop=True)
    bare = {
        part: records[part].str.lower().str.normalize("NFD").str.encode("ascii", "ignore").str.decode("ascii")
        for part in parts
    }
    bare |= {part: text.str.replace(BARE, "", regex=True) for part, text in bare.items() if part != "email"}
    ties = []
    for rank, key in enumerate(KEYS):
        joined = bare[key[0]].str.cat([bare[part] for part in key[1:]], sep="|").dropna()
        ties.append(
            pd.DataFrame({"n": joined.index, "system": records.system[joined.index], "tie": f"{rank}:" + joined})
        )
    tie = pd.concat(ties)
    held = tie.groupby(["tie", "system"], sort=False).n.agg(["min", "count"]).reset_index()
    shared = held.groupby("tie", sort=False).agg(n=("min", "count"), most=("count", "max"))
    held = held[held.tie.isin(shared[(shared.n > 1) & (shared.most <= 3)].index)].rename(columns={"min": "n"})
    leader = pd.Series(records.index, index=records.index)
    for _ in range(2):
        first = leader[held.n].set_axis(held.index).groupby(held.tie).transform("min")
        leader.update(first.groupby(held.n).min())
    founder = records.system[leader].str.cat(records.source_id[leader], sep=":")
    core_id = ["cus_" + hashlib.sha256(text.encode()).hexdigest()[:16] for text in founder]
    return records[["system", "source_id"]].assign(core_id=core_id)


def _core(sides: Mapping[str, pd.DataFrame], index: pd.Index[str]) -> pd.DataFrame:
    """value, ``__from`` and ``__at`` of each field; an address comes from one system as a whole."""
    wide = {system: frame.reindex(index) for system, frame in sides.items()}
    empty = pd.Series(None, index=index, dtype="object")
    core = pd.DataFrame(index=index)
    place = empty
    for system in reversed(ORDER):
        place = place.mask(wide[system][PLACE].notna().any(axis=1), system)
    for name in [*NAMES, "phone", *PLACE, "status", "tags", "balance", "currency"]:
        value, source, at = empty, empty, pd.Series(pd.NaT, index=index, dtype="datetime64[us]")
        for system in reversed(OWNERS.get(name, ORDER)):
            if name not in wide[system]:
                continue
            speaks = place.eq(system) if name in PLACE else wide[system][name].notna()
            value, source = value.mask(speaks, wide[system][name]), source.mask(speaks, system)
            at = at.mask(speaks, wide[system].stamp)
        core[name], core[f"{name}__from"], core[f"{name}__at"] = value, source, at
    return core


def _plain(core: pd.DataFrame) -> pd.DataFrame:
    return core[[name for name in core if "__" not in name]].reset_index()


def _events(core: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for name in _plain(core).columns.drop("core_id"):
        told = core[core[name].notna()]
        new = told[name].map(lambda labels: "[" + ", ".join(labels) + "]") if name == "tags" else told[name]
        columns = {"core_id": told.index, "new": new, "source": told[f"{name}__from"], "at": told[f"{name}__at"]}
        parts.append(pd.DataFrame(columns).assign(field=name))
    return pd.concat(parts)


def _beside(core: pd.DataFrame, side: pd.DataFrame, name: str) -> pd.DataFrame:
    """A system's value beside core's, where they differ."""
    found = side.join(core[[name, f"{name}__from", f"{name}__at"]], rsuffix="_core")
    mine, ours = found[name], found[f"{name}_core"]
    return found[(mine != ours) & (mine.notna() | ours.notna())]


def _conflicts(core: pd.DataFrame, sides: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    parts = []
    for system, side in sides.items():
        for name in [n for n in side if n in core and n != "tags"]:
            found = _beside(core, side, name)
            found = found[found[name].notna()]
            columns = {"core_id": found.index, "winner": found[f"{name}__from"], "winner_value": found[f"{name}_core"]}
            columns |= {"winner_at": found[f"{name}__at"], "loser_value": found[name], "loser_at": found.stamp}
            parts.append(pd.DataFrame(columns).assign(field=name, loser=system))
    return pd.concat(parts)


def _plan(core: pd.DataFrame, sides: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    parts = []
    cited = {system: side.source_id for system, side in sides.items()}
    for system, names in WRITTEN.items():
        for name in names:
            found = _beside(core, sides[system], name)
            found = found[found[f"{name}_core"].notna()]
            if name == "status":
                found = found[found[f"{name}_core"] != "inactive"]
            cause = found[f"{name}__from"]
            why = [cited[s].get(i) for i, s in cause.items()]
            columns = {"core_id": found.index, "target_id": found.source_id, "version": found.version, "cause_id": why}
            columns |= {"before": found[name], "after": found[f"{name}_core"], "cause": cause}
            parts.append(pd.DataFrame(columns).assign(system=system, field=name))
    return pd.concat(parts)
