"""A restricted version stays closed, by every way there is to it, after its record was opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.commands import objects
from domain.errors import Forbidden
from domain.identifiers import account_id
from domain.log import Log, Session
from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from domain.values import Access, Embargo
from scripts import wiring
from scripts.settings import Settings
from tests.api import asking
from tests.api.asking import API, User
from tests.running import Running
from tests.writing import actor

CONNECTIONS = 8  # so that each worker is asked
SECRET = '{"name":"what was restricted"}'
OPEN = '{"name":"what is open"}'


class Opened(NamedTuple):
    """An object whose version 0 was published restricted, and version 1 after it was opened."""

    number: int
    pid: str

    @property
    def addresses(self) -> list[str]:
        """It by number and pid, with and without a login needed."""
        return [
            f"{prefix}/objects/{id_}" for prefix in (API, "") for id_ in (self.number, self.pid)
        ]


@pytest.fixture(scope="module")
def opened(server: Running, ada: User, action: int) -> Opened:
    """An object of Ada's, whose versions she has read: they are remembered."""
    number = asking.new_object(ada.client, action, SECRET)
    asking.set_access(server, ada.name, number, "public")
    asking.new_version(ada.client, number, OPEN)
    opened = Opened(number, asking.pid_of(server, number))
    for address in opened.addresses:
        for version in (0, 1):
            for client in connections(server, ada.token):
                assert client.get(f"{address}/versions/{version}").status_code == 200
    return opened


def connections(server: Running, token: str | None) -> Iterator[httpx.Client]:
    """New connections, one after the other."""
    for _ in range(CONNECTIONS):
        with asking.client(server, token) as client:
            yield client


def refusals(answers: list[httpx.Response], status: int) -> None:
    """Hold answers to say nothing but that."""
    for answer in answers:
        assert answer.status_code == status
        assert b"restricted" not in answer.content
        assert "ETag" not in answer.headers
        assert "Location" not in answer.headers


def askers(server: Running, bob: User, address: str) -> list[tuple[str | None, int]]:
    """The tokens of who was granted nothing, and how each is refused at an address."""
    anonymous: list[tuple[str | None, int]] = [] if address.startswith(API) else [(None, 401)]
    return [(bob.token, 403), *anonymous]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_version_is_closed(server: Running, bob: User, opened: Opened, method: str) -> None:
    """To who was granted nothing, signed in or not, also where it is remembered for others."""
    for address in opened.addresses:
        for token, status in askers(server, bob, address):
            for client in connections(server, token):
                refusals([client.request(method, f"{address}/versions/0")], status)
                assert client.request(method, f"{address}/versions/1").status_code == 200


def test_an_etag_does_not_say_that_it_is_there(
    server: Running, ada: User, bob: User, opened: Opened
) -> None:
    """No 304 for who may not read it, whatever tag they show."""
    for address in opened.addresses:
        url = f"{address}/versions/0"
        tag = ada.client.get(url).headers["ETag"]
        for token, status in askers(server, bob, address):
            for client in connections(server, token):
                for shown in (tag, f"W/{tag}", "*", f'"x", {tag}'):
                    refusals([client.get(url, headers={"If-None-Match": shown})], status)


def test_the_way_to_the_current_version_is_open(server: Running, bob: User, opened: Opened) -> None:
    """It leads to the one that may be seen."""
    for address in opened.addresses:
        for token, _ in askers(server, bob, address):
            with asking.client(server, token) as client:
                shown = client.get(address)
                assert shown.status_code == 302
                assert shown.headers["Location"].endswith("/versions/1")


def test_the_list_shows_what_is_open(server: Running, bob: User, opened: Opened) -> None:
    """The newest version, and nothing of the one before it."""
    for token, address in ((bob.token, f"{API}/objects/"), (None, "/objects/")):
        with asking.client(server, token) as client:
            listed = client.get(address)
            assert OPEN.encode() in listed.content
            assert SECRET.encode() not in listed.content


def test_no_instant_leads_to_it(server: Running, ada: User, bob: User, opened: Opened) -> None:
    """Asked for what stood then, nothing answers; asked for what may be seen, it is skipped."""
    lines = ada.client.get(f"{API}/objects/{opened.number}/versions/").json()
    then = lines[0]["recorded_at"]
    day = {"Accept-Datetime": "Thu, 01 Jan 2026 00:00:00 GMT"}
    for address in opened.addresses:
        for token, _ in askers(server, bob, address):
            with asking.client(server, token) as client:
                for name in ("as_of", "valid_at"):
                    refusals([client.get(address, params={name: then})], 404)
                found = client.get(address, params={"as_of": lines[1]["recorded_at"]})
                nearest = client.get(address, headers=day)
                for answer in (found, nearest):
                    assert answer.headers["Location"].endswith("/versions/1")
                    assert "/versions/0" not in answer.headers["Link"]


@pytest.mark.parametrize("query", ["", "?after=0", "?before=1", "?limit=1"])
def test_it_is_not_in_the_list_of_versions(
    server: Running, bob: User, opened: Opened, query: str
) -> None:
    """On no page of it."""
    for address in opened.addresses:
        for token, _ in askers(server, bob, address):
            with asking.client(server, token) as client:
                listed = client.get(f"{address}/versions/{query}")
                expected = [] if query == "?before=1" else [1]
                assert [each["version"] for each in listed.json()] == expected


@pytest.mark.parametrize("kind", ["application/json", "application/link-format"])
def test_it_is_not_in_the_timemap(server: Running, bob: User, opened: Opened, kind: str) -> None:
    """In neither form."""
    for address in opened.addresses:
        for token, _ in askers(server, bob, address):
            with asking.client(server, token) as client:
                shown = client.get(f"{address}/timemap", headers={"Accept": kind}).text
                assert "/versions/1" in shown
                assert "/versions/0" not in shown


@pytest.mark.parametrize("pair", ["0/diff/1", "1/diff/0", "0/diff/0"])
def test_it_is_compared_with_nothing(
    server: Running, ada: User, bob: User, opened: Opened, pair: str
) -> None:
    """From neither side, in neither form, whatever tag is shown."""
    for address in opened.addresses:
        url = f"{address}/versions/{pair}"
        for kind in ("application/json-patch+json", "application/merge-patch+json"):
            shown = {"Accept": kind}
            tag = ada.client.get(url, headers=shown).headers["ETag"]
            for token, status in askers(server, bob, address):
                with asking.client(server, token) as client:
                    for match in ({}, {"If-None-Match": tag}, {"If-None-Match": "*"}):
                        refusals([client.get(url, headers=shown | match)], status)


def test_restored_it_stays_closed(server: Running, ada: User, bob: User, action: int) -> None:
    """To restore is not to open; what is published after it is open as before."""
    number = asking.new_object(ada.client, action, SECRET)
    asking.set_access(server, ada.name, number, "public")
    asking.new_version(ada.client, number, OPEN)
    address = f"{API}/objects/{number}"
    assert ada.client.post(f"{address}/restore", json={"version": 0}).status_code == 201
    asking.new_version(ada.client, number, OPEN)

    assert ada.client.get(f"{address}/versions/2").status_code == 200
    refusals([bob.client.get(f"{address}/versions/2")], 403)
    assert bob.client.get(f"{address}/versions/3").status_code == 200
    told = bob.client.get(f"{address}/events").json()
    assert [each["version"] for each in told if "version" in each] == [1, 3]


def test_it_is_not_restored(server: Running, bob: User, opened: Opened) -> None:
    """Nothing is published for who was granted nothing, nor is anything said."""
    before = asking.stored(server)
    for address in opened.addresses:
        for token, status in askers(server, bob, address):
            with asking.client(server, token) as client:
                refusals([client.post(f"{address}/restore", json={"version": 0})], status)
    assert asking.stored(server) == before


def test_a_grant_opens_it(server: Running, ada: User, bob: User, opened: Opened) -> None:
    """Restricted is: to those who were granted something, by name or with all who are signed in."""
    url = f"{API}/objects/{opened.number}"
    me = bob.client.get(f"{API}/users/me").json()["user_id"]
    for rest, opening, closing in ((f"users/{me}", "read", "none"), ("public", True, False)):
        ada.client.put(f"{url}/permissions/{rest}", json=opening)
        for client in connections(server, bob.token):
            assert asking.data_of(client.get(f"{url}/versions/0")) == SECRET.encode()
        ada.client.put(f"{url}/permissions/{rest}", json=closing)
        for client in connections(server, bob.token):
            refusals([client.get(f"{url}/versions/0")], 403)


def test_what_was_opened_and_not_published_since_is_closed(
    server: Running, ada: User, bob: User, action: int
) -> None:
    """Its only version was restricted: no way to it, and it is not in the list."""
    number = asking.new_object(ada.client, action, SECRET)
    asking.set_access(server, ada.name, number, "public")

    for address in (f"{API}/objects/{number}", f"/objects/{number}"):
        for token, status in askers(server, bob, address):
            with asking.client(server, token) as client:
                refusals([client.get(address), client.get(f"{address}/versions/0")], status)
                listed = client.get(f"{address.rpartition('/')[0]}/")
                assert number not in [each["object_id"] for each in listed.json()]


def test_closing_the_record_closes_every_version_at_once(
    server: Running, ada: User, bob: User, action: int
) -> None:
    """Also what was remembered as open to everybody, in every worker, with an ETag and without."""
    number = asking.new_object(ada.client, action, SECRET)
    url = f"{API}/objects/{number}/versions/1"
    asking.set_access(server, ada.name, number, "public")
    asking.new_version(ada.client, number, OPEN)
    tag = {"If-None-Match": ada.client.get(url).headers["ETag"]}

    for _ in range(3):
        for client in connections(server, bob.token):
            assert client.get(url).status_code == 200
            assert client.get(url, headers=tag).status_code == 304

        asking.set_access(server, ada.name, number, "restricted")

        for client in connections(server, bob.token):
            refusals([client.get(url), client.get(url, headers=tag)], 403)
            refusals([client.get(f"{API}/objects/{number}")], 403)
        assert ada.client.get(url).status_code == 200
        asking.set_access(server, ada.name, number, "public")


def test_who_may_not_grant_does_not_open(
    server: Running, ada: User, bob: User, opened: Opened
) -> None:
    """Access is changed by who manages the record."""
    with pytest.raises(Forbidden):
        asking.set_access(server, bob.name, opened.number, "restricted")


ACCESS = {
    "open": Access("public", "public"),
    "closed": Access(),
    "embargoed": Access(embargo=Embargo(datetime.now(UTC) + timedelta(days=1))),
    "embargo over": Access(embargo=Embargo(datetime.now(UTC) - timedelta(days=1))),
}
OPENING = {"open", "embargo over"}


@pytest.fixture(scope="module")
def log(server: Running) -> Iterator[Log]:
    """The log of the service, for what no door offers: an embargo that has passed, above all."""
    with database(DataFolder(server.data), "test") as url:
        settings = Settings(data=server.data).given("embedded", database_url=url)
        with wiring.log(settings) as log:
            yield log


def told(answer: httpx.Response) -> list[int]:
    """The versions that an answer tells of, of those of its members that tell of one."""
    if answer.status_code != 200:
        return []
    return [each["version"] for each in answer.json() if "version" in each]


@settings(max_examples=15, deadline=None)
@given(steps=st.lists(st.sampled_from([*ACCESS, "publish", "publish", "link"]), max_size=9))
@example(steps=["open", "link"])
def test_whatever_happened_to_a_record_what_was_closed_is_closed_by_every_way(
    log: Log, ada: User, bob: User, action: int, steps: list[str]
) -> None:
    """A version, or a file, is open while its record is and if that was, or is, open by then."""
    number = asking.new_object(ada.client, action, SECRET)
    url, stands = f"{API}/objects/{number}", "closed"
    versions, files = [stands], list[str]()

    def change(session: Session, to: Access) -> None:
        objects.change_access(session, objects.find(session, str(number)), to)

    for step in steps:
        if step in ACCESS:
            stands = step
            log.run(actor(account_id(ada.name)), change, ACCESS[step])
        elif step == "publish":
            asking.new_version(ada.client, number, SECRET)
            versions.append(stands)
        else:
            link = {"storage": "url", "url": f"https://tin.example/{len(files)}"}
            assert ada.client.post(f"{url}/files/", json=link).status_code == 201
            files.append(stands)

    def seen(each: list[str]) -> list[int]:
        return [at for at, then in enumerate(each) if {then, stands} <= OPENING]

    may = seen(versions)
    reader = bob.client
    statuses = [reader.get(f"{url}/versions/{at}").status_code for at in range(len(versions))]
    assert [at for at, status in enumerate(statuses) if status == 200] == may
    assert set(statuses) <= {200, 403}
    assert told(reader.get(f"{url}/versions/")) == may
    assert told(reader.get(f"{url}/events")) == may
    latest = len(versions) - 1
    for at in range(latest):
        compared = reader.get(f"{url}/versions/{at}/diff/{latest}").status_code
        assert (compared == 200) == ({at, latest} <= set(may))
    listed = reader.get(f"{API}/objects/", params={"limit": 1_000_000}).json()
    assert (number in [each["object_id"] for each in listed]) == (latest in may)
    found = reader.get(f"{url}/files/")
    shown = [each["file_id"] for each in found.json()] if found.status_code == 200 else []
    assert shown == seen(files)  # they belong to the object, whichever versions are open
    for line in ada.client.get(f"{url}/versions/").json():
        asked = reader.get(url, params={"as_of": line["recorded_at"]})
        assert asked.status_code in (302, 403, 404)
        if asked.status_code == 302:
            assert int(asked.headers["Location"].rpartition("/")[2]) in may
        else:
            assert line["version"] not in may
