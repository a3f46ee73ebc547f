"""Bodies that are files: streamed into the blob store, checked, and never held whole.

What is sent while a piece is hashed and written waits in the socket, so memory stays at two pieces
whatever the size. A body that breaks off, or has other digests than it was announced with, leaves
nothing. A refused body is read on for a while, so that the client hears the refusal.
Source: DESIGN.md "Files".
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from functools import partial
from typing import TypeVar

import falcon
from falcon.asgi import Request

from api import bodies, digests
from api.service import Service
from domain.errors import Invalid, Refusal
from domain.storage.blobs import PIECE, Blob, Upload

R = TypeVar("R")

PATIENCE = 60.0  # seconds without a byte, after which a body counts as broken off


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
    announced = digests.announced(req)
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
