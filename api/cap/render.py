"""Deposits and records → CAP's JSON. Source: the CAP specification, "Representations"."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import orjson

from api.cap import media, people
from api.cap.shown import Beside, Shown, gathered, is_told
from api.cap.types import Types
from api.service import Service
from domain import access, documents, metadata
from domain.access import Actor, Level
from domain.commands.builtin import RECORD_MODEL
from domain.draft_files import DraftFile
from domain.identifiers import stream_of
from domain.record import Record

ACTIONS = ("publish", "edit", "discard", "clone", "permissions", "upload", "disconnect_webhook")
UNTYPED = "application/octet-stream"


async def render(
    service: Service,
    types: Types,
    actor: Actor,
    base: str,
    shown: Shown,
    media_type: str,
    beside: Beside | None = None,
) -> bytes:
    """Return a deposit or record in a representation, as JSON.

    `beside` is what was read for it and others; None: it is read now.
    """
    if media_type == media.REPOSITORIES:
        return b'{"webhooks":[]}'
    if media_type == media.BASIC:
        return orjson.dumps(_basic(shown))
    if beside is None:
        beside = await gathered(service, actor, [shown], media_type)
    known = beside.people_of(shown) if is_told(actor, shown.family) else {}
    if not await types.has(shown.record.action):  # of deposits everybody is known by the address
        known = people.as_told(known, actor)
    if media_type == media.PERMISSIONS:
        return orjson.dumps({"permissions": people.addresses(shown.family, known, shown.kind)})
    whole = await _whole(service, types, actor, base, shown, known, beside)
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
    beside: Beside,
) -> dict[str, Any]:
    record, family = shown.record, shown.family
    is_published = shown.as_record or record.draft is None
    return {
        "id": record.pid if shown.as_record else shown.depid,
        "type": shown.kind,
        "revision": record.version,
        "schema": await _schema(types, shown),
        "experiment": None,
        "status": "published" if is_published else "draft",
        "created_by": people.person(people.as_told(known, actor).get(family.owner)),
        "created": instant(record.created_at),
        "updated": instant(record.recorded_at),
        "metadata": _metadata(shown),
        "labels": [],
        "files": [file_entry(base, each) async for each in beside.files_of(service, shown)],
        "is_owner": actor.account == family.owner,
        "access": people.rights(family, known, shown.kind),
        "links": _links(base, shown),
        **_recid(record),
        **({"draft_id": shown.depid} if shown.as_record else {}),
    }


async def _form(types: Types, actor: Actor, shown: Shown) -> dict[str, Any]:
    held = access.level(actor, shown.family.grants)
    schema: object = {}
    config: object = {}
    if await types.has(shown.record.action):
        found = await types.of(shown.record.action, shown.schema_version)
        schema = orjson.Fragment(bytes(found.record if shown.as_record else found.deposit))
        config = orjson.Fragment(bytes(found.config))
    return {
        "can_update": held >= Level.EDIT,
        "can_admin": held >= Level.MANAGE,
        "can_review": False,
        "schemas": {"schema": schema, "uiSchema": {}, "config": config},
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
        here = f"{base}/api/records/{shown.record.pid}"
        return {"self": here, "files": f"{here}/files", "html": html, **bucket}
    here = f"{base}/api/deposits/{shown.depid}"
    if not shown.record.versions:
        html = f"{base}/uploads/{shown.record.pid}"
    actions = {each: f"{here}/actions/{each}" for each in ACTIONS}
    return {"self": here, "files": f"{here}/files", **bucket, "html": html, **actions}


def bucket_url(base: str, record: UUID) -> str:
    """Return where the files of a deposit are."""
    return f"{base}/api/files/{record}"


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
