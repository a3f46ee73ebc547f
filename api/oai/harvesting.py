"""Lists of records that everybody may read, page by page: as many as one reply may hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from api import tombs
from api.exports import gathering
from api.oai.protocol import SET, Harvest, Refused
from api.oai.reply import Listed
from api.service import Service
from domain.access import EVERYONE
from domain.errors import Invalid, TooManyRequests
from domain.identifiers import PID
from projections import asking, communities, listed, published, sets
from projections.asking import Compiled
from projections.conditions import IsKnown
from projections.published import Found, Newest
from projections.wanted import Order, Wanted

PAGE = 100  # records, or identifiers, of a reply
BYTES = 1 << 20  # of their documents, unless one alone has more
PUBLIC = (EVERYONE,)
SORT: Order = "datestamp"
RETRY = 60  # seconds, then it may be asked for again
TOO_SLOW = "The list takes too long just now."

Public = tuple[Found, Newest]


class Page(Struct, frozen=True):
    """Some records of a list, and how many there are in all; `rest`: what follows, if anything."""

    records: list[Listed]
    total: int
    rest: Harvest | None


class Harvester:
    """Reads records. `base` begins their links, `names` their identifiers."""

    def __init__(self, service: Service, base: str, names: str) -> None:
        self.service, self.base, self.names = service, base, names

    async def page(self, harvest: Harvest, *, whole: bool) -> Page:
        """Return a page of a list; `whole`: what records are exported from, too. Raises Refused.

        Raises TooManyRequests where it takes too long.
        """
        limit = PAGE
        while True:
            found = await self._found(harvest, limit)
            lines = await self._open(found)
            fitting = _fitting(lines) if whole else len(lines)
            if fitting == len(lines):
                break
            limit = found.records.index(lines[fitting][0].id)
        rest = None
        if found.next is not None:
            rest = replace(harvest, after=found.next, done=harvest.done + len(found.records))
        return Page(await self.shown(lines, whole=whole), found.total, rest)

    async def one(self, identifier: str) -> Public:
        """Return the record that has an identifier. Raises Refused."""
        pid = identifier.removeprefix(self.names)
        found = await published.one(self.service.db, pid, PUBLIC) if pid != identifier else None
        if found is None or found.newest is None or not found.open_at(datetime.now(UTC)):
            raise Refused("idDoesNotExist", "There is no such record.")
        return found, found.newest

    async def erased(self, identifier: str) -> Listed | None:
        """Return the header of a record whose newest version was erased that everybody read."""
        pid = identifier.removeprefix(self.names)
        if pid == identifier or not PID.fullmatch(pid):
            return None
        stone = await tombs.buried(self.service.db, pid, (), PUBLIC)
        return None if stone is None else Listed(identifier, stone.erased_at, deleted=True)

    async def shown(self, lines: Sequence[Public], *, whole: bool) -> list[Listed]:
        """Return these records as replies list them."""
        sources = []
        inside = await sets.of_families(self.service.db, {line.family for line, _ in lines})
        if whole:
            sources = await gathering.gather_all(self.service, self.base, lines)
        stamps = await self._stamps(lines)
        return [
            Listed(
                self.names + line.pid,
                stamps[at],
                sources[at] if whole else None,
                [SET + slug for slug in inside.get(line.family, ())],
            )
            for at, (line, _) in enumerate(lines)
        ]

    async def called(self, spec: str) -> UUID:
        """Return the set that a spec names. Raises Refused."""
        slug = spec.removeprefix(SET)
        found = await communities.one(self.service.db, slug, EVERYONE) if slug != spec else None
        if found is None or found.deleted or not found.may_see:
            raise Refused("noRecordsMatch", "There is no such set.")
        return found.id

    async def first(self) -> datetime:
        """Return the first datestamp; where there is none, now."""
        found = await self._found(Harvest(""), 1)
        stamps = await self._stamps(await self._open(found))
        return stamps[0] if stamps else datetime.now(UTC)

    async def _stamps(self, lines: Sequence[Public]) -> list[datetime]:
        """Return the datestamps of records."""
        known = await listed.datestamps(self.service.searching, [line.id for line, _ in lines])
        return [known[line.id] for line, _ in lines]

    async def _found(self, harvest: Harvest, limit: int) -> listed.Found:
        if harvest.after is not None:
            try:
                harvest.after.require(SORT)
            except Invalid as error:
                raise Refused("badResumptionToken", error.message) from error
        wanted = Wanted(
            principals=PUBLIC,
            condition=_inside(harvest),
            sort=SORT,
            since=harvest.since,
            before=harvest.before,
            limit=limit,
            after=harvest.after,
            all_versions=True,
            facets=False,
        )
        try:
            return await listed.find(self.service.searching, wanted)
        except Invalid as error:
            raise TooManyRequests(TOO_SLOW, RETRY) from error

    async def _open(self, found: listed.Found) -> list[Public]:
        """Return those of what was found that are open still, the first with its document."""
        now = datetime.now(UTC)
        read = await published.those(self.service.db, found.records, PUBLIC)
        lines = [
            (line, line.newest) for line in read if line.newest is not None and line.open_at(now)
        ]
        if lines and not lines[0][1].body:
            line, newest = lines[0]
            body = await published.document(self.service.db, line)
            lines[0] = line, replace(newest, body=body)
        return lines


def _fitting(lines: Sequence[Public]) -> int:
    """Return how many records a reply may hold, at least one: those that came with documents."""
    size = 0
    for at, (_, newest) in enumerate(lines):
        size += len(newest.body)
        if at and (not newest.body or size > BYTES):
            return at
    return len(lines)


def _inside(harvest: Harvest) -> Compiled | None:
    if harvest.within is None:
        return None
    return asking.compiled(IsKnown("parent.communities.ids", "==", str(harvest.within)))
