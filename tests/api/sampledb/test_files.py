"""Files of an object: sent, listed and read byte for byte; who may; what is refused and named."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256, sha512
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from domain.commands import objects
from domain.log import Session
from domain.values import Access, Visibility
from projections import files as listed
from tests.api import asking
from tests.api.asking import API, Join, User
from tests.running import Running

CONTENT = bytes(range(256)) + b"tin"


@pytest.fixture
def number(ada: User, action: int) -> int:
    """An object of Ada's."""
    return asking.new_object(ada.client, action)


def sent(content: bytes = CONTENT, **more: Any) -> dict[str, Any]:
    """A body with bytes."""
    base64 = b64encode(content).decode()
    body = {"storage": "database", "original_file_name": "tin.csv", "base64_content": base64}
    return body | more


def linked(url: str = "https://tin.example/a.csv") -> dict[str, Any]:
    """A body with a URL."""
    return {"storage": "url", "url": url}


def post(user: User, number: int | str, body: Any, **headers: str) -> httpx.Response:
    """Send a file."""
    return user.client.post(f"{API}/objects/{number}/files/", json=body, headers=headers)


def put(user: User, number: int | str, body: Any) -> str:
    """Send a file that is taken, and return its address."""
    made = post(user, number, body)
    assert made.status_code == 201, made.text
    return made.headers["Location"]


def blob(server: Running, content: bytes) -> Path:
    """Where the service keeps these bytes."""
    name = sha256(content).hexdigest()
    return server.data / "blobs" / name[:2] / name[2:4] / name


def refused(answer: httpx.Response, status: int, *words: str) -> None:
    """Hold an answer to be a refusal in SampleDB's words."""
    assert answer.status_code == status, answer.text
    message = answer.json()["message"]
    for word in words:
        assert word in message


# What is sent is what is read.


def test_a_file_is_read_as_it_was_sent(ada: User, number: int) -> None:
    """Its bytes, its name, its digest; files count from 0 and make no version."""
    first = post(ada, number, sent(hash={"algorithm": "sha256", "hexdigest": _hex(CONTENT)}))
    second = post(ada, number, sent(b""))

    assert first.headers["Location"] == f"{API}/objects/{number}/files/0"
    assert first.json() == {"object_id": number, "file_id": 0}
    assert second.headers["Location"] == f"{API}/objects/{number}/files/1"
    read = ada.client.get(first.headers["Location"]).json()
    assert read == {
        "object_id": number,
        "file_id": 0,
        "storage": "database",
        "original_file_name": "tin.csv",
        "hash": {"algorithm": "sha256", "hexdigest": _hex(CONTENT)},
        "base64_content": b64encode(CONTENT).decode(),
    }
    assert ada.client.get(second.headers["Location"]).json()["base64_content"] == ""
    shown = ada.client.get(f"{API}/objects/{number}", follow_redirects=True)
    assert shown.json()["version_id"] == 0


def _hex(content: bytes) -> str:
    return sha256(content).hexdigest()


def test_a_large_file_comes_back_whole(ada: User, number: int) -> None:
    """In pieces, with its length said before."""
    content = Random(1).randbytes(3_000_001)

    read = ada.client.get(put(ada, number, sent(content)))

    assert int(read.headers["Content-Length"]) == len(read.content)
    assert b64decode(read.json()["base64_content"]) == content


def test_a_digest_is_told_by_the_algorithm_it_came_with(ada: User, number: int) -> None:
    """SHA-512 in place of SHA-256."""
    digest = {"algorithm": "sha512", "hexdigest": sha512(CONTENT).hexdigest()}

    read = ada.client.get(put(ada, number, sent(hash=digest)))

    assert read.json()["hash"] == digest


def test_a_preview_comes_with_its_file(ada: User, number: int) -> None:
    """Its type in small letters; in the list there is none."""
    preview: dict[str, Any] = {
        "base64_preview_image": "iVBO",
        "preview_image_mime_type": "image/png",
    }
    sent_as = preview | {"preview_image_mime_type": "Image/PNG"}

    read = ada.client.get(put(ada, number, sent(**sent_as)))

    assert read.json()["base64_content"] == b64encode(CONTENT).decode()
    assert preview.items() <= read.json().items()
    assert "base64_preview_image" not in ada.client.get(f"{API}/objects/{number}/files/").text


@pytest.mark.parametrize(
    "url",
    [
        *("http://a", "https://tin.example:443/a?b=c#d", "ftp://u:p@tin.example/a"),
        *("file://host/a", "sftp://10.0.0.225:22/a", "smb://server/a", "http://[::1]:8080/a"),
        "https://tin.example/" + "a" * 2028,
    ],
)
def test_a_url_is_kept_as_it_came(ada: User, number: int, url: str) -> None:
    """Nothing is fetched from it."""
    assert ada.client.get(put(ada, number, linked(url))).json() == {
        "object_id": number,
        "file_id": 0,
        "storage": "url",
        "url": url,
    }


def test_files_are_listed_without_their_bytes(
    ada: User, nobody: httpx.Client, server: Running, number: int
) -> None:
    """With and without the slash, by number and pid, at both doors."""
    for body in (sent(), linked()):
        put(ada, number, body)
    pid = asking.pid_of(server, number)
    base = {"object_id": number}
    expected = [
        base
        | {
            "file_id": 0,
            "storage": "database",
            "original_file_name": "tin.csv",
            "hash": {"algorithm": "sha256", "hexdigest": _hex(CONTENT)},
        },
        base | {"file_id": 1, "storage": "url", "url": "https://tin.example/a.csv"},
    ]

    for prefix in (API, ""):
        for id_ in (number, pid):
            for slash in ("", "/"):
                found = ada.client.get(f"{prefix}/objects/{id_}/files{slash}")
                assert found.json() == expected
            assert ada.client.get(f"{prefix}/objects/{id_}/files/1").json() == expected[1]


def test_a_long_list_has_all_of_them(ada: User, server: Running, number: int) -> None:
    """It is streamed, page after page."""
    many = listed.PAGE + 5

    def link(session: Session) -> None:
        record = objects.find(session, str(number))
        for each in range(many):
            record = session.change(record, record.link(f"https://tin.example/{each}"))

    asking.decide(server, ada.name, link)

    found = ada.client.get(f"{API}/objects/{number}/files/").json()

    assert [each["file_id"] for each in found] == list(range(many))


def test_equal_bytes_are_stored_once(ada: User, server: Running, action: int) -> None:
    """Whosever they are; each file has its own name."""
    content = b"the same in both"
    numbers = [asking.new_object(ada.client, action) for _ in range(2)]

    paths = [put(ada, each, sent(content, original_file_name=f"{each}")) for each in numbers]

    assert [ada.client.get(path).json()["original_file_name"] for path in paths] == [
        str(each) for each in numbers
    ]
    assert blob(server, content).read_bytes() == content


def test_a_file_is_told_in_the_life_of_its_object(ada: User, server: Running, number: int) -> None:
    """Who, which file and what it is; by the command line too."""
    paths = [put(ada, number, body) for body in (sent(), linked())]

    told = ada.client.get(f"{API}/objects/{number}/events").json()[-2:]

    assert [(each["type"], each["href"]) for each in told] == [
        ("record.file-received", paths[0]),
        ("record.file-linked", paths[1]),
    ]
    assert [each["changed"]["file"] for each in told] == [0, 1]
    assert told[0]["changed"]["name"] == "tin.csv"
    assert told[0]["changed"]["content"]["sha256"] == _hex(CONTENT)
    assert told[0]["changed"]["content"]["media_type"] == "text/csv"
    assert told[1]["changed"]["url"] == "https://tin.example/a.csv"
    shown = server.cli("replay", str(number), "--verify")
    assert (shown.returncode, _hex(CONTENT) in shown.stdout) == (0, True), shown.stderr
    last = json.loads(
        server.cli("replay", str(number), "--format", "jsonl").stdout.splitlines()[-1]
    )
    assert last["state"]["files"] == 2


def test_a_file_in_hand_is_not_sent_again(ada: User, number: int) -> None:
    """304 to who shows its tag; it never changes."""
    path = put(ada, number, sent())
    tag = ada.client.get(path).headers["ETag"]

    again = ada.client.get(path, headers={"If-None-Match": tag})

    assert (again.status_code, again.content) == (304, b"")
    head = ada.client.head(path)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", tag)


def test_a_request_sent_again_makes_no_second_file(ada: User, number: int) -> None:
    """Its answer is the first one; another body under its key is refused."""
    key = {"Idempotency-Key": asking.fresh("file")}
    first, again = (post(ada, number, sent(), **key) for _ in range(2))

    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Location"] == first.headers["Location"]
    refused(post(ada, number, sent(b"other"), **key), 422)
    assert len(ada.client.get(f"{API}/objects/{number}/files/").json()) == 1


def test_each_of_eight_writers_gets_its_own_file(ada: User, number: int) -> None:
    """The address that each is told has what it sent."""
    contents = [f"writer {each}".encode() for each in range(40)]
    with ThreadPoolExecutor(8) as pool:
        paths = list(pool.map(lambda content: put(ada, number, sent(content)), contents))

    assert len(set(paths)) == len(contents)
    for path, content in zip(paths, contents, strict=True):
        assert b64decode(ada.client.get(path).json()["base64_content"]) == content


# Who may.


def test_who_may_only_read_sends_no_file(ada: User, join: Join, number: int) -> None:
    """403, and nothing is stored; who may write sends one."""
    eve = join("eve")
    eve_id = eve.client.get(f"{API}/users/me").json()["user_id"]
    permission = f"{API}/objects/{number}/permissions/users/{eve_id}"
    ada.client.put(permission, json="read")

    refused(post(eve, number, sent()), 403)
    assert eve.client.get(f"{API}/objects/{number}/files/").json() == []
    ada.client.put(permission, json="write")
    assert b64decode(eve.client.get(put(eve, number, sent())).json()["base64_content"]) == CONTENT


def test_what_is_refused_leaves_no_bytes(
    server: Running, ada: User, bob: User, nobody: httpx.Client, number: int
) -> None:
    """Neither for lack of a right nor for a wrong digest."""
    content = b"nobody stores this"
    refused(post(bob, number, sent(content)), 403)
    refused(nobody.post(f"/objects/{number}/files/", json=sent(content)), 401)
    wrong = {"algorithm": "sha256", "hexdigest": _hex(CONTENT)}
    refused(post(ada, number, sent(content, hash=wrong)), 400, _hex(content))

    assert not blob(server, content).exists()
    assert list((server.data / "blobs" / "incoming").iterdir()) == []


def test_a_stranger_sees_no_file(bob: User, ada: User, nobody: httpx.Client, number: int) -> None:
    """Neither in the list nor by its number."""
    path = put(ada, number, sent())

    for each in (f"{API}/objects/{number}/files/", path):
        refused(bob.client.get(each), 403)
        refused(nobody.get(each), 401)
        refused(nobody.get(each.removeprefix(API)), 401)


def opened(server: Running, user: User, number: int, record: Visibility, of: Visibility) -> None:
    """Open or close an object and its files, as no door does yet."""

    def command(session: Session) -> None:
        found = objects.find(session, str(number))
        objects.change_access(session, found, Access(record=record, files=of))

    asking.decide(server, user.name, command)


def test_files_are_public_only_if_they_were_and_are(
    server: Running, ada: User, bob: User, nobody: httpx.Client, number: int
) -> None:
    """The stricter of then and now: what came while they were closed stays closed."""
    closed = put(ada, number, sent())
    opened(server, ada, number, "public", "public")
    open_ = put(ada, number, sent())
    files = f"/objects/{number}/files/"

    for asker in (bob.client, nobody):
        assert [each["file_id"] for each in asker.get(files).json()] == [1]
        assert asker.get(open_.removeprefix(API)).status_code == 200
        asked = asker.get(closed.removeprefix(API))
        assert asked.status_code == (403 if asker is bob.client else 401)
    told = nobody.get(f"/objects/{number}/events").json()
    assert [each["changed"]["file"] for each in told if "file" in each["changed"]] == [1]
    opened(server, ada, number, "public", "restricted")
    for asker in (bob.client, nobody):
        for path in (files, open_.removeprefix(API)):
            assert asker.get(path).status_code in (401, 403)
    assert len(ada.client.get(files).json()) == 2


# What becomes of damage.


@pytest.fixture
def damaged(server: Running, ada: User, number: int) -> Iterator[str]:
    """A file with a byte flipped on the disk, for the test."""
    content = asking.fresh("to be damaged").encode()
    path = put(ada, number, sent(content))
    place = blob(server, content)
    place.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    yield path
    place.write_bytes(content)


def test_damaged_bytes_are_never_given(ada: User, damaged: str) -> None:
    """503 that says where to look, each time; the list of files goes on."""
    for _ in range(2):
        refused(ada.client.get(damaged), 503, "muniment audit")
    assert ada.client.get(damaged.rsplit("/", 1)[0] + "/").status_code == 200


def test_missing_bytes_are_said_to_be(server: Running, ada: User, number: int) -> None:
    """503 until they are there again: whoever sends them mends the file."""
    content = asking.fresh("to be lost").encode()
    path = put(ada, number, sent(content))
    blob(server, content).unlink()

    refused(ada.client.get(path), 503)
    put(ada, number, sent(content))
    assert b64decode(ada.client.get(path).json()["base64_content"]) == content


# What is refused.

REFUSED: list[tuple[Any, str]] = [
    ([], "JSON object"),
    ({}, "storage must be set"),
    ({"storage": "local"}, "storage"),
    ({"storage": 1}, "storage"),
    ({"storage": ["url"]}, "storage"),
    (sent(url="http://a"), "'url'"),
    (sent(object_id=999999999), "object_id must be"),
    (sent(object_id=True), "object_id"),
    (sent(object_id=None), "object_id"),
    ({"storage": "database", "base64_content": ""}, "original_file_name"),
    (sent(original_file_name=""), "original_file_name"),
    (sent(original_file_name=1), "original_file_name"),
    (sent(original_file_name="a" * 151), "original_file_name"),
    (sent(original_file_name="a" * 70_000), "original_file_name"),
    ({"storage": "database", "original_file_name": "a"}, "base64_content"),
    *(
        (sent(base64_content=each), "base64_content")
        for each in (None, 1, "a", "aa\n", "a===", "é")
    ),
    *((sent(base64_content=each), "base64_content") for each in ("QQ==QQ==", " QQ==", "-_-_")),
    (sent(base64_content=["a" * 70_000]), "base64_content"),
    (sent(base64_content="?" * 70_000), "base64_content"),
    *((sent(hash=each), "hash") for each in (None, "a", {}, {"algorithm": "sha256"})),
    (sent(hash=[]), "hash"),
    (sent(hash={"algorithm": "md5", "hexdigest": "a"}), "sha256, sha512"),
    (sent(hash={"algorithm": "sha256", "hexdigest": _hex(CONTENT).upper()}), "lowercase"),
    (sent(hash={"algorithm": "sha256", "hexdigest": 1}), "strings"),
    (sent(hash={"algorithm": "sha256", "hexdigest": ""}), "mismatch"),
    (sent(base64_preview_image="iVBO"), "preview_image_mime_type"),
    (sent(base64_preview_image="iVBO", preview_image_mime_type="text/html"), "image/png"),
    (sent(base64_preview_image="?", preview_image_mime_type="image/png"), "base64_preview_image"),
    ({"storage": "url"}, "url must be set"),
    (linked() | {"original_file_name": "a"}, "'original_file_name'"),
    *((linked(each), "valid url") for each in ("", "a", "tin.example", "http://", "mailto:a@b")),
    *((linked(each), "valid url") for each in ("http://a b", "http://a\n", "javascript:alert(1)")),
    *(
        (linked(each), "valid url")
        for each in ("data:,a", "http://[::g]/", "http://ü", "http:///a")
    ),
    ({"storage": "url", "url": 1}, "valid url"),
    *((linked(f"http://a:{each}/"), "port") for each in ("0", "65536", "x", "", "9" * 30)),
    *((linked(f"http://{each}/"), "IP address") for each in ("1.2.3.226", "999.1.1.1")),
    (linked("http://a/" + "a" * 2040), "2048"),
    (linked("http://a/" + "a" * 70_000), "2048"),
]


@pytest.mark.parametrize(("body", "word"), REFUSED)
def test_a_file_that_cannot_be_is_refused_by_what_is_wrong(
    ada: User, number: int, body: Any, word: str
) -> None:
    """400 that names it, and no file."""
    refused(post(ada, number, body), 400, word)
    assert ada.client.get(f"{API}/objects/{number}/files/").json() == []


def test_the_servers_own_files_are_not_given_away(ada: User, number: int) -> None:
    """403, whatever the path."""
    body = {"storage": "local_reference", "filepath": "/etc/passwd"}
    refused(post(ada, number, body), 403)


def test_a_body_over_the_limit_is_refused(ada: User, number: int) -> None:
    """413: base64 counts, and a larger file needs another door."""
    refused(post(ada, number, sent(bytes(8 << 20))), 413)


@pytest.mark.parametrize("file", ["1", "00", "-1", "x", "9" * 20, "0.0", "%00"])
def test_a_file_that_is_none_is_not_found(ada: User, number: int, file: str) -> None:
    """Nor are those of an object that is none."""
    put(ada, number, linked())

    refused(ada.client.get(f"{API}/objects/{number}/files/{file}"), 404)
    refused(ada.client.get(f"{API}/objects/999999999/files/0"), 404)
    refused(post(ada, 999999999, sent()), 404)
