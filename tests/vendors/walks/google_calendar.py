"""The calendar: every call of the twin's own walk, then tokens and a batch through the vendor's client."""

from __future__ import annotations

import gc
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.app import build_app
from sandbox.clock import Clock
from sandbox.google_calendar import TWIN
from tests.sandbox.google_calendar.conftest import TECH, Api, visit
from tests.sandbox.google_calendar.test_client import delegated
from tests.sandbox.google_calendar.test_description import walk as every_call
from tests.vendors.exchange import RecordingApp
from tests.vendors.listening import Sandbox

NAME = TWIN.name


def walk(sandbox: Sandbox) -> None:
    """Every call once, some of them by the vendor's client."""
    clock = Clock(datetime(2026, 3, 11, 15, tzinfo=UTC), ticker=lambda: 0.0)
    app = build_app(1, clock=clock, only=[NAME])
    recorder = RecordingApp(app, recording=sandbox.recording)
    every_call(Api(app=recorder, served=app.state.estate.served[NAME], clock=clock))
    _by_client(f"{sandbox.address}/{NAME}")
    gc.collect()  # the client leaves its connections to the garbage collector


def _by_client(base: str) -> None:
    discovery = pytest.importorskip("googleapiclient.discovery", reason="google-api-python-client is not installed")
    http = pytest.importorskip("googleapiclient.http")
    options = {"api_endpoint": f"{base}/calendar/v3/"}
    person = delegated(base, TWIN.credentials["subject"])
    answered: dict[str, Any] = {}
    with discovery.build("calendar", "v3", credentials=person, client_options=options, static_discovery=True) as built:
        batch = http.BatchHttpRequest(
            batch_uri=f"{base}/batch/calendar/v3", callback=lambda asked, answer, _: answered.update({asked: answer})
        )
        for number in range(3):
            batch.add(built.events().insert(calendarId=TECH, body=visit(id=f"walk{number}")), request_id=str(number))
        batch.execute()
        events = built.events().list(calendarId=TECH, maxResults=1).execute()
    assert len(answered) == 3
    assert events["nextPageToken"]
