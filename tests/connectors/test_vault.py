from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest

from connectors.vault import KEY_VARIABLE, FileVault
from models.errors import CredentialError


def test_values_survive_and_are_not_readable_in_the_file(tmp_path: Path) -> None:
    FileVault(tmp_path / "tokens").put("token:acme", "very-secret")
    assert FileVault(tmp_path / "tokens").get("token:acme") == "very-secret"
    assert b"very-secret" not in (tmp_path / "tokens").read_bytes()


def test_only_the_owner_may_read_vault_and_key(tmp_path: Path) -> None:
    FileVault(tmp_path / "tokens").put("a", "b")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("tokens", "tokens.key")]
    assert modes == [0o600, 0o600]


def test_the_key_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "a passphrase of the company")
    FileVault(tmp_path / "tokens").put("a", "b")
    assert not (tmp_path / "tokens.key").exists()
    assert FileVault(tmp_path / "tokens", "a passphrase of the company").get("a") == "b"


def test_a_wrong_key_is_said_and_nothing_is_overwritten(tmp_path: Path) -> None:
    FileVault(tmp_path / "tokens", "one").put("a", "b")
    before = (tmp_path / "tokens").read_bytes()
    with pytest.raises(CredentialError, match=KEY_VARIABLE):
        FileVault(tmp_path / "tokens", "another").put("a", "c")
    assert (tmp_path / "tokens").read_bytes() == before


def test_an_unknown_key_has_no_value(tmp_path: Path) -> None:
    assert FileVault(tmp_path / "tokens").get("nobody") is None


def test_parallel_writers_lose_nothing(tmp_path: Path) -> None:
    vault = FileVault(tmp_path / "tokens")
    writers = [threading.Thread(target=FileVault(tmp_path / "tokens").put, args=(str(n), str(n))) for n in range(12)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [vault.get(str(n)) for n in range(12)] == [str(n) for n in range(12)]


def test_one_holder_at_a_time_across_vault_objects(tmp_path: Path) -> None:
    one, two = FileVault(tmp_path / "tokens"), FileVault(tmp_path / "tokens")
    order: list[str] = []
    entered = threading.Event()

    def second() -> None:
        entered.set()
        with two.hold("token:acme"):
            order.append("second")

    with one.hold("token:acme"):
        thread = threading.Thread(target=second)
        thread.start()
        assert entered.wait(5)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]
