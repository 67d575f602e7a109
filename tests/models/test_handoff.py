from __future__ import annotations

from models.handoff import Handoff


def test_a_handoff_writes_nothing_until_it_is_told_to() -> None:
    handoff = Handoff(system="crm", entity="customer")
    assert (handoff.mode, handoff.deletes, handoff.name) == ("off", "off", "crm.customer")
