"""tus 1.0: uploads that go on where they stopped. What its headers say, and what is answered.

The core protocol, with its extensions creation, expiration, checksum and termination. Source: tus
resumable upload protocol 1.0.0.
"""

from __future__ import annotations

import re
from datetime import UTC

import falcon
from falcon.asgi import Request, Response

from api import digests
from api.door import methods
from domain.errors import Invalid
from domain.storage.uploads import Upload

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,checksum,termination"
ALGORITHMS = ("sha1", "md5", "sha256")  # the first is the protocol's own demand
PATCH_TYPE = "application/offset+octet-stream"
NUMBER = re.compile(r"[0-9]{1,18}")  # bytes; more than any disk has
METADATA = re.compile(r"[!-+\--~]+( [A-Za-z0-9+/]*={0,2})?")
_COUNT = {"type": "string", "pattern": f"^{NUMBER.pattern}$"}
SPOKEN = {"const": VERSION, "required": True, "description": "the protocol that is spoken"}
LENGTH = {**_COUNT, "required": True, "description": "how many bytes it will have"}
PIECE = {
    "Tus-Resumable": SPOKEN,
    "Upload-Offset": {**_COUNT, "required": True, "description": "where the bytes belong"},
    "Upload-Checksum": f"a digest of the bytes: {', '.join(ALGORITHMS)}, then base64",
}
MISMATCH = 460  # a status of the protocol's own


def begin(req: Request, resp: Response) -> None:
    """Say that the protocol is spoken. Raises falcon.HTTPError unless the client speaks it too."""
    resp.set_header("Tus-Resumable", VERSION)
    resp.set_header("Cache-Control", "no-store")
    if req.get_header("Tus-Resumable") != VERSION:
        raise falcon.HTTPPreconditionFailed(
            description=f"Uploads that can be resumed need the header Tus-Resumable: {VERSION}.",
            headers={"Tus-Version": VERSION},
        )


def introduce(resp: Response, resource: object) -> None:
    """Answer OPTIONS."""
    resp.status = 204
    resp.set_header("Allow", ", ".join(sorted(methods(resource))))
    resp.set_header("Tus-Resumable", VERSION)
    resp.set_header("Tus-Version", VERSION)
    resp.set_header("Tus-Extension", EXTENSIONS)
    resp.set_header("Tus-Checksum-Algorithm", ",".join(ALGORITHMS))


def describe(resp: Response, upload: Upload) -> None:
    """Say how far an upload is."""
    resp.set_header("Upload-Offset", str(upload.offset))
    if not upload.is_complete:
        expires = upload.expires_at.astimezone(UTC)
        resp.set_header("Upload-Expires", falcon.util.dt_to_http(expires))


def length(req: Request) -> int:
    """Return how many bytes an upload is to have. Raises Invalid."""
    for each in filter(None, (req.get_header("Upload-Metadata") or "").split(",")):
        if METADATA.fullmatch(each.strip()) is None:
            raise Invalid("Upload-Metadata must have pairs of a name and a value in base64.")
    return _number(req, "Upload-Length")


def offset(req: Request) -> int:
    """Return where the bytes of a PATCH belong. Raises Invalid, falcon.HTTPError."""
    if req.content_type != PATCH_TYPE:
        raise falcon.HTTPUnsupportedMediaType(description=f"Bytes are sent as {PATCH_TYPE}.")
    return _number(req, "Upload-Offset")


def checksum(req: Request) -> dict[str, bytes]:
    """Return the digest that a PATCH's bytes are to have: hashlib's name → digest. Raises Invalid.

    Empty where none is announced.
    """
    said = req.get_header("Upload-Checksum")
    if said is None:
        return {}
    name, _, text = said.partition(" ")
    if name not in ALGORITHMS:
        raise Invalid(f"Upload-Checksum takes {', '.join(ALGORITHMS)}.")
    return {name: digests.decoded("Upload-Checksum", name, text)}


def mismatch() -> falcon.HTTPError:
    """Return the refusal of bytes that have another digest."""
    return falcon.HTTPError(
        f"{MISMATCH} Checksum Mismatch",
        description="The bytes have another digest than Upload-Checksum says; none was kept.",
    )


def _number(req: Request, name: str) -> int:
    text = req.get_header(name) or ""
    if NUMBER.fullmatch(text) is None:
        raise Invalid(f"{name} must be a whole number of bytes.")
    return int(text)
