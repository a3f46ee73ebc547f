"""The list of objects: every plain filter, only what the asker may see, streamed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.access import EVERYONE, SIGNED_IN
from projections.objects import BATCH
from tests.api import asking
from tests.api.asking import API, Join, User
from tests.running import Running


@dataclass(frozen=True)
class Shelf:
    """A user with objects of their own, oldest first, and the actions they were made with."""

    owner: User
    sample: int
    measurement: int
    simulation: int
    objects: list[int]

    def listed(self, **params: Any) -> list[int]:
        """Return the numbers that the owner is shown."""
        answer = self.owner.client.get(f"{API}/objects/", params=params)
        assert answer.status_code == 200, answer.text
        return [each["object_id"] for each in answer.json()]


OPEN = """
SELECT DISTINCT r.number,
       (SELECT a.name FROM view.grants m JOIN view.accounts a ON a.id = m.principal
         WHERE m.family = r.family AND m.level = 4 LIMIT 1)
  FROM view.records r
  LEFT JOIN view.grants g ON g.family = r.family AND g.principal = ANY(%s)
 WHERE r.versions > 0
   AND (r.access ->> 'record' = 'public' OR r.access ? 'embargo' OR g.principal IS NOT NULL)
"""


@pytest.fixture(scope="module", autouse=True)
def nothing_is_open(server: Running) -> None:
    """Close what other tests have opened to everybody: each list would have it."""
    for number, manager in asking.query(server, OPEN, [SIGNED_IN, EVERYONE]):
        asking.close(server, manager, number)


@pytest.fixture(scope="module")
def shelf(admin: User, join: Join) -> Shelf:
    """Six objects: three samples, two measurements, one simulation; one sample at version 2."""
    owner = join("lister")
    actions = [
        asking.action(admin.client, {"title": "A sheet"}, type=each)
        for each in ("sample", "measurement", "simulation")
    ]
    objects = [
        asking.new_object(owner.client, actions[kind], f'{{"name":"n{at}","x":1.0}}')
        for at, kind in enumerate((0, 1, 0, 2, 1, 0))
    ]
    for version in (1, 2):
        asking.new_version(owner.client, objects[2], f'{{"name":"newer","v":{version}}}')
    sample, measurement, simulation = actions
    return Shelf(owner, sample, measurement, simulation, objects)


def test_the_newest_object_is_first_each_at_its_current_version(shelf: Shelf) -> None:
    """An array of versions, as each is read alone."""
    listed = shelf.owner.client.get(f"{API}/objects/").json()

    assert [each["object_id"] for each in listed] == shelf.objects[::-1]
    assert [each["version_id"] for each in listed] == [0, 0, 0, 2, 0, 0]
    for each in listed:
        path = f"{API}/objects/{each['object_id']}/versions/{each['version_id']}"
        assert shelf.owner.client.get(path).json() == each


def test_another_users_objects_never_appear(shelf: Shelf, bob: User, admin: User) -> None:
    """Under no filter, to no user, and to no administrator."""
    for asker in (bob, admin):
        for params in ({}, {"action_id": shelf.sample}, {"action_type": "simulation"}):
            listed = asker.client.get(f"{API}/objects/", params=params).json()
            assert not {each["object_id"] for each in listed} & set(shelf.objects)


def test_nobody_sees_what_is_not_for_everyone(shelf: Shelf, nobody: httpx.Client) -> None:
    """`/objects/` asks for no login, and shows what everyone may see."""
    answer = nobody.get("/objects/")

    assert answer.status_code == 200
    assert not {each["object_id"] for each in answer.json()} & set(shelf.objects)


def test_a_user_without_objects_gets_an_empty_array(join: Join) -> None:
    """Not null, not 404."""
    user = join("newcomer")

    answer = user.client.get(f"{API}/objects/")

    assert (answer.status_code, answer.content) == (200, b"[]")
    assert answer.headers["Content-Type"] == "application/json"


def test_objects_of_one_action(shelf: Shelf) -> None:
    """`action_id`; empty means no filter."""
    zero, one, two, three, four, five = shelf.objects

    assert shelf.listed(action_id=shelf.sample) == [five, two, zero]
    assert shelf.listed(action_id=shelf.measurement) == [four, one]
    assert shelf.listed(action_id=shelf.simulation) == [three]
    assert shelf.listed(action_id="") == shelf.objects[::-1]


@pytest.mark.parametrize("action_id", ["x", "1.5", "999999", "-1", "9" * 30, "true", "0"])
def test_an_action_that_is_none_is_refused(shelf: Shelf, action_id: str) -> None:
    """400 that names it, also beyond what the database can count."""
    refused = shelf.owner.client.get(f"{API}/objects/", params={"action_id": action_id})

    assert refused.status_code == 400
    assert "action" in refused.json()["message"]


@pytest.mark.parametrize("name", ["action_type", "action_type_id"])
def test_objects_of_one_type(shelf: Shelf, name: str) -> None:
    """By its name or its number."""
    zero, one, two, three, four, five = shelf.objects

    for value in ("sample", "-99"):
        assert shelf.listed(**{name: value}) == [five, two, zero]
    for value in ("measurement", "-98"):
        assert shelf.listed(**{name: value}) == [four, one]
    for value in ("simulation", "-97"):
        assert shelf.listed(**{name: value}) == [three]


@pytest.mark.parametrize("name", ["action_type", "action_type_id"])
@pytest.mark.parametrize("value", ["custom", "99", "-1", "9" * 30])
def test_a_type_that_is_none_is_refused(shelf: Shelf, name: str, value: str) -> None:
    """400 that names it."""
    refused = shelf.owner.client.get(f"{API}/objects/", params={name: value})

    assert refused.status_code == 400
    assert value in refused.json()["message"]


def test_limit_and_offset_cut_a_page(shelf: Shelf) -> None:
    """Pages follow one another without gap or overlap."""
    newest = shelf.objects[::-1]

    assert shelf.listed(limit=2) == newest[:2]
    assert shelf.listed(limit=2, offset=2) == newest[2:4]
    assert shelf.listed(limit=2, offset=5) == newest[5:]
    assert shelf.listed(offset=4) == newest[4:]
    assert shelf.listed(offset=6) == []
    assert shelf.listed(limit=10**15, offset=1) == newest[1:]


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "", "1e3", str(10**15 + 1), "9" * 40])
def test_a_limit_that_is_none_is_ignored(shelf: Shelf, value: str) -> None:
    """As SampleDB does: from 1 to 1e15."""
    assert shelf.listed(limit=value) == shelf.objects[::-1]


@pytest.mark.parametrize("value", ["-1", "x", "1.5", "", "9" * 40])
def test_an_offset_that_is_none_is_ignored(shelf: Shelf, value: str) -> None:
    """As SampleDB does."""
    assert shelf.listed(offset=value) == shelf.objects[::-1]


def test_filters_hold_together(shelf: Shelf) -> None:
    """Action, type, limit and offset at once."""
    zero, one, two, _, _, _ = shelf.objects

    assert shelf.listed(action_id=shelf.sample, action_type="sample", limit=1, offset=1) == [two]
    assert shelf.listed(action_id=shelf.sample, action_type="measurement") == []
    assert shelf.listed(action_id=shelf.sample, offset=2) == [zero]
    assert shelf.listed(action_type="measurement", offset=1) == [one]


def test_name_only_cuts_data_and_schema_to_the_name(shelf: Shelf) -> None:
    """Everything else stands as it is."""
    full = shelf.owner.client.get(f"{API}/objects/", params={"limit": 1}).json()[0]

    [cut] = shelf.owner.client.get(f"{API}/objects/", params={"limit": 1, "name_only": 1}).json()

    assert cut["data"] == {"name": "n5"}
    assert cut["schema"]["title"] == "Object"
    assert list(cut["schema"]["properties"]) == ["name"]
    assert {**cut, "data": full["data"], "schema": full["schema"]} == full


def test_name_only_of_what_has_no_name(admin: User, join: Join) -> None:
    """An empty object, also for data that is no object."""
    owner = join("nameless")
    under = asking.action(admin.client, {})
    for document in ('{"x":1}', "[1]", '"text"', ' {"name" : 1e2 }'):
        asking.new_object(owner.client, under, document)

    answer = owner.client.get(f"{API}/objects/", params={"name_only": "true"})

    assert [each["data"] for each in answer.json()] == [{"name": 100}, {}, {}, {}]
    assert b'{"name":1e2}' in answer.content


@pytest.fixture(scope="module")
def hoarder(admin: User, join: Join) -> tuple[User, set[int]]:
    """A user with more objects than are read at once, and their numbers."""
    owner = join("hoarder")
    under = asking.action(admin.client)
    with ThreadPoolExecutor(4) as threads:
        made = threads.map(lambda _: asking.new_object(owner.client, under), range(2 * BATCH + 1))
        return owner, set(made)


def test_a_list_longer_than_any_batch_is_whole(hoarder: tuple[User, set[int]]) -> None:
    """Each object once, highest number first."""
    owner, numbers = hoarder

    listed = [each["object_id"] for each in owner.client.get(f"{API}/objects/").json()]

    assert listed == sorted(numbers, reverse=True)


@pytest.mark.parametrize("limit", [BATCH - 1, BATCH, BATCH + 1, 2 * BATCH, 2 * BATCH + 1])
def test_a_limit_around_a_batch_is_exact(hoarder: tuple[User, set[int]], limit: int) -> None:
    """With and without an offset."""
    owner, numbers = hoarder
    newest = sorted(numbers, reverse=True)

    for offset in (0, BATCH, BATCH + 7):
        params = {"limit": limit, "offset": offset}
        listed = owner.client.get(f"{API}/objects/", params=params).json()
        assert [each["object_id"] for each in listed] == newest[offset : offset + limit]


def test_a_list_is_streamed(hoarder: tuple[User, set[int]]) -> None:
    """Its length is not known when it begins: it comes in chunks."""
    owner, _ = hoarder

    with owner.client.stream("GET", f"{API}/objects/") as answer:
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert "Content-Length" not in answer.headers
        assert b"".join(answer.iter_bytes()).endswith(b"}]")


def test_a_list_of_large_objects_is_not_held_in_memory(
    server: Running, admin: User, join: Join
) -> None:
    """64 MiB of documents pass through a worker that grows by less than 30 MB."""
    owner = join("heavy")
    under = asking.action(admin.client)
    document = b'{"text":"' + b"x" * (1 << 20) + b'"}'
    for _ in range(64):
        asking.new_object(owner.client, under, document)
    params = {"limit": 2}
    for _ in range(8):  # both workers have done everything once
        owner.client.get(f"{API}/objects/", params=params)
    workers = server.processes("worker")
    before = [_peak(pid, reset=True) for pid in workers]

    with owner.client.stream("GET", f"{API}/objects/") as answer:
        size = sum(len(piece) for piece in answer.iter_bytes())

    grown = max(_peak(pid) - first for pid, first in zip(workers, before, strict=True))
    assert size > 64 << 20
    assert grown < 30_000_000


def _peak(pid: int, *, reset: bool = False) -> int:
    """Return the most memory that a process had resident, in bytes, since the last reset."""
    if reset:
        Path(f"/proc/{pid}/clear_refs").write_text("5")
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) << 10


def _links(answer: httpx.Response) -> dict[str, str]:
    return {str(rel): str(link["url"]) for rel, link in answer.links.items()}


def test_pages_are_walked_by_their_links(shelf: Shelf) -> None:
    """From the first to the last and back; each keeps what else was asked for."""
    client = shelf.owner.client
    answer = client.get(f"{API}/objects/", params={"limit": 2, "name_only": "true"})
    pages = [answer]
    while "next" in answer.links:
        answer = client.get(_links(answer)["next"])
        pages.append(answer)

    assert [each["object_id"] for page in pages for each in page.json()] == shelf.objects[::-1]
    assert all(list(each["data"]) == ["name"] for page in pages for each in page.json())
    assert len(pages) == 3
    assert client.get(_links(pages[2])["prev"]).json() == pages[1].json()
    assert client.get(_links(pages[2])["first"]).json() == pages[0].json()
    assert "prev" not in pages[0].links


def test_a_list_without_a_limit_has_no_pages(shelf: Shelf) -> None:
    """It is whole."""
    assert "Link" not in shelf.owner.client.get(f"{API}/objects/").headers


def test_links_do_not_repeat_a_credential(shelf: Shelf, nobody: httpx.Client) -> None:
    """A token in the query stays what its sender has to know."""
    params = {"limit": "1", "access_token": shelf.owner.token}

    answer = nobody.get(f"{API}/objects/", params=params)

    assert answer.status_code == 200
    assert "next" in answer.links
    assert shelf.owner.token not in answer.headers["Link"]


def test_the_last_page_says_how_many_there_are(shelf: Shelf) -> None:
    """It is known there; a page before it does not count the others."""
    client = shelf.owner.client

    last = client.get(f"{API}/objects/", params={"limit": 4, "offset": 3})
    first = client.get(f"{API}/objects/", params={"limit": 4})

    assert last.headers["X-Total-Count"] == "6"
    assert client.get(f"{API}/objects/").headers["X-Total-Count"] == "6"
    assert "X-Total-Count" not in first.headers


@pytest.mark.parametrize("prefer", ["count=exact", 'respond-async, Count = "exact"; foo=bar'])
def test_a_client_may_prefer_the_exact_total(shelf: Shelf, prefer: str) -> None:
    """On any page, under any filter."""
    client = shelf.owner.client
    for params, total in (({}, "6"), ({"action_id": shelf.sample}, "3"), ({"offset": 9}, "6")):
        asked = {"limit": 1, **params}
        answer = client.get(f"{API}/objects/", params=asked, headers={"Prefer": prefer})

        assert answer.headers["X-Total-Count"] == total
        assert answer.headers["Preference-Applied"] == "count=exact"


def test_only_what_the_asker_may_see_is_counted(shelf: Shelf, bob: User) -> None:
    """Another user's total knows nothing of these."""
    params = {"action_id": shelf.sample, "limit": 1}

    answer = bob.client.get(f"{API}/objects/", params=params, headers={"Prefer": "count=exact"})

    assert answer.headers["X-Total-Count"] == "0"


def test_each_object_may_come_with_those_that_refer_to_it(
    admin: User, bob: User, join: Join
) -> None:
    """By their newest versions, and only those that the asker may see."""
    owner = join("referrer")
    under = asking.action(admin.client)
    tin = asking.new_object(owner.client, under)
    reference = f'{{"_type":"object_reference","object_id":{tin}}}'
    one = asking.new_object(owner.client, under, f'{{"from":[{reference}]}}')
    two = asking.new_object(owner.client, under, f'{{"of":{{"from":{reference}}}}}')
    past = asking.new_object(owner.client, under, f'{{"from":{reference}}}')
    asking.new_version(owner.client, past, '{"from":null}')
    asking.new_object(bob.client, under, f'{{"from":{reference}}}')

    params = {"get_referencing_objects": "true"}
    listed = owner.client.get(f"{API}/objects/", params=params).json()

    assert {each["object_id"]: each["referencing_objects"] for each in listed} == {
        tin: [{"object_id": one}, {"object_id": two}],
        one: [],
        two: [],
        past: [],
    }
    plain = owner.client.get(f"{API}/objects/").json()
    assert all("referencing_objects" not in each for each in plain)
