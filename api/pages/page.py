"""The page of a record or of a draft, from what the API says of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from msgspec import Struct

from api.inveniordm.links import segment
from api.pages import telling
from api.pages.drawing import draw
from api.pages.indenting import indented
from api.pages.telling import Line, Text
from domain.draft_files import DraftFile

LONGEST = 256 << 10  # bytes of a document that a page shows
UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")


class Link(Struct, frozen=True):
    """Where else to look."""

    href: str
    text: str


class Version(Struct, frozen=True):
    """One version of the work: its number in the family, its record, when it was published."""

    index: int
    pid: str
    at: datetime


class Around(Struct, frozen=True):
    """What a page shows beside the record. `root` begins each of its links.

    `query` ends those that an access link opens, where the page was opened by one. Files and
    versions are the first ones, of so many.
    """

    root: str
    query: str
    files: Sequence[DraftFile]
    all_files: int
    versions: Sequence[Version]
    all_versions: int
    document: bytes | None = None  # of a record that another door made
    closed_files: bool = False  # whether there may be files that are not shown
    version: int | None = None  # of the record as an object; None: it has none


def drawn(body: bytes, around: Around, language: str) -> bytes:
    """Return the page; `body` is the record or draft as the API shows it to people."""
    shown = orjson.loads(body)
    return draw("record.html", page=_page(shown, around, language))


def sized(size: int) -> str:
    """Return a number of bytes for people, in units of a thousand: "1.3 MB"."""
    value, unit = float(size), 0
    while value >= 999.95 and unit < len(UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{size} {UNITS[0]}" if unit == 0 else f"{value:.1f} {UNITS[unit]}"


def _page(shown: dict[str, Any], around: Around, language: str) -> dict[str, Any]:
    pid, draft, root, query = shown["id"], shown["is_draft"], around.root, around.query
    api = f"{root}/api/records/{pid}" + ("/draft" if draft else "")
    lines: list[Line] = []
    texts: list[Text] = []
    if "ui" in shown:
        lines, texts = telling.lines(shown, language), telling.texts(shown)
    lines.append(Line("Identifier", [telling.Item(pid)]))
    return {
        "title": shown["metadata"].get("title") or ("Untitled draft" if draft else pid),
        "draft": draft,
        "notes": _notes(shown, around),
        "newest": _newest(shown, around),
        "faults": shown.get("errors", ()),
        "texts": texts,
        "lines": lines,
        "document": _document(around.document),
        "files": [_file(each, f"{api}/files", query) for each in around.files],
        "more_files": around.all_files if around.all_files > len(around.files) else 0,
        "file_list": f"{api}/files{query}",
        "versions": [_version(each, pid, around, draft=draft) for each in around.versions],
        "more_versions": (around.all_versions if around.all_versions > len(around.versions) else 0),
        "version_list": f"{root}/api/records/{pid}/versions{query}",
        "json": api + query,
        "links": _links(pid, api + query, around),
    }


def _notes(shown: dict[str, Any], around: Around) -> list[str]:
    notes = []
    if shown["is_draft"]:
        notes.append("This is a draft: it is shown only to those who may see drafts.")
    if around.closed_files:
        until = shown["access"]["embargo"].get("until")
        active = shown["access"]["embargo"]["active"]
        when = f" until {until}" if active and until else ""
        notes.append(f"Files are restricted{when} to those who were given access.")
    return notes


def _newest(shown: dict[str, Any], around: Around) -> str | None:
    if shown["is_draft"] or shown["versions"]["is_latest"]:
        return None
    return f"{around.root}/records/{shown['id']}/latest{around.query}"


def _document(document: bytes | None) -> str | None:
    if document is None:
        return None
    if len(document) > LONGEST:
        return f"It has {sized(len(document))}: too much for a page. The links below lead to it."
    return indented(document)


def _file(file: DraftFile, url: str, query: str) -> dict[str, Any]:
    content = file.content if file.state == "completed" else None
    return {
        "name": file.key,
        "href": None if content is None else f"{url}/{segment(file.key)}/content{query}",
        "size": "not uploaded yet" if content is None else sized(content.size),
        "sha256": None if content is None else content.sha256,
    }


def _version(version: Version, pid: str, around: Around, *, draft: bool) -> dict[str, Any]:
    here = version.pid == pid and not draft
    return {
        "index": version.index,
        "href": None if here else f"{around.root}/records/{version.pid}{around.query}",
        "at": version.at.isoformat(),
    }


def _links(pid: str, api: str, around: Around) -> list[Link]:
    links = [Link(api, "As JSON")]
    if around.version is None:
        return links
    of_object = f"{around.root}/objects/{pid}"
    return [
        *links,
        Link(f"{of_object}/events", "Everything that happened to it"),
        Link(f"{of_object}/versions", "All that was published under this identifier"),
        Link(f"{of_object}/versions/{around.version}", "The newest of it, as an object"),
        Link(f"{of_object}/timemap", "When it changed (Memento)"),
    ]
