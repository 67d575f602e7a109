"""The scripts, the same for everyone: what people and the office do, and what is left of it afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.calendars.contestants import Contestant, Ours
from benchmarks.calendars.server import edited

Script = Callable[[Contestant, int, int], "Outcome"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one script: so many of so many kept, what else is wrong, and what was said or done instead."""

    kept: int
    of: int
    flaws: tuple[str, ...] = ()
    remark: str = ""

    @property
    def met(self) -> bool:
        return self.kept == self.of and not self.flaws


def different_fields(one: Contestant, count: int, visits: int) -> Outcome:
    """The office corrects each title while people write a place or a note into the same events."""
    settle(one, visits)
    chosen = range(count)
    one.server.edit(chosen)
    one.office(dict.fromkeys(range(visits), 1) | dict.fromkeys(chosen, 2))
    one.sync()
    one.sync()
    sides = (one.server.events(), one.known())
    written = set.intersection(*(set(edited(side, chosen)) for side in sides))
    renamed = set.intersection(*({e.visit for e in side if e.revision == 2} for side in sides))
    remark = f"of the office's {len(renamed)} of {count}, of people's {len(written)} of {count}"
    return Outcome(kept=len(renamed) + len(written), of=2 * count, flaws=_flaws(one, visits), remark=remark)


def delete_against_edit(one: Contestant, count: int, visits: int) -> Outcome:
    """The office deletes visits in which people have written since: somebody has to be asked, and nothing lost."""
    settle(one, visits)
    chosen = range(count)
    one.server.edit(chosen)
    one.office(dict.fromkeys(range(count, visits), 1))
    one.sync()
    one.sync()
    standing = len(edited(one.server.events(), chosen))
    if isinstance(one, Ours):
        asked = one.waiting()
        remark = f"{asked[0]['rule']}: {asked[0]['state']}" if asked else ""
        return Outcome(kept=min(len(asked), standing), of=count, flaws=_flaws(one, visits), remark=remark)
    back = len(edited(one.known(), chosen))
    return Outcome(kept=0, of=count, remark=f"{standing} edits stand, {back} deleted visits are back, nobody is asked")


def edit_against_delete(one: Contestant, count: int, visits: int) -> Outcome:
    """People take visits out of their calendars which the office corrects meanwhile: again somebody has to be asked."""
    settle(one, visits)
    chosen = range(count)
    one.server.delete(chosen)
    one.office(dict.fromkeys(range(visits), 1) | dict.fromkeys(chosen, 2))
    one.sync()
    one.sync()
    back = len(set(chosen) & set(_standing(one)))
    if isinstance(one, Ours):
        asked = one.waiting()
        remark = f"{asked[0]['rule']}: {asked[0]['state']}" if asked else ""
        return Outcome(kept=min(len(asked), count - back), of=count, flaws=tuple(_twice(one)), remark=remark)
    return Outcome(kept=0, of=count, remark=f"{back} deleted visits are back, nobody is asked")


def vanished(one: Contestant, count: int, visits: int) -> Outcome:
    """The office's list is suddenly short, as while it is being rebuilt: nothing of it may be deleted unasked."""
    settle(one, visits)
    one.office(dict.fromkeys(range(count, visits), 1))
    said = [one.sync(), one.sync()]
    reasons = []
    if isinstance(one, Ours):
        reasons.append(str(said[0]["systems"]["office"].get("error", "")))
        # A person looked at the list and believes it; the sheer number of deletions is another reason.
        held = one.sync(believe=["office.visits"])["handoffs"][0]
        reasons.append(f"{held['held']} held: {held['hold']}")
    kept = len(set(range(count)) & set(_standing(one)))
    return Outcome(kept=kept, of=count, flaws=tuple(_twice(one)), remark="; ".join(reasons) or "deleted at once")


def killed(one: Contestant, count: int, visits: int) -> Outcome:
    """The first push dies half way; people write into what it wrote last before it is run again."""
    one.office(dict.fromkeys(range(visits), 1))
    one.killed(visits // 2)
    chosen = [e.visit for e in one.server.events()][-count:]
    one.server.edit(chosen)
    one.sync()
    one.sync()
    kept = len(edited(one.server.events(), chosen))
    return Outcome(kept=kept, of=count, flaws=_flaws(one, visits))


def settle(one: Contestant, visits: int) -> None:
    """All visits stand in the calendars, and a second sync has seen them there; at once where they stand already."""
    if _standing(one) == list(range(visits)):
        return
    one.office(dict.fromkeys(range(visits), 1))
    one.sync()
    one.sync()
    assert _standing(one) == list(range(visits)), f"{_standing(one)} stand where {visits} visits are wanted"


def _standing(one: Contestant) -> list[int]:
    return sorted(e.visit for e in one.server.events())


def _flaws(one: Contestant, visits: int) -> tuple[str, ...]:
    """Visits that stand twice, or do not stand any more."""
    gone = set(range(visits)) - set(_standing(one))
    return (*_twice(one), *(f"visit {visit} is missing" for visit in sorted(gone)))


def _twice(one: Contestant) -> list[str]:
    return [f"visit {visit} stands {n} times" for visit, n in Counter(_standing(one)).items() if n > 1]


# What each script is called, and how many of how many visits it is about.
SCRIPTS: Mapping[str, tuple[Script, int, int]] = {
    "different fields edited on both sides": (different_fields, 20, 20),
    "deleted by the office, edited by people since: asked": (delete_against_edit, 20, 120),
    "deleted by people, edited by the office since: asked": (edit_against_delete, 20, 120),
    "59 of 80 vanish from the office's list: held": (vanished, 59, 80),
    "killed in the middle, 20 edits, resumed": (killed, 20, 80),
}
