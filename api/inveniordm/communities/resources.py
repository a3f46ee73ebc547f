"""Communities: made, read, changed, renamed, deleted. Source: InvenioRDM, "Communities"."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from falcon.asgi import Request, Response

from api import conditional
from api.idempotency import retry
from api.inveniordm import replies, schemas
from api.inveniordm.communities import lists, render, writing
from api.inveniordm.communities.finding import is_renamed, lead, seen
from api.inveniordm.resource import InvenioRdmResource, pretty, send_body, send_tagged
from domain.commands import communities as commands
from domain.event import Answer, Entry, evolve
from domain.group import Group
from projections import streams
from projections.communities import Community


class CommunityResource(InvenioRdmResource):
    """A resource that answers with a community."""

    def shown(self, req: Request, found: Community) -> bytes:
        """Return a community as a request would have it."""
        return render.community(found, self.base(req), pretty=pretty(req))

    def send(self, req: Request, resp: Response, found: Community, status: int = 200) -> None:
        """Answer a write with the community as it left it. Raises NotAcceptable."""
        send_body(req, resp, self.shown(req, found), status)
        resp.set_header("ETag", tag(found))
        if req.method == "POST":
            resp.set_header("Location", location(found))

    async def said_again(self, req: Request, answer: Answer) -> bytes:
        """Return the community as it stood at the first answer.

        Raises NotFound, Gone, Anonymous, Forbidden.
        """
        assert answer.location is not None and answer.etag is not None  # noqa: S101, PT018
        found = await seen(self.service, req.context.actor, answer.location.rpartition("/")[2])
        if answer.etag == tag(found):  # then nothing is shown otherwise
            return self.shown(req, found)
        number, _, form = answer.etag.strip('"').partition("-")
        at = int(number)
        # A bare number is that of an event, as tags were once; the first is the first of either.
        last = streams.EVERYTHING if form and at > 1 else at
        rows = await streams.until(self.service.db, found.id, last)
        then = await self.service.slow(lambda: _at(at, streams.entries(found.id, rows)))
        owners = [who for who, role in then.members.items() if role == "owner"]
        numbers = [await self.service.number("accounts", each) for each in owners]
        return self.shown(req, render.of_group(then, numbers))


class Communities(CommunityResource):
    """/api/communities/"""

    answers: ClassVar = {"GET": replies.hits(replies.COMMUNITY), "POST": replies.COMMUNITY}
    request: ClassVar = {"POST": schemas.NEW_COMMUNITY}
    query: ClassVar = {"GET": schemas.COMMUNITIES}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the communities that a query finds, of those that the asker may see.

        Raises Invalid, NotAcceptable.
        """
        await lists.answer(self, req, resp, own=False)

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 with the community that was made, its ETag. Raises Invalid, Forbidden, TooLarge."""
        body = await self.body(req)
        made = await self.service.run(
            req.context.actor,
            retry(req, body, lambda made: (201, location(made), tag(made))),
            writing.create,
            body,
            self.service.limits.json_depth,
        )
        self.send(req, resp, made, 201)


class UserCommunities(InvenioRdmResource):
    """/api/user/communities/"""

    answers: ClassVar = {"GET": replies.hits(replies.COMMUNITY)}
    query: ClassVar = {"GET": schemas.COMMUNITIES}

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the communities that a query finds, of those that the asker is a member of.

        Raises Anonymous, Invalid, NotAcceptable.
        """
        await lists.answer(self, req, resp, own=True)


class OneCommunity(CommunityResource):
    """/api/communities/{community}"""

    answers: ClassVar = {"GET": replies.COMMUNITY, "PUT": replies.COMMUNITY}
    request: ClassVar = {"PUT": schemas.COMMUNITY}
    query: ClassVar = {"GET": schemas.PRETTY}

    async def on_get(self, req: Request, resp: Response, community: str) -> None:
        """200 with the community, 304 when the asker has it; 301 from an address it had before.

        Raises NotFound, Gone, Anonymous, Forbidden, NotAcceptable.
        """
        found = await seen(self.service, req.context.actor, community)
        if is_renamed(found, community):
            lead(req, resp, render.url_of(self.base(req), found.slug))
            return
        send_tagged(req, resp, self.shown(req, found), tag(found))

    async def on_put(self, req: Request, resp: Response, community: str) -> None:
        """200 with the community as it is now; what is not said of its policies stays.

        Raises NotFound, Gone, Forbidden, Stale, Invalid, TooLarge.
        """
        expected = conditional.expected(req)
        body = await self.body(req)
        depth = self.service.limits.json_depth
        self.send(
            req,
            resp,
            await self.service.run(
                req.context.actor, None, writing.change, community, body, depth, expected
            ),
        )

    async def on_delete(self, req: Request, resp: Response, community: str) -> None:
        """204 when there is no such community any more. Raises NotFound, Gone, Forbidden, Stale."""
        expected = conditional.expected(req)
        await self.service.run(
            req.context.actor, None, commands.delete, community, expected=expected
        )
        resp.status = 204


class Rename(CommunityResource):
    """/api/communities/{community}/rename"""

    answers: ClassVar = {"POST": replies.COMMUNITY}
    request: ClassVar = {"POST": schemas.COMMUNITY_NAME}

    async def on_post(self, req: Request, resp: Response, community: str) -> None:
        """200 with the community at its new address, the Location; the one before leads to it.

        Raises NotFound, Gone, Forbidden, Stale, Invalid, TooLarge.
        """
        expected = conditional.expected(req)
        body = await self.body(req)
        renamed = await self.service.run(
            req.context.actor,
            retry(req, body, lambda renamed: (200, location(renamed), tag(renamed))),
            writing.rename,
            community,
            body,
            self.service.limits.json_depth,
            expected,
        )
        self.send(req, resp, renamed)


def tag(found: Community) -> str:
    """Return the tag of a community at its revision.

    It is no bare number: such a tag may be left from when they counted all events of a community.
    """
    return f'"{found.revision}-r"'


def location(found: Community) -> str:
    """Return where a community is."""
    return render.url_of("", found.slug)


def _at(revision: int, entries: Iterable[Entry[Any]]) -> Group:
    """Return a community as it was when it came to a revision, or as it is after all entries."""
    group: Group | None = None
    for entry in entries:
        group = evolve(group, entry)
        if group.revision == revision:
            break
    assert group is not None  # noqa: S101 - nothing is answered before it is made
    return group
