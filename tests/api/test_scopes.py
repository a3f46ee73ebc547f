"""The scopes of a token: each with each operation of each door, by one table for all of them.

The table is DESIGN.md's, "Who may do what": which scope an operation takes is read there
(tests/api/matrix/design.py); by which routes it is done at which door stands in
tests/api/matrix/operations.py. The routes are those of the application: one that changes something
and belongs to no operation fails here, and so does one that belongs to two. Each is asked for by
tokens of an administrator with every set of scopes, for things that there are none of and with
bodies that say nothing: what a token may do is then refused for that, and what it may not do for
its scopes, before anything else is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import pytest

from domain.access import SCOPES
from domain.account import Profile
from domain.commands import accounts
from tests.api import asking
from tests.api.asking import Join, User
from tests.api.cap import making as deposits
from tests.api.divio import hosting
from tests.api.matrix import design
from tests.api.matrix.operations import (
    ALL,
    BESIDE,
    NAMED,
    NONE,
    READING,
    Operation,
    done_by,
    operations,
    served,
)
from tests.api.matrix.wire import Request, answers
from tests.running import Running

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
WRITERS = "/api/records/{pid}/draft/uploads/{upload}"  # HEAD of it tells who uploads how far he is


def test_each_operation_of_the_design_is_done_by_routes() -> None:
    """A word that is new in its table fails here, and so does one that is no more."""
    assert {each.what for each in NAMED} == design.scopes().keys() - {design.READ, design.EMAILS}


def test_the_table_is_that_of_the_design() -> None:
    """As it was kept, for where the design is not."""
    if not design.DESIGN.is_file():
        pytest.skip(f"needs {design.DESIGN.name} in ../shared, which is not there")
    assert design.rows(design.KEPT) == design.rows(design.DESIGN)


def test_each_operation_has_routes_that_there_are() -> None:
    """At each door that it is said to be done at."""
    without = [
        f"{each.what} at {each.door}"
        for each in (*NAMED, *BESIDE)
        if not any(done_by(each, *route) for route in served())
    ]
    assert without == []


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
    assert all(max(found) < 500 for found in statuses.values()), statuses


def test_addresses_of_others_are_told_to_tokens_of_their_scope(
    server: Running, join: Join, action: int
) -> None:
    """At each door that shows people to people; CAP's rights lists show what they are made of."""
    owner, reader = join("owner"), join("reader")
    email = f"{owner.name}@tin.example"
    asking.operate(server, accounts.change, owner.name, Profile(email=email))
    number = asking.new_object(owner.client, action)
    [user] = asking.query(server, "SELECT number FROM view.accounts WHERE name = %s", reader.name)
    shared = f"/objects/{number}/permissions/users/{user[0]}"
    assert owner.client.put(shared, json="read").is_success
    made = deposits.deposit(owner.client)
    deposits.share(owner.client, made["id"], reader.name, "read")
    organisation = hosting.organisation(owner.client)
    hosting.join(owner.client, organisation, reader)
    form = {"Accept": "application/form+json"}

    def told(scopes: frozenset[str]) -> dict[str, bool]:
        with asking.client(server, asking.token(server, reader.name, *scopes)) as asker:
            deposit = asker.get(f"{deposits.DEPOSITS}/{made['id']}").json()
            record = asker.get(f"/api/records/{asking.pid_of(server, number)}", headers=form)
            members = asker.get(f"{hosting.ORGANISATIONS}{organisation}/members/")
            assert owner.name in record.text
            assert owner.name in members.text
            return {
                "a deposit's owner": email in str(deposit["created_by"]),
                "a record of another door": email in record.text,
                "an organisation's members": email in members.text,
                "rights": email in str(deposit["access"]),
            }

    for scopes in SETS:
        may = design.scopes()[design.EMAILS] in scopes
        found = told(scopes)
        assert found.pop("rights")
        assert found == dict.fromkeys(found, may), scopes
