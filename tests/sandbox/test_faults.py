from __future__ import annotations

from sandbox.faults import Fault, Faults


def test_a_counted_fault_is_used_up() -> None:
    faults = Faults()
    faults.add(Fault(system="s", kind="latency", times=2))
    hits = [faults.take("latency", "GET", "/x") is not None for _ in range(3)]
    assert hits == [True, True, False]
    assert faults.in_force() == []


def test_what_is_in_force_is_shown_as_a_copy() -> None:
    faults = Faults()
    faults.add(Fault(system="s", kind="latency", path="^/a", method="GET"))
    faults.in_force()[0].path = "^/b"
    assert faults.take("latency", "GET", "/b/a") is None
    assert faults.take("latency", "POST", "/a") is None
    assert faults.take("latency", "GET", "/a") is not None
    assert faults.take("forbidden", "GET", "/a") is None
