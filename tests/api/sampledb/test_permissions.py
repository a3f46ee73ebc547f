"""Permissions of an object: who may read and change them, what they say, and that they hold."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from domain.access import EVERYONE, Level
from domain.commands import objects
from domain.log import Session
from tests.api import asking
from tests.api.asking import API, Join, User
from tests.running import Running

CONNECTIONS = 8  # so that each worker is asked
NO_LEVELS = [
    *(b"", b"{", b"1", b"true", b"null", b"read", b"\xff", b'"', b'["read"]', b'{"a":"read"}'),
    *(b'""', b'"admin"', b'"read "', b'"%b"' % (b"read" * 1000)),
]


def path(number: int | str, rest: str = "users/") -> str:
    """The address of an object's permissions."""
    return f"{API}/objects/{number}/permissions/{rest}"


def number_of(user: User) -> int:
    """The number of an account."""
    return int(user.client.get(f"{API}/users/me").json()["user_id"])


def put(user: User, number: int | str, rest: str, value: Any) -> httpx.Response:
    """Ask for a permission."""
    return user.client.put(path(number, rest), json=value)


def statuses(server: Running, token: str | None, url: str, **headers: str) -> list[int]:
    """How an address answers on new connections."""
    found = []
    for _ in range(CONNECTIONS):
        with asking.client(server, token) as client:
            found.append(client.get(url, headers=headers).status_code)
    return found


@pytest.fixture
def number(ada: User, action: int) -> int:
    """An object of Ada's."""
    return asking.new_object(ada.client, action)


@pytest.fixture(scope="module")
def ada_id(ada: User) -> int:
    """Ada's number."""
    return number_of(ada)


@pytest.fixture(scope="module")
def bob_id(bob: User) -> int:
    """Bob's number."""
    return number_of(bob)


def test_who_made_an_object_may_grant_and_nobody_else_has_anything(
    ada: User, ada_id: int, number: int
) -> None:
    """Users with nothing are left out."""
    shown = ada.client.get(path(number))

    assert (shown.status_code, shown.json()) == (200, {str(ada_id): "grant"})
    assert ada.client.get(path(number, "public")).json() is False
    assert ada.client.get(path(number, "authenticated_users")).json() == "none"


@pytest.mark.parametrize("level", ["none", "read", "write", "grant", "READ", "Write", "gRANT"])
def test_a_level_is_given_in_any_case_and_answered_in_lower(
    ada: User, bob_id: int, number: int, level: str
) -> None:
    """By the PUT itself, by a GET of the user and of all."""
    given = put(ada, number, f"users/{bob_id}", level)

    assert (given.status_code, given.json()) == (200, level.lower())
    assert ada.client.get(path(number, f"users/{bob_id}")).json() == level.lower()
    everyone = ada.client.get(path(number)).json()
    assert everyone.get(str(bob_id), "none") == level.lower()


def test_an_object_is_named_by_its_pid_and_without_the_prefix(
    server: Running, ada: User, bob_id: int, number: int
) -> None:
    """The same permissions at each address."""
    pid = asking.pid_of(server, number)
    put(ada, pid, f"users/{bob_id}", "read")

    for address in (path(number), path(pid), path(number)[len(API) :], path(pid)[len(API) :]):
        assert ada.client.get(address).json()[str(bob_id)] == "read"
        assert ada.client.get(address.rstrip("/")).json()[str(bob_id)] == "read"


def test_each_level_allows_what_it_says(
    ada: User, bob: User, ada_id: int, bob_id: int, number: int
) -> None:
    """Read shows, write publishes, grant grants, and each what comes before it."""
    expected = {"none": [403] * 4, "read": [200, 200, 403, 403], "write": [200, 200, 201, 403]}
    for level, wanted in {**expected, "grant": [200, 200, 201, 200]}.items():
        put(ada, number, f"users/{bob_id}", level)

        read = bob.client.get(f"{API}/objects/{number}/versions/0")
        shown = bob.client.get(path(number))
        written = asking.post(bob.client, f"{API}/objects/{number}/versions/", "{}")
        granted = put(bob, number, f"users/{ada_id}", "grant")
        assert [each.status_code for each in (read, shown, written, granted)] == wanted, level


def test_public_is_reading_for_all_who_are_signed_in(
    ada: User, bob: User, nobody: httpx.Client, number: int
) -> None:
    """For them alone, for every version, and in their lists."""
    url = f"{API}/objects/{number}/versions/0"
    assert bob.client.get(url).status_code == 403

    given = put(ada, number, "public", value=True)

    assert (given.status_code, given.json()) == (200, True)
    assert bob.client.get(path(number, "public")).json() is True
    assert bob.client.get(path(number, "authenticated_users")).json() == "read"
    assert bob.client.get(url).status_code == 200
    assert number in [each["object_id"] for each in bob.client.get(f"{API}/objects/").json()]
    assert nobody.get(url[len(API) :]).status_code == 401
    assert asking.post(bob.client, f"{API}/objects/{number}/versions/", "{}").status_code == 403

    assert put(ada, number, "public", value=False).json() is False
    assert bob.client.get(url).status_code == 403


def test_authenticated_users_is_the_same_by_another_name(ada: User, bob: User, number: int) -> None:
    """In any case."""
    given = put(ada, number, "authenticated_users", "Read")

    assert (given.status_code, given.json()) == (200, "read")
    assert bob.client.get(path(number, "public")).json() is True
    assert put(ada, number, "authenticated_users", "none").json() == "none"
    assert bob.client.get(path(number, "public")).status_code == 403


def test_what_is_taken_from_all_is_taken_from_everyone(
    server: Running, ada: User, nobody: httpx.Client, number: int
) -> None:
    """An object that was loaded open to everybody says it is public, and can be closed."""

    def open_(session: Session) -> None:
        record = objects.find(session, str(number))
        objects.grant(session, record, EVERYONE, Level.VIEW)

    asking.decide(server, ada.name, open_)
    url = f"/objects/{number}/versions/0"
    assert nobody.get(url).status_code == 200
    assert ada.client.get(path(number, "public")).json() is True

    assert put(ada, number, "public", value=False).json() is False

    assert statuses(server, None, url) == [401] * CONNECTIONS
    assert ada.client.get(path(number, "public")).json() is False


def test_anonymous_users_are_not_enabled(ada: User, bob: User, bob_id: int, number: int) -> None:
    """400, for who may see or grant."""
    asked = ada.client.get(path(number, "anonymous_users"))
    given = put(ada, number, "anonymous_users", "read")

    for refused in (asked, given):
        assert refused.status_code == 400
        assert "not enabled" in refused.json()["message"]
    assert bob.client.get(path(number, "anonymous_users")).status_code == 403
    put(ada, number, f"users/{bob_id}", "read")
    assert put(bob, number, "anonymous_users", "read").status_code == 403


@pytest.mark.parametrize("body", NO_LEVELS)
@pytest.mark.parametrize("rest", ["users/{bob}", "authenticated_users"])
def test_what_is_no_level_is_refused(
    server: Running, ada: User, bob_id: int, number: int, rest: str, body: bytes
) -> None:
    """400 that says so, and no event."""
    before = asking.stored(server)

    refused = ada.client.put(path(number, rest.format(bob=bob_id)), content=body)

    assert refused.status_code == 400
    assert refused.json()["message"]
    assert asking.stored(server) == before


@pytest.mark.parametrize("body", [b"", b"1", b"0", b'"true"', b"null", b"[true]", b"True"])
def test_what_is_no_bool_does_not_make_public(ada: User, number: int, body: bytes) -> None:
    """Neither 1 nor "true"."""
    refused = ada.client.put(path(number, "public"), content=body)

    assert refused.status_code == 400
    assert ada.client.get(path(number, "public")).json() is False


@pytest.mark.parametrize("level", ["write", "grant", "WRITE"])
def test_all_users_together_cannot_write(ada: User, number: int, level: str) -> None:
    """400."""
    refused = put(ada, number, "authenticated_users", level)

    assert refused.status_code == 400
    assert "none or read" in refused.json()["message"]


def test_the_last_who_may_grant_keeps_it(ada: User, ada_id: int, bob_id: int, number: int) -> None:
    """Until somebody else may."""
    put(ada, number, f"users/{bob_id}", "write")
    for level in ("none", "read", "write"):
        refused = put(ada, number, f"users/{ada_id}", level)
        assert refused.status_code == 400
        assert "keep the permission" in refused.json()["message"]

    put(ada, number, f"users/{bob_id}", "grant")

    assert put(ada, number, f"users/{ada_id}", "read").json() == "read"
    assert put(ada, number, f"users/{ada_id}", "grant").status_code == 403


def test_two_who_take_it_from_each_other_leave_one(
    ada: User, bob: User, ada_id: int, bob_id: int, number: int
) -> None:
    """At the same time, one of them comes second and is refused."""
    for _ in range(5):
        put(ada, number, f"users/{bob_id}", "grant")
        with ThreadPoolExecutor(2) as threads:
            one = threads.submit(put, ada, number, f"users/{bob_id}", "read")
            other = threads.submit(put, bob, number, f"users/{ada_id}", "read")
        assert sorted((one.result().status_code, other.result().status_code)) == [200, 403]
        if other.result().status_code == 200:
            put(bob, number, f"users/{ada_id}", "grant")


def test_a_permission_is_one_event_and_one_that_is_there_already_none(
    server: Running, ada: User, bob_id: int, number: int
) -> None:
    """Also public, said twice."""
    for rest, value in ((f"users/{bob_id}", "read"), ("public", True), ("public", False)):
        events = asking.stored(server)[0]
        assert put(ada, number, rest, value).status_code == 200
        assert asking.stored(server)[0] == events + 1
        assert put(ada, number, rest, value).json() == value
        assert asking.stored(server)[0] == events + 1


def test_an_unknown_user_is_not_found(ada: User, number: int) -> None:
    """404, before the body is looked at."""
    for unknown in ("999999", "0", "-1", "me", "01", "1.0", "9" * 30):
        shown = ada.client.get(path(number, f"users/{unknown}"))
        given = ada.client.put(path(number, f"users/{unknown}"), content=b"[")
        for answer in (shown, given):
            assert answer.status_code == 404
            assert unknown in answer.json()["message"]


def test_an_object_that_is_not_there_is_not_found(ada: User, bob_id: int) -> None:
    """404 for every address below it."""
    for rest in ("users/", f"users/{bob_id}", "public", "authenticated_users", "anonymous_users"):
        assert ada.client.get(path(999999999, rest)).status_code == 404
        if rest != "users/":
            assert put(ada, 999999999, rest, "read").status_code == 404


def test_who_may_not_see_an_object_does_not_see_its_permissions(
    bob: User, bob_id: int, nobody: httpx.Client, number: int
) -> None:
    """403 for who is signed in, 401 for who is not: nothing is said but the refusal."""
    for rest in ("users/", f"users/{bob_id}", "public", "authenticated_users", "anonymous_users"):
        assert bob.client.get(path(number, rest)).status_code == 403
        assert set(bob.client.get(path(number, rest)).json()) == {"message"}
        assert nobody.get(path(number, rest)).status_code == 401
        assert nobody.get(path(number, rest)[len(API) :]).status_code == 401
        if rest != "users/":
            assert put(bob, number, rest, "grant").status_code == 403
            assert nobody.put(path(number, rest)[len(API) :], json="grant").status_code == 401


def test_a_token_that_may_only_read_grants_nothing(
    server: Running, ada: User, bob_id: int, number: int
) -> None:
    """Its owner might."""
    with asking.client(server, asking.token(server, ada.name, "read")) as reader:
        assert reader.get(path(number)).status_code == 200
        refused = reader.put(path(number, f"users/{bob_id}"), json="grant")

    assert refused.status_code == 403
    assert str(bob_id) not in ada.client.get(path(number)).json()


def test_an_administrator_has_no_permission_by_office(admin: User, number: int) -> None:
    """Neither sees them nor sets them."""
    assert admin.client.get(path(number)).status_code == 403
    assert put(admin, number, "public", value=True).status_code == 403


def test_a_change_holds_for_who_was_served_from_memory(
    server: Running, ada: User, join: Join, number: int
) -> None:
    """In every worker and at once: taken and given by name and to all, with an ETag and without."""
    reader = join("reader")
    url = f"{API}/objects/{number}/versions/0"
    user = f"users/{number_of(reader)}"
    tag = {"If-None-Match": ada.client.get(url).headers["ETag"]}

    for rest, given, taken in ((user, "read", "none"), ("public", True, False)) * 3:
        put(ada, number, rest, given)
        assert statuses(server, reader.token, url) == [200] * CONNECTIONS
        assert statuses(server, reader.token, url, **tag) == [304] * CONNECTIONS

        put(ada, number, rest, taken)
        assert statuses(server, reader.token, url) == [403] * CONNECTIONS
        assert statuses(server, reader.token, url, **tag) == [403] * CONNECTIONS


def test_to_see_what_everyone_may_see_is_not_to_see_its_permissions(
    server: Running, ada: User, bob: User, nobody: httpx.Client, bob_id: int, number: int
) -> None:
    """Open by a grant to everyone, or public: who works with whom is for others."""

    def open_(session: Session) -> None:
        objects.grant(session, objects.find(session, str(number)), EVERYONE, Level.VIEW)

    def hidden() -> None:
        for rest in ("users/", f"users/{bob_id}", "public", "authenticated_users"):
            assert bob.client.get(path(number, rest)).status_code == 403
            assert nobody.get(path(number, rest)[len(API) :]).status_code == 401

    asking.decide(server, ada.name, open_)
    assert nobody.get(f"/objects/{number}/versions/0").status_code == 200
    hidden()
    put(ada, number, "public", value=False)
    asking.set_access(server, ada.name, number, "public")
    asking.new_version(ada.client, number, "{}")
    assert nobody.get(f"/objects/{number}/versions/1").status_code == 200
    hidden()

    put(ada, number, f"users/{bob_id}", "read")
    assert str(bob_id) in bob.client.get(path(number)).json()
