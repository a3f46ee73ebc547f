"""Drafts and records with what the vocabularies say now of the terms they refer to."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from falcon.asgi import Request
from msgspec import Struct

from api.home import Elsewhere
from api.inveniordm import render
from api.inveniordm.resource import V1, media_type, pretty
from api.service import Service
from domain import heavy, metadata
from domain.access import Level
from domain.commands.builtin import RECORD_MODEL
from domain.commands.drafts import Publication
from domain.draft import Draft
from domain.family import Family
from domain.record import Record
from domain.schemas.rdm.vocabulary import Ref, Terms
from projections.published import Found, Kin, Newest

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,2}")
WEIGHT = re.compile(r"[qQ]=([01](?:\.[0-9]{0,3})?)")
ENGLISH = "en"
MOST = 20  # languages that are tried


class Asked(Struct, frozen=True):
    """How an answer is to look. `language` is that of `ui`; None: without it.

    `elsewhere` shows records that are to have another door's shape; None: all have this one's.
    """

    language: str | None
    pretty: bool
    elsewhere: Elsewhere | None = None


def asked(req: Request) -> Asked:
    """Return how a request would have its answer. Raises NotAcceptable."""
    return Asked(language(req) if media_type(req) == V1 else None, pretty(req))


async def draft(
    service: Service, asked: Asked, base: str, record: Record, kin: Kin, found: Draft
) -> bytes:
    """Return an open draft as JSON."""
    owner = await service.number("accounts", kin.owner)
    now = datetime.now(UTC)
    shown = render.draft(record, kin, found, owner=owner, base=base, now=now)
    if record.action != RECORD_MODEL:
        document = bytes(found.document)
        return render.other(shown, document, asked.language, pretty=asked.pretty)
    body, _ = await _whole(service, asked, shown, bytes(found.document))
    return body


async def record(
    service: Service, asked: Asked, base: str, found: Found, newest: Newest
) -> tuple[bytes, set[Ref]]:
    """Return a published record as JSON, and the terms that it shows."""
    if asked.elsewhere is not None:
        body = await asked.elsewhere(base, found, newest)
        if body is not None:
            return body, set()
    owner = await service.number("accounts", found.kin.owner)
    shown = render.record(found, newest, owner=owner, base=base, now=datetime.now(UTC))
    if found.action != RECORD_MODEL:
        return render.other(shown, newest.body, asked.language, pretty=asked.pretty), set()
    return await _whole(service, asked, shown, newest.body)


def kin_of(family: Family) -> Kin:
    """Return what of a family is shown with its records."""
    return Kin(family.pid, family.owner, family.index, family.last)


def newest_of(record: Record, document: bytes) -> Newest:
    """Return the version that a record's last event published."""
    return Newest(
        recorded_at=record.recorded_at,
        revision=record.version,
        visibility=record.access.record,
        opens_at=record.access.opens_at,
        body=bytes(document),
        manifest=record.manifest,
        options=record.options,
    )


def of_publication(done: Publication) -> tuple[Found, Newest]:
    """Return what a publish stored, as readers find it."""
    record = done.record
    newest = newest_of(record, bytes(done.document))
    found = Found(
        id=record.id,
        pid=record.pid,
        family=record.family,
        action=record.action,
        index=record.index,
        created_at=record.created_at,
        access=record.access,
        versions=record.versions,
        kin=kin_of(done.family),
        newest=newest,
        level=Level.EDIT,
    )
    return found, newest


async def _whole(
    service: Service, asked: Asked, shown: dict[str, Any], document: bytes
) -> tuple[bytes, set[Ref]]:
    """Return JSON with the metadata of a document, and its terms; a large one takes its turn."""
    language, pretty = asked.language, asked.pretty
    if len(document) <= heavy.LIGHT:
        refs = metadata.references_of(document)
        terms = await _terms(service, refs)
        return render.whole(shown, document, terms, language, pretty=pretty), refs
    refs = await service.slow(lambda: heavy.call(metadata.references_of, document))
    terms = await _terms(service, refs)
    body = await service.slow(
        lambda: heavy.call(render.whole, shown, document, terms, language, pretty=pretty)
    )
    return body, refs


def language(req: Request) -> str:
    """Return the language that is asked for before all others."""
    return languages(req)[0]


def languages(req: Request) -> tuple[str, ...]:
    """Return what `ln`, or else Accept-Language, asks for, the dearest first; at least English.

    Source: RFC 9110, 12.5.4.
    """
    said = (req.get_param("ln") or req.get_header("Accept-Language") or "").split(",")
    tags = [(tag.strip(), weight) for tag, _, weight in (each.partition(";") for each in said)]
    weighed = sorted(((_weight(weight), tag) for tag, weight in tags), key=lambda each: -each[0])
    asked = [tag for weight, tag in weighed if weight > 0 and LANGUAGE.fullmatch(tag)]
    return tuple(asked[:MOST]) or (ENGLISH,)


def _weight(said: str) -> float:
    match = WEIGHT.fullmatch(said.strip())
    return 1.0 if match is None else float(match[1])


async def _terms(service: Service, refs: set[Ref]) -> Terms:
    found = await service.vocabulary.find(refs)
    return {ref: term.content for ref, term in found.items()}
