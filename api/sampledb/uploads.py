"""SampleDB's JSON of a file → what is to be stored. Source: the specification, 2.4."""

from __future__ import annotations

import hashlib
import re
from binascii import Error, a2b_base64
from ipaddress import IPv6Address
from mimetypes import MimeTypes
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import orjson
from msgspec import Struct

from domain.errors import Forbidden, Invalid
from domain.intake import UNREAD, Document, members

KEYS = {
    "database": (
        *("object_id", "storage", "original_file_name", "base64_content", "hash"),
        *("base64_preview_image", "preview_image_mime_type"),
    ),
    "url": ("object_id", "storage", "url"),
}
ALGORITHMS = ("sha256", "sha512")
PREVIEWS = ("application/pdf", "image/gif", "image/jpeg", "image/png", "text/plain")
SCHEMES = ("http", "https", "ftp", "file", "sftp", "smb")
NAME_LENGTH = 150  # characters
URL_LENGTH = 2048  # characters
HIGHEST = 225  # of the parts of an IPv4 address; so in SampleDB
HEX = re.compile(r"[0-9a-f]*")
BLANK = re.compile(r"[\s\x00-\x20\x7f]")
HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.?")
IPV4 = re.compile(r"[0-9]+(\.[0-9]+){3}")

_media_types = MimeTypes().types_map[True]  # those of the standard library, on every machine alike


class Received(Struct, frozen=True):
    """A file that comes with its bytes. `sha512` is what its sender gave, and right."""

    object_id: int | None
    name: str
    content: bytes
    media_type: str | None
    preview: bytes | None
    preview_type: str | None
    sha512: str | None


class Linked(Struct, frozen=True):
    """A file that lies elsewhere."""

    object_id: int | None
    url: str


def new_file(body: bytes, depth: int) -> Received | Linked:
    """Return what POST /objects/N/files/ asks for. Raises Invalid naming the key, Forbidden."""
    found = members(body, depth)
    if "storage" not in found:
        raise Invalid("storage must be set")
    storage = found["storage"].value
    if storage == "local_reference":
        raise Forbidden("Files of the server's own file system are not given away.")
    if not isinstance(storage, str) or storage not in KEYS:
        raise Invalid("storage must be 'database' or 'url'")
    for key in found:
        if key not in KEYS[storage]:
            raise Invalid(f"invalid key '{key[:40]}'")
    object_id = found["object_id"].value if "object_id" in found else None
    if "object_id" in found and (not isinstance(object_id, int) or isinstance(object_id, bool)):
        raise Invalid("object_id must be an integer")
    if storage == "url":
        return Linked(object_id, _url(found))
    name, content = _name(found), _bytes(found, "base64_content")
    algorithm, digest = _hash(found, content)
    preview, preview_type = _preview(found)
    return Received(
        object_id,
        name,
        content,
        _media_types.get(PurePosixPath(name).suffix.lower()),
        preview,
        preview_type,
        digest if algorithm == "sha512" else None,
    )


def _name(found: dict[str, Document]) -> str:
    name = found["original_file_name"].value if "original_file_name" in found else None
    if not name:
        raise Invalid("original_file_name must be set for files with database storage")
    if not isinstance(name, str) or len(name) > NAME_LENGTH:
        raise Invalid(f"original_file_name must be a text of at most {NAME_LENGTH} characters")
    return name


def _bytes(found: dict[str, Document], key: str) -> bytes:
    if key not in found:
        raise Invalid(f"{key} must be set for files with database storage")
    text = found[key].value
    if text is UNREAD and bytes(memoryview(found[key].raw)[:1]) == b'"':
        text = orjson.loads(memoryview(found[key].raw))
    if isinstance(text, str):
        try:
            return a2b_base64(text, strict_mode=True)
        except (Error, ValueError):
            pass
    raise Invalid(f"{key} must be base64 encoded")


def _hash(found: dict[str, Document], content: bytes) -> tuple[str, str] | tuple[None, None]:
    """Return the digest that came with a file, once it is seen to be right."""
    if "hash" not in found:
        return None, None
    given = found["hash"].value
    if not isinstance(given, dict):
        raise Invalid("hash must be a JSON object")
    algorithm, digest = given.get("algorithm"), given.get("hexdigest")
    if len(given) != 2 or not isinstance(algorithm, str) or not isinstance(digest, str):
        raise Invalid("hash must contain algorithm and hexdigest as strings")
    if algorithm not in ALGORITHMS:
        raise Invalid(f"only the following hash algorithms are supported: {', '.join(ALGORITHMS)}")
    if not HEX.fullmatch(digest):
        raise Invalid("hash hexdigest must be a lowercase string of hex characters")
    right = hashlib.new(algorithm, content).hexdigest()
    if digest != right:
        raise Invalid(f"hash hexdigest mismatch, expected: {right}")
    return algorithm, digest


def _preview(found: dict[str, Document]) -> tuple[bytes, str] | tuple[None, None]:
    if "base64_preview_image" not in found:
        return None, None
    preview = _bytes(found, "base64_preview_image")
    given = found["preview_image_mime_type"].value if "preview_image_mime_type" in found else None
    media_type = given.lower() if isinstance(given, str) else None
    if media_type not in PREVIEWS:
        raise Invalid(f"preview_image_mime_type must be one of: {', '.join(PREVIEWS)}")
    return preview, media_type


def _url(found: dict[str, Document]) -> str:
    """Return a URL, as it came; nothing is ever fetched from it."""
    if "url" not in found:
        raise Invalid("url must be set for files with url storage")
    url = found["url"].value
    if url is UNREAD or (isinstance(url, str) and len(url) > URL_LENGTH):
        raise Invalid(f"url exceeds length limit: {URL_LENGTH} characters")
    if not isinstance(url, str) or BLANK.search(url):
        raise Invalid("url must be a valid url")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if ":" in host:
            IPv6Address(host)
    except ValueError:
        raise Invalid("url must be a valid url") from None
    if parts.scheme not in SCHEMES:
        raise Invalid(f"url must be a valid url: its scheme one of {', '.join(SCHEMES)}")
    if ":" not in host and not HOST.fullmatch(host):
        raise Invalid("url must be a valid url: with a host")
    if IPV4.fullmatch(host) and any(int(part[:4]) > HIGHEST for part in host.split(".")):
        raise Invalid("url contains an invalid IP address")
    _require_port(parts.netloc.rpartition("@")[2])
    return url


def _require_port(host: str) -> None:
    """Pass when a host and port have no port, or one from 1 to 65535. Raises Invalid."""
    _, colon, port = host.rpartition("]")[2].rpartition(":")
    is_number = port.isascii() and port.isdigit()
    if colon and not (is_number and 1 <= int(port[:6]) <= 65535):
        raise Invalid("url contains an invalid port number")
