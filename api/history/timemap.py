"""The TimeMap of an object: every version that may be viewed, and when it was recorded.

Source: RFC 7089, 5; in JSON as MemGator, the aggregator of web archives, has it.
"""

from __future__ import annotations

from typing import Any, ClassVar

from falcon.asgi import Request, Response

from api import memento, problem, query
from api.door import JSON, send
from api.history import replies
from api.memento import LINK_FORMAT
from api.sampledb.resource import SampleDbResource
from api.shapes import number
from api.viewing import viewable
from domain.instants import rfc3339
from projections import timeline
from projections.timeline import Memento

PAGE = 1000  # mementos; the others are in further TimeMaps, which each links to
KINDS = {LINK_FORMAT: LINK_FORMAT, JSON: JSON}


class TimeMap(SampleDbResource):
    """/objects/{object_id}/timemap"""

    answers: ClassVar = {"GET": replies.TIMEMAP}
    media_types: ClassVar = {"GET": (JSON, LINK_FORMAT)}
    dialect = problem.DIALECT
    query: ClassVar = {"GET": {"after": number("only versions with a larger number")}}

    async def on_get(self, req: Request, resp: Response, object_id: str) -> None:
        """200 with each version's date; Link leads to the object.

        Raises Invalid, NotFound, Forbidden, NotAcceptable.
        """
        kind = query.preferred(req, KINDS)
        after = query.number(req, "after")
        head = await viewable(self.service, req.context.actor, object_id)
        found = await timeline.instants(self.service.db, head, PAGE + 1, after)
        part = Part(f"{self.prefix}/objects/{object_id}", after, found[:PAGE], found[PAGE:])
        if kind == JSON:
            send(resp, part.json())
        else:
            resp.content_type = LINK_FORMAT
            resp.data = part.link_format().encode()
        resp.set_header("Link", ", ".join(memento.original(part.base)))
        resp.set_header("Vary", "Accept")


class Part:
    """The versions of one TimeMap, and the first of those that follow in another."""

    def __init__(
        self, base: str, after: int | None, here: list[Memento], rest: list[Memento]
    ) -> None:
        self.base = base
        self.after = after
        self.here = here
        self.rest = rest

    def link_format(self) -> str:
        """Return it as links. Source: RFC 6690."""
        links = [memento.original(self.base)[0]]
        own = self._timemap(self.after, "self")
        if self.here:
            own += f"; {_date('from', self.here[0])}; {_date('until', self.here[-1])}"
        links.append(own)
        if self.after is not None:
            links.append(self._timemap(None, "timemap"))
        if self.rest:
            more = self._timemap(self.here[-1].version, "timemap")
            links.append(f"{more}; {_date('from', self.rest[0])}")
        return ",\n".join([*links, *memento.mementos(self.base, self._named())]) + "\n"

    def json(self) -> dict[str, Any]:
        """Return it as JSON."""
        listed = [self._listed(each) for each in self.here]
        mementos: dict[str, Any] = {"list": listed}
        if listed and self.after is None:
            mementos["first"] = listed[0]
        if listed and not self.rest:
            mementos["last"] = listed[-1]
        shown: dict[str, Any] = {
            "original_uri": self.base,
            "timegate_uri": self.base,
            "timemap_uri": {"link_format": self._uri(None), "json_format": self._uri(None)},
            "mementos": mementos,
        }
        if self.rest:
            shown["next_uri"] = self._uri(self.here[-1].version)
        return shown

    def _named(self) -> list[tuple[Memento, str]]:
        named = [(each, "") for each in self.here]
        if self.here and self.after is None:
            named.insert(0, (self.here[0], "first"))
        if self.here and not self.rest:
            named.append((self.here[-1], "last"))
        return named

    def _listed(self, each: Memento) -> dict[str, str]:
        return {
            "datetime": rfc3339(each.recorded_at),
            "uri": f"{self.base}/versions/{each.version}",
        }

    def _uri(self, after: int | None) -> str:
        return f"{self.base}/timemap" + ("" if after is None else f"?after={after}")

    def _timemap(self, after: int | None, name: str) -> str:
        return f'<{self._uri(after)}>; rel="{name}"; type="{LINK_FORMAT}"'


def _date(name: str, of: Memento) -> str:
    return f'{name}="{memento.http_date(of.recorded_at)}"'
