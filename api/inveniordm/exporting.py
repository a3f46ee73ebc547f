"""Published records in the forms that other systems read, by Accept. Source: api/exports."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import orjson
from falcon.asgi import Request, Response

from api.conditional import matches
from api.door import send_bytes
from api.exports.exported import Exported, File
from api.exports.forms import FORMS, written
from api.inveniordm import foreign, links
from api.inveniordm.entries import UNTYPED, folder
from api.inveniordm.resource import MEDIA_TYPES, UNSPECIFIC, tag_of
from api.service import Service
from domain import heavy, metadata
from domain.commands.builtin import RECORD_MODEL
from domain.schemas import rdm
from domain.schemas.rdm.vocabulary import Ref
from domain.term import Term
from domain.values import FileEntry
from projections import manifest_pages
from projections.published import Found, Newest

KINDS = [*MEDIA_TYPES, *FORMS]


def asked(req: Request) -> str | None:
    """Return which form a request would rather have than this door's JSON; None: none."""
    if req.accept in UNSPECIFIC:
        return None
    found = req.client_prefers(KINDS)
    return found if found in FORMS else None


async def send(
    service: Service,
    req: Request,
    resp: Response,
    base: str,
    found: Found,
    newest: Newest,
    media_type: str,
) -> None:
    """Answer with a record in a form; 304 when the asker has it."""
    told = await exported(service, base, found, newest)
    # In the helper process: what writes XML takes half a second to be loaded.
    body = await service.slow(lambda: heavy.call(written, media_type, told))
    tag = tag_of(newest.revision, body)
    resp.set_header("ETag", tag)
    resp.set_header("Vary", "Accept")
    if matches(req.get_header("If-None-Match"), tag):
        resp.status = 304
        return
    send_bytes(resp, body)
    resp.content_type = media_type


async def exported(service: Service, base: str, found: Found, newest: Newest) -> Exported:
    """Return what is exported of a record that the asker may see."""
    document = bytes(newest.body)
    if found.action == RECORD_MODEL:
        refs = await service.slow(lambda: heavy.call(metadata.references_of, document))
        terms = await service.vocabulary.find(refs)
        said = await service.slow(lambda: heavy.call(_dereferenced, document, terms))
    else:
        title, terms = foreign.title(document), {}
        said = {} if title is None else {"title": title}
    now = found.access.at(datetime.now(UTC))
    is_open = now.of_files == "public"
    files = await manifest_pages.after(service.db, newest.manifest, "") if is_open else []
    return Exported(
        pid=found.pid,
        url=links.record(base, found.pid)["self_html"],
        parent=f"{base}/records/{found.kin.pid}",
        index=found.index,
        created_at=found.created_at,
        updated_at=newest.recorded_at,
        metadata=said,
        props=_props(terms.values()),
        files=tuple(_file(base, found.pid, each) for each in files),
        is_open=is_open,
    )


def _dereferenced(document: bytes, terms: dict[Ref, Term]) -> dict[str, Any]:
    said = {ref: term.content for ref, term in terms.items()}
    return rdm.dereference(orjson.loads(document)[metadata.MEMBER], said)


def _props(terms: Collection[Term]) -> dict[str, dict[str, str]]:
    return {f"{term.type}:{term.key}": term.content.props for term in terms}


def _file(base: str, pid: str, file: FileEntry) -> File:
    where = folder(base, pid, draft=False)
    url = f"{where.url}/{links.segment(file.key)}/content"
    return File(file.key, url, file.media_type or UNTYPED, file.size)
