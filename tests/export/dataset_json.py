"""What CDISC Dataset-JSON 1.1 asks of a file, as a JSON schema and as what its specification says beyond that.

From the specification (Top-level Metadata Attributes, Column Metadata, Supported Column Data Type Combinations, Row
Data; https://github.com/cdisc-org/DataExchange-DatasetJson, doc/dataset-json1-1.md) and the model beside it.
"""

from typing import Any

_TEXT = {"type": "string"}
_NAME = {"type": "string", "minLength": 1}
_FROM_ONE = {"type": "integer", "minimum": 1}
_MOMENT = {
    "type": "string",
    "pattern": r"^\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d(\.\d+)?([+-][0-2]\d:[0-5]\d|Z)?$",
}
_COLUMN = {
    "type": "object",
    "additionalProperties": False,
    "required": ["itemOID", "name", "label", "dataType"],
    "properties": {
        "itemOID": _NAME,
        "name": _NAME,
        "label": _TEXT,
        "dataType": {
            "enum": [
                *("string", "integer", "decimal", "float", "double", "boolean"),
                *("datetime", "date", "time", "URI"),
            ]
        },
        "targetDataType": {"enum": ["integer", "decimal"]},
        "length": _FROM_ONE,
        "displayFormat": _TEXT,
        "keySequence": _FROM_ONE,
    },
}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": False,
    "required": [
        *("datasetJSONCreationDateTime", "datasetJSONVersion", "itemGroupOID"),
        *("records", "name", "label", "columns"),
    ],
    "properties": {
        "datasetJSONCreationDateTime": _MOMENT,
        "datasetJSONVersion": {"type": "string", "pattern": r"^1\.1(\.(0|[1-9]\d*))?$"},
        "fileOID": _NAME,
        "dbLastModifiedDateTime": _MOMENT,
        "originator": _TEXT,
        "sourceSystem": {
            "type": "object",
            "additionalProperties": False,
            "required": ["name", "version"],
            "properties": {"name": _TEXT, "version": _TEXT},
        },
        "studyOID": _NAME,
        "metaDataVersionOID": _NAME,
        "metaDataRef": _TEXT,
        "itemGroupOID": _NAME,
        "records": {"type": "integer", "minimum": 0},
        "name": _NAME,
        "label": _TEXT,
        "columns": {"type": "array", "items": _COLUMN},
        "rows": {
            "type": "array",
            "items": {"type": "array", "items": {"type": ["string", "integer", "number", "boolean", "null"]}},
        },
    },
}
ORDER = tuple(SCHEMA["properties"])
"""The attributes in the order that the specification recommends, so that a reader can stream."""

COLUMN_ORDER = tuple(_COLUMN["properties"])  # type: ignore[arg-type]

COMBINATIONS: dict[tuple[str, str | None], type | tuple[type, ...]] = {
    ("string", None): str,
    ("integer", None): int,
    ("decimal", "decimal"): str,
    ("float", None): (int, float),
    ("double", None): (int, float),
    ("boolean", None): bool,
    ("datetime", None): str,
    ("date", None): str,
    ("time", None): str,
    ("datetime", "integer"): str,
    ("date", "integer"): str,
    ("time", "integer"): str,
    ("URI", None): str,
}
"""Which pairs of `dataType` and `targetDataType` there are, and what stands in the rows then."""
