"""The way of what was read into the lake: one dlt pipeline for each system, one load for each read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any

import dlt
from dlt.common.data_types.typing import TDataType
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.normalizers.naming import NamingConvention
from dlt.common.schema.typing import TColumnSchema
from dlt.common.schema.utils import new_table
from dlt.destinations.impl.filesystem.configuration import FilesystemDestinationClientConfiguration
from dlt.extract.source import DltSource

from connectors.raw import REPORTS, ROWS
from connectors.spec import READS, Resource

_CONFIGURING = Lock()
_SETTINGS: Mapping[str, bool] = {
    "runtime.dlthub_telemetry": False,
    "normalize.parquet_normalizer.add_dlt_load_id": True,
    "load.delete_completed_jobs": True,
}
_TYPES: Mapping[str, TDataType] = {
    "string": "text",
    "bool": "bool",
    "int64": "bigint",
    "timestamp[us]": "timestamp",
}

Content = tuple[Resource, Callable[[], Iterator[Any]]]  # a resource, and what gives its tables


def append(name: str, contents: Sequence[Content], *, lake: Path | str, state_dir: Path, ours: bool) -> None:
    """Append what the resources of a system give, as one load. Nothing of it stands in the lake before all of it does.

    lake  folder or object-store address; state_dir: working folder of the pipelines
    ours  the newest load of the lake is ours and was finished: there is nothing to be found there or to be made up for
    """
    pipeline = _pipeline(name, lake, state_dir)
    place = pipeline.pipeline_name
    source = DltSource(_schema(place, [one for one, _ in contents]), place, [_resource(*one) for one in contents])
    if ours:
        pipeline.extract(source, loader_file_format="parquet")
        pipeline.normalize()
        pipeline.load()
        return
    if pipeline.has_pending_data:  # what an earlier run read and could not load any more
        pipeline.run()
    pipeline.run(source, loader_file_format="parquet")


def _pipeline(name: str, lake: Path | str, state_dir: Path) -> dlt.Pipeline:
    import_module("pandas")  # Arrow imports it with the first page, and dlt falls over one half imported elsewhere
    address = lake.resolve().as_uri() if isinstance(lake, Path) else lake
    _configure(dlt.config)
    return dlt.pipeline(
        pipeline_name=name,
        dataset_name=name,
        pipelines_dir=str(state_dir),
        destination=_Lake(bucket_url=f"{address}/raw"),
    )


def _configure(config: Any) -> None:
    """Set what dlt keeps for the whole process: once, and not from the threads of several systems at the same time.

    Its settings are one document, which a write beside another write, or beside a look, breaks.
    """
    with _CONFIGURING:
        for key, value in _SETTINGS.items():
            if config.get(key, bool) != value:
                config[key] = value


class _Lake(dlt.destinations.filesystem):
    """The lake. What a folder can hold does not hang on its settings, so they are not looked up to answer that.

    dlt asks for it twenty times a run, and each time would look for every setting in every place: more than half of the
    time of a read that finds nothing.
    """

    @property
    def destination_type(self) -> str:
        """That of its base, which is what the state of a pipeline remembers."""
        return "dlt.destinations.filesystem"

    def capabilities(
        self,
        config: FilesystemDestinationClientConfiguration | None = None,
        naming: NamingConvention | None = None,
    ) -> DestinationCapabilitiesContext:
        return super().capabilities(config or self.spec(), naming)


def _schema(name: str, resources: Sequence[Resource]) -> dlt.Schema:
    """The tables as they are, told beforehand, because dlt would give every instant an offset."""
    schema = dlt.Schema(name)
    for table, form in ((READS, REPORTS), *((one.name, ROWS) for one in resources)):
        columns = [TColumnSchema(name=one.name, data_type=_TYPES[str(one.type)], timezone=False) for one in form]
        schema.update_table(new_table(table, write_disposition="append", columns=columns))
    return schema


def _resource(resource: Resource, tables: Callable[[], Iterator[Any]]) -> Any:
    def pages() -> Iterator[Any]:  # dlt wants a function of its own, whatever is called in it
        yield from tables()

    return dlt.resource(pages, name=resource.name, write_disposition="append", max_table_nesting=0)
