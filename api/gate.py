"""What happens around every request: who asks, what refusals become, what is logged."""

from __future__ import annotations

import traceback
from itertools import count
from os import urandom
from time import perf_counter
from typing import Any

import falcon
from eventsourcing.persistence import PersistenceError
from falcon.asgi import App, Request, Response
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from api import access_log, cross_origin, request_id, tombs
from api.auth import Authenticator
from api.door import Dialect, Resource, handles, send_bytes
from api.idempotency import give_again
from api.shown_links import with_link
from api.watching.requests import Requests
from domain import access
from domain.errors import Anonymous, Invalid, Refusal, TooManyRequests
from domain.log import AnsweredBefore

NUMBERS = count(1)
AWAY = (OperationalError, PersistenceError, PoolTimeout)  # the database, that is
READING = ("GET", "HEAD", "OPTIONS")


class Gate:
    """Falcon's middleware: sign-in before the resource, headers and log after it."""

    def __init__(self, authenticator: Authenticator) -> None:
        self.authenticator = authenticator
        self.requests = Requests()
        self._begins = urandom(5).hex()  # every id of this worker; of no other, nor of a later one

    async def process_request(self, req: Request, resp: Response) -> None:
        """Number the request and note when it began."""
        req.context.started = perf_counter()
        req.context.id = id_ = f"{self._begins}-{next(NUMBERS):x}"
        request_id.CURRENT.set(id_)
        if req.scope["http_version"] == "1.1" and req.get_header("Host") is None:
            raise Invalid("A request needs a Host header.")  # RFC 9112, 3.2

    async def process_resource(
        self, req: Request, resp: Response, resource: Any, params: dict[str, str]
    ) -> None:
        """Find who asks; before it, a method that is not there is refused to everybody alike."""
        if not isinstance(resource, Resource):
            return
        req.context.resource = resource
        req.context.dialect = resource.dialect_of(req)
        asks = resource.asks_who and (req.method != "OPTIONS" or resource.tells_options)
        if asks and handles(resource, req):
            req.context.gate = self
            await self._admit(req, resource)

    async def still_open(self, req: Request, resource: Resource) -> None:
        """Ask again who asks, if anything was voided since: a body takes its time to come.

        Raises Unauthenticated, Forbidden, TooManyRequests.
        """
        if self.authenticator.voided_since(req.context.epoch):
            await self._admit(req, resource)

    async def _admit(self, req: Request, resource: Resource) -> None:
        req.context.epoch = self.authenticator.epoch()
        actor = await self.authenticator.actor(
            req,
            resource.dialect.name,
            refreshing=resource.refreshing,
            in_query=resource.token_in_query,
        )
        if resource.takes_links:
            actor = await with_link(self.authenticator.service, req, actor)
        req.context.actor = actor
        if resource.needs_login and actor.anonymous:
            raise Anonymous("Sign in to use this.")
        if access.REFRESH in actor.scopes:  # good for what this resource does, and only here
            return
        if req.method not in READING:  # asked before a body is read for nothing
            access.require_scope(actor, resource.scope)

    async def process_response(
        self, req: Request, resp: Response, resource: Any, succeeded: bool
    ) -> None:
        """Forbid guessing of types and keeping for others, name the request, log it."""
        resp.set_header("X-Content-Type-Options", "nosniff")
        resp.set_header("X-Request-Id", req.context.id)
        if resp.get_header("Cache-Control") is None:
            # An answer may never change, the right to it may: every use is asked about, for a 304.
            resp.set_header("Cache-Control", "private, no-cache")
        if isinstance(resource, Resource) and resource.dialect.any_origin:
            cross_origin.allow(req, resp)
        seconds, status = perf_counter() - req.context.started, resp.status_code
        self.requests.note(req, status, seconds)
        access_log.write(req, status, seconds)


class Wording:
    """Turns whatever is raised into an answer in the dialect of the resource, or of the path."""

    def __init__(self, dialects: dict[str, Dialect], default: Dialect) -> None:
        self.dialects = dialects  # by the beginning of the path
        self.default = default

    def install(self, app: App[Request, Response]) -> None:
        """Make an app answer every refusal and failure this way."""
        app.add_error_handler(Exception, self.failure)
        for kind in AWAY:
            app.add_error_handler(kind, self.away)
        app.add_error_handler(falcon.HTTPError, self.http_error)
        app.add_error_handler(Refusal, self.refusal)
        app.add_error_handler(AnsweredBefore, self.answered)

    def dialect(self, req: Request) -> Dialect:
        """Return the dialect of the resource that was found, else of the path."""
        found: Dialect | None = getattr(req.context, "dialect", None)
        if found is not None:
            return found
        for prefix, dialect in self.dialects.items():
            if req.path.startswith(prefix):
                return dialect
        return self.default

    def say(self, req: Request, resp: Response, refusal: Refusal, status: int) -> None:
        """Answer with a refusal in the dialect's words."""
        dialect = self.dialect(req)
        send_bytes(resp, dialect.written(dialect.error(refusal, status)), status)
        resp.content_type = dialect.media_type
        resp.set_headers(dialect.headers)
        resp.set_header("Cache-Control", "no-store")

    async def refusal(self, req: Request, resp: Response, error: Refusal, params: Any) -> None:
        """Answer a refusal with its status and the dialect's words."""
        dialect = self.dialect(req)
        try:
            error = await tombs.said(req, error, params or {})
        except AWAY as away:
            await self.away(req, resp, away, params)
            return
        self.say(req, resp, error, dialect.status(error))
        if resp.status_code == 401:
            resp.set_header("WWW-Authenticate", dialect.challenge)
        if isinstance(error, TooManyRequests):
            resp.set_header("Retry-After", str(error.retry_after))

    async def answered(
        self, req: Request, resp: Response, error: AnsweredBefore, params: Any
    ) -> None:
        """Give the first answer of an Idempotency-Key again, or what stands against that now."""
        resource: Resource = req.context.resource  # nothing else takes keys
        try:
            body = await resource.said_again(req, error.answer)
            give_again(resp, error.answer, body, resource.media_type_of(req))
        # Falcon asks no handler about what a handler raises.
        except Refusal as refused:
            await self.refusal(req, resp, refused, params)
        except AWAY as away:
            await self.away(req, resp, away, params)
        except Exception as failed:
            await self.failure(req, resp, failed, params)

    async def http_error(
        self, req: Request, resp: Response, error: falcon.HTTPError, params: Any
    ) -> None:
        """Word what Falcon itself refuses: unknown paths, methods, broken headers."""
        words = {404: "There is nothing here.", 405: f"{req.method} is not possible here."}
        said = error.description or error.title or "The request cannot be read."
        refusal = Invalid(words.get(error.status_code, said))
        self.say(req, resp, refusal, error.status_code)
        for name, value in dict(error.headers or {}).items():
            resp.set_header(name, value)

    async def away(self, req: Request, resp: Response, error: Exception, params: Any) -> None:
        """Say that the database does not answer."""
        access_log.failure(req.context.id, f"{type(error).__name__}: {error}")
        message = Invalid("The database does not answer; try again in a moment.")
        self.say(req, resp, message, 503)
        resp.set_header("Retry-After", "1")

    async def failure(self, req: Request, resp: Response, error: Exception, params: Any) -> None:
        """Log what should not happen, and say under which id."""
        access_log.failure(req.context.id, "".join(traceback.format_exception(error)))
        message = Invalid(f"Something went wrong here; the log has it as {req.context.id}.")
        self.say(req, resp, message, 500)
