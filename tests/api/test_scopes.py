"""The scopes of a token: each with each operation of each door, by one table for all of them.

The table is DESIGN.md's, "Who may do what". The routes are those of the application: one that
changes something and belongs to no operation fails here, and so does one that belongs to two. Each
is asked for by tokens of an administrator with every set of scopes, for things that there are none
of and with bodies that say nothing: what a token may do is then refused for that, and what it may
not do for its scopes, before anything else is looked at.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import pytest
from falcon.inspect import inspect_routes

from domain.access import SCOPES
from scripts.application import application
from scripts.settings import Settings
from tests.api import asking
from tests.api.asking import User
from tests.api.matrix.wire import Request, answers
from tests.running import Running

ALL = "every scope"  # a password has them
NONE = "none"  # nobody is asked for a token: a form or a program says itself who sends it
READ = frozenset({"read"})
SETS: tuple[frozenset[str], ...] = (
    READ,
    frozenset({"read", "write"}),
    frozenset({"read", "actions"}),
    frozenset({"read", "user:email"}),
    frozenset({"read", "write", "actions"}),
    SCOPES,
)
NUMBER, ID = "999999999", str(UUID(int=7))  # of nothing
NUMBERS = frozenset({"number", "user_id", "object_id", "action_id", "version", "file", "index"})
READING = frozenset({"GET", "HEAD"})
WRITERS = "/api/records/{pid}/draft/uploads/{upload}"  # HEAD of it tells who uploads how far he is


class Operation(NamedTuple):
    """What is done, the scope that it takes, and its routes, as one expression."""

    what: str
    scope: str
    routes: str


def _routes(*found: str) -> str:
    return "|".join(f"(?:{each})" for each in found)


OBJECT = r"(?:/api/v1)?/objects/\{object_id\}"
DRAFT = r"/api/records/\{pid\}/draft"
DEPOSIT = r"/api/deposits/\{depid\}"
V1 = "/api/v1"
OPERATIONS = (
    Operation(
        "publish in InvenioRDM, and all that CAP has below actions",
        "actions",
        _routes(f"POST {DRAFT}/actions/publish", rf"POST {DEPOSIT}/actions/\w+"),
    ),
    Operation("erase", "actions", f"POST {OBJECT}/erasures"),
    Operation(
        "make and revoke tokens",
        ALL,
        _routes(
            f"POST {V1}/access_tokens", "POST /api/me/tokens", "DELETE /api/me/(?:tokens|logins)/.*"
        ),
    ),
    Operation("read by a form", "read", "POST /oai2d"),
    Operation(
        "sign in by a form",
        NONE,
        _routes(r"POST (?:/app)?/account/.*", r"POST /oauth/\w+"),
    ),
    Operation(
        "create",
        "write",
        _routes(
            r"POST (?:/api/v1)?/objects",
            "POST /api/(?:records|communities|deposits|jsonschemas)",
            rf"POST {V1}/(?:actions|groups|projects|instruments|locations|location_types)",
            "POST /datasets",
        ),
    ),
    Operation("say who is told of events", "write", r"(?:POST|DELETE) /api/webhooks(?:/.*)?"),
    Operation("save a draft", "write", f"(?:POST|PUT) {DRAFT}|(?:PUT|PATCH) {DEPOSIT}"),
    Operation("delete or discard a draft", "write", f"DELETE {DRAFT}|DELETE {DEPOSIT}"),
    Operation("files-import", "write", f"POST {DRAFT}/actions/files-import"),
    Operation("new version", "write", r"POST /api/records/\{pid\}/versions"),
    Operation(
        "upload",
        "write",
        _routes(
            rf"\w+ {DRAFT}/files(?:/\{{key\}}(?:/content|/commit)?)?",
            rf"(?:PATCH|POST|DELETE) {DRAFT}/uploads/\{{upload\}}",
            r"(?:PUT|DELETE) /api/files/\{bucket\}/\{key[^}]*\}",
        ),
    ),
    Operation(
        "links, and permissions outside actions",
        "write",
        _routes(
            r"(?:POST|PATCH|DELETE) /api/records/\{pid\}/access/links(?:/\{link\})?",
            rf"PUT {OBJECT}/permissions/\w+(?:/\{{\w+\}})?",
        ),
    ),
    Operation(
        "lead communities, and put records into them",
        "write",
        _routes(
            r"(?:POST|DELETE) /api/records/\{pid\}/communities",
            r"(?:POST|PUT|DELETE) /api/communities/\{community\}(?:/\w+)?",
        ),
    ),
    Operation(
        "restore, and every change through SampleDB's door, which publishes at once",
        "write",
        _routes(
            f"POST {OBJECT}/(?:restore|versions|comments|files|locations)",
            rf"POST {V1}/actions/\{{action_id\}}",
            rf"(?:POST|PUT|DELETE) {V1}/(?:groups|projects)/\{{number\}}(?:/member_\w+(?:/.*)?)?",
            rf"PUT {V1}/(?:locations|location_types)/\{{\w+\}}",
            rf"(?:POST|PUT) {V1}/instruments/\{{instrument_id\}}(?:/.*)?",
        ),
    ),
    Operation(
        "every change through IceProd's door, which publishes at once",
        "write",
        _routes(
            r"(?:POST|PUT|PATCH|DELETE) /(?:datasets|config)/\{dataset_id\}(?:/.*)?",
            r"(?:POST|PUT|PATCH|DELETE) /actions/.*",
        ),
    ),
    Operation(
        "every change through Divio's door, which publishes at once",
        "write",
        r"(?:POST|PUT|PATCH|DELETE) /(?:apps|iam|billing)/v3/.*",
    ),
)


@cache
def served() -> tuple[tuple[str, str], ...]:
    """Every method and path of the application."""
    with tempfile.TemporaryDirectory() as data:
        settings = Settings(data=Path(data), database_url="postgresql://nowhere")
        routes = inspect_routes(application(settings))
    found = {
        (each.method, route.path.rstrip("/"))
        for route in routes
        for each in route.methods
        if not each.internal and each.method != "OPTIONS"
    }
    return tuple(sorted(found, key=lambda each: each[::-1]))


def operations(method: str, path: str) -> list[Operation]:
    """The operations that a route belongs to; to read is one, and needs no line."""
    if method in READING:
        return [Operation("read", "read", "")]
    return [each for each in OPERATIONS if re.fullmatch(each.routes, f"{method} {path}")]


def test_each_route_belongs_to_one_operation() -> None:
    """Else nobody has said which scope it takes."""
    wrong = {
        f"{method} {path}": [each.what for each in found]
        for method, path in served()
        if len(found := operations(method, path)) != 1
    }
    assert wrong == {}


def lets(operation: Operation, scopes: frozenset[str]) -> bool:
    """Whether a token of these scopes may carry it out."""
    return scopes == SCOPES if operation.scope == ALL else operation.scope in scopes


Cell = tuple[Request, frozenset[str], bool]


def cells(tokens: dict[frozenset[str], str], *, whole: bool) -> Iterator[Cell]:
    """Each route with each token, and whether that lets it; unless `whole`, reads with one."""
    for method, path in served():
        [operation] = operations(method, path)
        if operation.scope == NONE or (method, path) == ("HEAD", WRITERS):
            continue
        where = re.sub(r"{(\w+)[^}]*}", lambda found: NUMBER if found[1] in NUMBERS else ID, path)
        body = None if method in READING else b"["
        for scopes, token in tokens.items():
            if method in READING and scopes != READ and not whole:
                continue
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            yield Request(method, where, headers, body), scopes, lets(operation, scopes)


@pytest.fixture(scope="module")
def tokens(server: Running, admin: User) -> dict[frozenset[str], str]:
    """A token of an administrator with each set of scopes."""
    return {scopes: asking.token(server, admin.name, *scopes) for scopes in SETS}


def wrong(server: Running, asked: list[Cell]) -> list[str]:
    """Ask; return what is not as it must be, in words."""
    got = answers(server.url, [request for request, _, _ in asked])
    return [
        f"{request.method} {request.path} with {' '.join(sorted(scopes))}: {answer.status}"
        for (request, scopes, may), (_, answer) in zip(asked, got, strict=True)
        if (answer.status in (401, 403)) == may or answer.status >= 500
    ]


def test_a_token_may_what_its_scopes_say_at_each_door(
    server: Running, tokens: dict[frozenset[str], str]
) -> None:
    """403 for a scope that it lacks, whatever else is wrong; nothing becomes of any of it."""
    before = asking.stored(server)

    assert wrong(server, list(cells(tokens, whole=False))) == []
    assert asking.stored(server) == before


@pytest.mark.soak
def test_a_token_reads_whatever_else_its_scopes_say(
    server: Running, tokens: dict[frozenset[str], str]
) -> None:
    """The long form: each route with each set of scopes."""
    assert wrong(server, list(cells(tokens, whole=True))) == []


def test_who_sends_a_form_that_says_who_sends_it_needs_no_scope(
    server: Running, tokens: dict[frozenset[str], str]
) -> None:
    """It is answered alike, whatever credential comes with it, a wrong one too."""
    shown = [None, "wrong", *tokens.values()]
    forms = [
        (method, path) for method, path in served() if operations(method, path)[0].scope == NONE
    ]
    asked = [
        Request(method, path, {} if token is None else {"Authorization": f"Bearer {token}"}, b"")
        for method, path in forms
        for token in shown
    ]
    statuses: dict[str, set[int]] = {}
    for request, answer in answers(server.url, asked):
        statuses.setdefault(request.path, set()).add(answer.status)

    assert {path: len(found) for path, found in statuses.items()} == {path: 1 for _, path in forms}
