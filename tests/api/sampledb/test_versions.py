"""Versions: read back byte for byte, immutable, published only on what their writer expects."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.api import asking
from tests.api.asking import API, User

DOCUMENTS = {
    "a float without digits": "1.0",
    "an exponent": "1e2",
    "a capital exponent": "1E+2",
    "negative zero": "-0.0",
    "negative integer zero": "-0",
    "more digits than a double has": "3.14159265358979323846264338327950288",
    "a float just below a double's bound": "1.7976931348623157e308",
    "a float that a double rounds to zero": "1e-400",
    "the largest integer": "18446744073709551615",
    "the smallest integer": "-9223372036854775808",
    "long zeros after the point": "1.000000000000000000000000000000000",
    "escapes that nothing needs": r'"\u0041\/\b\f\n\r\t\"\\"',
    "a surrogate pair as escapes": r'"\ud83d\ude00"',
    "the same character itself": '"😀"',
    "an escaped control character": r'"\u0001\u001f\u007f"',
    "not normalised text": '"e\u0301"',
    "line separators": '"\u2028\u2029"',
    "the order of keys": '{"b":1,"a":2,"B":3,"":4}',
    "keys that differ by normal form": '{"\u00e9":1,"e\u0301":2}',
    "an escaped key": r'{"\u0061b":1}',
    "spaces between everything": '{ "a"  :\t1 ,\r\n "b" : [ 1 , 2 ]\n}',
    "empty containers": '[[],{},"",[ ],{ }]',
    "JSON inside text": r'"{\"data\":1,\"data\":2}"',
    "true, false and null inside": '[true,false,null,{"null":null}]',
    "a text": '"only text"',
    "false": "false",
    "zero": "0",
}


@pytest.fixture(scope="module")
def anything(admin: User) -> int:
    """An action that takes any JSON."""
    return asking.action(admin.client, {})


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_the_exact_bytes_of_a_document_come_back(ada: User, anything: int, document: str) -> None:
    """As version 0, as version 1, in the list, and from memory as from SQL."""
    number = asking.new_object(ada.client, anything, document)
    asking.new_version(ada.client, number, document)

    for version in (0, 1, 0, 1, 1):
        shown = ada.client.get(f"{API}/objects/{number}/versions/{version}")
        assert asking.data_of(shown).decode() == document.strip()
    listed = ada.client.get(f"{API}/objects/", params={"limit": 1})
    assert b'"data":' + document.strip().encode() + b',"fed_object_id"' in listed.content


def test_a_version_has_every_key_that_sampledb_gives(ada: User, anything: int) -> None:
    """Ten keys; the time is UTC to the second, as the published client parses it."""
    number = asking.new_object(ada.client, anything, '{"name":"tin"}')
    me = ada.client.get(f"{API}/users/me").json()["user_id"]

    shown = ada.client.get(f"{API}/objects/{number}/versions/0").json()

    at = shown.pop("utc_datetime")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", at)
    assert shown == {
        "object_id": number,
        "version_id": 0,
        "action_id": anything,
        "user_id": me,
        "schema": {},
        "data": {"name": "tin"},
        "fed_object_id": None,
        "fed_version_id": None,
        "component_id": None,
    }


def test_identical_data_makes_a_new_version(ada: User, anything: int) -> None:
    """As in SampleDB: publishing is a statement of its own."""
    number = asking.new_object(ada.client, anything, "{}")

    assert asking.new_version(ada.client, number, "{}").endswith("/versions/1")
    assert asking.new_version(ada.client, number, "{}").endswith("/versions/2")


def test_a_version_is_not_changed_by_the_next(ada: User, anything: int) -> None:
    """The same bytes before and after."""
    number = asking.new_object(ada.client, anything, '{"n":0}')
    before = ada.client.get(f"{API}/objects/{number}/versions/0")
    asking.new_version(ada.client, number, '{"n":1}')

    assert ada.client.get(f"{API}/objects/{number}/versions/0").content == before.content


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"version_id": 0}, "1"),
        ({"version_id": 2}, "1"),
        ({"version_id": True}, "version_id"),
        ({"version_id": "1"}, "version_id"),
        ({"version_id": -1}, "1"),
        ({"object_id": 999_999}, "object_id"),
        ({"object_id": "1"}, "object_id"),
        ({"action_id": 999_999}, "action_id"),
        ({"action_id": False}, "action_id"),
        ({"schema": None}, "schema"),
        ({"schema": {"type": "string"}}, "schema"),
        ({"component_id": 3}, "component_id"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_an_expectation_that_does_not_hold_is_refused(
    ada: User, anything: int, members: dict[str, object], named: str
) -> None:
    """400, the message says what would hold, and no version is made."""
    number = asking.new_object(ada.client, anything, "{}")

    refused = asking.post(ada.client, f"{API}/objects/{number}/versions/", "{}", **members)

    assert refused.status_code == 400
    assert named in refused.json()["message"]
    assert ada.client.get(f"{API}/objects/{number}/versions/1").status_code == 404


def test_expectations_that_hold_are_accepted(ada: User, anything: int) -> None:
    """Every member of the version that it follows, and its number."""
    number = asking.new_object(ada.client, anything, "{}")

    made = asking.post(
        ada.client,
        f"{API}/objects/{number}/versions/",
        "{}",
        version_id=1,
        object_id=number,
        action_id=anything,
        schema={},
        fed_object_id=None,
    )

    assert made.status_code == 201


def test_a_version_is_held_to_the_schema_of_its_object(admin: User, ada: User) -> None:
    """A later version that violates it is refused with the path."""
    under = asking.action(admin.client, {"properties": {"mass": {"type": "number"}}})
    number = asking.new_object(ada.client, under, '{"mass":1}')

    refused = asking.post(ada.client, f"{API}/objects/{number}/versions/", '{"mass":"heavy"}')

    assert refused.status_code == 400
    assert refused.json()["error_paths"] == [["mass"]]


def test_a_version_has_a_strong_tag_and_must_be_asked_about_again(ada: User, anything: int) -> None:
    """The right to see it may be taken away, so caches ask each time; asking is cheap."""
    number = asking.new_object(ada.client, anything)

    shown = ada.client.get(f"{API}/objects/{number}/versions/0")

    assert re.fullmatch(r'"[^"]+"', shown.headers["ETag"])
    assert shown.headers["Cache-Control"] == "private, no-cache"
    assert shown.headers["Content-Type"] == "application/json"


def test_the_tag_of_a_201_is_the_tag_of_the_version(ada: User, anything: int) -> None:
    """A writer knows what it wrote without reading it."""
    made = asking.post(ada.client, f"{API}/objects/", "{}", action_id=anything)
    later = asking.post(ada.client, f"{made.headers['Location'].removesuffix('0')}", "{}")

    for answer in (made, later):
        shown = ada.client.get(answer.headers["Location"])
        assert shown.headers["ETag"] == answer.headers["ETag"]


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_who_has_a_version_gets_304_without_a_body(ada: User, anything: int, form: str) -> None:
    """Each form of If-None-Match that names it; the tag and the cache rule come again."""
    number = asking.new_object(ada.client, anything)
    path = f"{API}/objects/{number}/versions/0"
    tag = ada.client.get(path).headers["ETag"]

    answer = ada.client.get(path, headers={"If-None-Match": form.format(tag)})

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["ETag"] == tag
    assert answer.headers["Cache-Control"] == "private, no-cache"


def test_the_tag_of_another_version_gives_no_304(ada: User, anything: int) -> None:
    """Tags of versions differ, and those of objects."""
    number = asking.new_object(ada.client, anything)
    other = asking.new_object(ada.client, anything)
    asking.new_version(ada.client, number, "{}")
    paths = [f"{number}/versions/0", f"{number}/versions/1", f"{other}/versions/0"]

    tags = [ada.client.get(f"{API}/objects/{path}").headers["ETag"] for path in paths]
    answer = ada.client.get(f"{API}/objects/{paths[1]}", headers={"If-None-Match": tags[0]})

    assert len(set(tags)) == 3
    assert answer.status_code == 200


def test_a_version_that_is_not_there_has_no_304(ada: User, anything: int) -> None:
    """Even where any tag would do."""
    number = asking.new_object(ada.client, anything)

    answer = ada.client.get(f"{API}/objects/{number}/versions/1", headers={"If-None-Match": "*"})

    assert answer.status_code == 404
    assert "ETag" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/objects/{}/versions/0", "/objects/{}", "/objects/", "/actions/", "/users/me"]
)
def test_head_answers_as_get_without_a_body(ada: User, anything: int, path: str) -> None:
    """The same status and headers."""
    number = asking.new_object(ada.client, anything)
    path = API + path.format(number)

    got, head = ada.client.get(path), ada.client.head(path)

    assert (head.status_code, head.content) == (got.status_code, b"")
    for name in ("ETag", "Content-Type", "Location", "Cache-Control"):
        assert head.headers.get(name) == got.headers.get(name)


def test_a_new_version_needs_data(ada: User, anything: int) -> None:
    """Neither absent nor null."""
    number = asking.new_object(ada.client, anything)
    path = f"{API}/objects/{number}/versions/"

    for body in (b"{}", b'{"data":null}'):
        refused = ada.client.post(path, content=body)
        assert refused.status_code == 400
        assert "data" in refused.json()["message"]


def test_an_object_that_is_not_there_takes_no_version(ada: User) -> None:
    """404 with the id that was asked for, before the body is looked at."""
    refused = asking.post(ada.client, f"{API}/objects/999999999/versions/", "{", colour=1)

    assert refused.status_code == 404
    assert "999999999" in refused.json()["message"]


def test_a_large_document_comes_back(ada: User, anything: int) -> None:
    """9 MiB of text, within the limit of 10 MiB, byte for byte."""
    document = b'{"text":"' + b"0123456789abcde " * (9 << 16) + b'"}'

    number = asking.new_object(ada.client, anything, document)
    shown: httpx.Response = ada.client.get(f"{API}/objects/{number}/versions/0")

    assert asking.data_of(shown) == document


def test_a_version_is_shown_with_its_action_and_its_author(ada: User, anything: int) -> None:
    """As they are shown alone; any value but an empty one asks for them."""
    number = asking.new_object(ada.client, anything, '{"name":"tin"}')
    url = f"{API}/objects/{number}/versions/0"
    alone = ada.client.get(url).json()
    action = ada.client.get(f"{API}/actions/{anything}").json()
    user = ada.client.get(f"{API}/users/me").json()

    for query, added in (
        ("embed_action=1", {"action": action}),
        ("embed_user=false", {"user": user}),
        ("embed_action=x&embed_user=y", {"action": action, "user": user}),
        ("embed_action=&embed_user=", {}),
    ):
        for _ in range(2):
            shown = ada.client.get(f"{url}?{query}")
            assert shown.json() == alone | added


def test_what_is_embedded_may_change_and_has_no_etag(ada: User, bob: User, anything: int) -> None:
    """A tag of the version alone does not make it 304; who may not see it is refused."""
    number = asking.new_object(ada.client, anything)
    url = f"{API}/objects/{number}/versions/0"
    tag = {"If-None-Match": ada.client.get(url).headers["ETag"]}

    shown = ada.client.get(url, params={"embed_user": "1"}, headers=tag)

    assert shown.status_code == 200
    assert "ETag" not in shown.headers
    assert bob.client.get(url, params={"embed_user": "1"}).status_code == 403
