"""Webhooks: who may be told is told everything, signed, in order, whatever fails meanwhile."""

from __future__ import annotations

import hmac
import json
import signal
import socket
import ssl
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from multiprocessing import get_context
from pathlib import Path
from threading import Event, Thread
from typing import Any, NamedTuple
from uuid import UUID

import pytest
import trustme
from psycopg import Connection

from api.webhooks import messages
from api.webhooks.delivering import PAUSES, Delivery
from api.webhooks.targets import Rules
from domain.commands import accounts
from domain.errors import Damaged, Invalid
from domain.identifiers import record_id
from domain.log import Log
from projections import webhooks
from projections.database import connect, scalar, serving
from scripts import telling, wiring
from scripts.settings import Settings
from tests.api import asking
from tests.api.asking import User
from tests.running import Running, cli
from tests.writing import actor, create, log_on, publish

KEY = bytes(range(32))
NEAR = Rules({"127.0.0.1"}, [ip_network("127.0.0.0/8")])
HOOKS = "/api/webhooks/"
GIVE_UP = """UPDATE es.webhook_message SET dead = true
              WHERE webhook = %s AND tries = 1 AND NOT dead RETURNING position"""
SOON = (0.1,) * 50  # seconds between two tries


class Told(NamedTuple):
    """What a receiver was sent."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """The event of it."""
        found: dict[str, Any] = json.loads(self.body)["data"]
        return found


class Receiver:
    """A program that is told of events, and answers as `answer` says."""

    def __init__(self, address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.told: list[Told] = []
        self.answer: Callable[[Told], int] = lambda _told: 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                told = Told({k.lower(): v for k, v in self.headers.items()}, body)
                receiver.told.append(told)
                self.send_response(receiver.answer(told))
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer((address, 0), Handler)
        self.port = self.server.server_port
        self.url = f"http://{address}:{self.port}/hook?of=tin"
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)

    def of(self, stream: UUID) -> list[int]:
        """Return the versions of a stream's events, in order of their first arrival."""
        here = [each.event["version"] for each in self.told if each.event["stream"] == str(stream)]
        return list(dict.fromkeys(here))


@contextmanager
def receiving(address: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Receive for a block."""
    found = Receiver(address, tls)
    Thread(target=found.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """One."""
    with receiving() as found:
        yield found


@pytest.fixture
def log(database: str) -> Iterator[Log]:
    """A log to write to."""
    with log_on(database) as log:
        yield log


@pytest.fixture
def conn(database: str) -> Iterator[Connection[Any]]:
    """A connection as the delivery has it."""
    with connect(serving(database, "test")) as conn:
        yield conn


@pytest.fixture
def hook(conn: Connection[Any], receiver: Receiver) -> Iterator[UUID]:
    """The receiver's webhook, told of all that happens to records."""
    made = webhooks.add(conn, receiver.url, ["record.*"])
    yield made
    webhooks.remove(conn, made)


@contextmanager
def delivering(
    database: str, pauses: tuple[float, ...] = SOON, rules: Rules = NEAR, authorities: str = ""
) -> Iterator[None]:
    """Deliver for a block."""
    stop = Event()
    delivery = Delivery(database, lambda: KEY, rules, authorities, pauses)
    thread = Thread(target=delivery.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def until(done: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


def lives(log: Log, count: int, versions: int) -> list[UUID]:
    """Write records with so many versions, one version of each after the other."""
    made = [log.run(actor(), create).id for _ in range(count)]
    for _ in range(versions - 1):
        for each in made:
            log.run(actor(), publish, each)
    return made


def test_a_receiver_is_told_of_its_kinds_in_order_and_can_check_who_says_so(
    database: str, log: Log, receiver: Receiver, hook: UUID
) -> None:
    """By the scheme of Standard Webhooks, with the key that was shown once."""
    with delivering(database):
        made = lives(log, 3, 4)
        log.run(accounts.OPERATOR, accounts.create, "not-a-record", "a password of no record")
        until(lambda: all(receiver.of(each) == [1, 2, 3, 4, 5] for each in made))

    assert {each.event["topic"] for each in receiver.told} == {
        "record.created",
        "record.published",
    }
    signing = b64decode(messages.shown(messages.key_of(KEY, hook)).removeprefix("whsec_"))
    for headers, body in receiver.told:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        right = b64encode(hmac.digest(signing, signed, sha256)).decode()
        assert headers["webhook-signature"] == f"v1,{right}"
        assert abs(int(headers["webhook-timestamp"]) - time.time()) < 120
    assert len({each.headers["webhook-id"] for each in receiver.told}) == 15


def test_what_fails_is_sent_again_and_holds_up_its_object_alone(
    database: str, log: Log, receiver: Receiver, hook: UUID
) -> None:
    """A redirect is no answer either: nobody is sent elsewhere."""
    first, other = lives(log, 2, 3)
    answers = iter([500, 302, 404])
    receiver.answer = lambda told: next(answers, 204) if told.event["stream"] == str(first) else 200

    with delivering(database):
        until(lambda: receiver.of(first) == [1, 2, 3, 4] == receiver.of(other))

    sent = [each.event["version"] for each in receiver.told if each.event["stream"] == str(first)]
    assert sent == [1, 1, 1, 1, 2, 3, 4]
    again = {each.headers["webhook-id"] for each in receiver.told if each.event["version"] == 1}
    assert len(again) == 2  # one for each object, however often it was sent


def test_what_is_never_heard_is_a_dead_letter_until_it_is_sent_once_more(
    database: str, log: Log, conn: Connection[Any], receiver: Receiver, hook: UUID
) -> None:
    """What follows of its object goes on."""
    receiver.answer = lambda told: 503 if told.event["version"] == 1 else 200
    (made,) = lives(log, 1, 2)

    with delivering(database, pauses=(0.05,)):
        until(lambda: receiver.of(made) == [1, 2, 3])
        (letter,) = webhooks.dead(conn, hook)
        assert (letter.stream, letter.topic, letter.tries) == (made, "record.created", 2)
        assert letter.problem == "The answer was 503."
        receiver.answer = lambda _told: 200
        assert webhooks.revive(conn, hook) == 1
        until(lambda: not _waiting(conn, hook))
    assert webhooks.dead(conn, hook) == []
    assert receiver.told[-1].event["version"] == 1


def test_kill_9_loses_nothing(
    database: str, log: Log, conn: Connection[Any], receiver: Receiver, hook: UUID
) -> None:
    """Wherever it meets the process: what was under way comes again, and in order."""
    made: list[UUID] = []
    process = None
    for turn in range(4):
        process = get_context("fork").Process(target=_deliver, args=(database,))
        process.start()
        made += lives(log, 3, 3)
        time.sleep(0.1 * turn)
        assert process.pid is not None
        process.kill()
        process.join()
    assert process is not None
    assert process.exitcode == -signal.SIGKILL

    with delivering(database):
        until(lambda: not _waiting(conn, hook) and all(receiver.of(each) for each in made))
        until(lambda: all(receiver.of(each) == [1, 2, 3, 4] for each in made))


def test_what_was_heard_and_not_noted_is_sent_again(
    database: str, log: Log, receiver: Receiver, hook: UUID
) -> None:
    """Kill -9 between the two: under the same id, by which the receiver knows it again."""
    (made,) = lives(log, 1, 1)
    process = get_context("fork").Process(target=_deliver, args=(database,))

    def heard(_told: Told) -> int:
        process.kill()
        process.join()  # before the answer can be noted
        return 200

    receiver.answer = heard
    process.start()
    until(lambda: bool(receiver.told) and process.exitcode is not None)
    receiver.answer = lambda _told: 200
    with delivering(database):
        until(lambda: receiver.of(made) == [1, 2])

    assert process.exitcode == -signal.SIGKILL
    assert [each.event["version"] for each in receiver.told] == [1, 1, 2]
    first, again, _other = receiver.told
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert first.body == again.body


def test_the_address_that_was_checked_is_the_one_that_is_told(
    database: str, log: Log, conn: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that means another address the next time somebody asks leads nobody inside."""
    asked: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: str, *args: Any, **kwargs: Any) -> Any:
        if host != "hooks.example.org":
            return real(host, *args, **kwargs)
        asked.append(host)
        return real("127.0.0.2" if len(asked) == 1 else "127.0.0.1", *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    rules = Rules({"hooks.example.org"}, [ip_network("127.0.0.2/32")])
    with receiving("127.0.0.2") as allowed, receiving() as inside:
        hook = webhooks.add(conn, f"http://hooks.example.org:{allowed.port}/", ["record.created"])
        (made,) = lives(log, 1, 1)
        with delivering(database, rules=rules):
            until(lambda: allowed.of(made) == [1] and not _waiting(conn, hook))
        webhooks.remove(conn, hook)
        assert asked == ["hooks.example.org"]

        hook = webhooks.add(conn, f"http://hooks.example.org:{inside.port}/", ["record.created"])
        lives(log, 1, 1)
        with delivering(database, pauses=(), rules=rules):
            until(lambda: len(webhooks.dead(conn, hook)) == 1)
        assert "has the address 127.0.0.1, which is inside" in webhooks.dead(conn, hook)[0].problem
        webhooks.remove(conn, hook)
        assert inside.told == []


@pytest.mark.parametrize(
    ("trusted", "name", "problem"),
    [
        (True, "localhost", ""),
        (True, "hooks.example.org", "certificate is not valid for 'localhost'"),
        (False, "localhost", "unable to get local issuer certificate"),
    ],
)
def test_a_receiver_is_told_by_tls_if_it_is_who_its_name_says(
    database: str,
    log: Log,
    conn: Connection[Any],
    tmp_path: Path,
    trusted: bool,
    name: str,
    problem: str,
) -> None:
    """By a certificate for its name, of an authority that the settings name; else later again."""
    authority, file = trustme.CA(), tmp_path / "authorities.pem"
    (authority if trusted else trustme.CA()).cert_pem.write_to_path(str(file))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(tls)
    rules = Rules({"localhost"}, [ip_network("127.0.0.0/8"), ip_network("::1/128")])
    with receiving(tls=tls) as receiver:
        hook = webhooks.add(conn, f"https://localhost:{receiver.port}/", ["record.created"])
        (made,) = lives(log, 1, 1)
        with delivering(database, pauses=(0.05,), rules=rules, authorities=str(file)):
            until(lambda: receiver.of(made) == [1] or bool(webhooks.dead(conn, hook)))
            until(lambda: not _waiting(conn, hook))
        letters = webhooks.dead(conn, hook)
        webhooks.remove(conn, hook)

    assert [each.tries for each in letters] == ([2] if problem else [])
    assert all(problem in each.problem for each in letters)
    assert len(receiver.told) == (0 if problem else 1)


def test_no_secret_is_told(database: str, log: Log, receiver: Receiver, hook: UUID) -> None:
    """Not even its hash: as in the feed."""
    with connect(serving(database, "test")) as conn:
        all_of_it = webhooks.add(conn, receiver.url, ["*"])
        with delivering(database):
            log.run(accounts.OPERATOR, accounts.create, "has-a-password", "a password to hide")
            until(lambda: any(b"has-a-password" in each.body for each in receiver.told))
            until(lambda: not _waiting(conn, all_of_it))
        webhooks.remove(conn, all_of_it)

    assert b"argon2" not in b"".join(each.body for each in receiver.told)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - nobody binds to it
        "224.0.0.1",
        "[::1]",
        "[fe80::1]",
        "[fd00::1]",
        "[fec0::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::a00:1]",
        "[2002:a00:1::1]",
    ],
)
def test_no_address_inside_the_network_is_told(host: str) -> None:
    """Also where somebody has put its name among the hosts, and however it is written."""
    rules = Rules({host.strip("[]")}, [])
    target = rules.target(f"https://{host}/hook")

    with pytest.raises(Invalid, match="inside"):
        rules.addresses(target)


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example.org/",
        "http://hooks.example.org/",
        "https://ada:pw@hooks.example.org/",
        "https://hooks.example.org:port/",
        "https://hooks.example.org/a b",
        "file:///etc/passwd",
        "https://",
    ],
)
def test_a_url_that_is_not_configured_or_not_safe_is_refused(url: str) -> None:
    """Only configured hosts, only with TLS, nothing but a URL."""
    rules = Rules({"hooks.example.org"}, [])
    with pytest.raises(Invalid):
        rules.target(url)
    assert rules.target("https://Hooks.example.org./a?b=c").path == "/a?b=c"


def test_a_target_that_is_inside_after_all_is_not_connected_to(
    database: str, log: Log, conn: Connection[Any], receiver: Receiver, hook: UUID
) -> None:
    """The settings are asked at every delivery, not only when somebody is added."""
    (made,) = lives(log, 1, 1)
    with delivering(database, pauses=(), rules=Rules({"127.0.0.1"}, [ip_network("10.0.0.0/8")])):
        until(lambda: len(webhooks.dead(conn, hook)) == 1)

    assert "is inside" in webhooks.dead(conn, hook)[0].problem
    assert receiver.of(made) == []


def test_the_pauses_between_tries_grow_to_a_day() -> None:
    """So a receiver may be away for a night."""
    assert list(PAUSES) == sorted(PAUSES)
    assert 24 * 3600 > sum(PAUSES) > 12 * 3600


def test_machines_that_share_a_key_sign_alike(tmp_path: Path) -> None:
    """MUNIMENT_WEBHOOK_KEY names it, and who comes first makes it; else each has its own."""
    shared = str(tmp_path / "shared.key")
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    own = {telling.key(Settings(data=tmp_path / name)) for name in ("one", "other")}
    same = {
        telling.key(Settings(data=tmp_path / name, webhook_key=shared)) for name in ("one", "other")
    }

    assert (len(own), len(same), len(own | same)) == (2, 1, 3)


def test_a_key_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """In words, as one that cannot be read."""
    with pytest.raises(Damaged, match=r"No such file or directory"):
        telling.key(Settings(data=tmp_path, webhook_key=str(tmp_path / "nowhere" / "a.key")))


def test_threads_that_want_the_first_key_at_once_get_one(tmp_path: Path) -> None:
    """And nothing else is left beside it, closed to others."""
    settings = Settings(data=tmp_path)
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _turn: telling.key(settings), range(8)))

    assert len(found) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["webhook.key"]
    assert (tmp_path / "webhook.key").stat().st_mode & 0o777 == 0o600


def test_a_follower_goes_on_without_the_key_and_tells_when_it_is_there(
    database: str, log: Log, receiver: Receiver, hook: UUID, tmp_path: Path
) -> None:
    """Sealing and all else that runs beside it, too: what is truncated is put right as it runs."""
    key = tmp_path / "webhook.key"
    key.write_bytes(KEY[:7])
    settings = Settings(
        data=tmp_path, webhook_hosts="127.0.0.1", webhook_inside="127.0.0.0/8"
    ).given("test", database_url=database)
    fork = get_context("fork")
    up = fork.Event()
    process = fork.Process(target=wiring.follower, args=(settings, up.set))
    process.start()
    try:
        (made,) = lives(log, 1, 1)
        assert up.wait(60)
        sealed = "SELECT size = (SELECT count(*) FROM es.event) FROM es.seal"
        with connect(serving(database, "test")) as conn:
            until(lambda: scalar(conn, sealed))
        assert process.is_alive()
        assert receiver.told == []
        key.write_bytes(KEY)
        until(lambda: receiver.of(made) == [1, 2])
    finally:
        process.terminate()
        process.join()


def test_an_operator_says_who_is_told(server: Running) -> None:
    """Made, listed and removed; its key is shown when it is made."""
    hosts = {"MUNIMENT_WEBHOOK_HOSTS": "hooks.example.org"}
    at = ("--data", str(server.data))
    url = f"https://hooks.example.org/{asking.fresh('hook')}"

    made = cli("webhook", "add", url, "--kind", "record.*", *at, **hosts)
    assert made.returncode == 0, made.stderr
    id_, key = made.stdout.split()
    assert len(b64decode(key.removeprefix("whsec_"))) == 32
    assert f"{id_}  0 waiting  0 dead  record.*  {url}" in server.cli("webhook", "list").stdout
    assert server.cli("webhook", "dead", id_).stdout == ""
    assert server.cli("webhook", "redeliver", id_).stdout == "0 messages are sent once more.\n"
    assert server.cli("webhook", "remove", id_).returncode == 0
    assert server.cli("webhook", "remove", id_).stderr == f"muniment: There is no webhook {id_}.\n"

    assert "none of MUNIMENT_WEBHOOK_HOSTS" in server.cli("webhook", "add", url).stderr
    refused = cli("webhook", "add", url, "--kind", "recrod.*", *at, **hosts)
    assert refused.stderr == "muniment: There is no kind of event recrod.*.\n"


def test_an_administrator_says_over_http_who_is_told(
    server: Running, admin: User, receiver: Receiver, action: int
) -> None:
    """From then on; by the key that was shown, this once; and nothing after the end."""
    made = admin.client.post(HOOKS, json={"url": receiver.url, "kinds": ["record.created"]})
    assert made.status_code == 201, made.text
    key, one = made.json()["key"], f"{HOOKS}{made.json()['id']}"
    assert made.headers["Location"].endswith(one)
    assert key not in admin.client.get(one).text + admin.client.get(HOOKS).text
    assert admin.client.get(one).json() in admin.client.get(HOOKS).json()["webhooks"]

    pid = asking.pid_of(server, asking.new_object(admin.client, action))
    until(lambda: receiver.of(record_id(pid)) == [1])

    headers, body = receiver.told[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = hmac.digest(b64decode(key.removeprefix("whsec_")), signed, sha256)
    assert headers["webhook-signature"] == f"v1,{b64encode(right).decode()}"
    assert admin.client.delete(one).status_code == 204
    assert admin.client.get(one).status_code == admin.client.delete(one).status_code == 404


@pytest.mark.parametrize("broken", ["truncated", "a folder", "nowhere"])
def test_without_a_key_no_webhook_is_made(
    server: Running, admin: User, broken: str, tmp_path: Path
) -> None:
    """503, and it is not there; when the file was put right the same request makes it."""
    url = f"https://hooks.invalid/{asking.fresh('hook')}"
    body = {"url": url, "kinds": ["term.retired"]}
    once = {"Idempotency-Key": asking.fresh("hook")}
    hosts = {"MUNIMENT_WEBHOOK_HOSTS": "hooks.invalid"}
    key, away = server.data / "webhook.key", tmp_path / "webhook.key"
    telling.key(Settings(data=server.data))
    key.rename(away)
    try:
        if broken == "truncated":
            key.write_bytes(KEY[:7])
        elif broken == "a folder":
            key.mkdir()
        else:
            key.symlink_to(tmp_path / "nowhere" / "webhook.key")
        refused = admin.client.post(HOOKS, json=body, headers=once)
        said = cli("webhook", "add", url, "--data", str(server.data), **hosts)
    finally:
        key.rmdir() if key.is_dir() else key.unlink()
        away.rename(key)

    assert (refused.status_code, refused.json()["status"]) == (503, 503)
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith("muniment: ")
    assert "Traceback" not in said.stderr
    assert url not in admin.client.get(HOOKS).text
    made = admin.client.post(HOOKS, json=body, headers=once)
    assert made.status_code == 201, made.text
    assert admin.client.get(HOOKS).text.count(url) == 1
    assert admin.client.delete(f"{HOOKS}{made.json()['id']}").status_code == 204


def test_dead_letters_are_listed_and_sent_once_more_over_http(
    server: Running, admin: User, receiver: Receiver, action: int
) -> None:
    """With the event, how often it was tried, and why in vain."""
    receiver.answer = lambda _told: 503
    made = admin.client.post(HOOKS, json={"url": receiver.url, "kinds": ["record.created"]}).json()
    one = f"{HOOKS}{made['id']}"
    pid = asking.pid_of(server, asking.new_object(admin.client, action))
    until(lambda: len(asking.query(server, GIVE_UP, made["id"])) == 1)

    (letter,) = admin.client.get(f"{one}/dead").json()["dead_letters"]
    assert letter["stream"] == str(record_id(pid))
    assert (letter["topic"], letter["tries"]) == ("record.created", 1)
    assert letter["problem"] == "The answer was 503."
    before = {"after": letter["event"], "limit": 1}
    assert admin.client.get("/api/events", params=before).status_code == 200
    assert (admin.client.get(one).json()["waiting"], admin.client.get(one).json()["dead"]) == (0, 1)

    receiver.answer = lambda _told: 200
    assert admin.client.post(f"{one}/redeliver").status_code == 204
    until(lambda: len(receiver.told) == 2)
    until(lambda: admin.client.get(one).json()["waiting"] == 0)
    assert admin.client.get(f"{one}/dead").json() == {"dead_letters": []}
    assert admin.client.delete(one).status_code == 204


@pytest.mark.parametrize(
    "body",
    [
        {"url": "https://elsewhere.example.org/"},
        {"url": 7},
        {"url": "https://hooks.invalid/", "kinds": []},
        {"url": "https://hooks.invalid/", "kinds": ["recrod.*"]},
        {"url": "https://hooks.invalid/", "kind": "record.*"},
        ["https://hooks.invalid/"],
    ],
)
def test_what_is_no_webhook_is_refused(admin: User, body: Any) -> None:
    """With what is wrong in it, and nothing is made."""
    assert admin.client.post(HOOKS, json=body).status_code == 400
    said = admin.client.get(HOOKS).text
    assert "elsewhere" not in said
    assert "recrod" not in said


def _deliver(database: str) -> None:
    Delivery(database, lambda: KEY, NEAR, pauses=SOON).run(Event())


def _waiting(conn: Connection[Any], hook: UUID) -> int:
    found = {each.id: each.waiting for each in webhooks.everyone(conn)}
    return found[hook]
