"""View rows → SampleDB's JSON, spliced from the exact bytes that are kept.

A version's answer never changes while RENDERER stays; a golden test forces it up.
Source: the SampleDB specification, 2.1 and 2.5.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import msgspec
import orjson
from msgspec import Raw

from api.sampledb.parse import LEVELS
from domain import metadata
from domain.access import Level
from domain.action import TYPE_NUMBERS
from domain.commands.access_tokens import Pair
from domain.values import Content
from projections.accounts import Person
from projections.actions import Row
from projections.files import File

RENDERER = 1


NAME_ONLY_SCHEMA = (
    b'{"title":"Object","type":"object","properties":'
    b'{"name":{"title":"Name","type":"text"}},"required":["name"]}'
)

NUMBERED = {  # what the last number of a Location is called where its path does not say so
    "groups/member_users": "user_id",
    "projects/member_users": "user_id",
    "projects/member_groups": "group_id",
    "objects/locations": "index",
    "instruments/log_entries": "log_entry_id",
    "instruments/log_categories": "category_id",
}
_NUMBERS = re.compile(rb'{"object_id":\d+,"version_id":(\d+),"action_id":(\d+),"user_id":(\d+),')
_members = msgspec.json.Decoder(dict[str, Raw])


def version(
    number: int,
    version: int,
    action: int,
    user: int,
    recorded_at: datetime,
    schema: bytes,
    data: bytes,
) -> bytes:
    """Return a version of an object."""
    return (
        b'{"object_id":%d,"version_id":%d,"action_id":%d,"user_id":%d,"utc_datetime":"%s",'
        b'"schema":%b,"data":%b,"fed_object_id":null,"fed_version_id":null,"component_id":null}'
    ) % (number, version, action, user, instant(recorded_at).encode(), schema, data)


def numbers(answer: bytes) -> tuple[int, int, int]:
    """Return the numbers of the version, of its action and of its user in a version's answer."""
    found = _NUMBERS.match(answer)
    assert found is not None  # noqa: S101 - it was made by `version`
    return int(found[1]), int(found[2]), int(found[3])


def data(answer: bytes) -> bytes:
    """Return the document in a version's answer, as exact bytes."""
    return bytes(_members.decode(answer)["data"])


def name_only(data: bytes) -> bytes:
    """Return data cut down to its name, where it has one."""
    if not data.startswith(b"{"):
        return b"{}"
    name = _members.decode(data).get("name")
    return b"{}" if name is None else b'{"name":%b}' % bytes(name)


def titled(data: bytes) -> bytes:
    """Return an InvenioRDM document with its title as `name`. Source: the specification, 2.3."""
    title = _members.decode(_members.decode(data)[metadata.MEMBER]).get("title")
    if title is None:
        return data
    return b'{"name":{"_type":"text","text":%b},%b' % (bytes(title), data[1:])


def instant(at: datetime) -> str:
    """Return an instant as SampleDB's client parses it: `YYYY-MM-DD HH:MM:SS`, UTC."""
    fields = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    return "%04d-%02d-%02d %02d:%02d:%02d" % fields  # noqa: UP031 - a third of strftime's time


def precise(at: datetime) -> str:
    """Return an instant as SampleDB's client parses all others: with six digits of a second."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def created(location: str) -> dict[str, int]:
    """Return the body of a 201: the numbers in its Location, as `object_id`, `version_id` …."""
    steps = location.rsplit("/api/v1/", 1)[-1].strip("/").split("/")
    kinds, numbers = steps[::2], map(int, steps[1::2])
    names = [
        NUMBERED.get("/".join(kinds[: at + 1]), f"{each[:-1]}_id") for at, each in enumerate(kinds)
    ]
    return dict(zip(names, numbers, strict=True))


def etag(object_id: str, version: str) -> str:
    """Return the tag of a version's answer: it follows from the URL."""
    return f'"{object_id}.{version}.sampledb{RENDERER}"'


def level(held: Level) -> str:
    """Return a rung as SampleDB names it: the highest of its own that is not above."""
    return max((rung, name) for name, rung in LEVELS.items() if rung <= held)[1]


def action_head(row: Row) -> dict[str, Any]:
    """Return an action without its schema."""
    return {
        "action_id": row.number,
        "instrument_id": row.instrument,
        "user_id": row.user,
        "type": "custom" if row.type == "template" else row.type,
        "type_id": TYPE_NUMBERS[row.type],
        "name": row.name,
        "description": row.description or None,
        "is_hidden": row.hidden,
    }


def action(row: Row, schema: bytes) -> bytes:
    """Return an action."""
    return orjson.dumps(action_head(row))[:-1] + b',"schema":%b}' % schema


def action_etag(row: Row) -> str:
    """Return the tag of an action's answer: it follows from what happened to the action."""
    return f'"action{row.number}.{row.version}.sampledb{RENDERER}"'


def file(number: int, found: File) -> bytes:
    """Return a file of an object, without its bytes."""
    head: dict[str, Any] = {"object_id": number, "file_id": found.number}
    if found.content is None:
        return orjson.dumps({**head, "storage": "url", "url": found.url})
    algorithm, digest = "sha256", found.content.sha256
    if found.sha512 is not None:
        algorithm, digest = "sha512", found.sha512
    shown = {
        **head,
        "storage": "database",
        "original_file_name": found.name,
        "hash": {"algorithm": algorithm, "hexdigest": digest},
    }
    return orjson.dumps(shown)


def file_in_parts(number: int, found: File) -> list[bytes | Content]:
    """Return a file with its bytes: JSON, and between it what stands there in base64."""
    shown = file(number, found)
    if found.content is None:
        return [shown]
    parts: list[bytes | Content] = [shown[:-1] + b',"base64_content":"', found.content]
    if found.preview is not None:
        media_type = orjson.dumps(found.preview.media_type)
        between = b'","preview_image_mime_type":%b,"base64_preview_image":"' % media_type
        parts += [between, found.preview]
    return [*parts, b'"}']


def user(found: Person, *, with_email: bool) -> dict[str, Any]:
    """Return an account; administrators and oneself are shown its e-mail address."""
    shown = {
        "user_id": found.number,
        "name": found.name,
        "orcid": found.orcid,
        "affiliation": found.affiliation,
        "role": found.role,
    }
    return {**shown, "email": found.email} if with_email else shown


def pair(made: Pair) -> dict[str, str]:
    """Return an access token and what refreshes it, the one time they are shown."""
    assert made.token.expires_at is not None  # noqa: S101 - a pair always ends
    return {
        "access_token": made.access,
        "refresh_token": made.refresh,
        "expiration_utc_datetime": instant(made.token.expires_at),
        "description": made.token.label,
    }
