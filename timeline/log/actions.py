"""The actions of which a commit file consists, as the Delta protocol spells them (reader version 1, writer version 2).

Only the few that the log needs. Writing them to a commit file is left to `commits`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

import pyarrow as pa
from deltalake import Schema

from timeline.log import layout
from timeline.log.record import Stamp
from timeline.log.write import NewFile

Action = dict[str, Any]

STAMP: Final = "timeline"
"""The key in `commitInfo` under which a commit carries the stamp of the log."""

_OPERATIONS: Final = {"create": "CREATE TABLE", "declare": "ADD COLUMNS"}


def protocol() -> Action:
    return {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}


def metadata(columns: pa.Schema, before: Mapping[str, Any] | None = None) -> Action:
    """The columns and settings of the table: its first ones, or the same table as before with other columns."""
    kept = before or {"id": str(uuid4()), "createdTime": _now()}
    return {
        "metaData": {
            "id": kept["id"],
            "name": None,
            "description": None,
            "format": {"provider": "parquet", "options": {}},
            "schemaString": Schema.from_arrow(columns).to_json(),
            "partitionColumns": [],
            "createdTime": kept["createdTime"],
            "configuration": layout.CONFIGURATION,
        }
    }


def add(file: NewFile, data_change: bool) -> Action:
    values = {
        "path": file.path,
        "partitionValues": {},
        "size": file.size,
        "modificationTime": _now(),
        "dataChange": data_change,
        "stats": file.stats,
    }
    return {"add": values}


def remove(path: str, size: int) -> Action:
    """Takes a file out of the table whose rows are in another one of the same commit."""
    values = {
        "path": path,
        "deletionTimestamp": _now(),
        "dataChange": False,
        "extendedFileMetadata": True,
        "partitionValues": {},
        "size": size,
    }
    return {"remove": values}


def transaction(application: str, version: int) -> Action:
    return {"txn": {"appId": application, "version": version, "lastUpdated": _now()}}


def commit_info(stamp: Stamp) -> Action:
    operation = "OPTIMIZE" if stamp.compaction else _OPERATIONS.get(stamp.record.kind, "WRITE")
    values = {
        "timestamp": _now(),
        "operation": operation,
        "operationParameters": {"mode": "Append"} if operation == "WRITE" else {},
        "engineInfo": "catamnesis",
        STAMP: stamp.to_json(),
    }
    return {"commitInfo": values}


def _now() -> int:
    return int(time.time() * 1000)
