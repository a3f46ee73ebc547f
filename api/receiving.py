"""Bodies that are files: streamed into the blob store, checked, and never held whole.

What is sent while a piece is hashed and written waits in the socket, so memory stays at two pieces
whatever the size. A body that breaks off, or has other digests than it was announced with, leaves
nothing. A refused body is read on for a while, so that the client hears the refusal.
Source: DESIGN.md "Files"; RFC 9530; RFC 1864.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from functools import partial
from typing import TypeVar

import falcon
from falcon.asgi import Request

from api import bodies
from api.service import Service
from domain.errors import Invalid, Refusal
from domain.storage.blobs import PIECE, Blob, Upload

R = TypeVar("R")

PATIENCE = 60.0  # seconds without a byte, after which a body counts as broken off
ALGORITHMS = {"sha-256": "sha256", "sha-512": "sha512", "md5": "md5"}  # RFC 9530 → hashlib
MEMBER = re.compile(r"\s*([a-z0-9-]+)=:([A-Za-z0-9+/=]*):\s*(?:;.*)?")
HEX = re.compile(r"[0-9a-fA-F]{32}")


@asynccontextmanager
async def arriving(req: Request) -> AsyncIterator[AsyncGenerator[bytes, None]]:
    """Give a request's body in parts, to `receive`; where that is refused, read on for a while."""
    assert isinstance(req, bodies.Request)  # noqa: S101 - the application makes no other
    parts = bodies.arriving(req)
    try:
        yield parts
    except (Refusal, falcon.HTTPError):
        await bodies.drain(parts)
        raise


async def receive(service: Service, req: Request, parts: AsyncGenerator[bytes, None]) -> Blob:
    """Store a request's body and return it once it is durable.

    Raises Invalid when it is shorter than its Content-Length, breaks off, or has other digests
    than Content-MD5 or Content-Digest say; OutOfSpace; falcon.HTTPError for an encoded body.
    """
    assert isinstance(req, bodies.Request)  # noqa: S101 - as above
    bodies.require_identity(req)
    announced = digests(req)
    async with on_files(service, service.blobs.upload(req.content_length or 0)) as upload:
        await _written(service, upload, parts, req.content_length, announced)
        return await service.on_file(upload.keep)


@asynccontextmanager
async def on_files(service: Service, manager: AbstractContextManager[R]) -> AsyncIterator[R]:
    """Enter and leave what waits for the disk on threads for files."""
    entered = await service.on_file(manager.__enter__)
    try:
        yield entered
    finally:
        await service.on_file(partial(manager.__exit__, None, None, None))


async def _written(
    service: Service,
    upload: Upload,
    parts: AsyncGenerator[bytes, None],
    expected: int | None,
    announced: dict[str, bytes],
) -> None:
    """Write the parts, one piece while the next comes. Raises Invalid, OutOfSpace."""
    hashes = {name: hashlib.new(name, usedforsecurity=False) for name in announced}
    size = await pour(service, parts, [upload.write, *(each.update for each in hashes.values())])
    if expected is not None and size != expected:
        raise Invalid(f"The body has {size} bytes, its Content-Length says {expected}.")
    for name, digest in announced.items():
        if hashes[name].digest() != digest:
            raise Invalid(f"The body has another {name} digest than was announced.")


async def pour(
    service: Service,
    parts: AsyncGenerator[bytes, None],
    takers: list[Callable[[bytes], object]],
    patience: float = PATIENCE,
) -> int:
    """Give the parts to each taker, one piece while the next comes; return how many bytes came.

    Raises Invalid when they break off or stop for `patience` seconds, and what a taker raises.
    """
    size = 0
    writing: asyncio.Task[None] | None = None
    try:
        async for piece in _pieces(parts, patience):
            size += len(piece)
            if writing is not None:
                await writing
            writing = asyncio.create_task(service.hashed(partial(_take, takers, piece)))
        if writing is not None:
            await writing
    finally:
        if writing is not None:  # the file is not closed under a write
            await asyncio.wait([writing])
    return size


def _take(takers: list[Callable[[bytes], object]], piece: bytes) -> None:
    for take in takers:
        take(piece)


async def _pieces(parts: AsyncGenerator[bytes, None], patience: float) -> AsyncIterator[bytes]:
    """Gather what comes into pieces worth a thread's while. Raises Invalid after the last of it."""
    held: list[bytes] = []
    size = 0
    failure: Invalid | None = None
    while True:
        try:
            async with asyncio.timeout(patience):
                part = await anext(parts)
        except StopAsyncIteration:
            break
        except TimeoutError:
            failure = Invalid(f"The body stopped for {patience:.0f} seconds.")
            break
        except Invalid as error:
            failure = error
            break
        held.append(part)
        size += len(part)
        if size >= PIECE:
            yield b"".join(held)
            held, size = [], 0
    if size:
        yield b"".join(held)
    if failure is not None:
        raise failure


def digests(req: Request) -> dict[str, bytes]:
    """Return the digests that a body is announced with: hashlib's name → digest. Raises Invalid.

    Algorithms that are not known are ignored, as RFC 9530 (section 2) allows.
    """
    found: dict[str, bytes] = {}
    for text in filter(None, (req.get_header("Content-Digest") or "").split(",")):
        member = MEMBER.fullmatch(text)
        if member is None:
            raise Invalid("Content-Digest must look like sha-256=:<base64>:.")
        if member[1] in ALGORITHMS:
            name = ALGORITHMS[member[1]]
            found[name] = _digest("Content-Digest", name, member[2])
    stated = req.get_header("Content-MD5")
    if stated is not None:
        # As we give it, in hex, or as RFC 1864 has it.
        md5 = (
            bytes.fromhex(stated)
            if HEX.fullmatch(stated)
            else _digest("Content-MD5", "md5", stated)
        )
        if found.setdefault("md5", md5) != md5:
            raise Invalid("Content-MD5 and Content-Digest differ.")
    return found


def _digest(header: str, name: str, text: str) -> bytes:
    try:
        digest = base64.b64decode(text, validate=True)
    except binascii.Error:
        digest = b""
    if len(digest) != hashlib.new(name, usedforsecurity=False).digest_size:
        raise Invalid(f"{header} must have a {name} digest in base64.")
    return digest
