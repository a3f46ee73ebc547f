"""Files of drafts for tests, made as InvenioRDM's clients make them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx

from tests.api.inveniordm.making import METADATA, OPEN, RECORDS, draft, publish

DATA = b"tin and lead\n" * 1000


def with_files(access: dict[str, Any] = OPEN, **files: Any) -> dict[str, Any]:
    """Return the body of a draft that may have files."""
    return {"access": access, "files": {"enabled": True} | files, "metadata": METADATA}


def begun(asker: httpx.Client, *keys: str, access: dict[str, Any] = OPEN) -> str:
    """Make a draft with these files started and return its id."""
    pid: str = draft(asker, with_files(access))["id"]
    if keys:
        start(asker, pid, *keys)
    return pid


def start(asker: httpx.Client, pid: str, *keys: str) -> dict[str, Any]:
    """Start files and return the list."""
    made = asker.post(files(pid), json=[{"key": key} for key in keys])
    assert made.status_code == 201, made.text
    answer: dict[str, Any] = made.json()
    return answer


def add(asker: httpx.Client, pid: str, key: str, data: bytes = DATA) -> dict[str, Any]:
    """Give a draft a file and return its entry."""
    start(asker, pid, key)
    put = asker.put(content(pid, key), content=data)
    assert put.status_code == 200, put.text
    return commit(asker, pid, key)


def commit(asker: httpx.Client, pid: str, key: str) -> dict[str, Any]:
    """Commit a file and return its entry."""
    done = asker.post(f"{file(pid, key)}/commit")
    assert done.status_code == 200, done.text
    answer: dict[str, Any] = done.json()
    return answer


def filed(asker: httpx.Client, *keys: str, access: dict[str, Any] = OPEN) -> str:
    """Publish a record with these files and return its id."""
    pid = begun(asker, access=access)
    for key in keys:
        add(asker, pid, key, key.encode())
    publish(asker, pid)
    return pid


def files(pid: str, *, published: bool = False) -> str:
    """Return the path of a draft's files, or of a record's."""
    return f"{RECORDS}/{pid}/files" if published else f"{RECORDS}/{pid}/draft/files"


def file(pid: str, key: str, *, published: bool = False) -> str:
    """Return the path of a file."""
    return f"{files(pid, published=published)}/{quote(key, safe='')}"


def content(pid: str, key: str, *, published: bool = False) -> str:
    """Return the path of a file's bytes."""
    return f"{file(pid, key, published=published)}/content"
