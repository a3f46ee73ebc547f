"""A dataset's configuration: what its tasks run. Source: the IceProd specification, "REST"."""

from __future__ import annotations

from typing import ClassVar

import orjson
from falcon.asgi import Request, Response

from api.door import send, send_bytes
from api.iceprod import replies
from api.iceprod.datasets import viewable
from api.iceprod.resource import NO_STORE, IceprodResource
from domain import dataset, documents
from domain.commands import datasets as commands
from domain.errors import Invalid, NotFound
from domain.values import Body

ID = "dataset_id"


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
            len(body), without_id, body, dataset_id, self.service.limits.json_depth
        )
        await self.run(
            req, body, 200, lambda _: None, commands.put_config, dataset_id, Body(config)
        )
        send(resp, {})
        resp.set_header("Cache-Control", NO_STORE)


def without_id(body: bytes, dataset_id: str, max_depth: int) -> bytes:
    """Return a configuration without the id that may stand in it.

    Raises Invalid for another's id, and for what is no object.
    """
    if not isinstance(documents.read(body, max_depth=max_depth), dict):
        raise Invalid("A configuration is a JSON object.")
    members = documents.split(body)
    named = members.pop(ID, None)
    if named is None:
        return body
    if orjson.loads(bytes(named)) != dataset_id:
        raise Invalid("dataset_id is that of another dataset.")
    return documents.joined(members)
