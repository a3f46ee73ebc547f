"""Manifests: what a draft's files amount to when it is published. Source: DESIGN.md "Files"."""

from __future__ import annotations

from domain.draft import OpenDraft
from domain.draft_files import DraftFile
from domain.errors import Fault
from domain.log import Session
from domain.manifest import (
    ManifestContinued,
    ManifestStored,
    StoredManifest,
    listed,
    manifest_id,
)
from domain.record import Record
from domain.values import Body, FileEntry, FileOptions, Manifest

NONE = Fault(("files", "enabled"), "There are no files: upload some, or disable them.")
PENDING = "Not all files are complete yet: {}."
SHOWN = 10  # keys that are named


def of_draft(
    session: Session, record: Record, draft: OpenDraft, options: FileOptions
) -> tuple[Manifest | None, list[Fault]]:
    """Return what names the files of a draft, None: it has none; and what is wrong with them.

    A list that was never stored before is decided to be, page by page, if nothing is wrong.
    """
    if not options.enabled:
        return None, []
    if not draft.files:
        return None, [NONE]
    if not draft.changed:
        return draft.base, []
    own = {each.key: each for each in session.heads.draft_files(record.id)}
    pending = sorted(each.key for each in own.values() if each.state == "pending")
    if pending:
        return None, [Fault(("files",), PENDING.format(", ".join(pending[:SHOWN])))]
    base = session.heads.manifest_files(draft.base) if draft.base else []
    entries = [each for each in base if each.key not in own]
    entries += [entry for each in own.values() if (entry := _entry(each)) is not None]
    manifest, pages = listed(entries)
    _store(session, manifest, pages)
    return manifest, []


def _entry(file: DraftFile) -> FileEntry | None:
    return None if file.content is None else FileEntry.of(file.key, file.content)


def _store(session: Session, manifest: Manifest, pages: list[Body]) -> None:
    id_ = manifest_id(manifest.digest)
    if session.find(StoredManifest, id=id_) is not None:
        return
    stored = session.begin(id_, ManifestStored(manifest=manifest, files=pages[0]))
    for number, page in enumerate(pages[1:], 1):
        stored = session.change(stored, ManifestContinued(page=number, files=page))
