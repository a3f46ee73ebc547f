"""Communities of all policies, whoever is in them, and what each of them asks of each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple
from uuid import UUID

from msgspec import Raw, Struct, convert

from domain.commands import accounts, communities
from domain.commands.communities import Face
from domain.group import Policies, Role
from domain.log import Log, Session
from tests.api.asking import fresh
from tests.api.matrix.cells import door
from tests.api.matrix.table_of_communities import (
    CURATOR,
    MANAGER,
    ON_COMMUNITIES,
    OUTSIDE,
    OWNER,
    READER,
    SEES,
    Asked,
    Case,
    status,
)
from tests.api.matrix.wire import Answer, Request, answers
from tests.writing import actor

FIRST = 1  # the administrator's number
POLICIES = {
    "visibility": ("public", "restricted"),
    "member_policy": ("open", "closed"),
    "record_policy": ("open", "closed", "restricted"),
}
STORED: dict[int, Role] = {READER: "reader", CURATOR: "member", MANAGER: "manager"}
NAMES = {READER: "reader", CURATOR: "curator", MANAGER: "manager", OWNER: "owner"}


class Asker(NamedTuple):
    """Somebody who has a role in every community, or in none."""

    name: str
    token: str  # empty: he does not sign in
    role: int = OUTSIDE
    account: str = ""  # what it is called
    number: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """What shows who asks."""
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


class Community(NamedTuple):
    """A community, what its policies say, and what it says of itself."""

    slug: str
    visibility: str
    member_policy: str
    record_policy: str
    title: str
    ended: bool = False

    def __str__(self) -> str:
        ended = ", ended" if self.ended else ""
        return f"{self.visibility}, {self.member_policy} to members, {self.record_policy}{ended}"

    def case(self, asker: Asker) -> Case:
        """Return what there is to decide when somebody asks."""
        signed_in, policies = bool(asker.token), (self.visibility, self.member_policy)
        return Case(asker.role, signed_in, *policies, self.record_policy, self.ended)


class Cell(NamedTuple):
    """One cell: an asker's request about a community, and how it must be answered."""

    asker: Asker
    of: Community
    request: Request
    status: int
    shows: Sequence[str]

    def __str__(self) -> str:
        method, path, *_ = self.request
        return f"{self.asker.name} at {method} {path} ({self.of})"


class World(Struct, frozen=True):
    """The communities, who asks, and a word that is in each title."""

    url: str
    communities: list[Community]
    askers: list[Asker]
    outsider: Asker  # who is in none, and asks for nothing
    word: str

    def by_role(self, role: str) -> Asker:
        """Return who has a role, by its name; `outside`: who has none."""
        return next((each for each in self.askers if each.name == role), self.outsider)

    def secrets(self, of: Community) -> dict[str, str]:
        """Return what of a community is not for everybody, by name."""
        owner, curator = (self.by_role(role).account for role in ("owner", "curator"))
        return {"title": of.title, "leader": owner, "curator": curator}


def world(log: Log, url: str, admin_token: str) -> World:
    """Make communities of all policies and one that has ended, with a member of each role."""
    ids: dict[int, UUID] = {}
    askers = [Asker("nobody", ""), Asker("administrator", admin_token, number=FIRST)]
    outsider = _account(log, "outsider")[1]
    askers.append(_account(log, "stranger")[1])
    for role, name in NAMES.items():
        ids[role], asker = _account(log, name)
        askers.append(asker._replace(role=role))
    word = fresh("closeness").replace("-", "")
    made = []
    for sees, joins, gives in (*product(*POLICIES.values()), ("restricted", "closed", "closed")):
        slug = fresh("policies")
        found = Community(slug, sees, joins, gives, f"{word} x{slug.replace('-', 'x')}x")
        log.run(actor(ids[OWNER]), _make, found, ids)
        made.append(found)
    log.run(actor(ids[OWNER]), communities.delete, made[-1].slug)
    made[-1] = made[-1]._replace(ended=True)
    return World(url, made, askers, outsider, word)


def _account(log: Log, word: str) -> tuple[UUID, Asker]:
    name = fresh(word)
    made = log.run(accounts.OPERATOR, accounts.create, name, None)
    token = log.run(accounts.OPERATOR, accounts.issue_token, name).secret
    return made.id, Asker(word, token, account=name, number=made.number)


def _make(session: Session, said: Community, ids: dict[int, UUID]) -> None:
    policies = convert(dict(zip(POLICIES, said[1:4], strict=True)), Policies)
    face = Face(policies, Raw(json.dumps({"title": said.title}).encode()), said.title)
    group = communities.create(session, said.slug, face)
    for role, stored in STORED.items():
        event = group.put_member(ids[role], stored)
        assert event is not None
        group = session.change(group, event)


def spread(world: World) -> Iterator[Cell]:
    """Give cells: at each route each asker asks one public, one restricted and the ended one."""
    *there, ended = world.communities
    half = len(there) // 2
    for turn, route in enumerate(ON_COMMUNITIES):
        for at, asker in enumerate(world.askers):
            one, other = there[(turn + at) % half], there[half + (turn + 2 * at) % half]
            for of in (one, other, ended):
                yield from cells(world, route, asker, of)


def every(world: World) -> Iterator[Cell]:
    """Give all cells."""
    for route, asker, of in product(ON_COMMUNITIES, world.askers, world.communities):
        yield from cells(world, route, asker, of)


def cells(world: World, route: str, asker: Asker, of: Community) -> Iterator[Cell]:
    """Give the cells of a route for an asker and a community."""
    method, path = door(route)
    where, reads = path.format(community=of.slug), method == "GET"
    for asked in ON_COMMUNITIES[route]:
        expected = status(of.case(asker), asked, reads=reads)
        headers = {**asker.headers, **asked.headers}
        request = Request(method, where, headers, _body(world, asked))
        yield Cell(asker, of, request, expected, asked.shows)
        if reads and expected == 403:  # nor is it told that there is something
            tagged = request._replace(method="HEAD", headers=headers | {"If-None-Match": "*"})
            yield Cell(asker, of, tagged, expected, ())


def wrong(world: World, asked: Sequence[Cell]) -> list[str]:
    """Ask, and return what is not as it must be, in words."""
    found = []
    requests = [each.request for each in asked]
    for cell, (_request, answer) in zip(asked, answers(world.url, requests), strict=True):
        if answer.status != cell.status:
            found.append(f"{cell}: {answer.status}, not {cell.status}: {answer.body[:200]!r}")
        shown = told(world, cell.of, answer)
        found += [f"{cell}: shows {name}" for name in shown if not sees(cell.of, cell.asker, name)]
        if answer.status == cell.status == 200:
            found += [f"{cell}: does not show {name}" for name in {*cell.shows} - shown]
    return found


def told(world: World, of: Community, answer: Answer) -> set[str]:
    """Return what of a community an answer tells, by name."""
    said = answer.headers + answer.body
    return {name for name, text in world.secrets(of).items() if text in said}


def sees(of: Community, asker: Asker, name: str) -> bool:
    """Whether somebody may be told something of a community; of one that has ended nothing."""
    return not of.ended and SEES[name](of.case(asker))


def _body(world: World, asked: Asked) -> bytes | None:
    if not asked.members:
        return None if asked.body is None else json.dumps(asked.body).encode()
    who, *role = asked.members
    body = {"members": [{"type": "user", "id": str(world.by_role(who).number)}]}
    return json.dumps(body | ({"role": role[0]} if role else {})).encode()
