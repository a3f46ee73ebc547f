"""Deployments: versions of environments that were put to work. Each is done when it is answered.

Source: the Divio specification, "deployments".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from falcon.asgi import Request, Response

from api.divio import fields, paging, replies
from api.divio.fields import Field
from api.divio.paging import Page
from api.divio.resource import ShowingResource
from api.divio.things import APPS
from api.door import send
from api.service import Service
from domain import hosted, variable
from domain.commands import deployments as commands
from domain.deployment import BUILD_MODE, Deployed
from domain.errors import NotFound
from domain.hosted import APPLICATION, ENVIRONMENT
from domain.identifiers import base32_of, id_of_base32
from domain.values import Body
from projections import deployments
from projections.hosted import Wanted

PATH = f"{APPS}/deployments"
MOST = 100  # lines of a page, each with the names of up to variable.MOST variables
DONE = "success"  # the status of all there are
NEWEST = "last_finished_deployment"  # of an environment
ASKED = {  # what lists are asked by
    APPLICATION.name: "the id of an application",
    ENVIRONMENT.name: "the id of an environment",
    "uuid": "the id of one",
}
NEW = {
    "environment": Field("id", required=True),
    "build_mode": Field("text", null=True, blank=True, most=BUILD_MODE),
}


def rendered(found: Deployed) -> dict[str, Any]:
    """Return a deployment as it is shown."""
    at = found.at.isoformat()
    return {
        "uuid": base32_of(found.id),
        "environment": base32_of(found.environment),
        "build_mode": found.build_mode,
        "status": DONE,
        "success": True,
        "percent": 100,
        "started_at": at,
        "ended_at": at,
        "environment_variables": found.variables,
    }


def of_environments(asked: Mapping[str, UUID]) -> Wanted:
    """Return which environments are wanted, of those of an application and of this id if any."""
    application = asked.get(APPLICATION.name)
    having = {} if application is None else {APPLICATION.name: application.hex}
    return Wanted(having, asked.get(ENVIRONMENT.name))


async def newest(service: Service, environments: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what environments are shown with, of which one was deployed."""
    found = await deployments.newest(service.db, environments)
    return {each: {NEWEST: {"uuid": base32_of(id_)}} for each, id_ in found.items()}


class DeploymentResource(ShowingResource):
    """What answers with deployments."""

    title = "Deployment"

    async def found(self, req: Request, uuid: str) -> Deployed:
        """Return the deployment that an id in a URL names. Raises NotFound."""
        id_ = id_of_base32(uuid)
        found = None
        if id_ is not None:
            found = await deployments.one(self.service.db, req.context.actor, id_)
        if found is None:
            raise NotFound("No deployment matches the given query.")
        return found

    async def shown(self, req: Request, uuid: str) -> dict[str, Any]:
        """Return the deployment of an id as it is shown. Raises NotFound."""
        return rendered(await self.found(req, uuid))


class Deployments(DeploymentResource):
    """/apps/v3/deployments/"""

    takes: ClassVar = NEW
    answers: ClassVar = {"GET": replies.listed(replies.DEPLOYMENT), "POST": replies.DEPLOYMENT}
    request: ClassVar = {"POST": fields.schema(NEW)}
    query: ClassVar = {"GET": paging.parameters(MOST) | ASKED}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the deployments of the asker's organisations, newest first. Raises NotFound."""
        actor, db = req.context.actor, self.service.db
        asked = paging.ids(req, *ASKED)
        wanted, one, total = Wanted(), None, 0
        if asked is not None:
            wanted, one = of_environments(asked), asked.get("uuid")
            total = await deployments.count(db, actor, wanted, deployment=one)

        async def read(page: Page) -> Sequence[dict[str, Any]]:
            found = await deployments.page(
                db, actor, wanted, deployment=one, limit=page.size, offset=page.offset
            )
            return [rendered(each) for each in found]

        await paging.answer(req, resp, f"{self.base(req)}{PATH}/", total, read, most=MOST)

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with a deployment of the environment as it is, which is done.

        Raises Invalid, Forbidden.
        """
        body, members = await self.members(req)
        new, faults = fields.read(members, NEW)
        made = await self.run(req, body, _location, commands.create, new, faults)
        send(resp, rendered(made), 201)
        resp.set_header("Location", _location(made))


class OneDeployment(DeploymentResource):
    """/apps/v3/deployments/{uuid}/"""

    answers: ClassVar = {"GET": replies.DEPLOYMENT}

    async def on_get(self, req: Request, resp: Response, uuid: str) -> None:
        """200 with it. Raises NotFound."""
        send(resp, await self.shown(req, uuid))


class Log(DeploymentResource):
    """/apps/v3/deployments/{uuid}/logs/"""

    answers: ClassVar = {"GET": replies.DEPLOYMENT_LOG}

    async def on_get(self, req: Request, resp: Response, uuid: str) -> None:
        """200 with what it did, as text. Raises NotFound."""
        found = await self.found(req, uuid)
        said = f"version {found.number} of {found.slug}, {len(found.variables)} variables: {DONE}"
        send(resp, {"uuid": uuid, "logs": f"{found.at.isoformat()} {said}\n"})


class DeployedVariables(DeploymentResource):
    """/apps/v3/deployments/{uuid}/environment-variables/"""

    answers: ClassVar = {"GET": replies.DEPLOYED_VARIABLES}

    async def on_get(self, req: Request, resp: Response, uuid: str) -> None:
        """200 with its variables, name → value, null for sensitive ones. Raises NotFound."""
        found = await self.found(req, uuid)
        body = await deployments.body(self.service.db, found)
        values = await self.service.weighed(len(body), _values, bytes(body))
        shown = {"environment": base32_of(found.environment), "environment_variables": values}
        send(resp, shown)


def _values(body: bytes) -> dict[str, str | None]:
    """Return the values of an environment's variables by its document, name → value."""
    return {each.name: each.value for each in variable.of(hosted.said(Body(body)))}


def _location(made: Deployed) -> str:
    return f"{PATH}/{base32_of(made.id)}/"
