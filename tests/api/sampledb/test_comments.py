"""Comments: said by who may write, read by who was granted something."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from domain.access import EVERYONE, Level
from domain.commands import objects
from domain.commands.comments import LONGEST
from domain.log import Session
from projections.comments import PAGE
from tests.api import asking
from tests.api.asking import API, Join, User
from tests.running import Running
from tests.writing import comment


def say(asker: httpx.Client, number: int, content: Any, **members: Any) -> httpx.Response:
    """Post a comment."""
    path = f"{API}/objects/{number}/comments/"
    return asker.post(path, json={"content": content, **members})


def said(asker: httpx.Client, number: int) -> list[str]:
    """What the comments on an object say."""
    answer = asker.get(f"{API}/objects/{number}/comments/")
    assert answer.status_code == 200, answer.text
    return [each["content"] for each in answer.json()]


def give(running: Running, owner: User, number: int, principal: Any, level: Level) -> None:
    """Grant a rung, as no door may offer it."""

    def command(session: Session) -> None:
        objects.grant(session, objects.find(session, str(number)), principal, level)

    asking.decide(running, owner.name, command)


def share(owner: User, number: int, other: User, level: str) -> None:
    """Give somebody a permission."""
    user = other.client.get(f"{API}/users/me").json()["user_id"]
    path = f"{API}/objects/{number}/permissions/users/{user}"
    assert owner.client.put(path, json=level).status_code == 200


@pytest.fixture
def number(ada: User, action: int) -> int:
    """An object of Ada's."""
    return asking.new_object(ada.client, action)


def test_a_comment_is_posted_and_read(ada: User, number: int) -> None:
    """By its Location, and in the list; the time has always six digits of a second."""
    me = ada.client.get(f"{API}/users/me").json()["user_id"]

    made = say(ada.client, number, "It is dented.\n😀", colour="red", object_id=number)

    assert made.status_code == 201
    location = made.headers["Location"]
    comment = made.json()["comment_id"]
    assert location == f"{API}/objects/{number}/comments/{comment}"
    shown = ada.client.get(location).json()
    assert ada.client.get(f"{API}/objects/{number}/comments").json() == [shown]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", shown.pop("utc_datetime"))
    assert shown == {
        "object_id": number,
        "comment_id": comment,
        "user_id": me,
        "content": "It is dented.\n😀",
    }


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"content": ""},
        {"content": None},
        {"content": 7},
        {"content": ["a"]},
        {"content": ["a" * LONGEST]},
        {"content": "a", "object_id": 999_999},
        {"content": "a", "object_id": "1"},
        [],
        "a",
    ],
)
def test_a_comment_that_is_none_is_refused(ada: User, number: int, body: Any) -> None:
    """400, and nothing is said."""
    refused = ada.client.post(f"{API}/objects/{number}/comments/", json=body)

    assert refused.status_code == 400
    assert said(ada.client, number) == []


def test_a_comment_that_is_too_long_is_refused(ada: User, number: int) -> None:
    """By its length; one that just fits is taken."""
    assert say(ada.client, number, "ä" * (LONGEST // 2) + "x").status_code == 413
    assert say(ada.client, number, "ä" * (LONGEST // 2)).status_code == 201


def test_comments_count_for_themselves(ada: User, action: int) -> None:
    """Over all objects; one is found with its own object alone."""
    one, other = (asking.new_object(ada.client, action) for _ in range(2))
    first, second = (say(ada.client, each, "a").json()["comment_id"] for each in (one, other))

    assert second > first
    assert ada.client.get(f"{API}/objects/{other}/comments/{second}").status_code == 200
    for wrong in (first, 10**9, 10**20, "x", "-1"):
        assert ada.client.get(f"{API}/objects/{other}/comments/{wrong}").status_code == 404


def test_who_may_read_reads_comments_and_who_may_write_makes_them(
    ada: User, bob: User, number: int
) -> None:
    """As with versions: nothing, read, write."""
    location = say(ada.client, number, "a").headers["Location"]
    assert bob.client.get(location).status_code == 403
    assert bob.client.get(f"{API}/objects/{number}/comments/").status_code == 403
    assert say(bob.client, number, "b").status_code == 403

    share(ada, number, bob, "read")
    assert said(bob.client, number) == ["a"]
    assert say(bob.client, number, "b").status_code == 403

    share(ada, number, bob, "write")
    assert say(bob.client, number, "b").status_code == 201
    assert said(ada.client, number) == ["a", "b"]
    assert bob.client.get(f"{API}/objects/999999999/comments/").status_code == 404
    assert say(bob.client, 999_999_999, "b").status_code == 404


def test_a_token_that_may_only_read_posts_nothing(join: Join, action: int, ada: User) -> None:
    """Whatever its owner may."""
    reader = join("reader", "read")
    number = asking.new_object(ada.client, action)
    share(ada, number, reader, "write")

    assert say(reader.client, number, "a").status_code == 403
    assert said(reader.client, number) == []


def test_the_public_does_not_see_comments(
    server: Running, ada: User, bob: User, nobody: httpx.Client, number: int
) -> None:
    """Neither where an object is open, nor by a grant to everyone, nor in its history."""
    location = say(ada.client, number, "a").headers["Location"].removeprefix(API)

    def hidden() -> bool:
        answers = [
            asker.get(f"{prefix}{path}")
            for asker, prefix in ((nobody, ""), (bob.client, ""), (bob.client, API))
            for path in (f"/objects/{number}/comments/", location)
        ]
        told = [asker.get(f"/objects/{number}/events").text for asker in (nobody, bob.client)]
        assert all("record.published" in each for each in told)
        return {each.status_code for each in answers} == {401, 403} and not any(
            "comment" in each for each in told
        )

    asking.set_access(server, ada.name, number, "public")
    asking.new_version(ada.client, number, "{}")
    assert hidden()
    give(server, ada, number, EVERYONE, Level.VIEW)
    assert hidden()


def test_history_tells_comments_to_those_who_see_drafts(
    server: Running, ada: User, join: Join, number: int
) -> None:
    """From preview on; a page that leaves some out still leads to the next."""
    other = join("other")
    account = other.client.get(f"{API}/users/me").json()["user_id"]
    share(ada, number, other, "read")
    comments = [say(ada.client, number, f"{each}").json()["comment_id"] for each in range(3)]
    asking.new_version(ada.client, number, "{}")

    def told(asker: httpx.Client) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        answer = asker.get(f"{API}/objects/{number}/events", params={"limit": 2})
        while True:
            found += answer.json()
            if "next" not in answer.links:
                return [each for each in found if each["type"] != "family.permission-granted"]
            answer = asker.get(answer.links["next"]["url"])

    everything = told(ada.client)
    assert [each["type"] for each in told(other.client)] == [
        "family.created",
        "record.created",
        "record.published",
        "record.published",
    ]
    of_comments = [each for each in everything if each["type"] == "record.comment-posted"]
    assert [each["changed"] for each in of_comments] == [
        {"comment": comment, "content": f"{at}"} for at, comment in enumerate(comments)
    ]
    assert ada.client.get(of_comments[0]["href"]).json()["content"] == "0"
    [(principal,)] = asking.query(server, "SELECT id FROM view.accounts WHERE number=%s", account)
    give(server, ada, number, principal, Level.PREVIEW)
    assert told(other.client) == everything


def test_a_long_list_of_comments_comes_whole(server: Running, ada: User, number: int) -> None:
    """In pieces, in order."""

    def command(session: Session) -> None:
        record = objects.find(session, str(number))
        for each in range(2 * PAGE + 1):
            comment(session, record.id, f"{each}")

    asking.decide(server, ada.name, command)

    assert said(ada.client, number) == [f"{each}" for each in range(2 * PAGE + 1)]


def test_a_comment_is_posted_once_with_a_key(ada: User, number: int) -> None:
    """The second time it is answered as the first."""
    path = f"{API}/objects/{number}/comments/"
    key = {"Idempotency-Key": f"comment-{number}"}

    first, second = (ada.client.post(path, json={"content": "a"}, headers=key) for _ in range(2))

    assert second.headers["Idempotent-Replayed"] == "true"
    assert (first.headers["Location"], first.json()) == (
        second.headers["Location"],
        second.json(),
    )
    assert said(ada.client, number) == ["a"]


def test_a_comment_makes_no_version(ada: User, number: int) -> None:
    """The next one is still the first after the object's making."""
    say(ada.client, number, "a")

    made = asking.post(ada.client, f"{API}/objects/{number}/versions/", "{}", version_id=1)

    assert made.status_code == 201


def test_a_replay_tells_comments(server: Running, ada: User, number: int) -> None:
    """To who sits at the machine."""
    say(ada.client, number, "It is dented.")

    replayed = server.cli("replay", str(number))

    assert replayed.returncode == 0, replayed.stderr
    assert "record.comment-posted" in replayed.stdout
    assert "It is dented." in replayed.stdout
