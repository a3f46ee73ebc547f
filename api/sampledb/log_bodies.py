"""Bodies about entries of an instrument's log → command arguments. Source: SampleDB 0.33.

What is large in them, the files, is read in the helper process (domain/heavy.py).
"""

from __future__ import annotations

from binascii import Error, a2b_base64

import orjson
from msgspec import Struct

from api import instants
from api.sampledb.fields import Fields
from domain import heavy
from domain.errors import Invalid
from domain.log_entry import LogText

TEXT = ("content", "content_is_markdown", "category_ids", "event_utc_datetime")
NEW = frozenset({*TEXT, "file_attachments", "object_attachments"})
VERSION = frozenset({*TEXT, "log_entry_id", "version_id"})
CONTENT = 50_000  # characters; within what a body's member may have to be read in place
FILE_NAME = 256  # characters. Source: SampleDB
FILES = 100  # that come with an entry


class Sent(Struct, frozen=True):
    """A file that comes with an entry."""

    name: str
    content: bytes


class NewEntry(Struct, frozen=True):
    """A body of POST …/log_entries/."""

    text: LogText
    files: list[Sent]
    objects: list[int]


def new_entry(body: bytes, depth: int) -> NewEntry:
    """Return what POST …/log_entries/ asks for. Raises Invalid."""
    fields = Fields(body, depth, NEW)
    files: list[Sent] = []
    if "file_attachments" in fields.found:
        raw = bytes(fields.found["file_attachments"].raw)
        files = heavy.call(_files, raw) if len(raw) > heavy.LIGHT else _files(raw)
    attached = fields.get("object_attachments", [])
    if not isinstance(attached, list):
        raise Invalid("object_attachments must be a list")
    return NewEntry(_text(fields), files, [_object(each) for each in attached])


def version(entry: str, body: bytes, depth: int) -> tuple[LogText, int | None]:
    """Return what POST …/log_entries/L/versions/ asks for: a text, the number it is to get.

    Raises Invalid.
    """
    fields = Fields(body, depth, VERSION)
    fields.same("log_entry_id", entry)
    return _text(fields), fields.integer("version_id") if "version_id" in fields.found else None


def _text(fields: Fields) -> LogText:
    content = "" if fields.get("content") is None else fields.text("content")
    if len(content) > CONTENT:
        raise Invalid(f"content must have at most {CONTENT} characters")
    event_at = fields.get("event_utc_datetime", None)
    if not isinstance(event_at, str | None):
        raise Invalid("event_utc_datetime must be a text or null")
    return LogText(
        content=content,
        content_is_markdown=fields.boolean("content_is_markdown", default=False),
        categories=tuple(dict.fromkeys(fields.integers("category_ids", []))),
        event_at=None if event_at is None else instants.parse("event_utc_datetime", event_at),
    )


def _object(attached: object) -> int:
    number = attached.get("object_id") if isinstance(attached, dict) else None
    if not isinstance(attached, dict) or len(attached) != 1 or type(number) is not int:
        raise Invalid("object_attachments must have object_id, an integer, and nothing else")
    return number


def _files(raw: bytes) -> list[Sent]:
    """Return the files of a list in JSON, which is known to be JSON. Raises Invalid."""
    found = orjson.loads(raw)
    if not isinstance(found, list) or len(found) > FILES:
        raise Invalid(f"file_attachments must be a list of at most {FILES}")
    return [_file(each) for each in found]


def _file(sent: object) -> Sent:
    if not isinstance(sent, dict) or sent.keys() != {"file_name", "base64_content"}:
        raise Invalid("file_attachments must have file_name and base64_content, and nothing else")
    name, content = sent["file_name"], sent["base64_content"]
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= FILE_NAME:
        raise Invalid(f"file_name must be a text of 1 to {FILE_NAME} characters")
    try:
        return Sent(name.strip(), a2b_base64(content, strict_mode=True))
    except (TypeError, ValueError, Error):
        raise Invalid("base64_content must be base64 encoded") from None
