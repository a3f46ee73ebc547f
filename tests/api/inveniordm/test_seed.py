"""Each example of the reference, "Drafts" and "Get a record", against the live service.

What varies in the reference is taken from the answer: ids, the user, instants, revisions.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
import pytest

from tests.api.asking import User
from tests.api.inveniordm.making import CLOSED, COLLINS, METADATA, RECORDS
from tests.running import Running

CREATED = {
    "access": {"record": "public", "files": "public"},
    "files": {"enabled": True},
    "metadata": METADATA,
}
UPDATED = {
    "access": CLOSED,
    "files": {"enabled": False},
    "metadata": METADATA | {"title": "An Updated Romans story"},
}
SHOWN = METADATA | {
    "resource_type": {"id": "image-photo", "title": {"en": "Photo"}},
    "creators": [
        {
            "person_or_org": {
                "family_name": "Brown",
                "given_name": "Troy",
                "name": "Brown, Troy",
                "type": "personal",
            }
        },
        COLLINS
        | {
            "affiliations": [
                {"id": "01ggx4157", "name": "European Organization for Nuclear Research"}
            ]
        },
    ],
}


@pytest.fixture(scope="module")
def user(ada: User) -> int:
    """The number of the account that asks."""
    return int(ada.client.get("/api/v1/users/me").json()["user_id"])


def _same(answer: httpx.Response, links: dict[str, str], **shown: Any) -> dict[str, Any]:
    """Hold an answer to an example: every member that it has is there and says the same."""
    assert answer.headers["Content-Type"] == "application/json"
    found: dict[str, Any] = answer.json()
    begins = str(answer.request.url).partition("/api/")[0]
    for name, path in links.items():
        assert found["links"][name] == begins + path.format(id=found["id"]), name
    for name, value in shown.items():
        if isinstance(value, dict) and name != "metadata":
            assert {key: found[name][key] for key in value} == value, name
        else:
            assert found[name] == value, name
    for name in ("created", "expires_at", "updated"):
        datetime.fromisoformat(found[name])
    assert isinstance(found["revision_id"], int)
    assert answer.headers["ETag"].startswith(f'"{found["revision_id"]}')
    assert "errors" not in found
    return found


def _access(visibility: str) -> dict[str, Any]:
    embargo = {"reason": None, "active": False}
    return {"record": visibility, "files": visibility, "embargo": embargo}


def _parent(found: dict[str, Any], user: int) -> dict[str, Any]:
    return {
        "id": found["parent"]["id"],
        "access": {"owned_by": [{"user": user}], "links": []},
    }


BOTH = {
    "latest": "/api/records/{id}/versions/latest",
    "versions": "/api/records/{id}/versions",
    "latest_html": "/records/{id}/latest",
    "access_links": "/api/records/{id}/access/links",
}
DRAFT_LINKS = BOTH | {
    "self": "/api/records/{id}/draft",
    "self_html": "/uploads/{id}",
    "publish": "/api/records/{id}/draft/actions/publish",
    "files": "/api/records/{id}/draft/files",
}
RECORD_LINKS = BOTH | {
    "self": "/api/records/{id}",
    "self_html": "/records/{id}",
    "files": "/api/records/{id}/files",
}
NEW = {"index": 1, "is_latest": False, "is_latest_draft": True}
LATEST = {"index": 1, "is_latest": True, "is_latest_draft": True}


def test_the_examples_of_drafts_and_records_one_after_the_other(
    ada: User, user: int, server: Running
) -> None:
    """Create, get, update, publish, get the record, edit, discard."""
    ask = ada.client
    made = ask.post(RECORDS, json=CREATED)
    assert made.status_code == 201
    draft = {"is_published": False, "pids": {}, "files": {"enabled": True}, "versions": NEW}
    found = _same(made, DRAFT_LINKS, **draft, access=_access("public"), metadata=SHOWN)
    assert found["parent"] == _parent(found, user)
    assert found["parent"]["id"] != found["id"]
    path = f"{RECORDS}/{found['id']}"

    got = ask.get(f"{path}/draft")
    assert got.status_code == 200
    assert got.json() == found

    shown = SHOWN | {"title": "An Updated Romans story"}
    put = ask.put(f"{path}/draft", json=UPDATED)
    assert put.status_code == 200
    draft["files"] = {"enabled": False}
    updated = _same(put, DRAFT_LINKS, **draft, access=_access("restricted"), metadata=shown)
    assert updated["revision_id"] > found["revision_id"]

    published = ask.post(f"{path}/draft/actions/publish")
    assert published.status_code == 202
    record = {"is_published": True, "pids": {}, "files": {"enabled": False}, "versions": LATEST}
    common = record | {"access": _access("restricted"), "metadata": shown}
    answered = _same(published, RECORD_LINKS, **common)

    read = ask.get(path)
    assert read.status_code == 200
    assert _same(read, RECORD_LINKS, **common) == answered
    assert answered["parent"] == found["parent"]

    edited = ask.post(f"{path}/draft")
    assert edited.status_code == 200
    draft["versions"] = LATEST
    again = _same(edited, DRAFT_LINKS, **draft, access=_access("restricted"), metadata=shown)
    assert again["id"] == found["id"]
    assert again["revision_id"] > answered["revision_id"]

    discarded = ask.delete(f"{path}/draft")
    assert (discarded.status_code, discarded.content) == (204, b"")
    assert ask.get(f"{path}/draft").status_code == 404
    assert ask.get(path).json() == answered
