"""Files of deposits, by bucket. Source: the CAP specification, "Endpoints"."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import md5
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from domain.commands import erasures
from domain.commands.erasures import Wanted
from tests.api import asking
from tests.api.asking import User
from tests.api.cap.making import DEPOSITS, act, deposit, put, share
from tests.running import Running

OF_ANOTHER_KIND = "93fe3685-f6ab-4c4c-9a85-5d124cd65bdf"  # a UUID, but none of ours


def chunks() -> Iterator[bytes]:
    """A body without a length, and with nothing in it."""
    yield b""


def test_a_file_is_put_listed_read_and_removed(ada: User) -> None:
    """Its bucket's link is in the default representation, and absolute."""
    made = deposit(ada.client)
    bucket = made["links"]["bucket"]

    shown = put(ada.client, made, "a.txt", b"tin")

    checksum = f"md5:{md5(b'tin', usedforsecurity=False).hexdigest()}"
    assert (shown["key"], shown["size"], shown["checksum"]) == ("a.txt", 3, checksum)
    assert shown["mimetype"] == "text/plain"
    [listed] = ada.client.get(f"{DEPOSITS}/{made['id']}/files").json()
    assert listed == {
        "id": shown["version_id"],
        "filename": "a.txt",
        "filesize": 3,
        "checksum": checksum,
    }
    [file] = ada.client.get(f"{DEPOSITS}/{made['id']}").json()["files"]
    assert file == shown
    assert bucket.endswith(file["bucket"])
    assert ada.client.get(shown["links"]["self"]).content == b"tin"
    assert ada.client.delete(f"{bucket}/a.txt").status_code == 204
    assert ada.client.get(f"{bucket}/a.txt").status_code == 404
    assert ada.client.get(f"{DEPOSITS}/{made['id']}/files").json() == []


def test_an_empty_file_comes_without_a_length(ada: User) -> None:
    """In chunks, as the client sends it."""
    made = deposit(ada.client)
    url = f"{made['links']['bucket']}/empty"

    done = ada.client.put(url, content=chunks())

    assert (done.status_code, done.json()["size"]) == (200, 0)
    assert ada.client.get(url).content == b""


@pytest.mark.parametrize("key", ["a/b/c.txt", "ü b%2.txt", "a//b", "100%", "a?b#c"])
def test_a_key_is_kept_as_it_is(ada: User, key: str) -> None:
    """Whether its slashes are encoded or not."""
    made = deposit(ada.client)
    bucket = made["links"]["bucket"]

    shown = put(ada.client, made, quote(key, safe="/"), b"tin")

    assert shown["key"] == key
    assert ada.client.get(f"{bucket}/{quote(key, safe='')}").content == b"tin"
    assert ada.client.get(shown["links"]["self"]).content == b"tin"


def test_of_two_who_write_a_file_the_second_is_told(ada: User, bob: User) -> None:
    """412 for the tag of bytes that are there no more; those of the first stay."""
    made = deposit(ada.client)
    url = f"{made['links']['bucket']}/a"
    share(ada.client, made["id"], bob.name, "update")
    put(ada.client, made, "a", b"tin")
    seen = {"If-Match": ada.client.get(url).headers["ETag"]}

    def write(user: User) -> httpx.Response:
        return user.client.put(url, content=user.name.encode(), headers=seen)

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(write, (ada, bob)))

    assert sorted(each.status_code for each in answers) == [200, 412]
    [refused] = [each for each in answers if each.status_code == 412]
    assert list(refused.json()) == ["status", "message"]
    first = ada if answers[0].is_success else bob
    for asker in (ada, bob):
        assert asker.client.delete(url, headers=seen).status_code == 412
        assert write(asker).status_code == 412
    assert bob.client.get(url).content == first.name.encode()
    seen = {"If-Match": f'"other", {bob.client.get(url).headers["ETag"]}'}
    assert write(bob).status_code == 200
    seen = {"If-Match": bob.client.get(url).headers["ETag"]}
    assert ada.client.delete(url, headers=seen).status_code == 204


def test_a_file_is_put_only_where_there_is_none_or_only_where_there_is_one(ada: User) -> None:
    """If-None-Match, with a star or a tag, and If-Match with a star: else 412; nothing changes."""
    made = deposit(ada.client)
    url = f"{made['links']['bucket']}/a"

    def write(content: bytes, **headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return ada.client.put(url, content=content, headers=named).status_code

    assert write(b"one", If_Match="*") == 412
    assert ada.client.get(url).status_code == 404
    assert write(b"one", If_None_Match="*") == 200
    tag = ada.client.get(url).headers["ETag"]
    for unwanted in ("*", tag, f"W/{tag}"):
        assert write(b"two", If_None_Match=unwanted) == 412
        refused = ada.client.delete(url, headers={"If-None-Match": unwanted})
        assert refused.status_code == 412
    assert write(b"two", If_Match=f"W/{tag}") == 412  # weak: not surely the same bytes
    assert ada.client.get(url).content == b"one"
    assert write(b"two", If_Match="*", If_None_Match='"other"') == 200
    assert ada.client.delete(url, headers={"If-Match": "*"}).status_code == 204
    assert ada.client.delete(url, headers={"If-Match": tag}).status_code == 404


def test_what_a_file_was_before_is_read_by_its_version(ada: User, bob: User) -> None:
    """Put again and again, removed, and published; another's version is nothing here."""
    made = deposit(ada.client)
    url = f"{made['links']['bucket']}/a"
    first, second = (put(ada.client, made, "a", each) for each in (b"one", b"two"))
    share(ada.client, made["id"], bob.name, "read")

    assert ada.client.get(url).content == b"two"
    act(ada.client, made["id"], "publish")
    for asker in (ada, bob):
        assert asker.client.get(f"{url}?versionId={first['version_id']}").content == b"one"
        assert asker.client.get(f"{url}?versionId={second['version_id']}").content == b"two"
        assert asker.client.get(f"{url}?versionId={uuid4()}").status_code == 404


def test_what_a_file_of_a_clone_was_is_read_by_its_version(ada: User, bob: User) -> None:
    """When it was cloned, and since; put anew, removed, published and edited again."""
    source = deposit(ada.client)
    for key in ("a", "b"):
        put(ada.client, source, key, b"one")
    made = act(ada.client, source["id"], "clone")
    bucket = made["links"]["bucket"]
    first = {each["key"]: each["version_id"] for each in made["files"]}

    second = put(ada.client, made, "a", b"two")["version_id"]
    assert ada.client.delete(f"{bucket}/b").status_code == 204

    def shown(key: str, version: str) -> bytes:
        answer = ada.client.get(f"{bucket}/{key}?versionId={version}")
        assert answer.status_code == 200, answer.text
        return answer.content

    for action in ("upload", "publish", "edit"):
        act(ada.client, made["id"], action)
        assert shown("a", first["a"]) == shown("b", first["b"]) == b"one"
        assert shown("a", second) == b"two"
    put(ada.client, made, "a", b"three")
    assert shown("a", second) == b"two"
    assert ada.client.get(f"{bucket}/a?versionId={first['b']}").status_code == 404
    assert bob.client.get(f"{bucket}/a?versionId={first['a']}").status_code == 404


def test_what_was_erased_is_no_version_of_a_file(server: Running, ada: User) -> None:
    """Neither what was imported for it nor what was put; the source keeps its own."""
    source = deposit(ada.client)
    kept = put(ada.client, source, "a", b"one")
    made = act(ada.client, source["id"], "clone")
    url = f"{made['links']['bucket']}/a"
    gone = [made["files"][0]["version_id"], put(ada.client, made, "a", b"two")["version_id"]]
    act(ada.client, made["id"], "publish")
    act(ada.client, made["id"], "edit")
    last = put(ada.client, made, "a", b"three")["version_id"]
    recid = act(ada.client, made["id"], "publish")["recid"]

    wanted = Wanted(reason="Asked for.", versions=(0, 0))
    asking.operate(server, erasures.erase, recid, wanted)

    statuses = [ada.client.get(f"{url}?versionId={each}").status_code for each in (*gone, last)]
    assert statuses == [404, 404, 200]
    own = f"{source['links']['bucket']}/a?versionId={kept['version_id']}"
    assert ada.client.get(own).content == b"one"


@pytest.mark.parametrize("version", ["1", "a" * 500, "%00", "x y", OF_ANOTHER_KIND, "0" * 36])
def test_no_file_has_a_version_that_none_can_have(ada: User, version: str) -> None:
    """404, in this door's words; the file is there without it."""
    made = deposit(ada.client)
    put(ada.client, made, "a", b"tin")
    url = f"{made['links']['bucket']}/a"

    refused = ada.client.get(f"{url}?versionId={version}")

    assert refused.status_code == 404
    assert refused.json() == {"status": 404, "message": "There is no such file."}
    assert ada.client.get(url).content == b"tin"


def test_a_deposit_that_was_deleted_serves_no_file(ada: User, bob: User) -> None:
    """410, of each version of its bytes; strangers are told as little as before."""
    made = deposit(ada.client)
    url = f"{made['links']['bucket']}/a"
    first, last = (put(ada.client, made, "a", each) for each in (b"one", b"two"))

    assert ada.client.delete(f"{DEPOSITS}/{made['id']}").status_code == 204

    for query in ("", f"?versionId={first['version_id']}", f"?versionId={last['version_id']}"):
        assert ada.client.get(f"{url}{query}").status_code == 410
        assert bob.client.get(f"{url}{query}").status_code == 404


def test_the_same_bytes_put_again_change_nothing(ada: User) -> None:
    """The revision stays."""
    made = deposit(ada.client)
    put(ada.client, made, "a", b"one")
    before = ada.client.get(f"{DEPOSITS}/{made['id']}").json()

    put(ada.client, made, "a", b"one")

    assert ada.client.get(f"{DEPOSITS}/{made['id']}").json() == before


def test_strangers_find_no_bucket(ada: User, bob: User, nobody: httpx.Client) -> None:
    """404 to read, put and remove, 401 to who does not sign in; a reader reads alone."""
    made = deposit(ada.client)
    url = f"{made['links']['bucket']}/a"
    put(ada.client, made, "a", b"tin")

    def statuses(asker: httpx.Client) -> list[int]:
        put = asker.put(url, content=b"lead")
        return [each.status_code for each in (asker.get(url), put, asker.delete(url))]

    assert statuses(bob.client) == [404, 404, 404]
    assert statuses(nobody) == [401, 401, 401]
    share(ada.client, made["id"], bob.name, "read")
    assert statuses(bob.client) == [200, 403, 403]
    assert ada.client.get(url).content == b"tin"


@pytest.mark.parametrize("bucket", ["none", "0" * 32, "5a5a5a5a-0000-4000-8000-000000000000"])
def test_there_is_no_other_bucket(ada: User, bucket: str) -> None:
    """404."""
    for send in (ada.client.get, ada.client.put, ada.client.delete):
        assert send(f"/api/files/{bucket}/a").status_code == 404


def test_a_key_that_cannot_be_is_refused(ada: User) -> None:
    """400, and nothing is stored."""
    made = deposit(ada.client)

    for key in ("a%00", "a%0Ab", "x" * 256, "%ff"):
        assert ada.client.put(f"{made['links']['bucket']}/{key}", content=b"").status_code == 400
    assert ada.client.get(f"{DEPOSITS}/{made['id']}").json()["revision"] == made["revision"]
