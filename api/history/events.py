"""The events of an object: its record's and its family's, who, when, through which door, and what.

Whoever was granted something sees all of them: SampleDB's door shows today's permissions to every
reader too. Comments are among them from the permission preview on, and so is by which access link
something was done. Whoever sees the object only because everyone may, since it is public or by a
grant to everyone, sees those of its record's events that leave it so, and none of its family: who
works with whom is not the public's affair. That it is in a community is told to who may see the
community. What is not shown is left out, as it is in the list of versions: a line without content
would still say who was at work when, and so would the numbers beside it: an event of the family has
none, for any of them may be about a community that the asker may not see. Of a version's files
nothing is told to whom they are closed.
Source: DESIGN.md "Who may do what", "Evidence".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from falcon.asgi import Request, Response

from api import problem, query
from api.auth import door_of, link_of
from api.door import send
from api.history import happenings, replies
from api.history.happenings import Happening
from api.sampledb.resource import SampleDbResource
from api.shapes import array, number
from api.viewing import viewable
from domain import access
from domain.access import ADMINISTRATORS, EVERYONE, SIGNED_IN, Level
from domain.event import Entry, Event
from domain.instants import rfc3339
from domain.record import (
    CommentPosted,
    FileLinked,
    FileReceived,
    LocationAssigned,
    Published,
    RecordCreated,
)
from projections import grants, principals, timeline
from projections.lives import Life
from projections.narration import narrate
from projections.objects import Head
from projections.principals import Named

LIMIT = 100  # events a page has at most, unless asked for otherwise
MOST = 1000
ALL = {  # as SampleDB calls them
    SIGNED_IN: "authenticated_users",
    EVERYONE: "anonymous_users",
    ADMINISTRATORS: "administrators",
}
TOLD_APART = ("version", "restored_from")  # have members of their own
PEOPLE = ("owner", "principal", "responsible", "community")
FILES = ("manifest", "options")  # of a version: how many files it has, and keys of some
INSIDE = ("action", "family", "record", *PEOPLE)  # ids that mean nothing outside
EventsOfFile = FileReceived | FileLinked


class Events(SampleDbResource):
    """/objects/{object_id}/events"""

    answers: ClassVar = {"GET": array(replies.EVENT)}
    dialect = problem.DIALECT
    query: ClassVar = {
        "GET": {
            "limit": number(f"at most so many events; else {LIMIT}", 1, MOST),
            "after": "where a page before ended; the link to the next page has it",
        }
    }

    async def on_get(self, req: Request, resp: Response, object_id: str) -> None:
        """200 with the events that the asker may see.

        A page may have fewer than `limit`; while there are more, Link leads to the next. Raises
        Invalid, NotFound, Forbidden.
        """
        limit = query.number(req, "limit", 1, MOST) or LIMIT
        after = req.get_param("after")
        head = await viewable(self.service, req.context.actor, object_id, erased=True)
        db = self.service.db
        life = Life(head.id, head.family)
        own = access.of_their_own(req.context.actor)
        held = await grants.highest(db, life.family, own)
        shared = held >= Level.VIEW
        page = await (
            happenings.every(db, life, held, req.context.actor.account, after, limit)
            if shared
            else happenings.public(db, life, head, after, limit)
        )
        base = f"{self.prefix}/objects/{object_id}"
        lines = await self._told(head, base, page.happenings)
        for line, each in zip(lines, page.happenings, strict=True):
            if not shared or each.stream == life.family:  # it counts events that are not shown
                del line["revision"]
            if held < Level.PREVIEW:  # as links themselves
                line.pop("link", None)
        send(resp, lines)
        links = [f'<{base}/events?limit={limit}>; rel="first"']
        if page.after is not None:
            links.append(f'<{base}/events?limit={limit}&after={page.after}>; rel="next"')
        resp.set_header("Link", ", ".join(links))

    async def _told(
        self, head: Head, base: str, shown: Sequence[Happening]
    ) -> list[dict[str, Any]]:
        """Return events as clients are told them."""
        entries = [each.entry for each in shown if each.entry is not None]
        ids = {entry.by for entry in entries}
        for entry in entries:
            ids |= {getattr(entry.event, name, None) or entry.by for name in PEOPLE}
        names = await principals.named(self.service.db, ids)
        numbers = [each.event.number for each in entries if isinstance(each.event, Published)]
        earlier = {number - 1 for number in numbers}
        then = await timeline.published(self.service.db, head, earlier) if earlier else {}
        compared = {
            number + 1
            for number, visibility in then.items()
            if access.may_view_version(head.level, visibility, head.visibility)
        }
        action = await self.service.number("actions", head.action)
        now = datetime.now(UTC)
        return [
            _damaged(each)
            if each.entry is None
            else _line(
                each.position,
                each.entry,
                names,
                action,
                base,
                compared,
                untold=_closed(head, each.entry.event, now),
            )
            for each in shown
        ]


def _closed(head: Head, event: Event, now: datetime) -> tuple[str, ...]:
    """Return what of an event is not told: of a version's files, to whom they are closed."""
    if not isinstance(event, Published):
        return ()
    then = event.access.at(now).of_files
    return () if access.may_view_version(head.level, then, head.files) else FILES


def _damaged(each: Happening) -> dict[str, Any]:
    """Return all that is known of an event whose bytes cannot be read."""
    return {
        "type": each.topic,
        "revision": each.version,
        "recorded_at": rfc3339(each.recorded_at),
        "who": None,
        "door": None,
        "changed": None,
        "damaged": True,
        "digest": each.digest.hex(),
    }


def _line(
    position: int,
    entry: Entry[Any],
    names: dict[UUID, Named],
    action: int,
    base: str,
    compared: set[int],
    untold: tuple[str, ...],
) -> dict[str, Any]:
    told = narrate(position, entry)
    event = entry.event
    line: dict[str, Any] = {
        "type": told.topic,
        "revision": told.revision,
        "recorded_at": rfc3339(told.recorded_at),
        "who": _who(told.by, names),
        "door": door_of(told.via),
        "changed": {
            name: value
            for name, value in told.changed.items()
            if name not in (*TOLD_APART, *INSIDE, *untold)
        },
    }
    if (link := link_of(told.via)) is not None:
        line["link"] = link
    for name in PEOPLE:
        if (person := getattr(event, name, None)) is not None:
            line["changed"][name] = _who(person, names)
    if isinstance(event, RecordCreated):
        line["changed"]["action_id"] = action
    if isinstance(event, Published) and told.valid_from is not None:
        line |= {
            "valid_from": rfc3339(told.valid_from),
            "version": event.number,
            "restored_from": event.restored_from,
            "href": f"{base}/versions/{event.number}",
        }
        if event.number in compared:
            line["diff"] = f"{base}/versions/{event.number - 1}/diff/{event.number}"
    if isinstance(event, EventsOfFile):
        line["href"] = f"{base}/files/{event.number}"
    if isinstance(event, LocationAssigned):
        line["href"] = f"{base}/locations/{event.number}"
    if isinstance(event, CommentPosted):
        line["href"] = f"{base}/comments/{event.number}"
    return line


def _who(id_: UUID, names: dict[UUID, Named]) -> dict[str, Any] | str | None:
    """Return an account or a group, all of a kind by a word, None for the command line."""
    found = names.get(id_)
    if found is None:
        return ALL.get(id_)
    return {found.kind: found.id, "name": found.name}
