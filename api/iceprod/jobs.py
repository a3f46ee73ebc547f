"""Jobs, tasks and files of a dataset: there are none here, for nothing is run by Muniment.

What a program that looks for them is told is that of a dataset without jobs.
"""

from __future__ import annotations

from typing import Any, ClassVar

from falcon.asgi import Request, Response

from api.door import send
from api.iceprod import replies
from api.iceprod.datasets import viewable
from api.iceprod.resource import NO_STORE, IceprodResource, fields
from api.service import Service
from domain.commands import datasets as commands
from domain.errors import Invalid

NOTHING: dict[str, Any] = {
    "jobs": {},
    "tasks": {},
    "job_counts/status": {},
    "job_summaries/status": {},
    "task_counts/status": {},
    "task_counts/name_status": {},
    "task_summaries/status": {},
    "task_stats": {},
    "files": {"files": []},
}
BULK = tuple(
    f"{part}_actions/bulk_{step}"
    for part in ("job", "task")
    for step in ("suspend", "reset", "hard_reset")
)
CHOSEN = ("jobs", "tasks")  # lists of ids


class Nothing(IceprodResource):
    """/datasets/{dataset_id}/jobs and the like"""

    def __init__(self, service: Service, said: Any) -> None:
        super().__init__(service)
        self.said = said
        self.answers = {"GET": replies.FILES if said else replies.NOTHING}

    async def on_get(self, req: Request, resp: Response, dataset_id: str) -> None:
        """200 with what a dataset without jobs has. Raises NotFound, Forbidden."""
        await viewable(self.service, req.context.actor, dataset_id)
        send(resp, self.said)
        resp.set_header("Cache-Control", NO_STORE)


class Bulk(IceprodResource):
    """/datasets/{dataset_id}/task_actions/bulk_suspend and the like"""

    answers: ClassVar = {"POST": replies.NOTHING}
    request: ClassVar = {
        "POST": {
            "type": "object",
            "properties": {name: {"type": "array", "items": {"type": "string"}} for name in CHOSEN},
            "additionalProperties": False,
        }
    }

    async def on_post(self, req: Request, resp: Response, dataset_id: str) -> None:
        """200 with nothing: of the jobs and tasks that are named, or of all, none is there.

        Raises Invalid, NotFound, Forbidden.
        """
        body = await self.body(req)
        for name, given in fields(await self.members(body), (), CHOSEN).items():
            if not isinstance(given.value, list):
                raise Invalid(f"{name} must be a list.")
        await self.run(req, body, 200, lambda _: None, commands.writable, dataset_id)
        send(resp, {})
        resp.set_header("Cache-Control", NO_STORE)
