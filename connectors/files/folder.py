"""The files that a path in a stack means, each as it was at one moment."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from models.errors import Unreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file: its bytes, and the hash that tells whether they changed; a copy with another date is the same file."""

    name: str
    data: bytes = field(repr=False)
    sha256: str


def files(written: str, folder: str, system: str) -> list[File]:
    """The files of a path as written (a pattern allowed, a relative one starting at ``folder``), in order of name.

    Raises Unreachable when there is none, or when one cannot be opened.
    """
    return [_opened(path, written, Path(folder).absolute(), system) for path in found(written, folder, system)]


def found(written: str, folder: str, system: str) -> list[Path]:
    """Where the files stand, in order of name. Unreachable when there is none."""
    whole = Path(folder, Path(written).expanduser()).absolute()
    root = Path(whole.anchor)
    paths = [whole] if whole.exists() else sorted(root.glob(whole.relative_to(root).as_posix()))
    there = [path for path in paths if path.is_file()]
    if not there:
        raise Unreachable(system, f"there is no file {written}; put the export there, or correct its path in the stack")
    return there


def _opened(path: Path, written: str, base: Path, system: str) -> File:
    try:
        data = path.read_bytes()
    except OSError as problem:
        why = f"{written} cannot be opened ({problem.strerror}); check its permissions"
        raise Unreachable(system, why) from problem
    name = path.relative_to(base).as_posix() if path.is_relative_to(base) else path.as_posix()
    return File(name=name, data=data, sha256=hashlib.sha256(data).hexdigest())
