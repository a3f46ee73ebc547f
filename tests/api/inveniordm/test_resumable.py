"""Uploads that go on where they stopped, by tus 1.0: its headers, its refusals, what is safe."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from itertools import pairwise
from urllib.parse import urlsplit

import httpx
import pytest

from tests.api import asking
from tests.api.asking import Join, User
from tests.api.inveniordm.filing import begun, commit, content, file, start
from tests.api.inveniordm.making import RECORDS
from tests.running import Running

TUS = {"Tus-Resumable": "1.0.0"}
DATA = os.urandom(3_000_000)


def create(asker: httpx.Client, pid: str, length: int, key: str = "a.bin") -> str:
    """Make an upload and return where it is."""
    made = asker.post(content(pid, key), headers=TUS | {"Upload-Length": str(length)})
    assert made.status_code == 201, made.text
    return made.headers["Location"]


def patch(
    asker: httpx.Client, url: str, offset: int, data: bytes, **headers: str
) -> httpx.Response:
    """Send a piece."""
    sent = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return asker.patch(url, headers=TUS | sent | more, content=data)


def offset(asker: httpx.Client, url: str) -> int:
    """Ask how far an upload is."""
    said = asker.head(url, headers=TUS)
    assert said.status_code == 200
    return int(said.headers["Upload-Offset"])


def revision(asker: httpx.Client, pid: str) -> int:
    """How many events a record has."""
    said: int = asker.get(f"{RECORDS}/{pid}/draft").json()["revision_id"]
    return said


def checksum(data: bytes, name: str) -> str:
    """What Upload-Checksum says of bytes."""
    digest = hashlib.new(name, data, usedforsecurity=False).digest()
    return f"{name} {base64.b64encode(digest).decode()}"


def test_what_is_sent_in_pieces_is_the_file(ada: User) -> None:
    """The Location is absolute; each answer says how far it is, and until when it may go on."""
    pid = begun(ada.client, "a.bin")

    url = create(ada.client, pid, len(DATA))
    steps = [0, 1, 1_500_000, len(DATA)]
    for begin, end in pairwise(steps):
        said = ada.client.head(url, headers=TUS)
        assert (said.status_code, said.headers["Cache-Control"]) == (200, "no-store")
        assert said.headers["Upload-Offset"] == str(begin)
        assert said.headers["Upload-Length"] == str(len(DATA))
        expires = parsedate_to_datetime(said.headers["Upload-Expires"]) - datetime.now(UTC)
        assert timedelta(days=6.9) < expires <= timedelta(days=7)
        done = patch(ada.client, url, begin, DATA[begin:end])
        assert (done.status_code, done.headers["Upload-Offset"]) == (204, str(end)), done.text
        assert done.headers["Tus-Resumable"] == "1.0.0"

    entry = commit(ada.client, pid, "a.bin")
    assert entry["sha256"] == hashlib.sha256(DATA).hexdigest()
    assert ada.client.get(content(pid, "a.bin")).content == DATA


def test_it_ends_in_the_event_of_a_plain_upload(ada: User) -> None:
    """One, however many pieces there were, and none before the last."""
    plain, pieces = begun(ada.client, "a.bin"), begun(ada.client, "a.bin")
    ada.client.put(content(plain, "a.bin"), content=DATA)
    url = create(ada.client, pieces, len(DATA))
    patch(ada.client, url, 0, DATA[:5])
    before = revision(ada.client, pieces)
    patch(ada.client, url, 5, DATA[5:])

    assert revision(ada.client, pieces) == revision(ada.client, plain) == before + 1


def test_an_empty_file_is_there_when_its_upload_is_made(ada: User) -> None:
    """There is nothing to send."""
    pid = begun(ada.client, "a.bin")

    url = create(ada.client, pid, 0)

    assert offset(ada.client, url) == 0
    assert commit(ada.client, pid, "a.bin")["size"] == 0


def test_a_key_with_anything_in_it_is_uploaded_to(ada: User) -> None:
    """Slashes, spaces, percent signs."""
    key = "a/b c%2Fü.bin"
    pid = begun(ada.client, key)

    assert patch(ada.client, create(ada.client, pid, 3, key), 0, b"tin").status_code == 204

    assert commit(ada.client, pid, key)["size"] == 3


def test_a_last_answer_that_was_lost_is_given_again(ada: User) -> None:
    """The offset is the length still, and the last piece's retry does no harm."""
    pid = begun(ada.client, "a.bin")
    url = create(ada.client, pid, 3)
    patch(ada.client, url, 0, b"tin")
    before = revision(ada.client, pid)

    assert offset(ada.client, url) == 3
    assert patch(ada.client, url, 3, b"").status_code == 204
    assert patch(ada.client, url, 0, b"tin").status_code == 409
    assert patch(ada.client, url, 3, b"x").status_code == 413
    assert revision(ada.client, pid) == before


@pytest.mark.parametrize("whole", [True, False])
def test_a_dropped_connection_leaves_what_came(server: Running, ada: User, *, whole: bool) -> None:
    """With a checksum nothing: it cannot be checked."""
    pid = begun(ada.client, "a.bin")
    url = create(ada.client, pid, len(DATA))
    where = urlsplit(server.url)
    with socket.create_connection((where.hostname, where.port)) as connection:
        lines = [
            f"PATCH {urlsplit(url).path} HTTP/1.1",
            f"Host: {where.netloc}",
            f"Authorization: Bearer {ada.token}",
            "Tus-Resumable: 1.0.0",
            "Content-Type: application/offset+octet-stream",
            "Upload-Offset: 0",
            f"Content-Length: {len(DATA)}",
            *([f"Upload-Checksum: {checksum(DATA, 'sha256')}"] if whole else []),
        ]
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + DATA[:2_000_000])
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1000)
    while patch(ada.client, url, 0, b"").status_code == 423:  # it is still being let go of
        pass

    kept = offset(ada.client, url)
    assert kept == 0 if whole else 1_000_000 < kept <= 2_000_000
    assert patch(ada.client, url, kept, DATA[kept:]).status_code == 204
    assert commit(ada.client, pid, "a.bin")["sha256"] == hashlib.sha256(DATA).hexdigest()


@pytest.mark.parametrize("name", ["sha1", "md5", "sha256"])
def test_a_piece_with_another_checksum_is_not_kept(ada: User, name: str) -> None:
    """460; the right one is."""
    pid = begun(ada.client, "a.bin")
    url = create(ada.client, pid, 6)
    right, wrong = checksum(b"tin", name), checksum(b"tix", name)

    refused = patch(ada.client, url, 0, b"tin", Upload_Checksum=wrong)
    assert (refused.status_code, offset(ada.client, url)) == (460, 0)
    assert refused.headers["Tus-Resumable"] == "1.0.0"

    assert patch(ada.client, url, 0, b"tin", Upload_Checksum=right).status_code == 204
    assert patch(ada.client, url, 3, b"six", Upload_Checksum=right).status_code == 460
    assert offset(ada.client, url) == 3


def test_pieces_come_where_they_belong(ada: User) -> None:
    """409 with another offset, 413 past the end, chunked too; nothing of them is kept."""
    pid = begun(ada.client, "a.bin")
    url = create(ada.client, pid, 6)
    patch(ada.client, url, 0, b"tin")
    sent = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "3"}

    assert patch(ada.client, url, 0, b"tin").status_code == 409
    assert patch(ada.client, url, 4, b"in").status_code == 409
    assert patch(ada.client, url, 3, b"lead").status_code == 413
    chunked = ada.client.patch(url, headers=TUS | sent, content=iter([b"le", b"ad"]))
    assert chunked.status_code == 413
    assert offset(ada.client, url) == 3


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412),
        ({"Tus-Resumable": ""}, 412),
        ({"Upload-Length": "x"}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": ""}, 400),
        ({"Upload-Length": "9" * 30}, 400),
        ({"Upload-Length": str(1 << 55)}, 507),
        ({"Upload-Metadata": "name tin"}, 201),
        ({"Upload-Metadata": "name dGlu,is_confidential"}, 201),
        ({"Upload-Metadata": ""}, 201),
        ({"Upload-Metadata": "name !"}, 400),
    ],
)
def test_an_upload_is_made_as_the_protocol_says(
    ada: User, headers: dict[str, str], status: int
) -> None:
    """With its version, a length that there is room for, metadata that can be read."""
    pid = begun(ada.client, "a.bin")

    made = ada.client.post(content(pid, "a.bin"), headers=TUS | {"Upload-Length": "3"} | headers)

    assert made.status_code == status
    if status == 412:
        assert made.headers["Tus-Version"] == "1.0.0"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Tus-Resumable": "2.0.0"}, 412),
        ({"Content-Type": "application/octet-stream"}, 415),
        ({"Content-Encoding": "gzip"}, 415),
        ({"Upload-Offset": ""}, 400),
        ({"Upload-Offset": "0x"}, 400),
        ({"Upload-Checksum": "crc32 AAAA"}, 400),
        ({"Upload-Checksum": "sha256 AAAA"}, 400),
        ({"Upload-Checksum": "sha256"}, 400),
    ],
)
def test_a_piece_is_sent_as_the_protocol_says(
    ada: User, headers: dict[str, str], status: int
) -> None:
    """Nothing of what is not is kept."""
    url = create(ada.client, begun(ada.client, "a.bin"), 3)
    sent = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}

    said = ada.client.patch(url, headers=TUS | sent | headers, content=b"tin")

    assert said.status_code == status
    assert offset(ada.client, url) == 0


def test_of_two_that_go_on_at_once_one_does(ada: User) -> None:
    """The other is refused; the bytes are those of one."""
    pid = begun(ada.client, "a.bin")
    half = len(DATA) // 2
    for _ in range(5):
        url = create(ada.client, pid, len(DATA))

        for begin, end in ((0, half), (half, len(DATA))):
            send = partial(patch, ada.client, url, begin, DATA[begin:end])
            with ThreadPoolExecutor(4) as pool:
                said = [each.result().status_code for each in [pool.submit(send) for _ in range(4)]]
            assert said.count(204) == 1
            assert set(said) <= {204, 409, 413, 423}
    assert commit(ada.client, pid, "a.bin")["sha256"] == hashlib.sha256(DATA).hexdigest()


def test_who_may_not_write_the_draft_does_not_go_on(
    ada: User, bob: User, nobody: httpx.Client
) -> None:
    """Nor sees how far it is, nor makes an upload; an id that is nobody's is not found."""
    pid = begun(ada.client, "a.bin")
    url = create(ada.client, pid, 3)

    for asker in (bob.client, nobody):
        assert asker.head(url, headers=TUS).status_code == 403
        assert patch(asker, url, 0, b"tin").status_code == 403
        assert asker.delete(url, headers=TUS).status_code == 403
        made = asker.post(content(pid, "a.bin"), headers=TUS | {"Upload-Length": "3"})
        assert made.status_code == 403
    assert ada.client.head(url[:-32] + "0" * 32, headers=TUS).status_code == 404
    assert ada.client.head(url[:-32] + "x", headers=TUS).status_code == 404
    other = begun(ada.client, "a.bin")
    assert ada.client.head(url.replace(pid, other), headers=TUS).status_code == 404
    assert offset(ada.client, url) == 0


def test_a_token_that_was_revoked_does_not_go_on(server: Running, join: Join) -> None:
    """From the next request on; who has another token does."""
    carl = join("carl")
    pid = begun(carl.client, "a.bin")
    url = create(carl.client, pid, 6)
    listed = server.cli("token", "list", carl.name).stdout
    other = asking.token(server, carl.name)
    assert patch(carl.client, url, 0, b"tin").status_code == 204
    server.cli("token", "revoke", listed.split()[0])

    assert patch(carl.client, url, 3, b"tin").status_code == 401
    with asking.client(server, other) as client:
        assert patch(client, url, 3, b"tin").status_code == 204


def test_an_upload_ends_with_its_file(ada: User) -> None:
    """Removed and started again it is another file; a complete one takes no more bytes."""
    pid = begun(ada.client, "a.bin", "b.bin")
    gone, late = create(ada.client, pid, 3), create(ada.client, pid, 3, "b.bin")
    ada.client.delete(file(pid, "a.bin"))
    assert patch(ada.client, gone, 0, b"tin").status_code == 404
    start(ada.client, pid, "a.bin")
    ada.client.put(content(pid, "b.bin"), content=b"lead")
    commit(ada.client, pid, "b.bin")

    assert patch(ada.client, gone, 0, b"tin").status_code == 410
    assert patch(ada.client, late, 0, b"tin").status_code == 409
    assert ada.client.get(content(pid, "b.bin")).content == b"lead"


def test_an_upload_that_has_expired_is_gone(server: Running, ada: User) -> None:
    """410 to each request, though its bytes may be there yet; the file takes another upload."""
    pid = begun(ada.client, "a.bin")
    url = create(ada.client, pid, 6)
    patch(ada.client, url, 0, b"tin")
    state = server.data / "blobs" / "uploads" / f"{url.rpartition('/')[2]}.json"
    said = json.loads(state.read_text())
    state.write_text(json.dumps(said | {"expires_at": "2026-01-01T00:00:00Z"}))

    assert ada.client.head(url, headers=TUS).status_code == 410
    assert patch(ada.client, url, 3, b"tin").status_code == 410
    assert patch(ada.client, create(ada.client, pid, 3), 0, b"tin").status_code == 204


def test_an_upload_is_given_up(ada: User) -> None:
    """204, then there is none; also where a proxy lets only POST through."""
    pid = begun(ada.client, "a.bin")
    url, other = create(ada.client, pid, 3), create(ada.client, pid, 3)

    assert ada.client.delete(url, headers=TUS).status_code == 204
    assert ada.client.head(url, headers=TUS).status_code == 404
    sent = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    override = {"X-HTTP-Method-Override": "PATCH"}
    posted = ada.client.post(other, headers=TUS | sent | override, content=b"tin")
    assert (posted.status_code, offset(ada.client, other)) == (204, 3)
    assert ada.client.post(other, headers=TUS).status_code == 400
    gone = ada.client.post(other, headers=TUS | {"X-HTTP-Method-Override": "DELETE"})
    assert gone.status_code == 204
    assert commit(ada.client, pid, "a.bin")["size"] == 3


def test_a_script_of_any_page_may_upload(ada: User, nobody: httpx.Client) -> None:
    """What a browser asks first is answered to anybody, and says what is understood."""
    pid = begun(ada.client, "a.bin")
    url = create(ada.client, pid, 3)

    for where, method in ((content(pid, "a.bin"), "POST"), (url, "PATCH"), (url, "HEAD")):
        said = nobody.options(where, headers={"Origin": "https://notebook.example"})
        assert said.status_code == 204
        assert said.headers["Tus-Version"] == "1.0.0"
        assert "creation" in said.headers["Tus-Extension"]
        assert said.headers["Tus-Checksum-Algorithm"] == "sha1,md5,sha256"
        allowed = said.headers["Access-Control-Allow-Headers"].lower()
        for name in ("tus-resumable", "upload-length", "upload-offset", "upload-checksum"):
            assert name in allowed
        assert method in said.headers["Access-Control-Allow-Methods"]
    exposed = ada.client.head(url, headers=TUS).headers["Access-Control-Expose-Headers"]
    assert {"Upload-Offset", "Upload-Length", "Location"} <= set(exposed.split(", "))
