"""What IceProd's resources answer, for the OpenAPI document. Source: the specification, "REST"."""

from __future__ import annotations

from typing import Any

from api.shapes import INTEGER, OBJECT, TEXT, Schema, array, told
from domain import dataset

NOTHING: dict[str, Any] = {"type": "object", "maxProperties": 0}
MADE = told("iceprod.Made", {"result": TEXT})
_FIELDS: dict[str, Schema] = {
    name: schema for name, schema in dataset.PROPERTIES.items() if name not in dataset.APART
}
_OWN = {"dataset_id": TEXT, "dataset": INTEGER, "start_date": TEXT}
DATASET = told("iceprod.Dataset", _OWN, **_FIELDS)
DATASETS = {
    "type": "object",
    "additionalProperties": told("iceprod.Line", {"dataset_id": TEXT}, **_FIELDS),
}
SUMMARY = {"type": "object", "additionalProperties": array(TEXT)}
COUNTS = told(
    "iceprod.Counts", dict.fromkeys(("queued", "processing", "error", "complete"), INTEGER)
)
ACTION = told(
    "iceprod.Action", {"id": TEXT, "status": TEXT, "error_message": TEXT, "payload": OBJECT}
)
