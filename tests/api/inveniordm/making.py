"""Drafts and records for tests, made as InvenioRDM's clients make them."""

from __future__ import annotations

from typing import Any

import httpx

from domain.commands import drafts
from domain.log import Session
from domain.values import Access, FileOptions

RECORDS = "/api/records"
V1 = "application/vnd.inveniordm.v1+json"
BROWN = {"person_or_org": {"family_name": "Brown", "given_name": "Troy", "type": "personal"}}
COLLINS: dict[str, Any] = {
    "person_or_org": {
        "family_name": "Collins",
        "given_name": "Thomas",
        "identifiers": [{"scheme": "orcid", "identifier": "0000-0002-1825-0097"}],
        "name": "Collins, Thomas",
        "type": "personal",
    },
    "affiliations": [{"id": "01ggx4157", "name": "Entity One"}],
}
METADATA: dict[str, Any] = {
    "creators": [BROWN, COLLINS],
    "publication_date": "2020-06-01",
    "resource_type": {"id": "image-photo"},
    "title": "A Romans story",
}
OPEN = {"record": "public", "files": "public"}
CLOSED = {"record": "restricted", "files": "restricted"}


def body(access: dict[str, Any] = OPEN, **metadata: Any) -> dict[str, Any]:
    """Return the body of a draft without files that may be published."""
    return {"access": access, "files": {"enabled": False}, "metadata": METADATA | metadata}


def draft(asker: httpx.Client, sent: Any = None) -> dict[str, Any]:
    """Make a draft, of `body()` when nothing else is given, and return it."""
    made = asker.post(RECORDS, json=body() if sent is None else sent)
    assert made.status_code == 201, made.text
    answer: dict[str, Any] = made.json()
    return answer


def publish(asker: httpx.Client, pid: str) -> dict[str, Any]:
    """Publish a draft and return the record."""
    done = asker.post(f"{RECORDS}/{pid}/draft/actions/publish")
    assert done.status_code == 202, done.text
    answer: dict[str, Any] = done.json()
    return answer


def record(asker: httpx.Client, sent: Any = None) -> dict[str, Any]:
    """Make a record and return it."""
    return publish(asker, draft(asker, sent)["id"])


def published_with(session: Session, pid: str, to: Access) -> None:
    """Publish a record's newest version once more, as if its embargo had been there before."""
    edited = drafts.edit(session, pid)
    event = edited.record.publish_draft(
        edited.draft.document,
        schema_version=1,
        access=to,
        manifest=None,
        options=FileOptions(enabled=False),
    )
    session.change(edited.record, event)
