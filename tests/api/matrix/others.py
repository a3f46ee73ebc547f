"""What is about no record, and what the scopes of a token let it do of all there is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from domain.access import SCOPES as ALL_SCOPES
from tests.api.matrix import cells
from tests.api.matrix.holding import Holder
from tests.api.matrix.lines import ALL, Line
from tests.api.matrix.states import NONE, STATES, Case, State
from tests.api.matrix.table import ON_RECORDS
from tests.api.matrix.table_of_others import ON_OTHERS
from tests.api.matrix.wire import Request, answers
from tests.api.matrix.world import World

SCOPES: tuple[tuple[str, ...], ...] = (
    ("read",),
    ("read", "write"),
    ("read", "actions"),
    ("read", "user:email"),
    tuple(sorted(ALL_SCOPES)),
)


def wrong(
    world: World, route: str, line: Line, holder: Holder, status: int | None = None
) -> Iterator[str]:
    """Ask for what is about no record; give what is wrong, in words. `status` is what must come."""
    method, path = cells.door(route)
    said = {name: world.names.get(text, text) for name, text in line.names.items()}
    where = path.format(**{**world.names, **said})
    case = Case(STATES[0], NONE, NONE, holder.signed_in, holder.administrator)
    scope = line.scope if isinstance(line.scope, str) and line.scope else "write"
    if status is None:
        status = cells.expected(
            method, where, line.status(case), signed_in=holder.signed_in, scope=scope
        )
    headers = dict(line.headers)
    if holder.token:
        headers["Authorization"] = f"Bearer {holder.token}"
    body = None if line.body is None else json.dumps(line.body).encode()
    [(_request, answer)] = answers(world.url, [Request(method, where, headers, body)])
    if answer.status != status:
        yield f"{holder.name} at {route}: {answer.status}, not {status}: {answer.body[:200]!r}"


def wrong_scopes(world: World, holder: Holder, scopes: Sequence[str]) -> list[str]:
    """Ask each operation with a token of these scopes; return what is wrong, in words."""
    asked = [
        cell if lets(route, line, cell.made.state, scopes) else cell._replace(status=403)
        for route, line in ON_RECORDS.items()
        for made in world.records
        if len(made.state.published) < 2
        for cell in cells.cells(world, route, line, holder, made)
    ]
    found = cells.wrong(world.url, asked)
    for route, line in ON_OTHERS.items():
        if not lets(route, line, STATES[0], scopes):
            found += wrong(world, route, line, holder, 403)
    return found


def lets(route: str, line: Line, state: State, scopes: Sequence[str]) -> bool:
    """Whether a token of these scopes may do what a route does."""
    method, _path = cells.door(route)
    needed = line.scope if isinstance(line.scope, str) else line.scope(state)
    needed = needed or ("read" if method in cells.READING else "write")
    return set(scopes) == ALL_SCOPES if needed == ALL else needed in scopes
