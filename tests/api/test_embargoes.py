"""An embargo ends by itself: no way to a version says otherwise, before the instant or after it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import httpx
import pytest

from domain.commands import objects
from domain.log import Session
from domain.values import Access, Embargo
from tests.api import asking
from tests.api.asking import API, User
from tests.running import Running

CONNECTIONS = 8  # so that each worker is asked
DAY = timedelta(days=1)
LINK = {"url": "https://tin.example/embargoed"}


class Embargoed(NamedTuple):
    """An object whose version 0 is restricted for good, and 1 and 2 until an instant."""

    number: int
    recorded_at: str  # of version 2
    word: str  # of its documents

    @property
    def url(self) -> str:
        """Its address."""
        return f"{API}/objects/{self.number}"


def embargo(server: Running, owner: str, number: int, until: datetime) -> None:
    """Put a record under an embargo, also one that has passed: no door takes such."""
    to = Access("restricted", "restricted", Embargo(until))

    def command(session: Session) -> None:
        objects.change_access(session, objects.find(session, str(number)), to)

    asking.decide(server, owner, command)


def made(server: Running, ada: User, action: int, until: datetime) -> Embargoed:
    """Make such an object with a file, whose versions Ada has read: they are remembered."""
    word = asking.fresh("embargoed").replace("-", "")
    number = asking.new_object(ada.client, action, '{"name":"for good"}')
    embargo(server, ada.name, number, until)
    for text in ("first", word):
        data = f'{{"name":{{"_type":"text","text":"{text}"}}}}'
        asking.new_version(ada.client, number, data)
    address = f"{API}/objects/{number}"
    sent = ada.client.post(f"{address}/files/", json={"storage": "url"} | LINK)
    assert sent.status_code == 201, sent.text
    for version in (0, 1, 2):
        for _ in range(CONNECTIONS):
            with asking.client(server, ada.token) as client:
                assert client.get(f"{address}/versions/{version}").status_code == 200
    lines = ada.client.get(f"{address}/versions/").json()
    return Embargoed(number, lines[2]["recorded_at"], word)


@pytest.fixture(scope="module")
def over(server: Running, ada: User, action: int) -> Embargoed:
    """An object whose embargo has passed; nothing has been recorded of it since."""
    return made(server, ada, action, datetime.now(UTC) - DAY)


@pytest.fixture(scope="module")
def ahead(server: Running, ada: User, action: int) -> Embargoed:
    """An object under an embargo."""
    return made(server, ada, action, datetime.now(UTC) + DAY)


def leads(answer: httpx.Response) -> bool:
    """Whether an answer leads to version 2."""
    return answer.status_code == 302 and answer.headers["Location"].endswith("/versions/2")


def numbers(answer: httpx.Response) -> list[int]:
    """The objects that a list has."""
    return [each["object_id"] for each in answer.json()]


def versions_of(answer: httpx.Response) -> list[int]:
    """The versions that an answer tells of, of those that tell of one."""
    if answer.status_code != 200:
        return []
    return [each["version"] for each in answer.json() if "version" in each]


def logged(answer: httpx.Response, number: int) -> set[str]:
    """What the object log tells of an object."""
    return {each["type"] for each in answer.json() if each["object_id"] == number}


WAYS: dict[str, Callable[[httpx.Client, Embargoed], bool]] = {
    "current": lambda asker, it: leads(asker.get(it.url)),
    "as-of": lambda asker, it: leads(asker.get(it.url, params={"as_of": it.recorded_at})),
    "valid-at": lambda asker, it: leads(asker.get(it.url, params={"valid_at": it.recorded_at})),
    "accept-datetime": lambda asker, it: leads(
        asker.get(it.url, headers={"Accept-Datetime": "Thu, 01 Jan 2099 00:00:00 GMT"})
    ),
    "version": lambda asker, it: asker.get(f"{it.url}/versions/2").status_code == 200,
    "version-with-difference": lambda asker, it: (
        b"data_diff" in asker.get(f"{it.url}/versions/2?include_diff=true").content
    ),
    "versions": lambda asker, it: versions_of(asker.get(f"{it.url}/versions/")) == [1, 2],
    "versions-before": lambda asker, it: (
        versions_of(asker.get(f"{it.url}/versions/?before=9")) == [1, 2]
    ),
    "timemap": lambda asker, it: "/versions/2>" in asker.get(f"{it.url}/timemap").text,
    "diff": lambda asker, it: asker.get(f"{it.url}/versions/1/diff/2").status_code == 200,
    "events": lambda asker, it: versions_of(asker.get(f"{it.url}/events")) == [1, 2],
    "file-event": lambda asker, it: "record.file-linked" in asker.get(f"{it.url}/events").text,
    "list": lambda asker, it: it.number in numbers(asker.get(f"{API}/objects/")),
    "list-under-action": lambda asker, it: (
        it.number in numbers(asker.get(f"{API}/objects/?action_type=sample"))
    ),
    "search": lambda asker, it: (
        it.number in numbers(asker.get(f"{API}/objects/", params={"q": f'"{it.word}" in name'}))
    ),
    "files": lambda asker, it: LINK["url"] in asker.get(f"{it.url}/files/").text,
    "file": lambda asker, it: asker.get(f"{it.url}/files/0").status_code == 200,
    "related": lambda asker, it: asker.get(f"{it.url}/related_objects").status_code == 200,
    "log": lambda asker, it: (
        logged(asker.get(f"{API}/object_log_entries/"), it.number) == {"EDIT_OBJECT", "UPLOAD_FILE"}
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_is_open_past_the_instant_and_closed_before(
    ada: User, bob: User, over: Embargoed, ahead: Embargoed, way: str
) -> None:
    """To who was granted nothing; nothing was recorded, nothing lifted it."""
    assert WAYS[way](bob.client, over)
    assert not WAYS[way](bob.client, ahead)


def test_what_was_restricted_for_good_stays_closed(bob: User, over: Embargoed) -> None:
    """The embargo that its record came under later opens other versions only."""
    assert bob.client.get(f"{over.url}/versions/0").status_code == 403
    assert bob.client.get(f"{over.url}/versions/0/diff/1").status_code == 403


def test_to_restore_what_was_restricted_for_good_does_not_open_it(
    ada: User, bob: User, server: Running, action: int
) -> None:
    """The embargo of the record as it stands is not that of the version."""
    it = made(server, ada, action, datetime.now(UTC) - DAY)
    for version in (0, 1):
        restored = ada.client.post(f"{it.url}/restore", json={"version": version})
        assert restored.status_code == 201

    assert versions_of(bob.client.get(f"{it.url}/versions/")) == [1, 2, 4]
    assert bob.client.get(f"{it.url}/versions/3").status_code == 403


def test_what_is_remembered_opens_at_the_instant(
    server: Running, ada: User, bob: User, action: int
) -> None:
    """In every worker: what was asked before it is refused, what is asked after it is not."""
    until = datetime.now(UTC) + timedelta(seconds=2)
    number = asking.new_object(ada.client, action)
    embargo(server, ada.name, number, until)
    asking.new_version(ada.client, number, '{"name":"soon"}')
    url = f"{API}/objects/{number}/versions/1"
    while datetime.now(UTC) < until:
        for token in (ada.token, bob.token):
            with asking.client(server, token) as client:
                status = client.get(url).status_code
            if datetime.now(UTC) < until:
                assert status == (200 if token == ada.token else 403)
        time.sleep(0.1)

    for _ in range(CONNECTIONS):
        with asking.client(server, bob.token) as client:
            assert client.get(url).status_code == 200
            assert client.get(url).status_code == 200
