"""The access matrix: each way to hold each level, each state of a record, each path of each door.

What is expected is computed, from one line a route (tests/api/matrix/table.py) that says what
DESIGN.md, 9, lets it need, and from what each state of a record opens (states.py); no cell is
written by hand. The routes are those of the application: one without a line fails here.

"Permitted" is told from "refused" by the status: who may not is answered 401 or 403 and nothing
else, who may is answered what the line says, which is neither. What would change something fails
for a permitted asker at what is asked after the permission, or asks for what is so already; that
nothing was changed is asserted. Besides the status every answer, headers and all, is searched for
what its asker may not see: each part of each record says something that is said nowhere else.
What is refused is asked once more, with HEAD and a tag that stands for any.

Here each route is asked at each level in each state, and by each way to hold that level; the long
form asks all of it multiplied out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from falcon.inspect import inspect_routes

from scripts.application import application
from scripts.settings import Settings
from tests.api import asking
from tests.api.asking import User
from tests.api.matrix import cells, lists, others
from tests.api.matrix import world as worlds
from tests.api.matrix.cells import API, Pair
from tests.api.matrix.holding import ALONE, PHASES, Phase
from tests.api.matrix.table import ON_RECORDS
from tests.api.matrix.table_of_communities import ON_COMMUNITIES
from tests.api.matrix.table_of_others import LISTS, ON_OTHERS
from tests.api.matrix.world import World
from tests.running import Running

SAID = 40  # wrong cells that are named


@pytest.fixture(scope="module")
def world(server: Running, admin: User, action: int) -> Iterator[World]:
    """The records of all states, and who holds what on them."""
    with worlds.world(server, admin.client, action) as world:
        yield world


def served(data: Path) -> set[str]:
    """Every method and path of the application; objects are below /api/v1 too."""
    app = application(Settings(data=data, database_url="postgresql://nowhere"))
    found = {
        (each.method, route.path.rstrip("/").replace(f"{API}/objects", "/objects"))
        for route in inspect_routes(app)
        for each in route.methods
        if not each.internal and each.method != "OPTIONS"
    }
    return {
        f"{method} {path}"
        for method, path in found
        if method != "HEAD" or ("GET", path) not in found
    }


def test_each_route_has_its_line(data: Path) -> None:
    """There is no other line either."""
    data.mkdir()

    assert served(data) == {*ON_RECORDS, *ON_COMMUNITIES, *ON_OTHERS, *LISTS}


def test_who_may_may_and_nobody_else(server: Running, world: World) -> None:
    """At each level, in each state, by each way to hold it: nothing else is answered or shown."""
    pairs = [cells.spread(world, shift) for shift in range(len(ON_RECORDS))]
    _ask(server, world, lambda phase: [each[phase] for each in pairs])


@pytest.mark.soak
def test_whoever_asks_whatever_is_as_it_is_who_may_may(server: Running, world: World) -> None:
    """The long form: each way to hold each level, in each state, at each path."""
    pairs = cells.every(world)
    _ask(server, world, lambda phase: [pairs[phase]] * len(ON_RECORDS))


def _ask(server: Running, world: World, pairs: Callable[[Phase], list[list[Pair]]]) -> None:
    """Ask, route by route, what `pairs` gives for each; nothing is wrong, and nothing changed."""
    found: list[str] = []
    count = 0
    for phase in PHASES:
        world.enter(phase)
        before = asking.stored(server)
        asked = [
            cell
            for (route, line), of_route in zip(ON_RECORDS.items(), pairs(phase), strict=True)
            for pair in of_route
            for cell in cells.cells(world, route, line, *pair)
        ]
        count += len(asked)
        found += cells.wrong(world.url, asked)
        assert asking.stored(server) == before
    world.enter(ALONE)
    assert not found, "\n".join([f"{len(found)} of {count} cells:", *found[:SAID]])


def test_each_is_told_what_he_holds_and_by_whom(world: World) -> None:
    """Among an object's permissions: by himself alone, or through groups and projects too."""
    found = [
        wrong
        for turn, (holder, number) in enumerate(world.holders.named)
        for wrong in lists.wrong_rung(world, holder, number, world.records[turn % 3 :: 3])
    ]
    assert not found, "\n".join(found)


def test_lists_have_what_may_be_seen_and_nothing_else(world: World) -> None:
    """Whoever asks, by whatever he holds a level: searches, lists, the object log."""
    found: list[str] = []
    for phase in PHASES:
        world.enter(phase)
        for holder in world.holders.of(phase):
            found += lists.wrong(world, holder)
    world.enter(ALONE)
    assert not found, "\n".join([f"{len(found)} wrong:", *found[:SAID]])


def test_harvests_have_what_everyone_may_see(world: World) -> None:
    """Whoever harvests, and whatever he holds otherwise."""
    found: list[str] = []
    for phase in PHASES:
        world.enter(phase)
        anonymous, stranger, *_ = world.holders.of(phase)
        for holder in (anonymous, stranger):
            found += lists.wrong_harvest(world, holder, anonymous.level)
    world.enter(ALONE)
    assert not found, "\n".join(found)


def test_what_is_about_no_record_is_for_whom_it_is(world: World) -> None:
    """Everyone, who has signed in, or administrators."""
    anonymous, stranger, administrator, *_ = world.holders.of(ALONE)
    found = [
        wrong
        for route, line in ON_OTHERS.items()
        for holder in (anonymous, stranger, administrator)
        for wrong in others.wrong(world, route, line, holder)
    ]
    assert not found, "\n".join(found)


def test_a_token_may_what_its_scopes_say(server: Running, world: World) -> None:
    """Each operation with each scope, in the name of who may everything on a record."""
    owner = world.holders.of(ALONE)[3]
    found = [
        wrong
        for scopes in others.SCOPES
        for token in [world.holders.token_of_owner(scopes)]
        for wrong in others.wrong_scopes(
            world, owner._replace(name=" ".join(scopes), token=token), scopes
        )
    ]
    assert not found, "\n".join([f"{len(found)} wrong:", *found[:SAID]])
