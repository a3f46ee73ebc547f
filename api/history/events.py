"""The events of an object: its record's and its family's, who, when, through which door, and what.

Whoever was granted something sees all of them: SampleDB's door shows today's permissions to every
reader too. Whoever sees the object only because everyone may, since it is public or by a grant to
everyone, sees those of its record's events that leave it so, and none of its family: who works
with whom is not the public's affair. What is not shown is left out, as it is in the list of
versions: a line without content would still say who was at work when.
Source: DESIGN.md "Who may do what", "Evidence".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from falcon.asgi import Request, Response
from msgspec import Struct

from api.auth import door_of
from api.door import send
from api.history import instants, problem, query
from api.history.viewing import viewable
from api.sampledb.resource import SampleDbResource
from domain import access
from domain.access import EVERYONE, SIGNED_IN, Level
from domain.errors import Invalid
from domain.event import Entry
from domain.mapper import read_entry
from domain.record import AccessChanged, FileLinked, FileReceived, Published, RecordCreated
from projections import grants, lives, principals, timeline
from projections.database import fetch, fetch_one
from projections.lives import Life, Place
from projections.narration import narrate
from projections.principals import Named
from projections.timeline import Head

LIMIT = 100  # events a page has at most, unless asked for otherwise
MOST = 1000
WEIGHT = 4 << 20  # bytes of states that are read for a page; it may end early
PLACE = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})", re.ASCII)
ALL = {SIGNED_IN: "authenticated_users", EVERYONE: "anonymous_users"}  # as SampleDB calls them
TOLD_APART = ("version", "restored_from")  # have members of their own
INSIDE = ("action", "family", "owner", "principal")  # ids that mean nothing outside
EventsOfRecord = RecordCreated | Published | AccessChanged
EventsOfFile = FileReceived | FileLinked


class Events(SampleDbResource):
    """/objects/{object_id}/events"""

    dialect = problem.DIALECT
    query: ClassVar = {
        "GET": {
            "limit": f"at most so many events: 1 to {MOST}; {LIMIT} without it",
            "after": "where a page before ended; the link to the next page has it",
        }
    }

    async def on_get(self, req: Request, resp: Response, object_id: str) -> None:
        """200 with the events that the asker may see. Raises Invalid, NotFound, Forbidden.

        A page may have fewer than `limit`; while there are more, it has a link to the next.
        """
        limit = query.number(req, "limit", 1, MOST) or LIMIT
        after = _place(req.get_param("after"))
        head = await viewable(self.service, req.context.actor, object_id)
        life = await self._life(object_id)
        own = access.of_their_own(req.context.actor)
        shared = await grants.highest(self.service.db, life.family, own) >= Level.VIEW
        page = await self._page(life, after, limit)
        shown = [each for each in page.entries if shared or _public_sees(head, each[1])]
        base = f"{self.prefix}/objects/{object_id}"
        send(resp, await self._told(head, base, shown))
        resp.set_header("Cache-Control", "private, no-cache")
        links = [f'<{base}/events?limit={limit}>; rel="first"']
        if page.more:
            place = f"{page.end.record}.{page.end.family}"
            links.append(f'<{base}/events?limit={limit}&after={place}>; rel="next"')
        resp.set_header("Link", ", ".join(links))

    async def _life(self, object_id: str) -> Life:
        found = await fetch_one(self.service.db, *lives.finding(object_id))
        assert found is not None  # noqa: S101 - an object that was found a moment ago
        return Life(*found)

    async def _page(self, life: Life, after: Place, limit: int) -> Page:
        """Return the events that follow a place, whoever may see them."""
        db = self.service.db
        asked = lives.paging(life, after, limit=limit + 1)  # one more shows that there is more
        rows = await fetch(db, lives.SQL["page"], asked)
        entries: list[tuple[int, Entry[Any]]] = []
        weight = 0
        for stream, version, topic, recorded_at, position, small in rows[:limit]:
            if weight > WEIGHT:
                break
            state = small
            if state is None:
                key = {"stream": stream, "version": version}
                state = (await fetch(db, lives.SQL["state"], key))[0][0]
            weight += len(state)
            entries.append((position, read_entry(stream, version, topic, recorded_at, state)))
        read = rows[: len(entries)]
        return Page(entries, after.moved(life, read), len(rows) > len(read))

    async def _told(
        self, head: Head, base: str, shown: Sequence[tuple[int, Entry[Any]]]
    ) -> list[dict[str, Any]]:
        """Return events as clients are told them."""
        ids = {entry.by for _position, entry in shown}
        for _position, entry in shown:
            ids |= {getattr(entry.event, name, entry.by) for name in ("principal", "owner")}
        names = await principals.named(self.service.db, ids)
        numbers = [each.event.number for _, each in shown if isinstance(each.event, Published)]
        earlier = {number - 1 for number in numbers}
        then = await timeline.published(self.service.db, head, earlier) if earlier else {}
        compared = {
            number + 1
            for number, visibility in then.items()
            if access.may_view_version(head.level, visibility, head.visibility)
        }
        action = await self.service.number("actions", head.action)
        return [_line(position, entry, names, action, base, compared) for position, entry in shown]


class Page(Struct, frozen=True):
    """Events with their positions, where they end, and whether others follow."""

    entries: list[tuple[int, Entry[Any]]]
    end: Place
    more: bool


def _place(text: str | None) -> Place:
    """Return the place where a page begins. Raises Invalid."""
    if not text:
        return lives.BEGINNING
    match = PLACE.fullmatch(text)
    if match is None:
        raise Invalid("after must be taken from the link to the next page.")
    return Place(int(match[1]), int(match[2]))


def _public_sees(head: Head, entry: Entry[Any]) -> bool:
    event = entry.event
    if isinstance(event, EventsOfFile):
        return access.may_view_version(head.level, event.visibility, head.files)
    return isinstance(event, EventsOfRecord) and access.may_view_version(
        head.level, event.access.record, head.visibility
    )


def _line(
    position: int,
    entry: Entry[Any],
    names: dict[UUID, Named],
    action: int,
    base: str,
    compared: set[int],
) -> dict[str, Any]:
    told = narrate(position, entry)
    event = entry.event
    line: dict[str, Any] = {
        "type": told.topic,
        "revision": told.revision,
        "recorded_at": instants.written(told.recorded_at),
        "who": _who(told.by, names),
        "door": door_of(told.via),
        "changed": {
            name: value
            for name, value in told.changed.items()
            if name not in (*TOLD_APART, *INSIDE)
        },
    }
    for name in ("principal", "owner"):
        if hasattr(event, name):
            line["changed"][name] = _who(getattr(event, name), names)
    if isinstance(event, RecordCreated):
        line["changed"]["action_id"] = action
    if isinstance(event, Published) and told.valid_from is not None:
        line |= {
            "valid_from": instants.written(told.valid_from),
            "version": event.number,
            "restored_from": event.restored_from,
            "href": f"{base}/versions/{event.number}",
        }
        if event.number in compared:
            line["diff"] = f"{base}/versions/{event.number - 1}/diff/{event.number}"
    if isinstance(event, EventsOfFile):
        line["href"] = f"{base}/files/{event.number}"
    return line


def _who(id_: UUID, names: dict[UUID, Named]) -> dict[str, Any] | str | None:
    """Return an account or a group, all of a kind by a word, None for the command line."""
    found = names.get(id_)
    if found is None:
        return ALL.get(id_)
    return {found.kind: found.number, "name": found.name}
