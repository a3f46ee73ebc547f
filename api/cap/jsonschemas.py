"""Deposit types: listed, read, made by administrators. Source: the CAP specification."""

from __future__ import annotations

from typing import ClassVar

import orjson
from falcon.asgi import Request, Response

from api.cap import replies, schemas, types
from api.cap.resource import CapResource, send
from api.cap.types import Types
from api.door import JSON
from api.idempotency import retry
from api.service import Service
from api.shapes import array
from domain import deposit_type
from domain.commands import deposit_types as commands
from domain.deposit_type import DepositType
from domain.errors import NotFound
from domain.event import Answer
from domain.log import Session
from projections import deposits


def save(session: Session, body: bytes, depth: int, limit: int) -> DepositType:
    """Make a type, or a later version of one."""
    return commands.save(session, body, depth=depth, limit=limit)[1]


class JsonSchemas(CapResource):
    """/api/jsonschemas/"""

    answers: ClassVar = {"GET": array(replies.TYPE), "POST": replies.TYPE}
    request: ClassVar = {"POST": schemas.TYPE}
    query: ClassVar = {"GET": schemas.RESOLVE}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the newest version of every type."""
        found = await deposits.types(self.service.db)
        every = [types.shown(await self.types.of(each.id, each.version)) for each in found]
        send(resp, every, JSON)

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with the type, or with a later version of one.

        Raises Forbidden for who is no administrator, Invalid, TooLarge, Conflict for a version that
        is not later than the newest.
        """
        body, limits = await self.body(req), self.service.limits
        once = retry(req, body, lambda made: (201, location(made), None))
        depth, limit = limits.json_depth, limits.schema_bytes
        made = await self.service.run(req.context.actor, once, save, body, depth, limit)
        send(resp, types.shown(made), JSON, 201)
        resp.set_header("Location", location(made))

    async def said_again(self, req: Request, answer: Answer) -> bytes:
        """Return the body that a first answer had."""
        *_, name, version = (answer.location or "").split("/")
        return orjson.dumps(types.shown(await find(self.service, self.types, name, version)))


class JsonSchema(CapResource):
    """/api/jsonschemas/{name}"""

    answers: ClassVar = {"GET": replies.TYPE}
    query: ClassVar = {"GET": schemas.RESOLVE}

    async def on_get(self, req: Request, resp: Response, name: str) -> None:
        """200 with the newest version of a type. Raises NotFound."""
        send(resp, types.shown(await find(self.service, self.types, name)), JSON)


class JsonSchemaVersion(CapResource):
    """/api/jsonschemas/{name}/{version}"""

    answers: ClassVar = {"GET": replies.TYPE}
    query: ClassVar = {"GET": schemas.RESOLVE}

    async def on_get(self, req: Request, resp: Response, name: str, version: str) -> None:
        """200 with a version of a type. Raises NotFound."""
        send(resp, types.shown(await find(self.service, self.types, name, version)), JSON)


async def find(
    service: Service, known: Types, name: str, version: str | None = None
) -> DepositType:
    """Return a type in one version, or the newest. Raises NotFound."""
    none = NotFound(f"There is no schema {name}{f' {version}' if version else ''}.")
    found = await deposits.type_(service.db, deposit_type.type_id(name))
    if found is None or (version is not None and not deposit_type.VERSION.fullmatch(version)):
        raise none
    if version is None:
        return await known.of(found.id, found.version)
    wanted = deposit_type.place(version)
    first, last = 1, found.version
    while first <= last:  # each version is later than those before
        middle = (first + last) // 2
        each = await known.of(found.id, middle)
        if each.place == wanted:
            return each
        first, last = (middle + 1, last) if each.place < wanted else (first, middle - 1)
    raise none


def location(made: DepositType) -> str:
    """Return where a version of a type is."""
    return f"/api/jsonschemas/{made.name}/{made.version}"
