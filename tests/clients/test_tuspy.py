"""tuspy, the published client of tus in Python, unmodified, on a real service."""

from __future__ import annotations

import gc
import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError
from tusclient.storage.filestorage import FileStorage

from tests.api import asking
from tests.api.asking import User
from tests.api.inveniordm.filing import begun, commit, content, file
from tests.running import Running

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # it closes nothing

DATA = os.urandom(2_500_000)
CHUNK = 1_000_000


@pytest.fixture(scope="module")
def tess(server: Running) -> User:
    """A user."""
    return asking.user(server, "tess")


@pytest.fixture
def pid(tess: User) -> str:
    """A draft with a file that was started."""
    return begun(tess.client, "a.bin")


@pytest.fixture
def client(tess: User, pid: str) -> Iterator[Any]:
    """The client, at the link that the file's entry gives."""
    link = tess.client.get(file(pid, "a.bin")).json()["links"]["content"]
    yield TusClient(link, headers={"Authorization": f"Bearer {tess.token}"})
    gc.collect()  # what it left open, while it is overlooked


def whole(asker: httpx.Client, pid: str) -> bool:
    """Commit the file; whether it is what was sent."""
    entry = commit(asker, pid, "a.bin")
    sent = hashlib.sha256(DATA).hexdigest()
    there = asker.get(content(pid, "a.bin")).content
    return bool(entry["sha256"] == sent == hashlib.sha256(there).hexdigest())


@pytest.mark.parametrize("checksums", [False, True])
def test_it_uploads_a_file_in_pieces(tess: User, pid: str, client: Any, *, checksums: bool) -> None:
    """With metadata; each piece with its SHA-1, if it is told to."""
    uploader = client.uploader(
        file_stream=io.BytesIO(DATA),
        chunk_size=CHUNK,
        metadata={"filename": "a.bin"},
        upload_checksum=checksums,
    )

    uploader.upload()

    assert uploader.offset == len(DATA)
    assert whole(tess.client, pid)


def test_it_goes_on_where_it_stopped(tess: User, pid: str, client: Any, tmp_path: Path) -> None:
    """By an address that it stored, as after its own end; what was sent is not sent again."""
    storage = FileStorage(f"{tmp_path}/uploads.json")  # type: ignore[no-untyped-call]
    path = f"{tmp_path}/a.bin"
    Path(path).write_bytes(DATA)
    first = client.uploader(path, chunk_size=CHUNK, store_url=True, url_storage=storage)
    first.upload_chunk()

    again = client.uploader(path, chunk_size=CHUNK, store_url=True, url_storage=storage)
    assert (again.url, again.offset) == (first.url, CHUNK)
    again.upload()

    assert whole(tess.client, pid)


def test_it_hears_that_a_revoked_token_does_not_go_on(
    server: Running, tess: User, pid: str, client: Any
) -> None:
    """401; with another token it does."""
    name = tess.name
    before = {each.split()[0] for each in server.cli("token", "list", name).stdout.splitlines()}
    client.headers["Authorization"] = f"Bearer {asking.token(server, name)}"
    uploader = client.uploader(file_stream=io.BytesIO(DATA), chunk_size=CHUNK)
    uploader.upload_chunk()
    now = {each.split()[0] for each in server.cli("token", "list", name).stdout.splitlines()}
    for each in now - before:
        server.cli("token", "revoke", each)

    with pytest.raises(TusCommunicationError) as refused:
        uploader.upload_chunk()
    assert refused.value.status_code == 401

    client.headers["Authorization"] = f"Bearer {tess.token}"
    client.uploader(file_stream=io.BytesIO(DATA), chunk_size=CHUNK, url=uploader.url).upload()
    assert whole(tess.client, pid)


def test_it_finds_out_what_is_understood(client: Any) -> None:
    """Its own way: OPTIONS, without a credential."""
    said = requests.options(client.url, timeout=10)

    assert (said.status_code, said.headers["Tus-Version"]) == (204, "1.0.0")
