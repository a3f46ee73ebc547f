"""Jobs, tasks and files of a dataset: there are none here, for nothing is run by Muniment.

What a program that looks for them is told is that of a dataset without jobs.
"""

from __future__ import annotations

from typing import Any

from falcon.asgi import Request, Response

from api.door import send
from api.iceprod.datasets import viewable
from api.iceprod.resource import NO_STORE, IceprodResource
from api.service import Service

NOTHING: dict[str, Any] = {
    "jobs": {},
    "tasks": {},
    "job_counts/status": {},
    "job_summaries/status": {},
    "task_counts/status": {},
    "task_stats": {},
    "files": {"files": []},
}


class Nothing(IceprodResource):
    """/datasets/{dataset_id}/jobs and the like"""

    def __init__(self, service: Service, said: Any) -> None:
        super().__init__(service)
        self.said = said

    async def on_get(self, req: Request, resp: Response, dataset_id: str) -> None:
        """200 with what a dataset without jobs has. Raises NotFound, Forbidden."""
        await viewable(self.service, req.context.actor, dataset_id)
        send(resp, self.said)
        resp.set_header("Cache-Control", NO_STORE)
