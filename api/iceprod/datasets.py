"""Datasets: the list, one, and its fields that change. Source: the IceProd specification."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import ClassVar
from uuid import UUID

from falcon.asgi import Request, Response
from msgspec import Struct

from api.door import JSON, send, send_bytes
from api.iceprod import render, replies
from api.iceprod.resource import NO_STORE, IceprodResource, fields
from api.remembered import Remembered, Void
from api.service import Service
from api.viewing import known_open, remember_level
from domain import dataset
from domain.access import Actor
from domain.commands import datasets as commands
from domain.errors import Invalid, NotFound
from domain.log import Session
from domain.record import Record
from projections import datasets
from projections.datasets import BATCH, Filter, Found, Listed

REQUIRED = ("description", "jobs_submitted", "tasks_submitted", "tasks_per_job", "group")
OPTIONAL = (
    *("priority", "debug", "jobs_immutable", "always_active", "status"),
    *("auth_groups_read", "username"),
)
PIECE = 256 << 10  # bytes, about
REMEMBERED_BYTES = 16 << 20  # of datasets that a worker remembers


async def viewable(service: Service, actor: Actor, dataset_id: str) -> Found:
    """Return a dataset that the actor may view. Raises NotFound for administrators, Forbidden."""
    try:
        found = await datasets.one(service.db, dataset_id, actor.principals)
    except NotFound as error:
        raise commands.unknown(actor, dataset_id) from error
    if found is None or not found.visible:
        raise commands.unknown(actor, dataset_id)
    return found


def location_of(made: Record) -> str:
    """Return the path of a dataset."""
    return f"/datasets/{made.pid}"


class Datasets(IceprodResource):
    """/datasets"""

    answers: ClassVar = {"GET": replies.DATASETS, "POST": replies.MADE}
    query: ClassVar = {
        "GET": {
            "status": "statuses, divided by |",
            "groups": "groups, divided by |",
            "users": "usernames, divided by |",
            "keys": "members that are shown, divided by |; dataset_id always is",
        }
    }
    request: ClassVar = {
        "POST": {
            "type": "object",
            "required": list(REQUIRED),
            "properties": {name: dataset.PROPERTIES[name] for name in (*REQUIRED, *OPTIONAL)},
            "additionalProperties": False,
        }
    }

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with all datasets that the asker may view, by their ids. Raises Invalid."""
        actor: Actor = req.context.actor
        status = _several(req, "status")
        for each in status or ():
            if each not in dataset.STATUSES:
                raise Invalid(f"status must be some of {', '.join(dataset.STATUSES)}.")
        wanted = Filter(status, _named(req, "groups"), _named(req, "users"))
        keys = _several(req, "keys")
        first = await datasets.listed(self.service.db, actor.principals, wanted)
        resp.set_header("Cache-Control", NO_STORE)
        if len(first) < BATCH:
            send_bytes(resp, b"{%b}" % b",".join([render.line(each, keys) for each in first]))
        else:
            resp.content_type = JSON
            resp.stream = self._pieces(actor, wanted, keys, first)

    async def _pieces(
        self, actor: Actor, wanted: Filter, keys: list[str] | None, page: list[Listed]
    ) -> AsyncIterator[bytes]:
        """Give the object that begins with a page."""
        held: list[bytes] = []
        size, opening = 0, b"{"
        while page:
            for each in page:
                held += (opening, render.line(each, keys))
                size += len(held[-1])
                opening = b","
                if size > PIECE:
                    yield b"".join(held)
                    held, size = [], 0
            after = page[-1].number
            page = await datasets.listed(self.service.db, actor.principals, wanted, after)
        yield b"".join(held) + b"}"

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with the id of a new dataset. Raises Invalid, Forbidden, TooLarge."""
        body = await self.body(req)
        given = fields(await self.members(body), REQUIRED, OPTIONAL)
        said = {name: each.raw for name, each in given.items()}
        made = await self.run(req, body, 201, location_of, commands.create, said)
        send(resp, {"result": made.pid}, 201)
        resp.set_header("Location", location_of(made))
        resp.set_header("Cache-Control", NO_STORE)


class Told(Struct, frozen=True):
    """A remembered answer, and the family that whoever is given it holds a rung on."""

    family: UUID
    body: bytes


class Dataset(IceprodResource):
    """/datasets/{dataset_id}"""

    answers: ClassVar = {"GET": replies.DATASET}

    def __init__(self, service: Service) -> None:
        super().__init__(service)
        self.told: Remembered[str, Told] = Remembered(service.levels.counters, REMEMBERED_BYTES)

    async def on_get(self, req: Request, resp: Response, dataset_id: str) -> None:
        """200 with the dataset. Raises NotFound, Forbidden."""
        actor: Actor = req.context.actor
        told = self.told.get(dataset_id)
        if told is None or not known_open(self.service, actor, told.family):
            found = await viewable(self.service, actor, dataset_id)
            told = self._remembered(actor, req.context.epoch, dataset_id, found)
        send_bytes(resp, told.body)
        resp.set_header("Cache-Control", NO_STORE)

    def _remembered(self, actor: Actor, epoch: int, dataset_id: str, found: Found) -> Told:
        told = Told(found.family, render.one(found))
        remember_level(self.service, actor, found.family, found.level, epoch)
        voids: tuple[Void, ...] = (("content", found.id), ("content", found.family))
        self.told.put(dataset_id, told, epoch, *voids, weight=len(told.body))
        return told


class Field(IceprodResource):
    """/datasets/{dataset_id}/<field>"""

    answers: ClassVar = {"PUT": replies.NOTHING}

    def __init__(self, service: Service, name: str) -> None:
        super().__init__(service)
        self.name = name
        self.request = {  # type: ignore[misc]  # each has its own
            "PUT": {
                "type": "object",
                "required": [name],
                "properties": {name: dataset.PROPERTIES[name]},
                "additionalProperties": False,
            }
        }

    async def on_put(self, req: Request, resp: Response, dataset_id: str) -> None:
        """200 with nothing; what is so already makes no version.

        Raises Invalid, NotFound, Forbidden, Conflict.
        """
        body = await self.body(req)
        sent = fields(await self.members(body), (self.name,))[self.name]
        await self.run(req, body, 200, _nowhere, commands.set_field, dataset_id, self.name, sent)
        _done(resp)


class DatasetAction(IceprodResource):
    """/datasets/{dataset_id}/dataset_actions/<action>"""

    answers: ClassVar = {"POST": replies.NOTHING}
    request: ClassVar = {"POST": replies.NOTHING}
    may_be_empty: ClassVar = ("POST",)

    def __init__(self, service: Service, command: Callable[[Session, str], Record]) -> None:
        super().__init__(service)
        self.command = command

    async def on_post(self, req: Request, resp: Response, dataset_id: str) -> None:
        """200 with nothing: it makes no further jobs, or is processed again.

        Raises Invalid, NotFound, Forbidden.
        """
        body = await self.body(req)
        fields(await self.members(body), ())
        await self.run(req, body, 200, _nowhere, self.command, dataset_id)
        _done(resp)


class Summary(IceprodResource):
    """/dataset_summaries/status"""

    answers: ClassVar = {"GET": replies.SUMMARY}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the ids of the datasets that the asker may view, by their status."""
        actor: Actor = req.context.actor
        send(resp, await datasets.by_status(self.service.db, actor.principals))
        resp.set_header("Cache-Control", NO_STORE)


def _several(req: Request, name: str) -> list[str] | None:
    """Return the parts of a parameter, None when it is not there."""
    text = req.get_param(name)
    return None if text is None else text.split("|")


def _named(req: Request, name: str) -> list[str] | None:
    """Return those of them that something stored may be called: no text there has NUL."""
    parts = _several(req, name)
    return None if parts is None else [each for each in parts if "\0" not in each]


def _nowhere(_made: object) -> None:
    return None


def _done(resp: Response) -> None:
    send(resp, {})
    resp.set_header("Cache-Control", NO_STORE)
