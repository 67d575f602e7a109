"""Where the reads of a system ended, kept beside dlt, so that a read that brings nothing needs no load.

What dlt does for one load takes a tenth of a second, whatever is in it, and most reads bring nothing. Its own state is
the one that counts: what stands here is believed only while the newest load of the lake is the one that it was written
after, and is taken away before the next load begins. Without it dlt finds out itself where the reads ended.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import simplejson
from dlt.common.storages.load_package import create_load_id
from fsspec.core import url_to_fs

from connectors.raw import folder_of, newest_load
from connectors.spec import READS

States = dict[str, dict[str, Any]]  # resource -> what its reader keeps: cursor, last full count

_FILE = "resume.json"


def recall(folder: Path, lake: Path | str, system: str) -> States:
    """What ``keep`` kept; nothing when something else was loaded since, the lake is another one, or it is damaged."""
    try:
        kept = simplejson.loads((folder / _FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):  # a machine that stops at once may leave a file without its text
        return {}
    return dict(kept["states"]) if kept["load"] == newest_load(lake, system) else {}


def forget(folder: Path) -> None:
    """Before a load begins: one that breaks off leaves nothing here to be believed."""
    (folder / _FILE).unlink(missing_ok=True)


def keep(folder: Path, lake: Path | str, system: str, states: States) -> None:
    """After a load, or a read that needed none: where the next reads go on. It stands whole or not at all."""
    text = simplejson.dumps({"load": newest_load(lake, system), "states": states})
    written = folder / f"{_FILE}.{uuid.uuid4().hex}"
    written.write_text(text, encoding="utf-8")
    written.replace(folder / _FILE)


def note(lake: Path | str, system: str, rows: Sequence[pa.Table]) -> None:
    """The rows of ``reads`` of a read that brought nothing. It is no load: there is nothing to be staged of it."""
    files, root = url_to_fs(f"{lake}/raw/{folder_of(system)}")
    load = create_load_id()
    whole = pa.concat_tables(rows)
    path = f"{root}/{READS}/{load}.{uuid.uuid4().hex[:10]}"
    with files.open(f"{path}.part", "wb") as file:
        pq.write_table(whole.append_column("_dlt_load_id", pa.array([load] * len(whole), pa.string())), file)
    files.mv(f"{path}.part", f"{path}.parquet")
