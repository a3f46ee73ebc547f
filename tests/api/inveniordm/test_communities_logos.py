"""Logos of communities: whatever bytes are sent, and never anything that acts.

Source: InvenioRDM, "Update Community Logo"; the InvenioRDM specification, 2, row 41.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.api import asking
from tests.api.asking import User, fresh
from tests.api.inveniordm.communing import COMMUNITIES, RESTRICTED, community
from tests.api.inveniordm.making import V1
from tests.running import Running

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
NONE = {"status": 404, "message": "No logo exists for this community."}
RAW = {"Content-Type": "application/octet-stream"}


def md5(sent: bytes) -> str:
    """The MD5 of bytes, in hex."""
    return hashlib.md5(sent, usedforsecurity=False).hexdigest()


@pytest.fixture
def path(ada: User) -> str:
    """Where the logo of a new community of Ada's is."""
    return f"{COMMUNITIES}/{community(ada.client)['id']}/logo"


def test_a_logo_is_put_as_the_seed_shows(server: Running, ada: User, path: str) -> None:
    """200 with a file entry, member for member; a revision of the community is with it."""
    sent = b"not an image=&"

    put = ada.client.put(path, content=sent, headers=RAW)
    shown = put.json()

    assert put.status_code == 200
    expected = {
        "bucket_id": shown["bucket_id"],
        "checksum": f"md5:{md5(sent)}",
        "created": shown["created"],
        "file_id": shown["file_id"],
        "key": "logo",
        "links": {"self": f"{server.url}{path}"},
        "metadata": None,
        "mimetype": "application/octet-stream",
        "size": len(sent),
        "status": "completed",
        "storage_class": "S",
        "updated": shown["updated"],
        "version_id": shown["version_id"],
    }
    assert put.content == json.dumps(expected, separators=(",", ":")).encode()
    assert ada.client.get(path.rpartition("/")[0]).json()["revision_id"] == 2
    again = ada.client.put(path, content=sent, headers=RAW | {"Accept": V1})
    assert again.content == put.content  # the same bytes are no event
    assert again.headers["Content-Type"] == V1


def test_a_logo_is_given_back_byte_for_byte(ada: User, nobody: httpx.Client, path: str) -> None:
    """To everybody where the community is public, conditionally, and in ranges."""
    put = ada.client.put(path, content=PNG).json()

    read = nobody.get(path)
    known = nobody.get(path, headers={"If-None-Match": read.headers["ETag"]})
    since = nobody.get(path, headers={"If-Modified-Since": read.headers["Last-Modified"]})
    part = nobody.get(path, headers={"Range": "bytes=1-3"})

    assert (read.status_code, read.content) == (200, PNG)
    assert put["mimetype"] == read.headers["Content-Type"] == "image/png"
    assert read.headers["Content-Disposition"] == 'inline; filename="logo.png"'
    assert (known.status_code, since.status_code) == (304, 304)
    assert (part.status_code, part.content) == (206, b"PNG")
    assert nobody.head(path).headers["Content-Length"] == str(len(PNG))


@pytest.mark.parametrize(
    ("sent", "media_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a....", "image/gif"),
        (b"RIFF\n\0\0\0WEBPVP8 ", "image/webp"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>", None),
        (b"<html><script>x()</script>", None),
        (b"%PDF-1.7", None),
        (b"\x89PNG", None),
        (b"", None),
    ],
)
def test_what_is_no_image_is_saved_and_not_shown(
    ada: User, path: str, sent: bytes, media_type: str | None
) -> None:
    """Only by its own bytes is something an image, and nothing may act."""
    put = ada.client.put(path, content=sent, headers={"Content-Type": "text/html"})

    read = ada.client.get(path)

    assert (put.status_code, read.content) == (200, sent)
    assert read.headers["Content-Type"] == (media_type or "application/octet-stream")
    way = read.headers["Content-Disposition"].partition(";")[0]
    assert way == ("inline" if media_type else "attachment")
    assert read.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert read.headers["X-Content-Type-Options"] == "nosniff"


def test_a_logo_is_removed_as_the_seed_shows(ada: User, path: str) -> None:
    """204; then there is none to be got or removed, and another one may be put."""
    assert ada.client.get(path).json() == ada.client.delete(path).json() == NONE
    ada.client.put(path, content=b"tin")

    removed = ada.client.delete(path)

    assert (removed.status_code, removed.content) == (204, b"")
    for answer in (ada.client.get(path), ada.client.delete(path)):
        assert (answer.status_code, answer.json()) == (404, NONE)
    assert ada.client.put(path, content=b"lead").status_code == 200
    assert ada.client.get(path).content == b"lead"


def test_a_logo_that_is_too_large_is_refused(ada: User, path: str) -> None:
    """400 that names the limit and the size, with a length and without; what was there stays."""
    most = b"x" * 1_000_000
    assert ada.client.put(path, content=most).status_code == 200

    def chunks() -> Iterator[bytes]:
        for _ in range(3):
            yield b"y" * 500_000

    announced = ada.client.put(path, content=most + b"x")
    chunked = ada.client.put(path, content=chunks())

    limit = "A logo has at most 1000000 bytes; this one has"
    assert announced.json() == {"status": 400, "message": f"{limit} 1000001."}
    assert chunked.json() == {"status": 400, "message": f"{limit} more."}
    assert ada.client.get(path).content == most


def test_a_logo_is_checked_as_it_was_announced(ada: User, path: str) -> None:
    """A range, an encoding, another digest: refused, and there is no logo."""
    for headers in (
        {"Content-Range": "bytes 0-2/3"},
        {"Content-Encoding": "gzip"},
        {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="},
    ):
        assert ada.client.put(path, content=b"tin", headers=headers).status_code in (400, 415)
    assert ada.client.get(path).status_code == 404


def test_a_logo_of_a_restricted_community_is_for_its_members(
    ada: User, bob: User, nobody: httpx.Client
) -> None:
    """As the community is."""
    path = f"{COMMUNITIES}/{community(ada.client, RESTRICTED)['id']}/logo"
    ada.client.put(path, content=b"tin")

    assert ada.client.get(path).content == b"tin"
    for asker in (bob.client, nobody):
        assert asker.get(path).status_code == 403
        assert asker.put(path, content=b"lead").status_code == 403


def test_a_logo_moves_with_its_community(
    server: Running, ada: User, nobody: httpx.Client, path: str
) -> None:
    """301 from the address before, which takes a new one still."""
    ada.client.put(path, content=b"tin")
    new = fresh("moved")
    ada.client.post(f"{path.removesuffix('logo')}rename", json={"id": new})

    led = nobody.get(path)

    assert led.status_code == 301
    assert led.headers["Location"] == f"{server.url}{COMMUNITIES}/{new}/logo"
    assert nobody.get(led.headers["Location"]).content == b"tin"
    put = ada.client.put(path, content=b"lead")
    assert put.json()["links"]["self"] == led.headers["Location"]


def test_of_logos_put_at_once_the_last_is_whole(ada: User, path: str) -> None:
    """Each of eight is taken; one of them is there, and every answer shows its own."""
    logos = [bytes([at]) * 1_000 for at in range(8)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda each: ada.client.put(path, content=each), logos))

    assert [each.status_code for each in answers] == [200] * 8
    for sent, answer in zip(logos, answers, strict=True):
        assert answer.json()["checksum"] == f"md5:{md5(sent)}"
    assert ada.client.get(path).content in logos


def test_a_token_that_may_only_read_changes_no_logo(server: Running, ada: User, path: str) -> None:
    """403, nor anything else of a community."""
    with asking.client(server, asking.token(server, ada.name, "read")) as reading:
        assert reading.put(path, content=b"tin").status_code == 403
        assert reading.delete(path).status_code == 403
        assert reading.delete(path.removesuffix("/logo")).status_code == 403
        assert reading.get(path).status_code == 404
