"""Deposits and records → CAP's JSON. Source: the CAP specification, "Representations"."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import orjson
from msgspec import Struct

from api.cap import media, people
from api.cap.types import Types
from api.service import Service
from domain import access, documents, metadata
from domain.access import EVERYONE, Actor, Level
from domain.commands.builtin import RECORD_MODEL
from domain.commands.deposits import Deposit
from domain.draft_files import DraftFile
from domain.family import Family
from domain.identifiers import stream_of
from domain.record import Record
from domain.values import FileEntry
from projections import draft_files, manifest_pages
from projections.deposits import Found

ACTIONS = ("publish", "edit", "discard", "clone", "permissions", "upload", "disconnect_webhook")
UNTYPED = "application/octet-stream"


class Shown(Struct, frozen=True):
    """What is shown: as what its home is a deposit, or as a record once it is published.

    `files` are so many of its files as are listed at most; None: all.
    """

    record: Record
    family: Family
    schema_version: int
    document: bytes
    as_record: bool = False
    files: int | None = None

    @property
    def depid(self) -> str:
        """The id of the deposit."""
        return self.record.id.hex


def of_command(done: Deposit) -> Shown:
    """Return what a command stored."""
    return Shown(done.record, done.family, done.schema_version, bytes(done.document))


def of_found(found: Found) -> Shown:
    """Return a deposit that was read."""
    return Shown(found.record, found.family, found.schema_version, found.document)


async def render(
    service: Service, types: Types, actor: Actor, base: str, shown: Shown, media_type: str
) -> bytes:
    """Return a deposit or record in a representation, as JSON."""
    if media_type == media.REPOSITORIES:
        return b'{"webhooks":[]}'
    if media_type == media.BASIC:
        return orjson.dumps(_basic(shown))
    told = _is_told(actor, shown.family)
    known = await people.holders(service, shown.family) if told else {}
    if not await types.has(shown.record.action):  # of deposits everybody is known by the address
        known = people.as_told(known, actor)
    if media_type == media.PERMISSIONS:
        return orjson.dumps({"permissions": people.addresses(shown.family, known)})
    whole = await _whole(service, types, actor, base, shown, known)
    if media_type == media.FORM:
        whole |= await _form(types, actor, shown)
    return orjson.dumps(whole)


def _basic(shown: Shown) -> dict[str, Any]:
    record = shown.record
    found: dict[str, Any] = {
        "pid": record.pid if shown.as_record else shown.depid,
        "metadata": _metadata(shown),
        "created": instant(record.created_at),
        "updated": instant(record.recorded_at),
    }
    return found | _recid(record)


async def _whole(
    service: Service,
    types: Types,
    actor: Actor,
    base: str,
    shown: Shown,
    known: people.People,
) -> dict[str, Any]:
    record, family = shown.record, shown.family
    is_published = shown.as_record or record.draft is None
    kind = "record" if shown.as_record else "deposit"
    return {
        "id": record.pid if shown.as_record else shown.depid,
        "type": kind,
        "revision": record.version,
        "schema": await _schema(types, shown),
        "experiment": None,
        "status": "published" if is_published else "draft",
        "created_by": people.person(people.as_told(known, actor).get(family.owner)),
        "created": instant(record.created_at),
        "updated": instant(record.recorded_at),
        "metadata": _metadata(shown),
        "labels": [],
        "files": await _files(service, base, shown),
        "is_owner": actor.account == family.owner,
        "access": people.rights(family, known, kind),
        "links": _links(base, shown),
        **_recid(record),
        **({"draft_id": shown.depid} if shown.as_record else {}),
    }


async def _files(service: Service, base: str, shown: Shown) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if shown.files == 0:
        return found
    async for each in files(service, shown.record, published=shown.as_record):
        found.append(file_entry(base, each))
        if len(found) == shown.files:
            break
    return found


async def _form(types: Types, actor: Actor, shown: Shown) -> dict[str, Any]:
    held = access.level(actor, shown.family.grants)
    schema: object = {}
    if await types.has(shown.record.action):
        found = await types.of(shown.record.action, shown.schema_version)
        schema = orjson.Fragment(bytes(found.record if shown.as_record else found.deposit))
    return {
        "can_update": held >= Level.EDIT,
        "can_admin": held >= Level.MANAGE,
        "can_review": False,
        "schemas": {"schema": schema, "uiSchema": {}, "config": {}},
    }


async def _schema(types: Types, shown: Shown) -> dict[str, str]:
    if not await types.has(shown.record.action):
        return {"name": "", "version": "", "fullname": ""}
    found = await types.of(shown.record.action, shown.schema_version)
    return {"name": found.name, "version": found.version, "fullname": found.fullname}


def _metadata(shown: Shown) -> orjson.Fragment:
    """Return the document; of one by InvenioRDM's record model what is metadata there, too."""
    if shown.record.action != RECORD_MODEL:
        return orjson.Fragment(shown.document)
    return orjson.Fragment(bytes(documents.split(shown.document)[metadata.MEMBER]))


def _recid(record: Record) -> dict[str, str]:
    return {"recid": record.pid} if record.versions else {}


def _links(base: str, shown: Shown) -> dict[str, str]:
    bucket = {"bucket": bucket_url(base, shown.record.id)}
    html = f"{base}/records/{shown.record.pid}"
    if shown.as_record:
        return {"self": f"{base}/api/records/{shown.record.pid}", "html": html, **bucket}
    here = f"{base}/api/deposits/{shown.depid}"
    if not shown.record.versions:
        html = f"{base}/uploads/{shown.record.pid}"
    actions = {each: f"{here}/actions/{each}" for each in ACTIONS}
    return {"self": here, "files": f"{here}/files", **bucket, "html": html, **actions}


def bucket_url(base: str, record: UUID) -> str:
    """Return where the files of a deposit are."""
    return f"{base}/api/files/{record}"


async def files(service: Service, record: Record, *, published: bool) -> AsyncIterator[DraftFile]:
    """Give the complete files of a deposit, in order of key: the draft's, or those published."""
    after = ""
    while True:
        if record.draft is not None and not published:
            page = await draft_files.page(service.db, record, after)
        else:
            found = await manifest_pages.after(service.db, record.manifest, after)
            page = [of_version(record, each) for each in found]
        if not page:
            return
        for each in page:
            if each.state == "completed":
                yield each
        after = page[-1].key


def of_version(record: Record, entry: FileEntry) -> DraftFile:
    """Return a published file as one of a draft."""
    at = record.recorded_at
    return DraftFile(record.id, entry.key, "completed", at, at, entry.content)


def file_entry(base: str, file: DraftFile) -> dict[str, Any]:
    """Return a file as JSON."""
    content = file.content
    assert content is not None  # noqa: S101 - it is complete
    return {
        "key": file.key,
        "size": content.size,
        "checksum": f"md5:{content.md5}",
        "version_id": version_id(file.record, file.key, content.sha256),
        "bucket": str(file.record),
        "mimetype": content.media_type or UNTYPED,
        "created": instant(file.started_at),
        "updated": instant(file.updated_at),
        "links": {"self": f"{bucket_url(base, file.record)}/{quote(file.key)}"},
    }


def version_id(record: UUID, key: str, sha256: str) -> str:
    """Return what names a file's bytes under a key."""
    return str(stream_of("file", f"{record} {key} {sha256}"))


def instant(at: datetime) -> str:
    """Return an instant as CAP writes it."""
    return at.isoformat(timespec="microseconds")


def _is_told(actor: Actor, family: Family) -> bool:
    """Whether who asks works with a record, and is told who else does."""
    own = {
        who: level
        for who, level in family.grants.items()
        if who != EVERYONE and who not in family.links
    }
    return access.level(actor, own) >= Level.VIEW
