"""Write the next revision: ``python -m pipelines.ledger.migrations NAME``, or ``make revision NAME=...``.

It is what tables.py says and the revisions so far do not. Read it before it is committed: alembic sees tables, columns,
indexes and keys; what becomes of the rows, and a changed check, it cannot know.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from sqlalchemy import create_engine

from pipelines.ledger import schema


def write_revision(name: str) -> str:
    """Write ``versions/rNNNN_name.py``; gives the id. ValueError when that would not be one of 32 characters."""
    from alembic import command

    known = schema.revisions()
    id = f"r{len(known) + 1:04}_{name}"
    if not re.fullmatch(r"[a-z0-9_]{7,32}", id):
        raise ValueError(f"{id!r} is no id: small letters, digits and underscores, at most 32 characters in all")
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{Path(folder) / 'ledger.sqlite'}")
        with engine.begin() as db:
            if known:
                schema.upgrade(db, "head")
            command.revision(schema.config(db), name.replace("_", " ").capitalize(), autogenerate=True, rev_id=id)
        engine.dispose()
    return id


if __name__ == "__main__":
    print(write_revision(sys.argv[1]))  # noqa: T201  # what was made, for whoever asked
