"""Collections of what organisations have, and each thing. Source: the Divio specification."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from falcon.asgi import Request, Response
from msgspec import Struct

from api.divio import fields, paging, render, replies
from api.divio.fields import Field
from api.divio.paging import Page
from api.divio.resource import ShowingResource
from api.door import send
from api.service import Service
from domain.access import Actor
from domain.commands import hosted_things
from domain.commands.hosted_things import Thing
from domain.hosted import Kind
from domain.identifiers import base32_of, id_of_base32
from projections import hosted
from projections.hosted import Found, Wanted

NO_CONTENT = 204
APPS = "/apps/v3"
Saying = tuple[UUID, Mapping[str, Any]]  # the id of a thing, and what its document says
Beside = Callable[[Service, Sequence[UUID]], Awaitable[Mapping[UUID, dict[str, Any]]]]


async def visible(service: Service, kind: Kind, actor: Actor, uuid: str) -> Found:
    """Return the thing of a kind that an id in a URL names. Raises NotFound."""
    id_ = id_of_base32(uuid)
    found = None if id_ is None else await hosted.one(service.db, kind, actor, id_)
    if found is None:
        raise hosted_things.unknown(kind)
    return found


class Collection(Struct, frozen=True):
    """A collection: what is in it, what of that may be sent, and by what it is listed."""

    path: str  # below /apps/v3
    kind: Kind
    new: Mapping[str, Field]  # what may be sent to make one
    changing: Mapping[str, Field]  # and to change one
    create: Callable[..., Thing]
    filters: tuple[str, ...] = ("slug", "name")  # beside the id, and those of what each is of
    always: Mapping[str, Any] = {}  # members that are shown of each, whatever its document says
    beside: Beside | None = None  # what else is shown of each

    async def shown(self, service: Service, things: Sequence[Saying]) -> list[dict[str, Any]]:
        """Return things as they are shown."""
        found = [render.thing(self.kind, *each) | dict(self.always) for each in things]
        if self.beside is not None:
            more = await self.beside(service, [id_ for id_, _ in things])
            found = [each | more.get(id_, {}) for each, (id_, _) in zip(found, things, strict=True)]
        return found

    def location(self, made: Thing) -> str:
        """Return the path of a thing."""
        return f"{APPS}/{self.path}/{base32_of(made.record.id)}/"

    @property
    def schema(self) -> dict[str, Any]:
        """The schema of what is shown of each."""
        return replies.thing(self.kind, tuple(self.always))

    @property
    def asked_by(self) -> tuple[str, ...]:
        """The members of documents that lists are asked by."""
        plain = (each for each in self.filters if each in self.kind.properties)
        return (*plain, *self.kind.of)


class ThingResource(ShowingResource):
    """What answers with things of a collection."""

    def __init__(self, service: Service, collection: Collection) -> None:
        super().__init__(service)
        self.collection = collection
        self.title = collection.kind.name.capitalize()

    async def shown(self, req: Request, uuid: str) -> dict[str, Any]:
        """Return the thing of an id as it is shown. Raises NotFound."""
        actor, kind = req.context.actor, self.collection.kind
        found = await visible(self.service, kind, actor, uuid)
        [shown] = await self.collection.shown(self.service, [(found.id, found.said)])
        return shown

    async def answer(self, resp: Response, thing: Thing, status: int) -> None:
        """Answer with what a command left of a thing."""
        saying = (thing.record.id, thing.said)
        [shown] = await self.collection.shown(self.service, [saying])
        send(resp, shown, status)


class Things(ThingResource):
    """/apps/v3/<collection>/"""

    def __init__(self, service: Service, collection: Collection) -> None:
        super().__init__(service, collection)
        self.takes = collection.new  # type: ignore[misc]  # each has its own
        self.request = {"POST": fields.schema(collection.new)}  # type: ignore[misc]
        shown = collection.schema
        self.answers = {"GET": replies.listed(shown), "POST": shown}  # type: ignore[misc]
        asked = {"uuid": "the id of one", **{each: f"its {each}" for each in collection.asked_by}}
        self.query = {"GET": paging.parameters() | asked}  # type: ignore[misc]

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with those of the asker's organisations, oldest first. Raises NotFound."""
        actor, kind, db = req.context.actor, self.collection.kind, self.service.db
        wanted = self._wanted(req)
        total = 0 if wanted is None else await hosted.count(db, kind, actor, wanted)

        async def read(page: Page) -> Sequence[dict[str, Any]]:
            if wanted is None:
                return []
            found = await hosted.page(db, kind, actor, wanted, limit=page.size, offset=page.offset)
            sayings = [(each.id, each.said) for each in found]
            return await self.collection.shown(self.service, sayings)

        url = f"{self.base(req)}{APPS}/{self.collection.path}/"
        await paging.answer(req, resp, url, total, read)

    def _wanted(self, req: Request) -> Wanted | None:
        """Return which things are asked for; None: there can be none such."""
        having: dict[str, str] = {}
        for name in self.collection.asked_by:
            text = paging.last(req, name)
            if not text:
                continue
            if name in self.collection.kind.ids:
                id_ = id_of_base32(text)
                if id_ is None:
                    return None
                text = id_.hex
            if "\0" in text:
                return None
            having[name] = text
        uuid = paging.last(req, "uuid")
        id_ = id_of_base32(uuid) if uuid else None
        return None if uuid and id_ is None else Wanted(having, id_)

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with a new one. Raises Invalid, Forbidden."""
        body, members = await self.members(req)
        new, faults = fields.read(members, self.collection.new)
        made = await self.run(
            req, body, self.collection.location, self.collection.create, new, faults
        )
        await self.answer(resp, made, 201)
        resp.set_header("Location", self.collection.location(made))


class OneThing(ThingResource):
    """/apps/v3/<collection>/{uuid}/"""

    def __init__(self, service: Service, collection: Collection) -> None:
        super().__init__(service, collection)
        self.takes = collection.changing  # type: ignore[misc]  # each has its own
        self.request = {"PATCH": fields.schema(collection.changing, partial=True)}  # type: ignore[misc]
        self.answers = dict.fromkeys(("GET", "PATCH"), collection.schema)  # type: ignore[misc]

    async def on_get(self, req: Request, resp: Response, uuid: str) -> None:
        """200 with it. Raises NotFound."""
        send(resp, await self.shown(req, uuid))

    async def on_patch(self, req: Request, resp: Response, uuid: str) -> None:
        """200 with it; each change is a version. Raises Invalid, NotFound, Forbidden."""
        body, members = await self.members(req)
        news, faults = fields.read(members, self.collection.changing, partial=True)
        kind = self.collection.kind
        done = await self.run(
            req, body, lambda _: None, hosted_things.change, kind, uuid, news, faults
        )
        await self.answer(resp, done, 200)

    async def on_delete(self, req: Request, resp: Response, uuid: str) -> None:
        """204; what it said stays in its history. Raises NotFound, Forbidden."""
        kind = self.collection.kind
        await self.run(req, b"", lambda _: None, hosted_things.delete, kind, uuid)
        resp.status = NO_CONTENT
