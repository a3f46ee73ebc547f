"""The difference between any two versions, as JSON Patch and as Merge Patch."""

from __future__ import annotations

import json
from itertools import product

import httpx
import jsonpatch
import pytest

from api.comparing import LIGHT, LIMIT
from tests.api import asking
from tests.api.asking import API, User
from tests.api.history import making
from tests.running import Running

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"

DOCUMENTS = (
    '{"name":"tin","mass":1.0,"parts":[1,2,3],"note":null}',
    '{"name":"tin","mass":1.00,"parts":[0,1,2,3],"a/b":{"~":true},"note":null}',
    '{"mass":1e2,"parts":[],"note":null,"long":"%s"}' % ("x" * LIGHT),
)


@pytest.fixture(scope="module")
def three(ada: User, action: int) -> int:
    """An object with three versions that differ."""
    number = asking.new_object(ada.client, action, DOCUMENTS[0])
    for document in DOCUMENTS[1:]:
        asking.new_version(ada.client, number, document)
    return number


def diff(client: httpx.Client, number: int | str, a: int, b: int, **headers: str) -> httpx.Response:
    """Ask for what makes version b of version a."""
    return client.get(f"/objects/{number}/versions/{a}/diff/{b}", headers=headers)


@pytest.mark.parametrize(("a", "b"), list(product(range(3), repeat=2)))
def test_the_patch_makes_one_version_of_the_other(ada: User, three: int, a: int, b: int) -> None:
    """Forward and backward, large or small; nothing between a version and itself."""
    answer = diff(ada.client, three, a, b)

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == JSON_PATCH
    made = jsonpatch.apply_patch(json.loads(DOCUMENTS[a]), answer.json())
    assert made == json.loads(DOCUMENTS[b])
    assert (answer.json() == []) == (a == b)


def test_numbers_are_told_as_they_are_spelled(ada: User, three: int) -> None:
    """1.0 and 1.00 are the same number and not the same bytes."""
    assert b'{"op":"replace","path":"/mass","value":1.00}' in diff(ada.client, three, 0, 1).content


def test_a_merge_patch_is_given_to_who_asks_for_it(ada: User, three: int) -> None:
    """What changed, as the later version has it, and null for what is gone."""
    answer = diff(ada.client, three, 1, 0, Accept=MERGE_PATCH)

    assert answer.headers["Content-Type"] == MERGE_PATCH
    assert answer.content == b'{"a/b":null,"mass":1.0,"parts":[1,2,3]}'
    preferred = diff(ada.client, three, 1, 0, Accept=f"{JSON_PATCH};q=0.5, {MERGE_PATCH}")
    assert preferred.content == answer.content


@pytest.mark.parametrize("accept", ["*/*", "application/*", "application/json", JSON_PATCH])
def test_a_json_patch_is_given_to_who_takes_json(ada: User, three: int, accept: str) -> None:
    """It is what is given to who does not mind."""
    assert diff(ada.client, three, 0, 1, Accept=accept).headers["Content-Type"] == JSON_PATCH


def test_a_form_that_there_is_not_is_refused(ada: User, three: int) -> None:
    """406, and those that there are are named."""
    said = making.problem(diff(ada.client, three, 0, 1, Accept="text/html"), 406)

    assert JSON_PATCH in said
    assert MERGE_PATCH in said


def test_what_a_merge_patch_cannot_say_is_refused(ada: User, action: int) -> None:
    """A member that became null; a JSON Patch says it."""
    number = asking.new_object(ada.client, action, '{"a":1}')
    asking.new_version(ada.client, number, '{"a":null}')

    for known in ({}, {"If-None-Match": "*"}):
        refused = diff(ada.client, number, 0, 1, Accept=MERGE_PATCH, **known)
        assert "null" in making.problem(refused, 406)
        assert "ETag" not in refused.headers
    assert diff(ada.client, number, 0, 1).json() == [{"op": "replace", "path": "/a", "value": None}]


def test_what_a_merge_patch_cannot_say_a_json_patch_says_where_it_is_taken_too(
    ada: User, action: int
) -> None:
    """With its own tag; what a merge patch can say comes as one."""
    number = asking.new_object(ada.client, action, '{"a":1}')
    asking.new_version(ada.client, number, '{"a":null}')
    for other in (JSON_PATCH, "application/json", "*/*"):
        accept = {"Accept": f"{MERGE_PATCH}, {other};q=0.5"}
        answer = diff(ada.client, number, 0, 1, **accept)
        assert answer.headers["Content-Type"] == JSON_PATCH
        assert answer.headers["ETag"] == diff(ada.client, number, 0, 1).headers["ETag"]
        for known in (answer.headers["ETag"], "*"):
            again = diff(ada.client, number, 0, 1, **accept, **{"If-None-Match": known})
            assert again.status_code == 304
        merged = diff(ada.client, number, 1, 0, **accept)
        assert merged.headers["Content-Type"] == MERGE_PATCH


def test_a_diff_never_changes(server: Running, ada: User, three: int) -> None:
    """A strong tag of its own for each form and each address, and a 304 to who has it."""
    tags = set()
    for a, b in ((0, 1), (1, 0), (0, 2)):
        for accept in (JSON_PATCH, MERGE_PATCH):
            answer = diff(ada.client, three, a, b, Accept=accept)
            tag = answer.headers["ETag"]
            tags.add(tag)
            assert answer.headers["Vary"] == "Accept"
            again = diff(ada.client, three, a, b, **{"Accept": accept, "If-None-Match": tag})
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["ETag"] == tag
    assert len(tags) == 6
    assert not any(tag.startswith("W/") for tag in tags)


def test_it_is_found_by_number_and_pid_through_both_doors(
    server: Running, ada: User, three: int
) -> None:
    """The same bytes."""
    answers = {
        ada.client.get(f"{prefix}/objects/{id_}/versions/0/diff/1").content
        for prefix in (API, "")
        for id_ in (three, asking.pid_of(server, three))
    }

    assert len(answers) == 1


@pytest.mark.parametrize("versions", ["0/diff/3", "3/diff/0", "x/diff/0", "0/diff/-1", "00/diff/0"])
def test_a_version_that_is_not_there_is_not_found(ada: User, three: int, versions: str) -> None:
    """404, whichever of the two it is."""
    making.problem(ada.client.get(f"/objects/{three}/versions/{versions}"), 404)


def test_documents_that_are_too_large_are_not_compared(ada: User, action: int) -> None:
    """413, and the limit is named."""
    number = asking.new_object(ada.client, action, "{}")
    asking.new_version(ada.client, number, '{"long":"%s"}' % ("x" * LIMIT))

    for known in ({}, {"If-None-Match": "*"}):
        refused = diff(ada.client, number, 0, 1, **known)
        assert f"{LIMIT:,}" in making.problem(refused, 413)
        assert "ETag" not in refused.headers


def test_a_restricted_version_is_compared_with_nothing(
    server: Running, ada: User, bob: User, nobody: httpx.Client, action: int
) -> None:
    """Neither as the earlier nor as the later one, nor told by its tag."""
    number = making.half_open(server, ada, action)
    for a, b in product(range(4), repeat=2):
        tag = diff(ada.client, number, a, b).headers["ETag"]
        for client, status in ((bob.client, 403), (nobody, 401)):
            for headers in ({}, {"If-None-Match": tag}, {"If-None-Match": "*"}):
                answer = diff(client, number, a, b, **headers)
                if {a, b} <= {1, 3}:
                    assert answer.status_code == (304 if headers else 200)
                else:
                    making.problem(answer, status)
                    assert "ETag" not in answer.headers
