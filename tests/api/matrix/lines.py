"""A line of the table: who may, by a rule of states.py, and what a permitted asker is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from tests.api.matrix.making import Made
from tests.api.matrix.states import Case, State, anyone

REFUSED = 403  # or 401, where the door says so to who has not signed in
DONE = 0  # it would be done, and is therefore not asked here
ALL = "all"  # scopes: a token is minted with every one
STALE = {"If-Match": "0"}  # a revision that nothing is at
Rule = Callable[[Case], bool]
Status = Callable[[Case], int]


class Asked(NamedTuple):
    """One request about a record: what it is answered, and the secrets that the answer has."""

    status: Status
    shows: tuple[str, ...] = ()
    query: str = ""
    headers: Mapping[str, str] = {}
    names: Mapping[str, str] = {}  # what stands for names in the path


class Line(NamedTuple):
    """One line; `asks` gives its requests for a record, None: it is about none."""

    status: Status
    asks: Callable[[Made], Iterator[Asked]] | None = None
    body: Any = None
    headers: Mapping[str, str] = {}
    names: Mapping[str, str] = {}  # what stands for names in the path, by its name in the world
    scope: str | Callable[[State], str] = ""  # that a token needs; empty: as the method says


def if_(may: Rule, said: int | Callable[[State], int]) -> Status:
    """Return that who may is answered this, and who may not is refused."""

    def status(case: Case) -> int:
        if not may(case):
            return REFUSED
        return said if isinstance(said, int) else said(case.state)

    return status


def one(
    may: Rule,
    said: int | Callable[[State], int] = 200,
    shows: str | Callable[[State], str] = "",
    **more: Any,
) -> Line:
    """Return a line of one request about a record."""

    def asks(made: Made) -> Iterator[Asked]:
        named = shows if isinstance(shows, str) else shows(made.state)
        yield Asked(status, (named,) if named else ())

    status = if_(may, said)
    return Line(status, asks, **more)


def once(may: Rule, said: int = 200, **more: Any) -> Line:
    """Return a line of one request that is about no record."""
    return Line(if_(may, said), **more)


def several(asks: Callable[[Made], Iterator[Asked]]) -> Line:
    """Return a line of several requests about a record."""
    return Line(if_(anyone, 0), asks)


def of(
    *, records: int, drafts: int, objects: int, deposits: int | None = None
) -> Callable[[State], int]:
    """Return a status: of published records, of what is a draft only, of objects.

    Published deposits are published records; `deposits` is where they have another status.
    """

    def status(state: State) -> int:
        if state.kind == "object":
            return objects
        if not state.published:
            return drafts
        return records if deposits is None or state.kind != "deposit" else deposits

    return status


def published(rule: Rule) -> Rule:
    """Return a rule for what is published; of nothing else there is anything to refuse."""
    return lambda case: not case.state.published or rule(case)


def there(status: int) -> Callable[[State], int]:
    """Return a status of what is published: nothing else is an object."""
    return of(records=status, drafts=404, objects=status)
