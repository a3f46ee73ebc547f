"""What IceProd's resources answer, for the OpenAPI document. Source: the specification, "REST"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.shapes import INTEGER, TEXT, TEXTS, Schema, anything, array, told
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
    "additionalProperties": told(
        "iceprod.Line", {"dataset_id": TEXT}, dataset=INTEGER, start_date=TEXT, **_FIELDS
    ),
}
SUMMARY = {"type": "object", "additionalProperties": array(TEXT)}
COUNTS = told(
    "iceprod.Counts", dict.fromkeys(("queued", "processing", "error", "complete"), INTEGER)
)
CONFIG = anything("the configuration, as it was given")
FILES = told("iceprod.Files", {"files": array(TEXTS) | {"maxItems": 0}})


def action(name: str, takes: Mapping[str, Schema]) -> dict[str, Any]:
    """Return the schema of an action, of which `payload` is what was asked for."""
    payload = {"type": "object", "properties": {"dataset_id": TEXT, **takes}}
    told_always = {"id": TEXT, "status": {"const": "complete"}, "error_message": TEXT}
    return told(f"iceprod.Action.{name}", {**told_always, "payload": payload})
