"""What each route of IceProd's door needs, asked about what is no dataset.

No record of the matrix is one: administrators are told so, and others that they may not. Who may
what with datasets that there are is in tests/api/iceprod.
"""

from __future__ import annotations

from typing import Any

from tests.api.iceprod.submitting import CONFIG
from tests.api.matrix.lines import Line, once
from tests.api.matrix.states import administrator, signed_in

ONE = "/datasets/{dataset_id}"
NAMES = {"dataset_id": "none"}
KINDS = (
    *("submit", "dataset_status", "edit_config"),
    *("job_status", "task_status", "materialization"),
)
SAID: dict[str, Any] = {
    "description": "tin",
    "status": "errors",
    "priority": 1,
    "jobs_submitted": 10,
}


def _none(**more: Any) -> Line:
    return once(administrator, 404, names=NAMES, **more)


ON_DATASETS = {
    "GET /datasets": once(signed_in),
    "POST /datasets": once(signed_in, 400, body={}),
    "GET /dataset_summaries/status": once(signed_in),
    f"GET {ONE}": _none(),
    **{f"PUT {ONE}/{name}": _none(body={name: value}) for name, value in SAID.items()},
    **{f"POST {ONE}/dataset_actions/{each}": _none(body={}) for each in ("truncate", "hard_reset")},
    **{
        f"GET {ONE}/{each}": _none()
        for each in (
            *("jobs", "tasks", "job_counts/status", "job_summaries/status"),
            *("task_counts/status", "task_counts/name_status", "task_summaries/status"),
            *("task_stats", "files"),
        )
    },
    **{
        f"POST {ONE}/{part}_actions/bulk_{step}": _none(body={})
        for part in ("job", "task")
        for step in ("suspend", "reset", "hard_reset")
    },
    **{f"GET /actions/{kind}": once(signed_in) for kind in KINDS},
    **{f"POST /actions/{kind}": once(signed_in, 400, body={}) for kind in KINDS},
    **{
        f"GET /actions/{kind}/{{action_id}}": once(administrator, 404, names={"action_id": "none"})
        for kind in KINDS
    },
    "GET /config/{dataset_id}": _none(),
    "PUT /config/{dataset_id}": _none(body=CONFIG),
}
