"""Uploads that go wrong, come twice or slowly: named answers, and nothing committed is lost."""

from __future__ import annotations

import socket
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from hashlib import md5, sha256

import pytest

from tests.api import asking, raw
from tests.api.asking import User, stored
from tests.api.inveniordm.filing import DATA, add, begun, commit, content, file, files
from tests.running import Running

MD5 = md5(DATA, usedforsecurity=False)
TRICKLES = 40  # uploads at once that hardly move


def put(pid: str, key: str, user: User, *headers: str, body: bytes = b"") -> bytes:
    """Return the bytes of an upload; `headers` frame the body."""
    return raw.request("PUT", content(pid, key), user.token, *headers, body=body)


def sha(data: bytes) -> str:
    """Return a Content-Digest."""
    return f"sha-256=:{b64encode(sha256(data).digest()).decode()}:"


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-MD5": MD5.hexdigest()},
        {"Content-MD5": b64encode(MD5.digest()).decode()},
        {"Content-Digest": sha(DATA)},
        {"Content-Digest": f"{sha(DATA)}, md5=:{b64encode(MD5.digest()).decode()}:"},
        {"Content-Digest": f"crc32=:AAAA:, {sha(DATA)}"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json"},
        {},
    ],
)
def test_a_body_is_stored_as_it_came(ada: User, headers: dict[str, str]) -> None:
    """Whatever type it says it is, with digests or without."""
    pid = begun(ada.client, "a")
    assert ada.client.put(content(pid, "a"), content=DATA, headers=headers).status_code == 200
    assert commit(ada.client, pid, "a")["sha256"] == sha256(DATA).hexdigest()
    assert ada.client.get(content(pid, "a")).content == DATA


def test_a_body_may_be_chunked(ada: User) -> None:
    """No length is announced; what is larger than a piece comes whole."""
    pid = begun(ada.client, "a")
    part = bytes(range(256)) * 1024

    def parts() -> Iterator[bytes]:
        for _ in range(20):
            yield part

    assert ada.client.put(content(pid, "a"), content=parts()).status_code == 200
    entry = commit(ada.client, pid, "a")
    assert (entry["size"], entry["sha256"]) == (20 * len(part), sha256(part * 20).hexdigest())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-MD5": md5(b"", usedforsecurity=False).hexdigest()}, 400),
        ({"Content-MD5": "nonsense"}, 400),
        ({"Content-Digest": sha(b"other")}, 400),
        ({"Content-Digest": "sha-256=nonsense"}, 400),
        ({"Content-Digest": "sha-256=:AAAA:"}, 400),
        ({"Content-Range": "bytes 0-9/20"}, 400),
        ({"Content-Encoding": "gzip"}, 415),
    ],
)
def test_a_body_that_is_not_as_announced_is_refused(
    server: Running, ada: User, headers: dict[str, str], status: int
) -> None:
    """What was received before is there still, and nothing is left of the attempt."""
    pid = begun(ada.client, "a")
    ada.client.put(content(pid, "a"), content=b"before")
    events = stored(server)
    answer = ada.client.put(content(pid, "a"), content=DATA * 10, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.json()["message"]
    assert stored(server) == events
    assert commit(ada.client, pid, "a")["size"] == len(b"before")


@pytest.mark.parametrize(
    "framed",
    [
        (b"Content-Length: 100", b"too short"),
        (b"Transfer-Encoding: chunked", b"5\r\nshort\r\n"),
        (b"Transfer-Encoding: chunked", b"5\r\nsh"),
        (b"Transfer-Encoding: chunked", b"nonsense\r\n"),
    ],
)
def test_a_body_that_breaks_off_is_not_stored(
    server: Running, ada: User, framed: tuple[bytes, bytes]
) -> None:
    """A client that goes away in the middle: no event, and no bytes are left."""
    pid = begun(ada.client, "a")
    ada.client.put(content(pid, "a"), content=b"before")
    events = stored(server)
    request = put(pid, "a", ada, framed[0].decode(), body=framed[1])
    answer = raw.send(server, request, ends=True)
    assert answer.status in (0, 400)
    assert stored(server) == events
    assert commit(ada.client, pid, "a")["size"] == len(b"before")


def test_a_complete_file_takes_no_other_content(server: Running, ada: User) -> None:
    """409: a blind retry loses nothing."""
    pid = begun(ada.client)
    add(ada.client, pid, "a")
    events = stored(server)
    answer = ada.client.put(content(pid, "a"), content=b"other" * 100_000)
    assert answer.status_code == 409
    assert stored(server) == events
    assert ada.client.get(content(pid, "a")).content == DATA


def test_content_may_be_sent_again_before_the_commit(ada: User) -> None:
    """The same changes nothing, another is the last."""
    pid = begun(ada.client, "a")
    first = ada.client.put(content(pid, "a"), content=DATA)
    again = ada.client.put(content(pid, "a"), content=DATA)
    assert again.json() == first.json()
    ada.client.put(content(pid, "a"), content=b"last")
    assert commit(ada.client, pid, "a")["size"] == 4


def test_of_uploads_at_once_one_is_whole(ada: User) -> None:
    """Eight clients, one key: each is answered, and what is committed is one of them."""
    pid = begun(ada.client, "a")
    bodies = [bytes([65 + at]) * 300_000 for at in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda body: ada.client.put(content(pid, "a"), content=body), bodies)
        )
    assert {each.status_code for each in answers} == {200}
    commit(ada.client, pid, "a")
    assert ada.client.get(content(pid, "a")).content in bodies


def test_uploads_and_a_commit_at_once_leave_what_was_committed(ada: User) -> None:
    """Whoever comes after the commit is told so; the digest is that of the bytes given."""
    pid = begun(ada.client, "a")
    ada.client.put(content(pid, "a"), content=b"first")

    def step(at: int) -> int:
        if at == 3:
            return ada.client.post(f"{file(pid, 'a')}/commit").status_code
        return ada.client.put(content(pid, "a"), content=b"%d" % at * 1000).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(step, range(8)))
    assert statuses[3] == 200
    assert set(statuses) <= {200, 409}
    entry = ada.client.get(file(pid, "a")).json()
    assert sha256(ada.client.get(content(pid, "a")).content).hexdigest() == entry["sha256"]


def test_who_sends_slowly_keeps_nobody_waiting(server: Running, ada: User) -> None:
    """Uploads that hardly move, more than there are threads: others are answered."""
    pid = begun(ada.client, "a", "slow")
    with ExitStack() as stack:
        slow: list[socket.socket] = [
            stack.enter_context(
                raw.opened(server, put(pid, "slow", ada, "Content-Length: 999", body=b"x"))
            )
            for _ in range(TRICKLES)
        ]
        for each in slow:
            each.sendall(b"y")
        assert ada.client.put(content(pid, "a"), content=DATA).status_code == 200
        assert commit(ada.client, pid, "a")["size"] == len(DATA)
        assert ada.client.get(files(pid)).status_code == 200


def test_who_may_write_no_more_when_the_bytes_have_come_changes_nothing(
    server: Running, ada: User
) -> None:
    """A token that is revoked during an upload: 401, and no event."""
    before = tokens(server, ada)
    other = asking.token(server, ada.name)
    [number] = tokens(server, ada) - before
    pid = begun(ada.client, "a")
    request = raw.request("PUT", content(pid, "a"), other, "Content-Length: 10", body=b"12345")
    with raw.opened(server, request) as connection:
        assert server.cli("token", "revoke", number).returncode == 0
        events = stored(server)
        connection.sendall(b"67890")
        answer = raw.received(connection)
    assert answer.status == 401
    assert stored(server) == events


def tokens(running: Running, user: User) -> set[str]:
    """Return the ids of a user's tokens."""
    listed = running.cli("token", "list", user.name).stdout
    return {line.split()[0] for line in listed.strip().splitlines()}
