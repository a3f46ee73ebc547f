"""The list of an object's versions, oldest first. Publishing one is SampleDB's (api/sampledb)."""

from __future__ import annotations

from typing import Any, ClassVar

from falcon.asgi import Request, Response

from api import problem, query
from api.door import Dialect, send
from api.history import replies
from api.sampledb import render
from api.sampledb import versions as sampledb
from api.shapes import array, number
from api.viewing import viewable
from domain.errors import Invalid
from domain.instants import rfc3339
from projections import timeline
from projections.timeline import Line

LIMIT = 100  # versions a page has, unless asked for otherwise
MOST = 1000


class Versions(sampledb.Versions):
    """/objects/{object_id}/versions/"""

    answers: ClassVar = {"GET": array(replies.VERSION)}
    query: ClassVar = {
        "GET": {
            "limit": number(f"at most so many versions; else {LIMIT}", 1, MOST),
            "after": number("only versions with a larger number, from the smallest on"),
            "before": number("only versions with a smaller number, the last of them"),
        }
    }

    dialects: ClassVar = {"GET": (problem.DIALECT,)}

    def dialect_of(self, req: Request) -> Dialect:
        """Return SampleDB's dialect for what SampleDB has: to publish."""
        return super().dialect_of(req) if req.method == "POST" else problem.DIALECT

    async def on_get(self, req: Request, resp: Response, object_id: str) -> None:
        """200 with the versions that the asker may view; Link leads to other pages of them.

        Raises Invalid, NotFound, Forbidden.
        """
        limit = query.number(req, "limit", 1, MOST) or LIMIT
        after, before = query.number(req, "after"), query.number(req, "before")
        if after is not None and before is not None:
            raise Invalid("after and before cannot be asked for together.")
        head = await viewable(self.service, req.context.actor, object_id)
        db, asked = self.service.db, limit + 1  # one more shows that there is more
        if before is None:
            lines = await timeline.page_after(db, head, asked, after)
            shown, earlier, later = lines[:limit], after is not None, len(lines) > limit
        else:
            lines = await timeline.page_before(db, head, asked, before)
            shown, earlier, later = lines[-limit:], len(lines) > limit, before < head.versions
        base = f"{self.prefix}/objects/{object_id}/versions"
        action = await self.service.number("actions", head.action)
        send(resp, [_shown(each, base, object_id, action) for each in shown])
        links = [f'<{base}?limit={limit}>; rel="first"']
        if shown and later:
            links.append(f'<{base}?limit={limit}&after={shown[-1].version}>; rel="next"')
        if shown and earlier and shown[0].version > 0:
            links.append(f'<{base}?limit={limit}&before={shown[0].version}>; rel="prev"')
        resp.set_header("Link", ", ".join(links))


def _shown(line: Line, base: str, object_id: str, action: int) -> dict[str, Any]:
    who = None if line.user is None else {"user_id": line.user, "name": line.name}
    return {
        "version": line.version,
        "recorded_at": rfc3339(line.recorded_at),
        "valid_from": rfc3339(line.valid_from),
        "who": who,
        "action_id": action,
        "schema_version": line.schema_version,
        "bytes": line.size,
        "restored_from": line.restored_from,
        "etag": render.etag(object_id, str(line.version)),
        "href": f"{base}/{line.version}",
    }
