"""/api/events: the log as a feed, in pages, by long poll and as a stream."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from httpx_sse import ServerSentEvent, connect_sse

from domain.commands import accounts
from domain.log import Log
from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from scripts import wiring
from scripts.settings import Settings
from tests.api import asking
from tests.api.asking import Join, User
from tests.running import ROOT, Running, environment

FEED = "/api/events"
LOG = "SELECT stream, version FROM es.event ORDER BY position"
WRITERS = 8
STREAMED = 2500  # events, more than two pages
_ENDS: dict[str, str] = {}


def everything(
    asker: httpx.Client, after: str | None = None, limit: int = 1000
) -> list[dict[str, Any]]:
    """All events after a position, page by page."""
    found: list[dict[str, Any]] = []
    while True:
        params = {"limit": str(limit)} | ({"after": after} if after else {})
        page = asker.get(FEED, params=params)
        assert page.status_code == 200, page.text
        if not page.json()["events"]:
            return found
        found += page.json()["events"]
        after = page.json()["next"]


def end(asker: httpx.Client) -> str:
    """The position of the newest event; what came before an end that is known is not read again."""
    service = str(asker.base_url)
    for each in everything(asker, _ENDS.get(service)):
        _ENDS[service] = str(each["id"])
    return _ENDS[service]


@contextmanager
def stream(asker: httpx.Client, **headers: str) -> Iterator[Iterator[ServerSentEvent]]:
    """Listen; `headers` have _ in place of -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with connect_sse(asker, "GET", FEED, headers=named) as source:
        assert source.response.status_code == 200
        yield source.iter_sse()


@pytest.fixture(scope="module")
def log(server: Running) -> Iterator[Log]:
    """The log as the command line has it."""
    with database(DataFolder(server.data), "test") as url:
        settings = Settings(data=server.data).given("embedded", database_url=url)
        with wiring.log(settings) as found:
            yield found


@pytest.fixture
def listener(server: Running) -> Iterator[Callable[[str], httpx.Client]]:
    """A way to make an administrator with a token of his own."""
    made: list[httpx.Client] = []

    def make(token: str) -> httpx.Client:
        made.append(asking.client(server, token))
        return made[-1]

    yield make
    for each in made:
        each.close()


# Pages.


def test_the_feed_is_the_log_in_its_order(server: Running, admin: User, action: int) -> None:
    """Every event once, across pages."""
    asking.new_object(admin.client, action)
    every = asking.query(server, LOG)

    found = everything(admin.client, limit=min(1000, len(every) // 2))

    assert [(UUID(each["stream"]), each["version"]) for each in found] == every


def test_an_event_carries_the_exact_state(server: Running, admin: User, action: int) -> None:
    """A document's own spelling, who, when, through which door."""
    after = end(admin.client)
    asking.new_object(admin.client, action, '{"name": 1.50,\n "b":\t"\u2028"}')

    page = admin.client.get(FEED, params={"after": after})

    event = page.json()["events"][-1]
    [(stored, digest, recorded_at)] = asking.query(
        server,
        "SELECT state, digest, recorded_at FROM es.event WHERE stream = %s AND version = %s",
        *(event["stream"], event["version"]),
    )
    assert b'"state":' + stored + b',"digest":' in page.content
    assert b'{"name": 1.50,\n "b":\t"\xe2\x80\xa8"}' in page.content
    assert event["topic"] == "record.published"
    assert event["digest"] == digest.hex()
    assert event["recorded_at"] == f"{recorded_at:%Y-%m-%dT%H:%M:%S.%f}Z"
    assert event["by"] == event["state"]["by"]
    assert event["via"] == event["state"]["via"]
    assert event["via"].startswith("sampledb token ")


def test_a_page_has_at_most_the_limit(admin: User) -> None:
    """And says where to go on."""
    first = admin.client.get(FEED, params={"limit": "2"}).json()
    second = admin.client.get(FEED, params={"limit": "2", "after": first["next"]}).json()

    assert len(first["events"]) == len(second["events"]) == 2
    assert first["next"] == first["events"][-1]["id"]
    four = admin.client.get(FEED, params={"limit": "4"}).json()
    assert first["events"] + second["events"] == four["events"]


def test_a_page_of_large_events_ends_early(admin: User, action: int) -> None:
    """What a page weighs is bounded, but for one event."""
    after = end(admin.client)
    for _ in range(4):
        asking.new_object(admin.client, action, json.dumps({"x": "x" * (700 << 10)}))

    page = admin.client.get(FEED, params={"after": after, "limit": "1000"})

    assert len(page.content) < 3 << 20
    assert len(everything(admin.client, after)) == 12


def test_secrets_are_not_in_the_feed(server: Running, admin: User) -> None:
    """Neither hashes of passwords nor digests of tokens, in any spelling."""
    before = end(admin.client)
    name = asking.user(server, "secretive").name
    text = json.dumps(everything(admin.client, before))

    assert f'"{name}"' in text
    assert "argon2" not in text
    for (digest,) in asking.query(server, "SELECT digest FROM view.tokens"):
        assert digest.hex() not in text
    for (state,) in asking.query(server, "SELECT state FROM es.event WHERE topic LIKE 'token.i%%'"):
        assert json.loads(state)["event"]["digest"] not in text
    assert '"redacted": ["digest"]' in text


def test_a_damaged_event_does_not_keep_the_others_back(
    server: Running, admin: User, action: int
) -> None:
    """It says that it is damaged; in pages and in a stream, at the head and behind it."""
    after = end(admin.client)
    number = asking.new_object(admin.client, action, '{"a":"\u00e4"}')
    asking.new_version(admin.client, number, "{}")
    sound = everything(admin.client, after)
    unread = {"by": None, "via": None, "state": None, "damaged": True}
    told = [sound[0], sound[1], sound[2] | unread, sound[3]]

    with asking.damaged(server, number, 0):
        assert everything(admin.client, after) == told
        with stream(admin.client, Last_Event_ID=after) as events:
            assert [json.loads(next(events).data) for _ in sound] == told
    assert everything(admin.client, after) == sound


def test_an_event_is_damaged_by_a_byte_in_the_midst_of_a_text(
    server: Running, admin: User, action: int
) -> None:
    """A page stays UTF-8, whatever of a document is not."""
    after = end(admin.client)
    number = asking.new_object(admin.client, action, '{"a":"here"}')

    with asking.damaged(server, number, 0, by=(b"here", b"h\xffre")):
        until = time.monotonic() + 10  # the follower may hold the feed back for a moment
        while len(events := everything(admin.client, after)) < 3 and time.monotonic() < until:
            time.sleep(0.05)
        assert [each.get("damaged") for each in events] == [None, None, True]


def test_an_open_transaction_holds_the_feed_back(server: Running, admin: User, action: int) -> None:
    """What it may still append is not skipped."""
    after = end(admin.client)
    with database(DataFolder(server.data), "test") as url, psycopg.connect(url) as foreign:
        foreign.execute("SELECT txid_current()")
        asking.new_object(admin.client, action)
        assert everything(admin.client, after) == []
    assert len(everything(admin.client, after)) == 3


def test_a_slash_at_the_end_makes_no_difference(admin: User) -> None:
    """What lies below is not there, and said to be as all else is said here."""
    assert admin.client.get(f"{FEED}/?limit=1").json() == admin.client.get(f"{FEED}?limit=1").json()
    below = admin.client.get(f"{FEED}/x")
    assert (below.status_code, below.headers["Content-Type"]) == (404, "application/problem+json")


# Who may, and what is refused.


def test_nobody_reads_the_feed(nobody: httpx.Client) -> None:
    """Who has not signed in."""
    answer = nobody.get(FEED)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_only_administrators_read_the_feed(ada: User) -> None:
    """The refusal is a problem that says so twice."""
    answer = ada.client.get(FEED)

    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["title"] == "Forbidden"
    assert problem["status"] == 403
    assert problem["message"] == problem["detail"]
    assert "administrators" in problem["message"]


@pytest.mark.parametrize(
    "query",
    [
        "after=1",
        "after=!!!!!!!!!!!",
        "after=AAAAAAAAAAA",
        "after=__________8",
        "after=AAAAAAAAAAB",
        "after=AAAAAAAAAAAA",
        "after=%00",
        "after=%C3%A9AAAAAAAAA",
        "limit=0",
        "limit=1001",
        "limit=-1",
        "limit=x",
        "limit=%D9%A1",
        "limit=99999999999999999999",
        "wait=61",
        "wait=1.5",
        "wait=-1",
    ],
)
def test_what_cannot_be_meant_is_refused(admin: User, query: str) -> None:
    """Malformed positions, limits and waits."""
    answer = admin.client.get(f"{FEED}?{query}")

    assert answer.status_code == 400, answer.text
    assert answer.json()["message"]


def test_a_position_of_another_log_is_refused(admin: User) -> None:
    """Else a follower of a log that was replaced would wait for ever, and not know."""
    for text in ("AAAAAAAAAAE", "f_________8"):
        answer = admin.client.get(FEED, params={"after": text})
        assert answer.status_code == 400
        assert "another log" in answer.json()["message"]
        streamed = {"Accept": "text/event-stream", "Last-Event-ID": text}
        assert admin.client.get(FEED, headers=streamed).status_code == 400


def test_a_head_request_ends(admin: User) -> None:
    """Of the stream too."""
    answer = admin.client.head(FEED, headers={"Accept": "text/event-stream"})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/event-stream"


# Long poll.


def test_a_long_poll_returns_when_something_is_appended(admin: User, action: int) -> None:
    """With what was appended, long before its time is over."""
    after = end(admin.client)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(admin.client.get, FEED, params={"after": after, "wait": "60"})
        time.sleep(0.5)
        assert not asked.done()
        asking.new_object(admin.client, action)
        page = asked.result(timeout=20).json()

    assert page["events"]
    assert page["events"] == everything(admin.client, after)[: len(page["events"])]


def test_a_long_poll_that_is_behind_returns_at_once(admin: User) -> None:
    """There is nothing to wait for."""
    assert admin.client.get(FEED, params={"wait": "60"}).json()["events"]


def test_a_long_poll_ends_without_an_event(admin: User) -> None:
    """And gives its position back."""
    after = end(admin.client)

    page = admin.client.get(FEED, params={"after": after, "wait": "1"}).json()

    assert page == {"events": [], "next": after}


# The stream.


def test_a_stream_gives_what_pages_give(admin: User, action: int) -> None:
    """Then what is appended, as it is appended; a document's lines come joined again."""
    asking.new_object(admin.client, action, '{"a":\n1,\r\n"b": "\\r\u2028\u0085"}')
    after, *before = everything(admin.client)[-STREAMED - 1 :]

    with stream(admin.client, Last_Event_ID=after["id"]) as events:
        found = [next(events) for _ in before]
        asking.new_object(admin.client, action)
        more = [next(events) for _ in range(3)]

    every = [*found, *more]
    pages = everything(admin.client, after["id"])
    assert [json.loads(each.data) for each in every] == pages[: len(every)]
    assert [each.id for each in found] == [each["id"] for each in before]
    assert '{"a":\n1,\n"b": "\\r\u2028\u0085"}' in found[-1].data


def test_a_stream_begins_after_the_last_event_id(admin: User, action: int) -> None:
    """Which says more than the address that it was opened with."""
    first = admin.client.get(FEED, params={"limit": "1"}).json()["next"]
    after = end(admin.client)
    asking.new_object(admin.client, action)
    known = everything(admin.client, after)

    with connect_sse(
        admin.client,
        "GET",
        FEED,
        params={"after": first},
        headers={"Last-Event-ID": known[-2]["id"]},
    ) as source:
        assert next(source.iter_sse()).id == known[-1]["id"]


def test_a_stream_says_when_to_come_back_before_there_is_an_event(admin: User) -> None:
    """And that nothing between may keep or collect it."""
    headers = {"Accept": "text/event-stream", "Last-Event-ID": end(admin.client)}
    with admin.client.stream("GET", FEED, headers=headers) as answer:
        assert next(answer.iter_lines()) == "retry: 1000"
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"


def test_a_client_that_leaves_is_noticed(server: Running, admin: User) -> None:
    """Though nothing is sent to it; the log says when, under the id of its request."""
    with admin.client.stream(
        "GET", FEED, headers={"Accept": "text/event-stream", "Last-Event-ID": end(admin.client)}
    ) as answer:
        next(answer.iter_lines())
        id_ = answer.headers["X-Request-Id"]
    deadline = time.monotonic() + 10
    while f'"id":"{id_}","ended":"left","events":0' not in server.log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_revoked_token_ends_its_stream(
    server: Running, admin: User, log: Log, listener: Callable[[str], httpx.Client]
) -> None:
    """And no other; a long poll is refused."""
    issued = log.run(accounts.OPERATOR, accounts.issue_token, admin.name)
    after = end(admin.client)
    asker, waiter = listener(issued.secret), listener(issued.secret)
    with (
        ThreadPoolExecutor(1) as pool,
        stream(asker, Last_Event_ID=after) as events,
        stream(admin.client, Last_Event_ID=after) as others,
    ):
        waits = pool.submit(waiter.get, FEED, params={"after": after, "wait": "60"})
        time.sleep(0.5)
        with psycopg_open_transaction(server):  # so that the event itself ends no long poll
            log.run(accounts.OPERATOR, accounts.revoke_token, issued.token)
            assert list(events) == []
            assert waits.result(timeout=20).status_code == 401
        assert json.loads(next(others).data)["topic"] == "token.revoked"
    assert asker.get(FEED).status_code == 401


def test_another_password_ends_the_streams_of_its_account(
    server: Running, log: Log, listener: Callable[[str], httpx.Client]
) -> None:
    """Whoever still has a right comes again, and is told what he missed."""
    name = asking.fresh("boss")
    made = log.run(accounts.OPERATOR, accounts.create, name, asking.PASSWORD, admin=True)
    with httpx.Client(base_url=server.url, auth=(name, asking.PASSWORD), timeout=30) as boss:
        after = end(boss)
        with stream(boss, Last_Event_ID=after) as events:
            log.run(accounts.OPERATOR, set_password, made.id)
            assert [json.loads(each.data)["topic"] for each in events][1:] == []
        assert boss.get(FEED).status_code == 401


def set_password(session: Any, account: UUID) -> None:
    """Set a password that nobody knows."""
    from domain.account import Account, PasswordSet

    found = session.find(Account, id=account)
    session.change(found, PasswordSet(password="none"))


@contextmanager
def psycopg_open_transaction(server: Running) -> Iterator[None]:
    """Hold the horizon."""
    with database(DataFolder(server.data), "test") as url, psycopg.connect(url) as foreign:
        foreign.execute("SELECT txid_current()")
        yield


@pytest.mark.parametrize("worker", ["asgi", "uvicorn"])
def test_a_stop_ends_streams_and_long_polls(data: Path, worker: str) -> None:
    """Each is ended as it should be, not torn."""
    running = Running(data, "--worker-class", worker)
    running.start()
    with (
        asking.client(running, running.admin_token) as first,
        asking.client(running, running.admin_token) as second,
        ThreadPoolExecutor(1) as pool,
    ):
        begin, *known = everything(first)[-10:]
        after = known[-1]["id"]
        waits = pool.submit(second.get, FEED, params={"after": after, "wait": "60"})
        with stream(first, Last_Event_ID=begin["id"]) as events:
            assert [next(events).id for _ in known] == [each["id"] for each in known]
            assert running.stop() == 0
            assert list(events) == []
        assert waits.result().json() == {"events": [], "next": after}


@pytest.mark.parametrize("kills", [5, pytest.param(20, marks=pytest.mark.soak)])
def test_a_consumer_that_is_killed_again_and_again_sees_every_event_in_order(
    server: Running, admin: User, join: Join, action: int, tmp_path: Path, kills: int
) -> None:
    """Beside eight writers; what it had seen when it was killed it may see twice."""
    seen = tmp_path / "seen"
    seen.write_text("")
    begin = end(admin.client)
    stop = Event()
    users = [join("writer") for _ in range(WRITERS)]

    def write(user: User) -> int:
        number, written = asking.new_object(user.client, action), 1
        while not stop.is_set():
            asking.new_version(user.client, number, f'{{"a":{written}}}')
            written += 1
            time.sleep(random.uniform(0, 0.05))
        return written

    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(write, user) for user in users]
        try:
            for _ in range(kills):
                with _consumer(server, seen, begin) as consumer:
                    _until_it_sees(consumer, seen, lines(seen) + random.randrange(1, 10))
                    consumer.kill()
        finally:
            stop.set()
        assert sum(each.result() for each in writing) > kills
    left = [each["id"] for each in everything(admin.client, begin)]
    with _consumer(server, seen, begin) as consumer:
        while (seen.read_text().splitlines() or [""])[-1] != left[-1]:
            assert consumer.poll() is None
            time.sleep(0.02)
        consumer.kill()
    assert list(dict.fromkeys(seen.read_text().splitlines())) == left


def lines(seen: Path) -> int:
    """How many events a consumer has seen."""
    return seen.read_bytes().count(b"\n")


@contextmanager
def _consumer(server: Running, seen: Path, begin: str) -> Iterator[subprocess.Popen[bytes]]:
    consumer = subprocess.Popen(
        [sys.executable, "-m", "tests.api.consumer", server.url, str(seen), begin],
        cwd=ROOT,
        env=environment(TOKEN=server.admin_token),
    )
    try:
        yield consumer
    finally:
        consumer.kill()
        consumer.wait()


def _until_it_sees(consumer: subprocess.Popen[bytes], seen: Path, enough: int) -> None:
    deadline = time.monotonic() + 60
    while lines(seen) < enough:
        assert consumer.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.005)
