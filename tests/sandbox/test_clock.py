from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sandbox.clock import Clock

START = datetime(2026, 3, 11, 15, tzinfo=UTC)


def test_it_runs_with_the_ticker_moves_ahead_and_starts_again() -> None:
    seconds = [100.0]
    clock = Clock(START, ticker=lambda: seconds[0])
    assert clock.now() == START
    seconds[0] += 2.5
    clock.advance(timedelta(hours=1))
    assert clock.now() == START + timedelta(hours=1, seconds=2.5)
    clock.restart()
    assert clock.now() == START
