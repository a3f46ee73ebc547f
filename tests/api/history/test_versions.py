"""The list of an object's versions: what each was, in pages, as far as the asker may view them."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from tests.api import asking
from tests.api.asking import API, User
from tests.api.history import making
from tests.running import Running


@pytest.fixture(scope="module")
def seven(ada: User, action: int) -> int:
    """An object of Ada's with seven versions."""
    number = asking.new_object(ada.client, action, '{"n":0}')
    for version in range(1, 7):
        asking.new_version(ada.client, number, f'{{"n":{version}}}')
    return number


def followed(client: httpx.Client, path: str, relation: str) -> list[list[int]]:
    """The numbers on each page, from a path on, following a relation."""
    pages = []
    while path:
        answer = client.get(path)
        assert answer.status_code == 200, answer.text
        pages.append([each["version"] for each in answer.json()])
        path = answer.links.get(relation, {}).get("url", "")
    return pages


def test_a_line_says_what_when_who_and_where(
    server: Running, ada: User, admin: User, action: int
) -> None:
    """Everything of a version but its document."""
    number = asking.new_object(ada.client, action, '{ "n": 0 }')
    making.backdated(server, ada, number, datetime(2020, 2, 3, 4, 5, 6, 7, UTC))
    me = ada.client.get(f"{API}/users/me").json()

    first, second = making.versions(ada.client, number)

    shown = ada.client.get(f"{API}/objects/{number}/versions/1")
    assert second | {"recorded_at": None} == {
        "version": 1,
        "recorded_at": None,
        "valid_from": "2020-02-03T04:05:06.000007Z",
        "who": {"user_id": me["user_id"], "name": ada.name},
        "action_id": action,
        "schema_version": 1,
        "bytes": len('{"version":1}'),
        "restored_from": None,
        "etag": shown.headers["ETag"],
        "href": f"{API}/objects/{number}/versions/1",
    }
    assert first["bytes"] == len('{ "n": 0 }')
    assert first["valid_from"] == first["recorded_at"]
    assert first["recorded_at"] < second["recorded_at"]


def test_it_is_found_by_number_and_pid_with_and_without_slash_through_both_doors(
    server: Running, ada: User, seven: int
) -> None:
    """And each line leads to its version the way it was come by."""
    for prefix in (API, ""):
        for id_ in (seven, asking.pid_of(server, seven)):
            for slash in ("", "/"):
                lines = ada.client.get(f"{prefix}/objects/{id_}/versions{slash}").json()
                assert [each["version"] for each in lines] == list(range(7))
                shown = ada.client.get(lines[3]["href"])
                assert asking.data_of(shown) == b'{"n":3}'
                assert shown.headers["ETag"] == lines[3]["etag"]


def test_pages_lead_on_and_back(ada: User, seven: int) -> None:
    """No version is missing or twice, whichever way."""
    path = f"/objects/{seven}/versions?limit=3"

    assert followed(ada.client, path, "next") == [[0, 1, 2], [3, 4, 5], [6]]
    assert followed(ada.client, f"{path}&after=5", "prev") == [[6], [3, 4, 5], [0, 1, 2]]
    assert followed(ada.client, f"{path}&before=3", "next") == [[0, 1, 2], [3, 4, 5], [6]]
    last = ada.client.get(f"{path}&after=5")
    assert ada.client.get(last.links["first"]["url"]).json()[0]["version"] == 0


def test_a_page_that_ends_with_the_last_version_leads_no_further(ada: User, seven: int) -> None:
    """Seven fit into seven."""
    answer = ada.client.get(f"/objects/{seven}/versions?limit=7")

    assert len(answer.json()) == 7
    assert set(answer.links) == {"first"}


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "limit=", "after=-1", "after=01", "before=1e3"]
)
def test_a_page_that_cannot_be_is_refused(ada: User, seven: int, query: str) -> None:
    """400, and the parameter is named."""
    said = making.problem(ada.client.get(f"/objects/{seven}/versions?{query}"), 400)

    assert said.startswith(query.partition("=")[0])


def test_two_cursors_at_once_are_refused(ada: User, seven: int) -> None:
    """A page is after something or before it."""
    making.problem(ada.client.get(f"/objects/{seven}/versions?after=1&before=3"), 400)


def test_only_versions_that_the_asker_may_view_are_listed(
    server: Running, ada: User, bob: User, nobody: httpx.Client, action: int
) -> None:
    """The stricter of then and now, on pages of any size."""
    number = making.half_open(server, ada, action)

    path = f"/objects/{number}/versions?limit="
    assert followed(ada.client, f"{path}9", "next") == [[0, 1, 2, 3]]
    for client in (bob.client, nobody):
        assert followed(client, f"{path}9", "next") == [[1, 3]]
        assert followed(client, f"{path}1", "next") == [[1], [3]]
        assert followed(client, f"{path}1&before=9", "prev")[:2] == [[3], [1]]


def test_who_may_not_view_the_object_is_told_nothing_of_its_versions(
    server: Running, ada: User, bob: User, nobody: httpx.Client, action: int
) -> None:
    """Closed again, also those that were public are closed."""
    number = making.half_open(server, ada, action)
    making.set_access(server, ada, number, "restricted")

    making.problem(bob.client.get(f"/objects/{number}/versions"), 403)
    making.problem(nobody.get(f"/objects/{number}/versions"), 401)
    making.problem(nobody.get(f"{API}/objects/{number}/versions"), 401)
    making.problem(bob.client.get("/objects/999999999/versions"), 404)
