"""What records that the asker may see are exported from, as it is read from the views."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from api.exports.exported import File, Source, Terms
from api.inveniordm import links
from api.inveniordm.entries import UNTYPED, folder
from api.service import Service
from domain import metadata
from domain.commands.builtin import RECORD_MODEL
from domain.schemas.rdm.vocabulary import Ref
from domain.values import Content
from projections import manifest_pages
from projections.published import Found, Newest


async def gather(
    service: Service, base: str, found: Found, newest: Newest, refs: set[Ref] | None = None
) -> Source:
    """Return what a record is exported from. `refs`: the terms in it, where they are known."""
    if refs is None:
        (source,) = await gather_all(service, base, [(found, newest)])
        return source
    return _source(base, found, newest, await _terms(service, refs))


async def gather_all(
    service: Service, base: str, records: Sequence[tuple[Found, Newest]]
) -> list[Source]:
    """Return what each of these records is exported from."""
    documents = [newest.body for found, newest in records if found.action == RECORD_MODEL]
    refs = await service.weighed(sum(map(len, documents)), references, documents)
    terms = await _terms(service, refs)
    return [_source(base, found, newest, terms) for found, newest in records]


def references(documents: Sequence[bytes]) -> set[Ref]:
    """Return the terms that stored documents refer to."""
    return {ref for each in documents for ref in metadata.references_of(each)}


async def files(
    service: Service, base: str, found: Found, newest: Newest
) -> AsyncIterator[list[File]]:
    """Give all files of a record, in order of key."""
    after = ""
    while page := await manifest_pages.after(service.db, newest.manifest, after):
        yield [file(base, found.pid, each.key, each.content) for each in page]
        after = page[-1].key


def file(base: str, pid: str, key: str, content: Content) -> File:
    """Return a record's file."""
    url = f"{folder(base, pid, draft=False).url}/{links.segment(key)}/content"
    return File(key, url, content.media_type or UNTYPED, content.size)


async def _terms(service: Service, refs: set[Ref]) -> Terms:
    found = await service.vocabulary.find(refs)
    return {ref: term.content for ref, term in found.items()}


def _source(base: str, found: Found, newest: Newest, terms: Terms) -> Source:
    shown = links.record(base, found.pid)
    return Source(
        pid=found.pid,
        url=shown["self_html"],
        parent=f"{base}/records/{found.kin.pid}",
        api=shown["self"],
        created_at=found.created_at,
        updated_at=newest.recorded_at,
        document=newest.body,
        has_metadata=found.action == RECORD_MODEL,
        terms=terms,
        is_open=found.access.at(datetime.now(UTC)).of_files == "public",
    )
