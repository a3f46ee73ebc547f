"""Locations: no sequence of moves puts one within itself, whoever else moves at the time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.access import Actor
from domain.commands import locations
from domain.commands.locations import DEEPEST
from domain.errors import Invalid
from domain.location import LOCATIONS, Location, LocationDetails
from domain.log import Log, Session
from tests.writing import actor, log_on

MOVES = st.lists(st.tuples(st.integers(0, 5), st.integers(-1, 5)), max_size=25)


def administrator() -> Actor:
    """Somebody who may say what locations there are."""
    return replace(actor(), admin=True)


def make(log: Log, parent: int | None = None) -> int:
    """Make a location and return its number."""
    details = LocationDetails({"en": "Room"}, {"en": ""}, LOCATIONS, parent)
    return log.run(administrator(), locations.create, details).number


def move(session: Session, number: int, parent: int | None, meanwhile: Any = None) -> Location:
    """Put a location within another, or within none."""
    found = session.find(Location, number=number)
    assert found is not None
    changed = locations.change(session, str(number), replace(found.details, parent=parent))
    if meanwhile is not None:
        meanwhile()
    return changed


def parents(database: str) -> dict[int, int | None]:
    """Which location each lies within, as the view says."""
    with psycopg.connect(database) as conn:
        rows = conn.execute("SELECT number, (details ->> 'parent')::bigint FROM view.locations")
        return dict(rows.fetchall())


def ends(number: int, above: dict[int, int | None]) -> bool:
    """Whether the way up from a location comes to an end."""
    seen = set()
    at: int | None = number
    while at is not None and at not in seen:
        seen.add(at)
        at = above[at]
    return at is None


@settings(max_examples=15, deadline=None)
@given(moves=MOVES)
def test_no_sequence_of_moves_puts_a_location_within_itself(
    database: str, moves: list[tuple[int, int]]
) -> None:
    """A move is carried out unless its end lies within what is moved."""
    with log_on(database) as log:
        made = [make(log) for _ in range(6)]
        above: dict[int, int | None] = dict.fromkeys(made)
        for what, where in moves:
            number, parent = made[what], None if where < 0 else made[where]
            wanted = above | {number: parent}
            if ends(number, wanted):
                log.run(administrator(), move, number, parent)
                above = wanted
            else:
                with pytest.raises(Invalid, match="within itself"):
                    log.run(administrator(), move, number, parent)
        found = parents(database)
        assert {number: found[number] for number in made} == above


def test_two_who_move_locations_into_each_other_at_once_make_no_circle(database: str) -> None:
    """Both decide on what was before; one of them hears that it is so no longer."""
    with log_on(database) as log:
        for _ in range(5):
            first, second = make(log), make(log)
            both = Barrier(2)

            def one(number: int, parent: int, both: Barrier = both) -> bool:
                met: list[bool] = []

                def meet() -> None:
                    if not met:
                        met.append(True)
                        both.wait()

                try:
                    log.run(administrator(), move, number, parent, meet)
                except Invalid:
                    return False
                return True

            with ThreadPoolExecutor(2) as pool:
                done = list(pool.map(one, (first, second), (second, first)))

            assert sorted(done) == [False, True]
            assert ends(first, parents(database))


def test_locations_lie_within_one_another_only_so_deep(database: str) -> None:
    """A way up has an end that is soon reached."""
    with log_on(database) as log:
        number = make(log)
        for _ in range(DEEPEST):
            number = make(log, number)

        with pytest.raises(Invalid, match=f"at most {DEEPEST}"):
            make(log, number)
