"""Where renewed tokens are kept between runs: encrypted, one renewal at a time, never in raw, ledger or stack."""

from __future__ import annotations

import base64
import binascii
import fcntl
import hashlib
import json
import os
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from cryptography.fernet import Fernet, InvalidToken

from models.errors import CredentialError

KEY_VARIABLE = "PLUMBLINE_KEY"


class Vault(Protocol):
    """Where renewed tokens are kept. Values are opaque texts; ``hold`` makes one renewal at a time."""

    def get(self, key: str) -> str | None: ...
    def put(self, key: str, value: str) -> None: ...
    def hold(self, key: str) -> AbstractContextManager[None]: ...


class MemoryVault:
    """A vault that forgets with the process: for tests, and for systems whose tokens never change."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}
        self._guard = threading.Lock()
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def get(self, key: str) -> str | None:
        return self._values.get(key)

    def put(self, key: str, value: str) -> None:
        self._values[key] = value

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        with self._guard:
            lock = self._locks[key]
        with lock:
            yield


class FileVault:
    """An encrypted file (Fernet), rewritten whole and atomically, shared by threads and processes.

    The key is ``PLUMBLINE_KEY`` (a Fernet key, or any passphrase), else a key file beside it that only its
    owner can read. CredentialError when the file cannot be opened with the key.
    """

    def __init__(self, path: Path, key: str | None = None) -> None:
        self._path = path
        self._fernet = Fernet(_fernet_key(key or os.environ.get(KEY_VARIABLE) or _key_beside(path)))
        self._threads = MemoryVault()

    def get(self, key: str) -> str | None:
        return self._read().get(key)

    def put(self, key: str, value: str) -> None:
        with self.hold(".write"):
            self._write(self._read() | {key: value})

    @contextmanager
    def hold(self, key: str) -> Iterator[None]:
        name = hashlib.sha256(key.encode()).hexdigest()[:12]
        with self._threads.hold(key), self._path.with_suffix(f".{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _read(self) -> dict[str, str]:
        if not self._path.exists():
            return {}
        try:
            return dict(json.loads(self._fernet.decrypt(self._path.read_bytes())))
        except InvalidToken as problem:
            raise CredentialError(
                f"the token vault {self._path.name} cannot be opened with this key; set {KEY_VARIABLE} to the key it "
                "was written with, or remove the file and connect the systems again"
            ) from problem

    def _write(self, values: Mapping[str, str]) -> None:
        draft = self._path.with_suffix(f".{os.getpid()}.new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(self._fernet.encrypt(json.dumps(dict(values)).encode()))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)


def _fernet_key(text: str) -> bytes:
    try:
        if len(base64.urlsafe_b64decode(text)) == 32:
            return text.encode()
    except (binascii.Error, ValueError):
        pass  # not a Fernet key: then it is a passphrase
    derived = hashlib.scrypt(text.encode(), salt=b"plumbline vault", n=2**14, r=8, p=1, dklen=32)
    return base64.urlsafe_b64encode(derived)


def _key_beside(path: Path) -> str:
    """The key in ``<vault>.key``, made at first use; whoever makes it first wins."""
    file = path.with_suffix(".key")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(key := Fernet.generate_key().decode())
    return key
