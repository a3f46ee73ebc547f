"""An embargo ends on time while nothing follows the log: the process that would record it stands.

Of records that the follower had come to before, and of those that it had not; in every way there is
to them. What an embargo that has not ended closes is asked of others, at the same time.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import httpx
import pytest

from domain.log import Session
from domain.values import Access, Embargo, Visibility
from tests.api import asking
from tests.api.asking import User
from tests.api.inveniordm import filing, gathering, searching
from tests.api.inveniordm.exporting import DATACITE
from tests.api.inveniordm.making import CLOSED, RECORDS
from tests.api.matrix import decided
from tests.api.test_embargoes import WAYS as TO_OBJECTS
from tests.api.test_embargoes import Embargoed
from tests.api.test_embargoes import made as an_object
from tests.running import Running

SOON = timedelta(seconds=3)  # in which all that ends is made
DAY = timedelta(days=1)
KEY = "a.txt"
TOKEN = re.compile(r"<resumptionToken[^>]*>([^<]+)<")
ABOUT = """
SELECT count(*) FROM es.event e JOIN view.records r ON e.stream IN (r.id, r.family) WHERE r.pid = %s
"""


class Filed(NamedTuple):
    """A record with a file, in a community."""

    pid: str
    word: str  # of its title
    slug: str

    @property
    def path(self) -> str:
        """Where it is."""
        return f"{RECORDS}/{self.pid}"


class World(NamedTuple):
    """What an embargo is on, by whether the follower had come to it, and whether it has ended."""

    until: datetime
    records: dict[tuple[str, bool], Filed]
    files: dict[bool, Filed]  # whose files alone are under an embargo
    objects: dict[bool, Embargoed]
    events: dict[str, int]  # how many each record had when it was made
    early: dict[str, bool]  # what was open before the instant, of what was answered before it


@contextmanager
def standing(server: Running) -> Iterator[None]:
    """Have the follower stand still."""
    [follower] = server.processes("follower")
    os.kill(follower, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(follower, signal.SIGCONT)


def filed(server: Running, ada: User, slug: str, until: datetime, to: Visibility) -> Filed:
    """Publish a record with a file under an embargo; to whom it is told otherwise, is `to`."""
    word = searching.word()
    sent = filing.with_files(CLOSED)
    sent["metadata"] = sent["metadata"] | {"title": f"Tin {word}"}
    pid = ada.client.post(RECORDS, json=sent).json()["id"]
    filing.add(ada.client, pid, KEY)
    access = Access(to, "restricted", Embargo(until))

    def publish(session: Session) -> None:
        decided.publish(session, pid, access)

    asking.decide(server, ada.name, publish)
    gathering.include(ada.client, pid, slug)
    return Filed(pid, word, slug)


def caught_up(nobody: httpx.Client) -> None:
    """Wait until the follower has come to all that was written."""
    while nobody.get("/health").json()["follower"]["seconds"] > 0:
        time.sleep(0.02)


@pytest.fixture(scope="module")
def world(
    server: Running, ada: User, bob: User, nobody: httpx.Client, action: int
) -> Iterator[World]:
    """All of them, when the instant has passed; the follower stands since before it."""
    slug = gathering.community(ada.client)
    ends = {False: datetime.now(UTC) + DAY, True: datetime.now(UTC) + SOON}
    records = {
        ("followed", over): filed(server, ada, slug, until, "restricted")
        for over, until in ends.items()
    }
    objects = {over: an_object(server, ada, action, until) for over, until in ends.items()}
    caught_up(nobody)
    with standing(server):
        records |= {
            ("pending", over): filed(server, ada, slug, until, "restricted")
            for over, until in ends.items()
        }
        files = {over: filed(server, ada, slug, until, "public") for over, until in ends.items()}
        pids = [each.pid for each in (*records.values(), *files.values())]
        events = {pid: asking.query(server, ABOUT, pid)[0][0] for pid in pids}
        early = {}
        for name, way in TO_RECORDS.items():
            was = way(nobody, records["followed", True])
            if datetime.now(UTC) < ends[True]:
                early[name] = was
        time.sleep(max(0.0, (ends[True] - datetime.now(UTC)).total_seconds()) + 0.01)
        yield World(ends[True], records, files, objects, events, early)


def leads(answer: httpx.Response) -> bool:
    """Whether an answer leads to the version."""
    return answer.status_code == 302 and answer.headers["Location"].endswith("/versions/0")


def has(answer: httpx.Response, text: str) -> bool:
    """Whether an answer is given, and says something."""
    return answer.status_code == 200 and text in answer.text


def harvested(asker: httpx.Client, it: Filed, verb: str) -> bool:
    """Whether a record is harvested by its identifier, or among all since an hour."""
    since = f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    which = {"identifier": f"oai:localhost:{it.pid}"} if verb == "GetRecord" else {"from": since}
    asked: dict[str, str] = {"verb": verb, "metadataPrefix": "oai_dc", **which}
    while True:
        answer = asker.get("/oai2d", params=asked)
        if has(answer, f"<identifier>oai:localhost:{it.pid}</identifier>"):
            return True
        found = TOKEN.search(answer.text)
        if found is None:
            return False
        asked = {"verb": verb, "resumptionToken": found[1]}


TO_FILES: dict[str, Callable[[httpx.Client, Filed], bool]] = {
    "files": lambda asker, it: has(asker.get(f"{it.path}/files"), KEY),
    "file": lambda asker, it: has(asker.get(f"{it.path}/files/{KEY}"), KEY),
    "download": lambda asker, it: (
        asker.get(f"{it.path}/files/{KEY}/content").content == filing.DATA
    ),
    "files-at-the-other-door": lambda asker, it: has(asker.get(f"/objects/{it.pid}/files/"), "["),
    "access-status": lambda asker, it: (
        searching.found(asker, f"{it.word} AND access.status:open") == [it.pid]
    ),
}
TO_RECORDS: dict[str, Callable[[httpx.Client, Filed], bool]] = {
    **TO_FILES,
    "record": lambda asker, it: has(asker.get(it.path), it.word),
    "versions": lambda asker, it: has(asker.get(f"{it.path}/versions"), it.word),
    "latest": lambda asker, it: has(asker.get(f"{it.path}/versions/latest"), it.word),
    "communities": lambda asker, it: has(asker.get(f"{it.path}/communities"), it.slug),
    "export": lambda asker, it: has(asker.get(it.path, headers={"Accept": DATACITE}), it.word),
    "search": lambda asker, it: searching.found(asker, it.word) == [it.pid],
    "search-of-all-versions": lambda asker, it: (
        searching.found(asker, it.word, allversions=1) == [it.pid]
    ),
    "facets": lambda asker, it: searching.counts(asker, "resource_type", it.word) == {"image": 1},
    "facet-of-access": lambda asker, it: (
        searching.counts(asker, "access_status", it.word) == {"open": 1}
    ),
    "records-of-a-community": lambda asker, it: has(
        asker.get(f"/api/communities/{it.slug}/records", params={"q": it.word}), it.pid
    ),
    "page": lambda asker, it: has(asker.get(f"/records/{it.pid}"), it.word),
    "page-of-the-latest": lambda asker, it: (
        asker.get(f"/records/{it.pid}/latest").status_code == 302
    ),
    "object": lambda asker, it: leads(asker.get(f"/objects/{it.pid}")),
    "as-of": lambda asker, it: leads(
        asker.get(f"/objects/{it.pid}", params={"as_of": f"{datetime.now(UTC):%FT%TZ}"})
    ),
    "version": lambda asker, it: has(asker.get(f"/objects/{it.pid}/versions/0"), it.word),
    "versions-of-the-object": lambda asker, it: has(
        asker.get(f"/objects/{it.pid}/versions/"), '"version":0'
    ),
    "timemap": lambda asker, it: has(asker.get(f"/objects/{it.pid}/timemap"), "/versions/0>"),
    "events": lambda asker, it: has(asker.get(f"/objects/{it.pid}/events"), "record.published"),
    "objects": lambda asker, it: has(
        asker.get("/objects/", params={"q": it.word, "use_advanced_search": "false"}), it.word
    ),
    "harvest-of-one": lambda asker, it: harvested(asker, it, "GetRecord"),
    "harvest-of-all": lambda asker, it: harvested(asker, it, "ListIdentifiers"),
}


@pytest.mark.parametrize("way", TO_RECORDS)
@pytest.mark.parametrize("which", ["followed", "pending"])
def test_every_way_to_a_record_opens_by_itself(
    nobody: httpx.Client, world: World, which: str, way: str
) -> None:
    """To everybody; not a day too early."""
    assert TO_RECORDS[way](nobody, world.records[which, True])
    assert not TO_RECORDS[way](nobody, world.records[which, False])


@pytest.mark.parametrize("way", TO_FILES)
def test_every_way_to_files_opens_by_itself(nobody: httpx.Client, world: World, way: str) -> None:
    """Where they alone were under the embargo, and the record was open."""
    assert all(has(nobody.get(each.path), each.word) for each in world.files.values())
    assert TO_FILES[way](nobody, world.files[True])
    assert not TO_FILES[way](nobody, world.files[False])


@pytest.mark.parametrize("way", TO_OBJECTS)
def test_every_way_to_an_object_opens_by_itself(bob: User, world: World, way: str) -> None:
    """At SampleDB's door and in its history, to who was granted nothing."""
    assert TO_OBJECTS[way](bob.client, world.objects[True])
    assert not TO_OBJECTS[way](bob.client, world.objects[False])


def test_nothing_was_open_before(world: World) -> None:
    """Of what was asked and answered before the instant."""
    assert not [way for way, was in world.early.items() if was]


def test_nothing_was_recorded(server: Running, world: World) -> None:
    """Each record has the events that it had when it was made."""
    for pid, count in world.events.items():
        assert asking.query(server, ABOUT, pid) == [(count,)]
