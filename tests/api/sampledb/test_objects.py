"""Objects: made, found by number or public id, written by many at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.api import asking
from tests.api.asking import API, User
from tests.running import Running


def test_a_new_object_is_at_the_location_that_its_maker_is_told(ada: User, action: int) -> None:
    """201, the Location of version 0, and its numbers in the body."""
    made = asking.post(ada.client, f"{API}/objects/", '{"name":"tin"}', action_id=action)

    assert made.status_code == 201
    number = made.json()["object_id"]
    assert made.json() == {"object_id": number, "version_id": 0}
    assert made.headers["Location"] == f"{API}/objects/{number}/versions/0"
    assert ada.client.get(made.headers["Location"]).json()["data"] == {"name": "tin"}


def test_an_object_leads_to_its_current_version(ada: User, action: int) -> None:
    """302, and elsewhere after the next version."""
    number = asking.new_object(ada.client, action)
    first = ada.client.get(f"{API}/objects/{number}")
    asking.new_version(ada.client, number, '{"name":"lead"}')
    second = ada.client.get(f"{API}/objects/{number}")

    assert (first.status_code, second.status_code) == (302, 302)
    assert first.headers["Location"] == f"{API}/objects/{number}/versions/0"
    assert second.headers["Location"] == f"{API}/objects/{number}/versions/1"


def test_the_redirect_to_the_current_version_shows_no_token(ada: User, action: int) -> None:
    """A token in the query does not travel on in a link."""
    number = asking.new_object(ada.client, action)

    shown = httpx.get(
        f"{ada.client.base_url}{API}/objects/{number}".replace("//api", "/api"),
        params={"access_token": ada.token},
    )

    assert shown.status_code == 302
    assert ada.token not in str(shown.headers)


@pytest.mark.parametrize("prefix", [API, ""])
def test_an_object_is_named_by_its_number_or_its_public_id(
    server: Running, ada: User, action: int, prefix: str
) -> None:
    """Both names give the same bytes, and both take a new version."""
    number = asking.new_object(ada.client, action)
    pid = asking.pid_of(server, number)

    by_pid = ada.client.get(f"{prefix}/objects/{pid}")
    made = asking.post(ada.client, f"{prefix}/objects/{pid}/versions/", '{"name":"lead"}')

    assert by_pid.headers["Location"] == f"{prefix}/objects/{pid}/versions/0"
    assert made.headers["Location"] == f"{prefix}/objects/{number}/versions/1"
    for version in (0, 1):
        named = [
            ada.client.get(f"{prefix}/objects/{name}/versions/{version}") for name in (number, pid)
        ]
        assert [answer.status_code for answer in named] == [200, 200]
        assert named[0].content == named[1].content


def test_objects_without_the_api_prefix_answer_the_same_bytes(ada: User, action: int) -> None:
    """`/objects…` is the same door; only the links stay below it."""
    made = asking.post(ada.client, "/objects/", '{"name":"tin"}', action_id=action)
    assert made.status_code == 201
    number = made.json()["object_id"]
    assert made.headers["Location"] == f"/objects/{number}/versions/0"

    for path in (f"/objects/{number}/versions/0", f"/objects/?limit=3&action_id={action}"):
        short, long = ada.client.get(path), ada.client.get(API + path)
        assert (short.status_code, short.content) == (200, long.content)
        assert short.headers["Content-Type"] == long.headers["Content-Type"]
        assert short.headers.get("ETag") == long.headers.get("ETag")


@pytest.mark.parametrize("prefix", [API, ""])
def test_a_collection_answers_with_and_without_its_slash(
    ada: User, action: int, prefix: str
) -> None:
    """No redirect on the way: a POST would lose its body to one."""
    made = asking.post(ada.client, f"{prefix}/objects", '{"name":"tin"}', action_id=action)
    number = made.json()["object_id"]
    second = asking.post(ada.client, f"{prefix}/objects/{number}/versions", '{"name":"lead"}')

    assert (made.status_code, second.status_code) == (201, 201)
    assert ada.client.get(f"{prefix}/objects").status_code == 200


def test_another_users_object_is_forbidden_to_read_and_to_write(
    ada: User, bob: User, action: int
) -> None:
    """403 by every way in, and nothing changes."""
    number = asking.new_object(ada.client, action)
    pages = [f"/objects/{number}", f"/objects/{number}/versions/0"]

    read = [bob.client.get(prefix + page).status_code for page in pages for prefix in (API, "")]
    written = asking.post(bob.client, f"{API}/objects/{number}/versions/", "{}")

    assert read == [403] * 4
    assert written.status_code == 403
    assert ada.client.get(f"{API}/objects/{number}/versions/1").status_code == 404


def test_an_administrator_has_no_right_on_others_objects(
    admin: User, ada: User, action: int
) -> None:
    """Office opens nothing here, neither for reading nor for writing."""
    number = asking.new_object(ada.client, action)

    assert admin.client.get(f"{API}/objects/{number}/versions/0").status_code == 403
    written = asking.post(admin.client, f"{API}/objects/{number}/versions/", "{}")
    assert written.status_code == 403


def test_a_remembered_version_is_not_shown_to_who_may_not_see_it(
    ada: User, bob: User, action: int
) -> None:
    """What was read for its owner a moment ago stays closed to others, with an ETag too."""
    number = asking.new_object(ada.client, action)
    path = f"{API}/objects/{number}/versions/0"
    tags = [ada.client.get(path).headers["ETag"] for _ in range(4)]  # both workers have it now

    answers = [bob.client.get(path, headers={"If-None-Match": tags[0]}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [403] * 4


def test_of_racing_writers_with_one_precondition_one_wins(ada: User, action: int) -> None:
    """Eight say version_id 1: one 201, seven 400, and version 1 is the winner's."""
    number = asking.new_object(ada.client, action)

    def write(writer: int) -> httpx.Response:
        path = f"{API}/objects/{number}/versions/"
        return asking.post(ada.client, path, f'{{"writer":{writer}}}', version_id=1)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(write, range(8)))

    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 7
    winner = next(each for each, answer in enumerate(answers) if answer.status_code == 201)
    assert ada.client.get(f"{API}/objects/{number}/versions/1").json()["data"] == {"writer": winner}
    assert ada.client.get(f"{API}/objects/{number}/versions/2").status_code == 404


def test_racing_writers_without_a_precondition_all_land_where_they_are_told(
    ada: User, action: int
) -> None:
    """Eight times 201, and each Location shows its own writer's data."""
    number = asking.new_object(ada.client, action)

    def write(writer: int) -> httpx.Response:
        path = f"{API}/objects/{number}/versions/"
        return asking.post(ada.client, path, f'{{"writer":{writer}}}')

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(write, range(8)))

    assert [answer.status_code for answer in answers] == [201] * 8
    assert {answer.json()["version_id"] for answer in answers} == set(range(1, 9))
    for writer, answer in enumerate(answers):
        shown = ada.client.get(answer.headers["Location"])
        assert shown.json()["data"] == {"writer": writer}


def test_a_write_is_read_at_once_by_every_worker(ada: User, action: int) -> None:
    """Right after its 201, the list and the redirect show a version, on whatever connection."""
    number = asking.new_object(ada.client, action)
    for version in range(1, 11):
        asking.new_version(ada.client, number, f'{{"n":{version}}}')
        with httpx.Client(base_url=ada.client.base_url, headers=ada.client.headers) as other:
            shown = other.get(f"{API}/objects/{number}")
            listed = other.get(f"{API}/objects/", params={"limit": 1, "action_id": action}).json()
        assert shown.headers["Location"].endswith(f"/versions/{version}")
        assert (listed[0]["object_id"], listed[0]["version_id"]) == (number, version)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_the_body_is_json_whatever_its_content_type_says(
    ada: User, action: int, content_type: str
) -> None:
    """As in SampleDB."""
    made = ada.client.post(
        f"{API}/objects/",
        content=b'{"action_id":%d,"data":{}}' % action,
        headers={"Content-Type": content_type} if content_type else {},
    )

    assert made.status_code == 201


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"colour": 1}, "colour"),
        ({"object_id": 1}, "object_id"),
        ({"object_id": None}, "object_id"),
        ({"fed_object_id": 1}, "fed_object_id"),
        ({"fed_version_id": 1}, "fed_version_id"),
        ({"component_id": 1}, "component_id"),
        ({"version_id": 1}, "version_id"),
        ({"version_id": None}, "version_id"),
        ({"version_id": False}, "version_id"),
        ({"version_id": "0"}, "version_id"),
        ({"schema": None}, "schema"),
        ({"schema": {"type": "array"}}, "schema"),
        ({"action_id": None}, "action_id"),
        ({"action_id": True}, "action_id"),
        ({"action_id": 1.0}, "action_id"),
        ({"action_id": "1"}, "action_id"),
    ],
)
def test_a_member_that_cannot_be_is_refused_by_its_name(
    ada: User, action: int, members: dict[str, object], named: str
) -> None:
    """400 with the key in the message, whatever else is right."""
    refused = asking.post(ada.client, f"{API}/objects/", "{}", **({"action_id": action} | members))

    assert refused.status_code == 400
    assert named in refused.json()["message"]


@pytest.mark.parametrize(
    "members",
    [
        {"version_id": 0},
        {"fed_object_id": None, "fed_version_id": None, "component_id": None},
        {"schema": asking.ANY_OBJECT},
    ],
)
def test_members_that_say_what_is_so_are_accepted(
    ada: User, action: int, members: dict[str, object]
) -> None:
    """Null federation keys, version 0, the action's own schema."""
    made = asking.post(ada.client, f"{API}/objects/", "{}", action_id=action, **members)

    assert made.status_code == 201


def test_data_that_violates_the_schema_is_refused_with_every_path(admin: User, ada: User) -> None:
    """The message names each fault, error_paths lead to it; nothing is stored."""
    under = asking.action(
        admin.client,
        {
            "type": "object",
            "properties": {"mass": {"type": "number"}, "parts": {"items": {"type": "string"}}},
        },
    )

    refused = asking.post(
        ada.client, f"{API}/objects/", '{"mass":"heavy","parts":["a",7]}', action_id=under
    )

    assert refused.status_code == 400
    assert refused.json()["error_paths"] == [["mass"], ["parts", "1"]]
    assert refused.json()["message"].startswith("validation failed:\n - ")
    assert "(at parts -> 1)" in refused.json()["message"]
    assert ada.client.get(f"{API}/objects/", params={"action_id": under}).json() == []
