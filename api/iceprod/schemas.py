"""What IceProd's actions take, for the OpenAPI document. Source: the specification, actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.shapes import TEXT, Schema
from domain import dataset
from domain.commands.operations import EXTRA, HARD_RESET, STEPS

_CONFIG: dict[str, Any] = {
    "type": "string",
    "contentMediaType": "application/json",
    "description": "a configuration, a JSON object, as a text",
}
_MORE: dict[str, Any] = {
    "type": "string",
    "contentMediaType": "application/json",
    "description": f"a JSON object, as a text: any of {', '.join(sorted(EXTRA))}",
}
_STEP = {"enum": [*STEPS, HARD_RESET]}
_NONE_OF = {
    "type": ["array", "null"],
    "items": TEXT,
    "maxItems": 0,
    "description": "ids: of a dataset without jobs none can be named",
}


def _status(known: tuple[str, ...]) -> dict[str, Any]:
    return {"enum": [*known, None], "description": "of which: else all"}


TAKES: Mapping[str, Mapping[str, Schema]] = {
    "submit": {
        "config": _CONFIG,
        "description": dataset.PROPERTIES["description"],
        "jobs_submitted": dataset.PROPERTIES["jobs_submitted"],
        "group": dataset.PROPERTIES["group"],
        "username": {**TEXT, "description": "one's own"},
        "extra_submit_fields": _MORE,
    },
    "dataset_status": {"dataset_id": TEXT, "action": _STEP},
    "edit_config": {"dataset_id": TEXT, "config": _CONFIG},
    "job_status": {
        "dataset_id": TEXT,
        "action": _STEP,
        "initial_status": _status(dataset.JOB_STATUSES),
        "job_ids": _NONE_OF,
    },
    "task_status": {
        "dataset_id": TEXT,
        "action": _STEP,
        "initial_status": _status(dataset.TASK_STATUSES),
        "job_ids": _NONE_OF,
        "task_ids": _NONE_OF,
    },
    "materialization": {
        "dataset_id": TEXT,
        "set_status": {"enum": list(dataset.TASK_STATUSES)},
        "num": {"type": "integer", "minimum": 1},
    },
}
