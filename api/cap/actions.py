"""What is done with deposits: published, edited, discarded, cloned, shared.

A body that is not read may be anything: CAP's client says that it is JSON and sends none. Source:
the CAP specification, "Endpoints".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from falcon.asgi import Request, Response

from api import conditional
from api.cap import media, parse, schemas
from api.cap.deposits import DepositResource, first_answer
from api.cap.shown import of_command
from api.idempotency import retry
from domain.commands import deposits as commands
from domain.commands import sharing
from domain.commands.deposits import Deposit
from domain.errors import Invalid, NotFound
from domain.log import Session


def share(session: Session, depid: str, body: bytes, depth: int, expected: int | None) -> Deposit:
    """Read a body and change the rights that it names."""
    return sharing.share(session, depid, parse.changes(body, depth), expected)


def upload(session: Session, depid: str, body: bytes, expected: int | None) -> Deposit:
    """Return a deposit as it is: nothing is fetched from elsewhere. Raises Invalid."""
    done = commands.renew(session, depid, expected)
    if body.strip() not in (b"", b"{}"):
        raise Invalid("Nothing is fetched from elsewhere: put files below links.bucket.")
    return done


def disconnect(session: Session, depid: str, body: bytes, expected: int | None) -> Deposit:
    """Return a deposit as it is: it has no webhooks. Raises NotFound for one that is named."""
    done = commands.renew(session, depid, expected)
    if body.strip() not in (b"", b"{}"):
        raise NotFound("This deposit has no such webhook.")
    return done


class ActionResource(DepositResource):
    """An action on a deposit."""

    request: ClassVar = {"POST": schemas.NOT_READ}
    may_be_empty: ClassVar[tuple[str, ...]] = ("POST",)
    scope = "actions"

    async def carry_out(
        self,
        req: Request,
        resp: Response,
        status: int,
        body: bytes,
        command: Callable[[Session], Deposit],
    ) -> None:
        """Answer with what a command makes of a deposit."""
        media.asked(req)
        once = retry(req, body, lambda done: first_answer(done, status))
        done = await self.service.run(req.context.actor, once, command)
        await self.answer(req, resp, of_command(done), status)


class Publish(ActionResource):
    """/api/deposits/{depid}/actions/publish"""

    async def on_post(self, req: Request, resp: Response, depid: str) -> None:
        """202 with the deposit, whose draft is its record's next version.

        Raises NotFound, Gone, Forbidden, Stale, Invalid, NotAcceptable.
        """
        expected, body = conditional.expected(req), await self.body(req)
        await self.carry_out(
            req, resp, 202, body, lambda session: commands.publish(session, depid, expected)
        )


class Edit(ActionResource):
    """/api/deposits/{depid}/actions/edit"""

    async def on_post(self, req: Request, resp: Response, depid: str) -> None:
        """201 with the deposit, which is a draft again.

        Raises NotFound, Gone, Forbidden, Stale, NotAcceptable.
        """
        expected, body = conditional.expected(req), await self.body(req)
        await self.carry_out(
            req, resp, 201, body, lambda session: commands.edit(session, depid, expected)
        )


class Discard(ActionResource):
    """/api/deposits/{depid}/actions/discard"""

    async def on_post(self, req: Request, resp: Response, depid: str) -> None:
        """201 with the deposit as it was published.

        Raises NotFound, Gone, Forbidden, Stale, NotAcceptable.
        """
        expected, body = conditional.expected(req), await self.body(req)
        await self.carry_out(
            req, resp, 201, body, lambda session: commands.discard(session, depid, expected)
        )


class Clone(ActionResource):
    """/api/deposits/{depid}/actions/clone"""

    async def on_post(self, req: Request, resp: Response, depid: str) -> None:
        """201 with a new deposit that says and holds the same; its own id, links and Location.

        Raises NotFound, Gone, Forbidden, Stale, Invalid, NotAcceptable.
        """
        expected, body = conditional.expected(req), await self.body(req)
        await self.carry_out(
            req, resp, 201, body, lambda session: commands.clone(session, depid, expected)
        )


class Permissions(ActionResource):
    """/api/deposits/{depid}/actions/permissions"""

    request: ClassVar = {"POST": schemas.PERMISSIONS}
    may_be_empty: ClassVar = ()

    async def on_post(self, req: Request, resp: Response, depid: str) -> None:
        """201 with the deposit, on which users and e-groups have other rights; all changed or none.

        Raises NotFound, Gone, Forbidden, Stale, Invalid, NotAcceptable.
        """
        expected, body = conditional.expected(req), await self.body(req)
        depth = self.service.limits.json_depth
        await self.carry_out(
            req, resp, 201, body, lambda session: share(session, depid, body, depth, expected)
        )


class UploadAction(ActionResource):
    """/api/deposits/{depid}/actions/upload"""

    request: ClassVar = {"POST": schemas.NOTHING}

    async def on_post(self, req: Request, resp: Response, depid: str) -> None:
        """201 with the deposit as it is: nothing is fetched from elsewhere.

        Raises NotFound, Gone, Forbidden, Stale, NotAcceptable, Invalid for anything to be fetched.
        """
        expected, body = conditional.expected(req), await self.body(req)
        await self.carry_out(
            req, resp, 201, body, lambda session: upload(session, depid, body, expected)
        )


class DisconnectWebhook(ActionResource):
    """/api/deposits/{depid}/actions/disconnect_webhook"""

    request: ClassVar = {"POST": schemas.NOTHING}

    async def on_post(self, req: Request, resp: Response, depid: str) -> None:
        """201 with the deposit as it is: there are no webhooks.

        Raises NotFound for a webhook that is named, Gone, Forbidden, Stale, NotAcceptable.
        """
        expected, body = conditional.expected(req), await self.body(req)
        await self.carry_out(
            req, resp, 201, body, lambda session: disconnect(session, depid, body, expected)
        )
