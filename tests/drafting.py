"""Drafts of records in tests: a log with InvenioRDM's model and the terms that bodies refer to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5, sha256
from typing import Any
from uuid import uuid4

import orjson

from domain.access import Actor
from domain.commands import accounts, builtin, draft_files, drafts, terms
from domain.commands.drafts import Edited, Publication
from domain.commands.models import Sent, sent
from domain.log import Log
from domain.record import Record
from domain.term import Content as Said
from domain.term import Ref
from domain.values import Content
from tests.writing import actor, log_on

TERMS = {Ref("resourcetypes", "image-photo"): Said(title={"en": "Photo"})}
BROWN = {"person_or_org": {"family_name": "Brown", "given_name": "Troy", "type": "personal"}}
METADATA = {
    "creators": [BROWN],
    "publication_date": "2020-06-01",
    "resource_type": {"id": "image-photo"},
    "title": "A Romans story",
    "version": "v1",
}
OPEN = {"record": "public", "files": "public"}


@contextmanager
def drafts_on(database: str) -> Iterator[Log]:
    """The log of a database, with what drafts need."""
    with log_on(database) as log:
        log.run(accounts.OPERATOR, builtin.record_model)
        log.run(accounts.OPERATOR, terms.put, TERMS)
        yield log


def body(*, enabled: bool = False, preview: str | None = None, **more: Any) -> Sent:
    """A request's body with everything that a record needs, and `more`: parts of metadata."""
    metadata = {name: value for name, value in (METADATA | more).items() if value is not None}
    files = {"enabled": enabled, "default_preview": preview}
    return sent(orjson.dumps({"access": OPEN, "files": files, "metadata": metadata}))


def somebody() -> Actor:
    """A new account, with every scope."""
    return actor(uuid4())


def content(data: bytes) -> Content:
    """What names bytes."""
    return Content(
        sha256(data).hexdigest(), md5(data, usedforsecurity=False).hexdigest(), len(data)
    )


def add_file(log: Log, who: Actor, pid: str, key: str, data: bytes = b"tin") -> Record:
    """Give a draft a file, in three commands."""
    log.run(who, draft_files.start, pid, [key])
    log.run(who, draft_files.receive, pid, key, content(data))
    return log.run(who, draft_files.commit, pid, key, media_type="text/plain").record


def published(log: Log, who: Actor, *keys: str) -> Publication:
    """Publish a record with these files."""
    made: Edited = log.run(who, drafts.create, body(enabled=bool(keys)))
    for key in keys:
        add_file(log, who, made.record.pid, key, key.encode())
    return log.run(who, drafts.publish, made.record.pid)
