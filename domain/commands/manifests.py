"""Manifests: what a draft's files amount to when it is published. Source: DESIGN.md "Files"."""

from __future__ import annotations

from domain.draft import OpenDraft
from domain.errors import Conflict, Fault
from domain.log import Session
from domain.manifest import (
    ManifestContinued,
    ManifestStored,
    StoredManifest,
    listed,
    manifest_id,
)
from domain.record import Record
from domain.values import Body, FileOptions, Manifest

NONE = Fault(("files", "enabled"), "There are no files: upload some, or disable them.")
PENDING = "Not all files are complete yet: {}."
SHOWN = 10  # keys that are named


def of_draft(
    session: Session, record: Record, draft: OpenDraft, options: FileOptions
) -> tuple[Manifest | None, list[Fault]]:
    """Return what names the files of a draft, None: it has none; and what is wrong with them.

    A list that was never stored before is decided to be, page by page, if nothing is wrong.
    Raises Conflict when the files went away a moment ago.
    """
    if not options.enabled:
        return None, []
    if not draft.files:
        return None, [NONE]
    if not draft.changed:
        return draft.base, []
    pending = session.heads.draft_keys(record.id, "pending")
    if pending:
        return None, [Fault(("files",), PENDING.format(", ".join(pending[:SHOWN])))]
    entries = session.heads.draft_entries(record.id)
    if draft.base is not None:
        other = {each.key for each in entries}
        other.update(session.heads.draft_keys(record.id, "removed"))
        base = session.heads.manifest_files(draft.base)
        entries += [each for each in base if each.key not in other]
    if not entries:  # those that the draft had are gone since it was read
        raise Conflict("The files of this draft are changing; try again.")
    manifest, pages = listed(entries)
    _store(session, manifest, pages)
    return manifest, []


def _store(session: Session, manifest: Manifest, pages: list[Body]) -> None:
    id_ = manifest_id(manifest.digest)
    stored = session.find(StoredManifest, id=id_)
    if stored is not None and stored.pages:
        session.rely(stored)  # nobody erases it meanwhile
        return
    if stored is None:
        stored = session.begin(id_, ManifestStored(manifest=manifest, files=pages[0]))
    else:
        again = ManifestContinued(page=0, files=pages[0], manifest=manifest)
        stored = session.change(stored, again)
    for number, page in enumerate(pages[1:], 1):
        stored = session.change(stored, ManifestContinued(page=number, files=page))
