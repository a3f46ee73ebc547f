"""What makes one version of an object of another: JSON Patch, or Merge Patch.

Neither version ever changes, so neither does the answer: its tag follows from the address.
Source: RFC 6902; RFC 7396.
"""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar

from falcon.asgi import Request, Response

from api import problem, query
from api.comparing import Compare, compared
from api.conditional import matches
from api.door import JSON
from api.history import replies
from api.sampledb import parse
from api.sampledb.resource import SampleDbResource
from api.shapes import ANY
from api.viewing import viewable
from domain import access, differences
from domain.access import Actor
from domain.errors import NotAcceptable, NotFound
from projections import timeline

RENDERER = 1  # raised when the same two versions come to give other bytes

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
ACCEPTED = {JSON_PATCH: JSON_PATCH, MERGE_PATCH: MERGE_PATCH, JSON: JSON_PATCH}
FORMS: dict[str, tuple[str, Compare]] = {  # media type → what the tag calls it, how it is made
    JSON_PATCH: ("patch", differences.json_patch),
    MERGE_PATCH: ("merge", differences.merge_patch),
}


class Diff(SampleDbResource):
    """/objects/{object_id}/versions/{version}/diff/{other}"""

    media_types: ClassVar = {"GET": {JSON_PATCH: replies.PATCH, MERGE_PATCH: ANY}}
    dialect = problem.DIALECT

    async def on_get(
        self, req: Request, resp: Response, object_id: str, version: str, other: str
    ) -> None:
        """200 with what makes `other` of `version`, 304 when the asker has it.

        Raises NotFound, Forbidden, NotAcceptable, TooLarge.
        """
        actor: Actor = req.context.actor
        kinds = _kinds(req)
        before, after = parse.number(version, "version"), parse.number(other, "version")
        head = await viewable(self.service, actor, object_id)
        published = await timeline.published(self.service.db, head, (before, after))
        for number in (before, after):
            if number not in published:
                raise NotFound(f"There is no version {number} of object {object_id}.")
            access.require_version(actor, head.level, published[number], head.visibility)
        tags = {
            kind: f'"{object_id}.{before}-{after}.{FORMS[kind][0]}{RENDERER}"' for kind in kinds
        }
        known = req.get_header("If-None-Match")
        kind, made = kinds[0], None
        # Who names the tag was given the answer; whether there is one for `*` is not known yet.
        if known == "*" or not matches(known, tags[kind]):
            documents = await timeline.documents(self.service.db, head, (before, after))
            kind, made = await self._made(kinds, documents[before], documents[after])
        resp.set_header("ETag", tags[kind])
        resp.set_header("Vary", "Accept")
        if made is None or matches(known, tags[kind]):
            resp.status = 304
            return
        resp.data = made
        resp.content_type = kind

    async def _made(self, kinds: list[str], before: bytes, after: bytes) -> tuple[str, bytes]:
        """Return the first form that can say it, and what it says. Raises NotAcceptable."""
        for kind in kinds[:-1]:
            with suppress(NotAcceptable):
                return kind, await compared(self.service, FORMS[kind][1], before, after)
        return kinds[-1], await compared(self.service, FORMS[kinds[-1]][1], before, after)


def _kinds(req: Request) -> list[str]:
    """Return the forms that Accept takes, the preferred one first. Raises NotAcceptable."""
    kind = query.preferred(req, ACCEPTED)
    instead = kind == MERGE_PATCH and any(req.client_accepts(each) for each in (JSON_PATCH, JSON))
    return [kind, JSON_PATCH] if instead else [kind]
