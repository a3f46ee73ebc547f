"""What makes one version of an object of another: JSON Patch, or Merge Patch.

Neither version ever changes, so neither does the answer: its tag follows from the address.
Source: RFC 6902; RFC 7396.
"""

from __future__ import annotations

from collections.abc import Callable

from falcon.asgi import Request, Response

from api.conditional import matches
from api.door import JSON
from api.history import problem, query
from api.history.viewing import viewable
from api.sampledb import parse
from api.sampledb.resource import SampleDbResource
from api.sampledb.versions import CACHE
from domain import access, differences, heavy
from domain.access import Actor
from domain.errors import NotFound, TooLarge
from projections import timeline

RENDERER = 1  # raised when the same two versions come to give other bytes
LIGHT = 16 << 10  # bytes of both documents that are compared in place: at most about a second
LIMIT = 8 << 20  # bytes of both documents that are compared at all: at most about seven seconds

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
ACCEPTED = {JSON_PATCH: JSON_PATCH, MERGE_PATCH: MERGE_PATCH, JSON: JSON_PATCH}
Compare = Callable[[bytes, bytes], bytes]
FORMS: dict[str, tuple[str, Compare]] = {  # media type → what the tag calls it, how it is made
    JSON_PATCH: ("patch", differences.json_patch),
    MERGE_PATCH: ("merge", differences.merge_patch),
}


class Diff(SampleDbResource):
    """/objects/{object_id}/versions/{version}/diff/{other}"""

    dialect = problem.DIALECT

    async def on_get(
        self, req: Request, resp: Response, object_id: str, version: str, other: str
    ) -> None:
        """200 with what makes `other` of `version`, 304 when the asker has it.

        Raises NotFound, Forbidden, NotAcceptable, TooLarge.
        """
        actor: Actor = req.context.actor
        kind = query.preferred(req, ACCEPTED)
        before, after = parse.version_number(version), parse.version_number(other)
        head = await viewable(self.service, actor, object_id)
        published = await timeline.published(self.service.db, head, (before, after))
        for number in (before, after):
            if number not in published:
                raise NotFound(f"There is no version {number} of object {object_id}.")
            access.require_version(actor, head.level, published[number], head.visibility)
        name, compare = FORMS[kind]
        tag = f'"{object_id}.{before}-{after}.{name}{RENDERER}"'
        resp.set_header("ETag", tag)
        resp.set_header("Vary", "Accept")
        resp.set_header("Cache-Control", CACHE)
        if matches(req.get_header("If-None-Match"), tag):
            resp.status = 304
            return
        documents = await timeline.documents(self.service.db, head, (before, after))
        resp.data = await self._compared(compare, documents[before], documents[after])
        resp.content_type = kind

    async def _compared(self, compare: Compare, before: bytes, after: bytes) -> bytes:
        size = len(before) + len(after)
        if size > LIMIT:
            raise TooLarge(
                f"The versions have {size:,} bytes; up to {LIMIT:,} are compared.", LIMIT
            )
        if size > LIGHT:
            return await self.service.slow(lambda: heavy.call(compare, before, after))
        return await self.service.slow(lambda: compare(before, after))
