from __future__ import annotations

from pipelines.provenance import causes
from pipelines.warehouse import Warehouse
from tests.pipelines.shop import MODEL


def test_what_is_looked_up_in_records_that_no_system_has_has_no_cause() -> None:
    warehouse = Warehouse(":memory:")
    try:
        assert causes(warehouse, MODEL, "assignment", {"asg_1": {"title": None, "place": None}}) == {"asg_1": {}}
    finally:
        warehouse.close()
