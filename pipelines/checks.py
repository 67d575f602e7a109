"""The check that reconciliation runs on next rows: the quality room's, imported only when there are rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from models.schema import Entity
from pipelines.company import Company
from quality.spec import Verdict

if TYPE_CHECKING:
    import pandas as pd

    from pipelines.reconcile import References


def expect_work(company: Company) -> None:
    """Start the checks' engine beside a first sync, which has everything to check; later ones mostly have nothing."""
    if not company.warehouse.exists():
        from quality.gx import warm_up

        warm_up()


def check(entity: Entity, frame: pd.DataFrame, references: References) -> Sequence[Verdict]:
    """Every check of the entity on these rows; nothing to check costs nothing."""
    if frame.empty:
        return ()
    from quality.gx import checks_of, run

    return run(checks_of(entity), frame, references)
