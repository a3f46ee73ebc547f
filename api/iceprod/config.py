"""A dataset's configuration: what its tasks run. Source: the IceProd specification, "REST"."""

from __future__ import annotations

from typing import ClassVar

from falcon.asgi import Request, Response

from api.door import send, send_bytes
from api.iceprod import replies
from api.iceprod.datasets import viewable
from api.iceprod.resource import NO_STORE, IceprodResource
from domain import dataset, documents
from domain.commands import datasets as commands
from domain.errors import NotFound


class Config(IceprodResource):
    """/config/{dataset_id}"""

    answers: ClassVar = {"GET": replies.CONFIG, "PUT": replies.NOTHING}
    request: ClassVar = {"PUT": dataset.PROPERTIES[dataset.CONFIG]}

    async def on_get(self, req: Request, resp: Response, dataset_id: str) -> None:
        """200 with the configuration, as it was given. Raises NotFound, Forbidden."""
        found = await viewable(self.service, req.context.actor, dataset_id)
        config = documents.split(found.body).get(dataset.CONFIG)
        if config is None:
            raise NotFound("This dataset has no configuration.")
        send_bytes(resp, bytes(config))
        resp.set_header("Cache-Control", NO_STORE)

    async def on_put(self, req: Request, resp: Response, dataset_id: str) -> None:
        """200 with nothing; each configuration is a version of the dataset.

        Raises Invalid, NotFound, Forbidden, Conflict.
        """
        body = await self.body(req)
        config = await self.service.weighed(
            len(body), dataset.configuration, body, self.service.limits.json_depth
        )
        await self.run(req, body, 200, lambda _: None, commands.put_config, dataset_id, config)
        send(resp, {})
        resp.set_header("Cache-Control", NO_STORE)
