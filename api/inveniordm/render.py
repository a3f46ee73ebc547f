"""Drafts and records → InvenioRDM's JSON. Source: the InvenioRDM specification, 2.

What is made here lacks `metadata`, which `whole` adds: it refers to terms, which are asked for
when it is known which ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson

from api.inveniordm import errors, foreign, links
from domain import metadata
from domain.draft import Draft
from domain.record import Record
from domain.schemas import rdm
from domain.schemas.rdm import access as rdm_access
from domain.schemas.rdm.vocabulary import Terms
from domain.values import Access, FileOptions, Manifest
from projections.published import Found, Kin, Newest


def draft(
    record: Record, kin: Kin, open_draft: Draft, *, owner: int, base: str, now: datetime
) -> dict[str, Any]:
    """Return a draft; `owner` is an account's number."""
    assert record.draft is not None  # noqa: S101 - it is open
    shown = {
        "id": record.pid,
        "created": record.created_at.isoformat(),
        "updated": open_draft.saved_at.isoformat(),
        # Drafts do not expire here. InvenioRDM shows the instant at which one was begun.
        "expires_at": record.draft.opened_at.isoformat(),
        "revision_id": record.version,
        "is_published": False,
        "is_draft": True,
        "access": _access(open_draft.access, now, has_files=open_draft.files.enabled),
        "files": _files(open_draft.files),
        "parent": _parent(kin, owner),
        "pids": {},
        "versions": {
            "index": record.index,
            "is_latest": record.versions > 0 and record.index == kin.index,
            "is_latest_draft": record.index == kin.last,
        },
        "links": links.draft(base, record.pid),
    }
    if open_draft.faults:
        shown["errors"] = errors.listed(open_draft.faults)
    return shown


def record(found: Found, newest: Newest, *, owner: int, base: str, now: datetime) -> dict[str, Any]:
    """Return a published record; `owner` is an account's number.

    Of its files there is nothing for who may not list them, but that it may have any.
    """
    options = newest.options or FileOptions(enabled=newest.manifest is not None)
    files = _files(FileOptions(enabled=options.enabled))
    if found.may_list(now):
        files = _files(options) | _amount(newest.manifest)
    return {
        "id": found.pid,
        "created": found.created_at.isoformat(),
        "updated": newest.recorded_at.isoformat(),
        "expires_at": found.created_at.isoformat(),
        "revision_id": newest.revision,
        "is_published": True,
        "is_draft": False,
        "access": _access(found.access, now, has_files=options.enabled),
        "files": files,
        "parent": _parent(found.kin, owner),
        "pids": {},
        "versions": {
            "index": found.index,
            "is_latest": found.index == found.kin.index,
            "is_latest_draft": found.index == found.kin.last,
        },
        "links": links.record(base, found.pid),
    }


def whole(
    shown: dict[str, Any], document: bytes, terms: Terms, language: str | None, *, pretty: bool
) -> bytes:
    """Return JSON with the metadata of a document; with a language, also what a page shows."""
    shown[metadata.MEMBER] = rdm.dereference(orjson.loads(document)[metadata.MEMBER], terms)
    if language is not None:
        shown["ui"] = rdm.interface(shown, language)
    return orjson.dumps(shown, option=orjson.OPT_INDENT_2 if pretty else None)


def other(shown: dict[str, Any], document: bytes, language: str | None, *, pretty: bool) -> bytes:
    """Return JSON of a record that another door made; its document is spliced in as `data`."""
    title = foreign.title(document)
    shown[metadata.MEMBER] = {} if title is None else {"title": title}
    if language is not None:
        shown["ui"] = rdm.interface(shown, language)
    shown["data"] = orjson.Fragment(document)
    return orjson.dumps(shown, option=orjson.OPT_INDENT_2 if pretty else None)


def _access(access: Access, now: datetime, *, has_files: bool) -> dict[str, Any]:
    return rdm_access.show(access, now, has_files=has_files)


def _files(options: FileOptions) -> dict[str, Any]:
    shown: dict[str, Any] = {"enabled": options.enabled, "order": options.order}
    if options.default_preview is not None:
        shown["default_preview"] = options.default_preview
    return shown


def _amount(manifest: Manifest | None) -> dict[str, int]:
    if manifest is None:
        return {"count": 0, "total_bytes": 0}
    return {"count": manifest.count, "total_bytes": manifest.size}


def _parent(kin: Kin, owner: int) -> dict[str, Any]:
    access: dict[str, Iterable[Any]] = {"owned_by": [{"user": owner}], "links": []}
    return {"id": kin.pid, "access": access}
