"""The cells of the matrix: who, which route, which record; what is expected, and what came."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple
from urllib.parse import quote, urlencode

from tests.api.matrix.holding import PHASES, Holder, Phase
from tests.api.matrix.lines import DONE, REFUSED, Asked, Line
from tests.api.matrix.making import Made
from tests.api.matrix.states import MANAGE, NONE, Case, sees
from tests.api.matrix.wire import Answer, Request, answers
from tests.api.matrix.world import World

API = "/api/v1"
BY_LINK = ("/api/records/{pid}", "/records/", "/uploads/")
# For a login, where that might help.
CAP = ("/api/me", "/api/deposits", "/api/files", "/api/jsonschemas")
ICEPROD = ("/datasets", "/dataset_summaries", "/config", "/actions")
DIVIO = ("/apps/v3", "/iam/v3", "/billing/v3")
OWN = ("/api/events", "/api/webhooks", "/log", "/metrics")
ASKING = (API, "/objects", *CAP, *ICEPROD, *DIVIO, *OWN)
DOORS = ("", API)  # of objects
READING = ("GET", "HEAD")
COMMON = {"file": "0", "index": "0", "version": "0", "other": "0"}


Pair = tuple[Holder, Made, Sequence[str]]  # who, what, at which doors


class Cell(NamedTuple):
    """One cell: a holder's request about a record, and how it must be answered."""

    route: str
    holder: Holder
    made: Made
    asked: Asked
    request: Request
    case: Case
    status: int

    def __str__(self) -> str:
        method, path, *_ = self.request
        return f"{self.holder.name} at {method} {path} ({self.made.state})"


def door(route: str) -> tuple[str, str]:
    """Return the method and the path template of a route."""
    method, _, path = route.partition(" ")
    return method, path


def refused(path: str, *, signed_in: bool) -> int:
    """Return how a door refuses: InvenioRDM's has one word for all, the others ask for a login."""
    return 401 if path.startswith(ASKING) and not signed_in else 403


def expected(method: str, path: str, status: int, *, signed_in: bool, scope: str = "write") -> int:
    """Return the status of an answer whose line says `status`."""
    needs_login = path.startswith((API, *CAP, *ICEPROD, *DIVIO)) or (
        method not in READING and scope != "read"
    )
    if status == REFUSED or (needs_login and not signed_in):
        return refused(path, signed_in=signed_in)
    return status


def cells(
    world: World, route: str, line: Line, holder: Holder, made: Made, doors: Sequence[str] = DOORS
) -> Iterator[Cell]:
    """Give the cells of a line for a holder and a record, at the doors that have the route."""
    assert line.asks is not None
    method, path = door(route)
    by_link = holder.link and path.startswith(BY_LINK)
    case = case_of(holder, made, by_link=bool(by_link))
    headers = dict(line.headers)
    if holder.token:
        headers["Authorization"] = f"Bearer {holder.token}"
    body = None if line.body is None else json.dumps(line.body).encode()
    of_line = {name: world.names.get(said, said) for name, said in line.names.items()}
    for asked in line.asks(made):
        if asked.status(case) == DONE:
            continue
        for prefix in doors if path.startswith("/objects") else ("",):
            names = {
                **COMMON,
                **made.names,
                "user_id": world.names["user_id"],
                "object_id": str(made.number) if prefix else made.pid,
                **of_line,
                **asked.names,
            }
            where = prefix + path.format(**{name: quote(text) for name, text in names.items()})
            query = "&".join(
                part
                for part in (
                    asked.query,
                    urlencode({"token": made.links[holder.link]}) if holder.link else "",
                )
                if part
            )
            request = Request(
                method, f"{where}?{query}" if query else where, {**headers, **asked.headers}, body
            )
            status = expected(method, where, asked.status(case), signed_in=holder.signed_in)
            cell = Cell(route, holder, made, asked, request, case, status)
            yield cell
            if method == "GET" and status in (401, 403):  # nor is it told that there is something
                tagged = {**request.headers, "If-None-Match": "*"}
                yield cell._replace(request=request._replace(method="HEAD", headers=tagged))


def case_of(holder: Holder, made: Made, *, by_link: bool = False) -> Case:
    """Return a holder and a record; what he holds by a link only where that is taken."""
    level, own = holder.level, holder.own
    if holder.link:
        level, own = level if by_link else NONE, NONE
    if holder.administrator and made.state.kind == "deposit":
        level = own = MANAGE  # by office
    return Case(made.state, level, own, holder.signed_in, holder.administrator)


def spread(world: World, shift: int) -> dict[Phase, list[Pair]]:
    """Return pairs for each phase: at each level that is held each record has its turn.

    So has each way to hold it, and whoever holds it so, and each door. `shift` gives other pairs.
    """
    alike: dict[tuple[int, bool], list[tuple[Phase, Holder]]] = {}
    for phase in PHASES:
        for each in world.holders.of(phase):
            alike.setdefault((each.level, each.signed_in), []).append((phase, each))
    pairs: dict[Phase, list[Pair]] = {phase: [] for phase in PHASES}
    for held in alike.values():
        for turn in range(max(len(held), len(world.records))):
            phase, holder = held[(turn + shift) % len(held)]
            made = world.records[turn % len(world.records)]
            pairs[phase].append((holder, made, (DOORS[(turn + shift) % len(DOORS)],)))
    return pairs


def every(world: World) -> dict[Phase, list[Pair]]:
    """Return all pairs for each phase, at all doors."""
    return {
        phase: list(product(world.holders.of(phase), world.records, [DOORS])) for phase in PHASES
    }


def wrong(url: str, asked: Sequence[Cell]) -> list[str]:
    """Ask, and return what is not as it must be, in words."""
    found = []
    for cell, (_request, answer) in zip(
        asked, answers(url, [each.request for each in asked]), strict=True
    ):
        if answer.status != cell.status:
            found.append(f"{cell}: {answer.status}, not {cell.status}: {answer.body[:200]!r}")
        found += [f"{cell}: shows {name}" for name in leaked(cell.case, cell.made, answer)]
        if answer.status == 200 and cell.status == 200:
            found += [
                f"{cell}: does not show {name}"
                for name in cell.asked.shows
                if cell.made.secrets[name] not in answer.body
            ]
    return found


def leaked(case: Case, made: Made, answer: Answer) -> list[str]:
    """Return what of a record an answer shows and may not."""
    said = answer.headers + answer.body
    return [name for name, text in made.secrets.items() if text in said and not sees(case, name)]
