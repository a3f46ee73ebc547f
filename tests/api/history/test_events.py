"""The events of an object: who, when, through which door, what; as far as the asker may see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.feed import positions
from domain.access import EVERYONE, Level
from domain.commands import objects
from domain.log import Session
from tests.api import asking
from tests.api.asking import API, Join, User
from tests.api.history import making
from tests.running import Running

SINCE = datetime(2020, 2, 3, 4, 5, 6, 7, UTC)


def events(asker: httpx.Client, number: int | str, **params: Any) -> list[dict[str, Any]]:
    """All events of an object, page by page."""
    found: list[dict[str, Any]] = []
    answer = asker.get(f"{API}/objects/{number}/events", params=params)
    while True:
        assert answer.status_code == 200, answer.text
        found += answer.json()
        if "next" not in answer.links:
            return found
        answer = asker.get(answer.links["next"]["url"])


def told(asker: httpx.Client, number: int | str) -> list[str]:
    """The events of an object in short: what, and which version."""
    return [f"{each['type']} {each.get('version', '')}".strip() for each in events(asker, number)]


@pytest.fixture(scope="module")
def lived(server: Running, ada: User, bob: User, action: int) -> int:
    """An object of Ada's: two versions, shared with Bob, opened, restored."""
    number = asking.new_object(ada.client, action, '{"n": 0}')
    making.backdated(server, ada, number, SINCE)
    share(ada, number, bob, "read")
    making.set_access(server, ada, number, "public")
    restored = ada.client.post(f"{API}/objects/{number}/restore", json={"version": 0})
    assert restored.status_code == 201, restored.text
    return number


def share(owner: User, number: int, other: User, level: str) -> None:
    """Give somebody a permission."""
    user = other.client.get(f"{API}/users/me").json()["user_id"]
    path = f"{API}/objects/{number}/permissions/users/{user}"
    given = owner.client.put(path, json=level)
    assert given.status_code == 200, given.text


def test_an_event_says_who_when_through_which_door_and_what(
    server: Running, ada: User, bob: User, action: int, lived: int
) -> None:
    """Each kind in its own words; ids are those that clients know."""
    me, other = (each.client.get(f"{API}/users/me").json()["user_id"] for each in (ada, bob))
    by_ada = {"user_id": me, "name": ada.name}
    restricted = {"record": "restricted", "files": "restricted"}
    opened = {"record": "public", "files": "restricted"}
    base = f"{API}/objects/{lived}"

    found = events(ada.client, lived)

    instants = [each.pop("recorded_at") for each in found]
    assert instants == sorted(instants)
    assert {each.pop("door") for each in found[:2]} == {"sampledb"}
    assert found[0] == {
        "type": "family.created",
        "who": by_ada,
        "changed": {"owner": by_ada, "pid": found[0]["changed"]["pid"]},
    }
    assert found[1] == {
        "type": "record.created",
        "revision": 1,
        "who": by_ada,
        "changed": {
            "pid": asking.pid_of(server, lived),
            "number": lived,
            "access": restricted,
            "index": 1,
            "action_id": action,
        },
    }
    assert found[3] == {
        "type": "record.published",
        "revision": 3,
        "who": by_ada,
        "door": found[3]["door"],
        "changed": {"schema_version": 1, "access": restricted},
        "valid_from": "2020-02-03T04:05:06.000007Z",
        "version": 1,
        "restored_from": None,
        "href": f"{base}/versions/1",
        "diff": f"{base}/versions/0/diff/1",
    }
    assert found[4] == {
        "type": "family.permission-granted",
        "who": by_ada,
        "door": "sampledb",
        "changed": {"principal": {"user_id": other, "name": bob.name}, "level": "view"},
    }
    assert found[5]["changed"] == {"access": opened}
    assert found[6]["restored_from"] == 0
    assert found[6]["valid_from"] == instants[6]
    assert ada.client.get(found[6]["href"]).status_code == 200
    assert [each.get("version") for each in found] == [None, None, 0, 1, None, None, 2]


def test_pages_have_every_event_once_in_order(ada: User, lived: int) -> None:
    """Whatever their size, by number and by pid, through both doors."""
    every = events(ada.client, lived)

    for limit in (1, 2, 3, 7, 1000):
        assert events(ada.client, lived, limit=limit) == every
    short = ada.client.get(f"/objects/{lived}/events?limit=2")
    assert len(short.json()) == 2
    follows = ada.client.get(short.links["next"]["url"]).json()
    assert [each["revision"] for each in follows] == [each["revision"] for each in every[2:4]]
    assert ada.client.get(short.links["first"]["url"]).json() == short.json()


def test_a_page_that_ends_with_the_last_event_leads_no_further(ada: User, lived: int) -> None:
    """Seven fit into seven."""
    answer = ada.client.get(f"/objects/{lived}/events?limit=7")

    assert len(answer.json()) == 7
    assert set(answer.links) == {"first"}


def test_a_page_of_large_versions_is_shorter(ada: User, action: int) -> None:
    """What is read for a page is bounded; no event is missing."""
    number = asking.new_object(ada.client, action)
    for _ in range(3):
        asking.new_version(ada.client, number, '{"a":"%s"}' % ("x" * (3 << 20)))

    first = ada.client.get(f"{API}/objects/{number}/events").json()

    assert len(first) < 6
    assert [each.get("version") for each in events(ada.client, number)] == [None, None, 0, 1, 2, 3]


# Who sees what.


def test_a_grant_shows_every_event(bob: User, ada: User, lived: int) -> None:
    """Permissions too: SampleDB shows them to every reader."""
    assert events(bob.client, lived) == events(ada.client, lived)


def test_the_public_sees_what_was_published_to_it_and_nothing_of_permissions(
    server: Running, ada: User, join: Join, nobody: httpx.Client, action: int
) -> None:
    """Neither versions that were restricted, nor who may do what."""
    number = asking.new_object(ada.client, action, '{"n": 0}')
    share(ada, number, join("fred"), "read")
    making.set_access(server, ada, number, "public")
    asking.new_version(ada.client, number, '{"n": 1}')
    shown = ["record.access-changed", "record.published 1"]

    assert told(join("eve").client, number) == shown
    public = nobody.get(f"/objects/{number}/events")
    assert [each["type"] for each in public.json()] == [each.split()[0] for each in shown]
    assert "diff" not in public.json()[-1]
    assert "restricted" not in public.json()[-1]["changed"]["access"]["record"]


def test_the_public_is_not_told_that_a_restricted_version_was_restored(
    join: Join, lived: int
) -> None:
    """It is as closed as what it has again."""
    assert told(join("gina").client, lived) == ["record.access-changed"]


def test_a_version_that_was_restricted_stays_closed(
    server: Running, ada: User, join: Join, action: int
) -> None:
    """Among open ones, on every page."""
    number = making.half_open(server, ada, action)
    eve = join("eve")

    for limit in (1, 2, 100):
        found = events(eve.client, number, limit=limit)
        assert found == events(eve.client, number)
        assert [each.get("version") for each in found if "version" in each] == [1, 3]
    making.set_access(server, ada, number, "restricted")
    making.problem(eve.client.get(f"{API}/objects/{number}/events"), 403)


def test_what_the_public_sees_counts_nothing_that_is_hidden(
    server: Running, ada: User, join: Join, nobody: httpx.Client, action: int
) -> None:
    """No page is short for it, and neither lines nor links say how much there is of it."""
    number = making.half_open(server, ada, action)
    share(ada, number, join("fred"), "read")
    making.set_access(server, ada, number, "public")
    making.backdated(server, ada, number, None)
    every = nobody.get(f"/objects/{number}/events").json()
    answer = nobody.get(f"/objects/{number}/events?limit=1")

    pages = [answer]
    while "next" in answer.links:
        assert "." not in answer.links["next"]["url"]
        answer = nobody.get(answer.links["next"]["url"])
        pages.append(answer)

    assert [page.json() for page in pages] == [[each] for each in every]
    assert not any("revision" in each for each in every)


def test_a_page_for_the_public_begins_where_one_ended(
    server: Running, ada: User, nobody: httpx.Client, action: int
) -> None:
    """At a hidden event no more than at none: which is which is not told."""
    number = making.half_open(server, ada, action)
    at = asking.query(
        server,
        "SELECT e.position FROM es.event e JOIN view.records r ON e.stream IN (r.id, r.family)"
        " WHERE r.number = %s ORDER BY e.position",
        number,
    )
    url = f"/objects/{number}/events"

    answers = [nobody.get(url, params={"after": positions.token(each)}) for (each,) in at]
    answers.append(nobody.get(url, params={"after": positions.token(1)}))

    shown = len(nobody.get(url).json())
    assert sorted(each.status_code for each in answers) == [200] * shown + [400] * (
        len(answers) - shown
    )
    assert len({making.problem(each, 400) for each in answers if each.status_code == 400}) == 1


def test_many_hidden_events_are_passed_over(
    server: Running, ada: User, bob: User, action: int
) -> None:
    """However many lie between two that are shown."""
    number = making.recorded(server, ada, action, *[timedelta(days=1)] * 1200)
    making.set_access(server, ada, number, "public")
    making.backdated(server, ada, number, None)

    assert told(bob.client, number) == ["record.access-changed", "record.published 1200"]
    assert len(bob.client.get(f"/objects/{number}/events?limit=2").json()) == 2


def test_a_damaged_event_is_told_as_one(server: Running, ada: User, bob: User, action: int) -> None:
    """What can still be said of it; those beside it are told as before."""
    number = making.half_open(server, ada, action)
    every = events(ada.client, number)
    places = [at for at, each in enumerate(every) if each.get("version") in (1, 2)]
    with asking.damaged(server, number, 1, 2):
        found, public = events(ada.client, number), events(bob.client, number)

    assert [each for at, each in enumerate(found) if at not in places] == [
        each for at, each in enumerate(every) if at not in places
    ]
    for at in places:
        told = found[at]
        assert (told["damaged"], told["changed"], told["who"]) == (True, None, None)
        assert (told["type"], told["revision"]) == (every[at]["type"], every[at]["revision"])
        assert len(bytes.fromhex(told["digest"])) == 32
    assert [each.get("damaged", each.get("version")) for each in public][-2:] == [None, 3]
    assert sum("damaged" in each for each in public) == 1


def test_a_stranger_sees_nothing(ada: User, join: Join, nobody: httpx.Client, action: int) -> None:
    """403 to who has signed in, 401 to who has not."""
    number = asking.new_object(ada.client, action)

    making.problem(join("eve").client.get(f"{API}/objects/{number}/events"), 403)
    making.problem(nobody.get(f"{API}/objects/{number}/events"), 401)
    making.problem(nobody.get(f"/objects/{number}/events"), 401)


def test_a_permission_to_everyone_is_named_as_sampledb_names_it(
    server: Running, ada: User, nobody: httpx.Client, action: int
) -> None:
    """And what is taken back is told too."""
    number = asking.new_object(ada.client, action)

    def grant(session: Session, level: Level) -> None:
        objects.grant(session, objects.find(session, str(number)), EVERYONE, level)

    asking.decide(server, ada.name, grant, Level.VIEW)
    ada.client.put(f"{API}/objects/{number}/permissions/public", json=True)
    ada.client.put(f"{API}/objects/{number}/permissions/public", json=False)

    found = events(ada.client, number)
    assert [(each["type"], each["changed"]) for each in found[3:]] == [
        ("family.permission-granted", {"principal": "anonymous_users", "level": "view"}),
        ("family.permission-granted", {"principal": "authenticated_users", "level": "view"}),
        ("family.permission-revoked", {"principal": "authenticated_users"}),
        ("family.permission-revoked", {"principal": "anonymous_users"}),
    ]
    assert nobody.get(f"/objects/{number}/events").status_code == 401


def test_what_everyone_was_granted_shows_versions_and_not_who_works_with_whom(
    server: Running, ada: User, join: Join, nobody: httpx.Client, action: int
) -> None:
    """Neither to who has signed in: a name or a number of who was granted something is nowhere."""
    number = asking.new_object(ada.client, action)
    fred = join("fred")
    share(ada, number, fred, "read")

    def grant(session: Session) -> None:
        objects.grant(session, objects.find(session, str(number)), EVERYONE, Level.VIEW)

    asking.decide(server, ada.name, grant)

    for asker in (join("eve").client, nobody):
        for limit in (1, 100):
            shown = asker.get(f"/objects/{number}/events", params={"limit": limit})
            assert fred.name not in shown.text
            assert "family" not in shown.text
        found = asker.get(f"/objects/{number}/events").json()
        assert [each["type"] for each in found] == ["record.created", "record.published"]
    assert events(fred.client, number) == events(ada.client, number)


# What is refused.


@pytest.mark.parametrize("id_", ["999999999", "0", "aaaaa-aaaaa", "x", "-1", "%00"])
def test_an_object_that_is_none_has_no_events(ada: User, id_: str) -> None:
    """In the words of a problem."""
    making.problem(ada.client.get(f"{API}/objects/{id_}/events"), 404)


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "limit=", "after=x", "after=1", "after=1.-1"]
)
def test_a_page_that_cannot_be_meant_is_refused(ada: User, lived: int, query: str) -> None:
    """A place is taken from a link, a limit is a number within bounds."""
    making.problem(ada.client.get(f"{API}/objects/{lived}/events?{query}"), 400)


def test_only_reading_is_possible(ada: User, lived: int) -> None:
    """Events are made by what happens."""
    making.problem(ada.client.post(f"{API}/objects/{lived}/events", json={}), 405)
