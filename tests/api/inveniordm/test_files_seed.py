"""Each example of the reference, "Draft files" and "Record files", against the live service.

Otherwise than there, links are absolute, a size is an integer, the SHA-256 is said too, and what
varies, instants and ids, is of this service.
"""

from __future__ import annotations

import struct
from datetime import datetime
from hashlib import md5, sha256
from typing import Any

import httpx
import pytest

from tests.api.asking import User
from tests.api.inveniordm.filing import add, begun, commit, content, file, files, start
from tests.api.inveniordm.making import publish
from tests.running import Running

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 960, 640, 8, 6, 0, 0, 0)
FIGURE = PNG + bytes(89364 - len(PNG))
ARTICLE = b"%PDF-1.4" + bytes(76122 - 8)
KEYS = ("figure.png", "article.pdf", "data.zip")


def pending(running: Running, pid: str, key: str) -> dict[str, Any]:
    """The reference's entry of a file that was started."""
    here = f"{running.url}{file(pid, key)}"
    return {
        "key": key,
        "metadata": None,
        "status": "pending",
        "links": {"content": f"{here}/content", "self": here, "commit": f"{here}/commit"},
    }


def complete(running: Running, pid: str, key: str, data: bytes, mimetype: str) -> dict[str, Any]:
    """The reference's entry of a file that was committed."""
    return pending(running, pid, key) | {
        "status": "completed",
        "checksum": f"md5:{md5(data, usedforsecurity=False).hexdigest()}",
        "sha256": sha256(data).hexdigest(),
        "mimetype": mimetype,
        "size": len(data),
        "storage_class": "S",
    }


def settled(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry without what varies, once that is seen to be of the right kind."""
    left = dict(entry)
    created, updated = (datetime.fromisoformat(left.pop(name)) for name in ("created", "updated"))
    assert created <= updated
    if left["status"] == "completed":
        ids = [left.pop(name) for name in ("file_id", "version_id", "bucket_id")]
        assert all(isinstance(each, str) and each for each in ids)
    return left


def test_a_new_draft_has_no_files(server: Running, ada: User) -> None:
    """List a draft's files."""
    pid = begun(ada.client)
    answer = ada.client.get(files(pid))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {
        "default_preview": None,
        "enabled": True,
        "entries": [],
        "links": {"self": f"{server.url}{files(pid)}"},
        "order": [],
    }


def test_files_are_started(server: Running, ada: User) -> None:
    """Start draft file upload(s); entries come in order of their keys."""
    pid = begun(ada.client)
    answer = ada.client.post(files(pid), json=[{"key": key} for key in KEYS])
    assert answer.status_code == 201
    said = answer.json()
    entries = [settled(each) for each in said.pop("entries")]
    assert entries == [pending(server, pid, key) for key in sorted(KEYS)]
    assert said == {
        "enabled": True,
        "default_preview": None,
        "order": [],
        "links": {"self": f"{server.url}{files(pid)}"},
    }


def test_content_is_uploaded(server: Running, ada: User) -> None:
    """Upload a draft file's content."""
    pid = begun(ada.client, *KEYS)
    answer = ada.client.put(
        content(pid, "figure.png"),
        content=FIGURE,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert answer.status_code == 200
    assert settled(answer.json()) == pending(server, pid, "figure.png")


def test_an_upload_is_completed(server: Running, ada: User) -> None:
    """Complete a draft file upload, then get its metadata: an image's width and height in it."""
    pid = begun(ada.client, *KEYS)
    ada.client.put(content(pid, "figure.png"), content=FIGURE)
    committed = commit(ada.client, pid, "figure.png")
    wanted = complete(server, pid, "figure.png", FIGURE, "image/png")
    assert settled(committed) == wanted | {"metadata": {"width": 960, "height": 640}}
    answer = ada.client.get(file(pid, "figure.png"))
    assert answer.status_code == 200
    assert answer.json() == committed


@pytest.mark.parametrize("published", [False, True])
def test_a_file_is_downloaded(ada: User, nobody: httpx.Client, published: bool) -> None:
    """Download a draft file, or a record's: the headers that the reference shows."""
    pid = begun(ada.client)
    add(ada.client, pid, "article.pdf", ARTICLE)
    if published:
        publish(ada.client, pid)
    asker = nobody if published else ada.client
    answer = asker.get(content(pid, "article.pdf", published=published))
    assert answer.status_code == 200
    assert answer.content == ARTICLE
    digest = md5(ARTICLE, usedforsecurity=False).hexdigest()
    assert answer.headers["Content-Disposition"] == 'inline; filename="article.pdf"'
    assert answer.headers["Content-Length"] == "76122"
    assert answer.headers["Content-MD5"] == digest
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["ETag"] == f'"md5:{digest}"'
    assert answer.headers["Last-Modified"].endswith("GMT")
    assert answer.headers["Date"].endswith("GMT")


def test_a_file_is_deleted(ada: User) -> None:
    """Delete a draft file."""
    pid = begun(ada.client, *KEYS)
    answer = ada.client.delete(file(pid, "data.zip"))
    assert (answer.status_code, answer.content) == (204, b"")
    assert ada.client.get(file(pid, "data.zip")).status_code == 404


def test_a_records_files_are_listed(server: Running, ada: User, nobody: httpx.Client) -> None:
    """List a record's files, then get one's metadata: no link to commit."""
    pid = begun(ada.client)
    add(ada.client, pid, "article.pdf", ARTICLE)
    sent = ada.client.get(f"{files(pid).removesuffix('/files')}").json()
    sent["files"]["default_preview"] = "article.pdf"
    assert ada.client.put(f"{files(pid).removesuffix('/files')}", json=sent).status_code == 200
    publish(ada.client, pid)
    answer = nobody.get(files(pid, published=True))
    assert answer.status_code == 200
    said = answer.json()
    [entry] = said.pop("entries")
    where = f"{server.url}{files(pid, published=True)}"
    assert said == {
        "enabled": True,
        "default_preview": "article.pdf",
        "order": [],
        "links": {"self": where},
    }
    here = f"{where}/article.pdf"
    wanted = complete(server, pid, "article.pdf", ARTICLE, "application/pdf")
    assert settled(entry) == wanted | {"links": {"self": here, "content": f"{here}/content"}}
    alone = nobody.get(file(pid, "article.pdf", published=True))
    assert (alone.status_code, alone.json()) == (200, entry)


def test_what_is_started_stands_among_the_others(ada: User) -> None:
    """The answer to a start has all files so far."""
    pid = begun(ada.client)
    add(ada.client, pid, "b")
    said = start(ada.client, pid, "c", "a")
    assert [(each["key"], each["status"]) for each in said["entries"]] == [
        ("a", "pending"),
        ("b", "completed"),
        ("c", "pending"),
    ]
