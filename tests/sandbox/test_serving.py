from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from sandbox.__main__ import main
from sandbox.serving import listen, serving

ROOT = Path(__file__).parents[2]


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--only", "caldav", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_is_ready_and_stops_cleanly(number: signal.Signals) -> None:
    with started("--seed", "2") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("sandbox ready on http://127.0.0.1:"), line
        address = line.split()[-1]
        # The connection is left open: a client that idles must not hold the stop up.
        with httpx.Client(base_url=address) as client:
            assert client.get("/_sandbox/systems").status_code == 200
            process.send_signal(number)
            rest, errors = process.communicate(timeout=20)
        assert (process.returncode, rest, errors) == (0, "", "")


@pytest.mark.parametrize("host", ["192.0.2.1", "::ffff:192.0.2.1", "example.com"])
def test_only_loopback_is_served(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="loopback"):
        listen(host, 0)
    with pytest.raises(SystemExit) as stopped:
        main(["--host", host])
    assert stopped.value.code == 2
    assert "loopback" in capsys.readouterr().err


def test_a_taken_port_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with listen("127.0.0.1", 0) as bound:
        bound.listen()
        assert main(["--port", str(bound.getsockname()[1])]) == 1
    assert "cannot serve on 127.0.0.1" in capsys.readouterr().err


def test_a_served_sandbox_knows_its_own_address() -> None:
    with serving(only=["caldav"]) as address:
        (system,) = httpx.get(f"{address}/_sandbox/systems").json()["systems"]
        assert system["base_url"] == f"{address}/caldav"
