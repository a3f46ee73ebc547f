"""Locations and their types, and which objects are where."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from domain.access import EVERYONE, Level
from domain.commands import objects
from domain.log import Session
from tests.api import asking
from tests.api.asking import API, User
from tests.running import Running

TYPES = f"{API}/location_types/"
LOCATIONS = f"{API}/locations/"
BUILT_IN = {
    "location_type_id": -99,
    "name": "Locations",
    "enable_parent_location": True,
    "enable_sub_locations": True,
    "enable_object_assignments": True,
}


def made(admin: User, path: str = LOCATIONS, **body: Any) -> int:
    """Make a location, or what else there is at a path, and return its number."""
    answer = admin.client.post(path, json={"name": "Room 42"} | body)
    assert answer.status_code == 201, answer.text
    return int(answer.headers["Location"].rpartition("/")[2])


def put(admin: User, path: str, **changed: Any) -> httpx.Response:
    """Say of something what is said of it, and some of it anew."""
    now = admin.client.get(path).json()
    return admin.client.put(path, json=now | changed)


def refused(answer: httpx.Response, status: int, words: str) -> None:
    """Hold an answer to be a refusal in SampleDB's words."""
    assert answer.status_code == status, answer.text
    assert words in answer.json()["message"]


@pytest.fixture
def number(ada: User, action: int) -> int:
    """An object of Ada's."""
    return asking.new_object(ada.client, action)


def test_the_type_locations_is_there_from_the_start(ada: User) -> None:
    """As SampleDB has it."""
    assert BUILT_IN in ada.client.get(TYPES).json()
    assert ada.client.get(f"{TYPES}-99").json() == BUILT_IN


def test_a_location_is_made_and_read(admin: User, ada: User) -> None:
    """Its name in English; what is not said is as SampleDB has it."""
    number = made(admin, name={"en": "Room 42", "de": "Raum 42"}, description="Cold")

    shown = ada.client.get(f"{LOCATIONS}{number}").json()

    assert shown == {
        "location_id": number,
        "name": "Room 42",
        "description": "Cold",
        "parent_location_id": None,
        "type_id": -99,
        "is_hidden": False,
        "enable_object_assignments": True,
    }
    assert shown in ada.client.get(LOCATIONS).json()


def test_a_location_is_renamed_moved_and_hidden(admin: User, ada: User) -> None:
    """The answer is the location as it is then."""
    above, number = made(admin), made(admin)

    now = put(admin, f"{LOCATIONS}{number}", name="Box 1", parent_location_id=above, is_hidden=True)

    assert now.status_code == 200
    assert (now.json()["name"], now.json()["parent_location_id"]) == ("Box 1", above)
    assert now.json()["is_hidden"] is True
    assert ada.client.get(f"{LOCATIONS}{number}").json() == now.json()


def test_a_location_type_is_made_and_changed(admin: User, ada: User) -> None:
    """With what it allows."""
    number = made(admin, TYPES, name="Shelves", enable_sub_locations=False)

    now = put(admin, f"{TYPES}{number}", name="Racks")

    assert now.json() == BUILT_IN | {
        "location_type_id": number,
        "name": "Racks",
        "enable_sub_locations": False,
    }
    assert now.json() in ada.client.get(TYPES).json()


def test_the_type_that_is_built_in_stays_as_it_is(admin: User) -> None:
    """It belongs to nobody's data."""
    refused(put(admin, f"{TYPES}-99", name="Places"), 400, "built in")


def test_only_administrators_say_what_locations_there_are(admin: User, ada: User) -> None:
    """Nothing is made or changed by others."""
    number = made(admin)

    for path in (LOCATIONS, TYPES):
        refused(ada.client.post(path, json={"name": "Mine"}), 403, "administrators")
    refused(put(ada, f"{LOCATIONS}{number}", name="Mine"), 403, "administrators")
    assert ada.client.get(f"{LOCATIONS}{number}").json()["name"] == "Room 42"


def test_a_location_cannot_lie_within_itself(admin: User) -> None:
    """Neither at once nor by way of others."""
    first = made(admin)
    second = made(admin, parent_location_id=first)
    third = made(admin, parent_location_id=second)

    for parent in (first, second, third):
        answer = put(admin, f"{LOCATIONS}{first}", parent_location_id=parent)
        refused(answer, 400, "within itself")


def test_a_type_says_what_lies_within_what(admin: User) -> None:
    """Where it forbids it, a location lies within no other, or no other in it."""
    outer = made(admin, TYPES, name="Site", enable_parent_location=False)
    inner = made(admin, TYPES, name="Box", enable_sub_locations=False)
    site, box = made(admin, type_id=outer), made(admin, type_id=inner)

    for body in (
        {"type_id": outer, "parent_location_id": site},
        {"type_id": inner, "parent_location_id": box},
    ):
        answer = admin.client.post(LOCATIONS, json={"name": "Room"} | body)
        assert answer.status_code == 400, answer.text


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "name must be set"),
        ({"name": " "}, "name must have 1 to 100"),
        ({"name": {"de": "Raum"}}, "in English too"),
        ({"name": 1}, "name must be a text"),
        ({"name": "x", "colour": "red"}, "invalid key 'colour'"),
        ({"name": "x", "type_id": 999_999}, "no location type 999999"),
        ({"name": "x", "type_id": True}, "type_id must be an integer"),
        ({"name": "x", "parent_location_id": 999_999}, "no location 999999"),
        ({"name": "x", "parent_location_id": -1}, "no location -1"),
        ({"name": "x", "parent_location_id": 2**63}, f"no location {2**63}"),
        ({"name": "x", "description": "x" * 10_001}, "10000 characters"),
        ({"name": "x", "description": "x" * 100_000}, "too long"),
    ],
)
def test_what_cannot_be_a_location_is_refused_by_its_key(
    admin: User, body: dict[str, Any], words: str
) -> None:
    """With 400, and nothing is made."""
    refused(admin.client.post(LOCATIONS, json=body), 400, words)


def test_a_put_says_everything_anew(admin: User) -> None:
    """What it leaves out is not guessed at, and it is of the location that the URL names."""
    number = made(admin)

    for body in ({"name": "Room 43"}, {"location_id": number + 1}):
        answer = admin.client.put(f"{LOCATIONS}{number}", json=body)
        assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("text", ["999999999", "-1", "01", "tin", "9" * 30])
def test_what_is_not_there_is_404(admin: User, text: str) -> None:
    """For whatever a URL names."""
    for path in (LOCATIONS, TYPES):
        assert admin.client.get(f"{path}{text}").status_code == 404


def test_an_object_is_put_somewhere_and_found_there(admin: User, ada: User, number: int) -> None:
    """Each assignment by its index, the first one first."""
    room, me = made(admin), ada.client.get(f"{API}/users/me").json()["user_id"]
    path = f"{API}/objects/{number}/locations/"
    body = {"location_id": room, "responsible_user_id": me, "description": "Shelf C"}

    first = ada.client.post(path, json=body)
    second = ada.client.post(path, json={"responsible_user_id": me})

    assert (first.status_code, first.headers["Location"]) == (201, f"{path}0")
    assert second.headers["Location"] == f"{path}1"
    shown = ada.client.get(f"{path}0").json()
    assert len(shown.pop("utc_datetime")) == len("2026-11-21T10:00:00.000000")
    assert shown == body | {"object_id": number, "user_id": me}
    assert [each["location_id"] for each in ada.client.get(path).json()] == [room, None]
    assert ada.client.get(f"{API}/objects/{number}/versions/0").status_code == 200
    assert ada.client.get(f"{API}/objects/{number}/versions/1").status_code == 404


def test_a_post_that_is_sent_again_puts_it_there_once(admin: User, ada: User, number: int) -> None:
    """The second answer is the first."""
    path = f"{API}/objects/{number}/locations/"
    asked: dict[str, Any] = {
        "json": {"location_id": made(admin)},
        "headers": {"Idempotency-Key": f"put {number}"},
    }

    answers = [ada.client.post(path, **asked) for _ in range(2)]

    assert answers[0].json() == answers[1].json() == {"object_id": number, "index": 0}
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert len(ada.client.get(path).json()) == 1


def test_an_object_is_put_only_where_objects_are_kept(admin: User, ada: User, number: int) -> None:
    """The location says it, and its type."""
    closed = made(admin)
    put(admin, f"{LOCATIONS}{closed}", enable_object_assignments=False)
    kind = made(admin, TYPES, name="Site", enable_object_assignments=False)
    path = f"{API}/objects/{number}/locations/"

    for room in (closed, made(admin, type_id=kind)):
        refused(ada.client.post(path, json={"location_id": room}), 400, "No objects are kept")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "location_id or responsible_user_id must be set"),
        ({"location_id": 999_999}, "no location 999999"),
        ({"responsible_user_id": 999_999}, "no user 999999"),
        ({"location_id": "1"}, "integer or null"),
        ({"object_id": 0, "location_id": 1}, "object_id must be"),
        ({"place": 1}, "invalid key 'place'"),
    ],
)
def test_what_is_no_assignment_is_refused_by_its_key(
    ada: User, number: int, body: dict[str, Any], words: str
) -> None:
    """With 400, and nothing is stored."""
    path = f"{API}/objects/{number}/locations/"

    refused(ada.client.post(path, json=body), 400, words)

    assert ada.client.get(path).json() == []


def test_who_may_edit_puts_and_who_may_read_sees(
    admin: User, ada: User, bob: User, number: int
) -> None:
    """Others do neither."""
    path = f"{API}/objects/{number}/locations/"
    me = bob.client.get(f"{API}/users/me").json()["user_id"]
    body = {"location_id": made(admin)}

    assert bob.client.get(path).status_code == 403
    ada.client.put(f"{API}/objects/{number}/permissions/users/{me}", json="read")
    assert bob.client.get(path).json() == []
    assert bob.client.post(path, json=body).status_code == 403
    ada.client.put(f"{API}/objects/{number}/permissions/users/{me}", json="write")
    assert bob.client.post(path, json=body).status_code == 201


def test_where_an_object_is_is_shown_to_who_was_granted_something(
    server: Running, admin: User, ada: User, bob: User, nobody: httpx.Client, number: int
) -> None:
    """In its events too, by number and name; the public hears nothing of it."""
    me = ada.client.get(f"{API}/users/me").json()["user_id"]
    room = made(admin)
    ada.client.post(
        f"{API}/objects/{number}/locations/",
        json={"location_id": room, "responsible_user_id": me},
    )

    def open_to_everyone(session: Session) -> None:
        record = objects.find(session, str(number))
        objects.grant(session, record, EVERYONE, Level.VIEW)

    asking.decide(server, ada.name, open_to_everyone)

    for asker in (nobody, bob.client):
        assert asker.get(f"/objects/{number}/locations").status_code in (401, 403)
        events = asker.get(f"/objects/{number}/events").json()
        assert "record.location-assigned" not in [each["type"] for each in events]
    told = [
        each
        for each in ada.client.get(f"/objects/{number}/events").json()
        if each["type"] == "record.location-assigned"
    ]
    assert [each["changed"] for each in told] == [
        {
            "index": 0,
            "location": room,
            "responsible": {"user_id": me, "name": ada.name},
            "description": {"en": ""},
        }
    ]
    assert told[0]["href"] == f"/objects/{number}/locations/0"


def test_a_replay_tells_where_an_object_was_put(
    server: Running, admin: User, ada: User, number: int
) -> None:
    """And how often."""
    room = made(admin)
    ada.client.post(f"{API}/objects/{number}/locations/", json={"location_id": room})

    told = server.cli("replay", str(number)).stdout

    assert "record.location-assigned" in told
    assert "locations" in told
