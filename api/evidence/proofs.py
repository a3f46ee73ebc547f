"""Proofs out of the tiles: that an event is in the log, and that the log only grew.

Source: RFC 6962, 2.1.1 and 2.1.2.
"""

from __future__ import annotations

from base64 import b64encode
from functools import partial
from typing import Any, ClassVar

from falcon.asgi import Request, Response

from api import query
from api.door import send
from api.evidence import replies
from api.evidence.resource import EvidenceResource
from api.shapes import number
from api.viewing import viewable
from domain import access
from domain.errors import Damaged, Invalid, NotFound
from domain.evidence import leaf, merkle, proofs
from domain.evidence.leaf import Header
from domain.instants import rfc3339
from projections import seals

NOT_YET = "It is not sealed yet; ask again in a second."
DAMAGED = "The log is not the one that was sealed; muniment audit says where."


class Inclusion(EvidenceResource):
    """/log/proof/inclusion"""

    answers: ClassVar = {"GET": replies.INCLUSION}
    query: ClassVar = {
        "GET": {
            "object": "Number or pid of an object, of which a version's event is asked for.",
            "version": number("Number of the version."),
            "index": number("In place of both: which leaf, from 0."),
            "size": number("Of how many leaves the tree is; without it, of those last signed.", 1),
        }
    }

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with the hash of an event's leaf, and the path from there to the root.

        Of a version that the asker may see, and for administrators, with the leaf, which is the
        header of the event. Raises Invalid, NotFound, Forbidden for an object that the asker may
        not see.
        """
        last, note = await self.last()
        size = query.number(req, "size", 1, last.size) or last.size
        asked = query.number(req, "index", 0, size - 1)
        header = await self._header(req, asked)
        at = asked
        if at is None:
            at = await seals.index(self.service.db, header.position)
        if at is None or at >= size:
            raise NotFound(NOT_YET)
        bytes_ = leaf.encode(header)
        hash_ = merkle.leaf_hash(bytes_)
        path, root = await self._path(at, size)
        if not proofs.includes(hash_, at, size, root, path):
            raise Damaged(DAMAGED)
        answer: dict[str, Any] = {
            "index": at,
            "size": size,
            "hash": _base64(hash_),
            "path": [_base64(each) for each in path],
            "root": _base64(root),
        }
        if asked is None or req.context.actor.admin:
            answer |= {"header": _shown(header), "leaf": _base64(bytes_)}
        send(resp, answer | ({"checkpoint": note} if size == last.size else {}))

    async def _header(self, req: Request, at: int | None) -> Header:
        object_id, number = req.get_param("object"), query.number(req, "version")
        if (at is None) != (object_id is not None and number is not None):
            raise Invalid("Ask for an object and a version, or for an index.")
        if object_id is None or number is None:
            header = await seals.leaf(self.service.db, at or 0)
            if header is None:
                raise Damaged(DAMAGED)
            return header
        actor = req.context.actor
        head = await viewable(self.service, actor, object_id, erased=True)
        found = await seals.published(self.service.db, head.id, number)
        if found is None:
            raise NotFound(f"There is no version {number} of object {object_id}.")
        header, visibility = found
        access.require_version(actor, head.level, visibility, head.visibility)
        return header

    async def _path(self, at: int, size: int) -> tuple[list[bytes], bytes]:
        try:
            return await seals.asked(
                self.service.db,
                lambda node: (proofs.inclusion(node, at, size), merkle.root(node, size)),
            )
        except LookupError:
            raise Damaged(DAMAGED) from None


class Consistency(EvidenceResource):
    """/log/proof/consistency"""

    answers: ClassVar = {"GET": replies.CONSISTENCY}
    query: ClassVar = {
        "GET": {
            "from": number("How many leaves a kept checkpoint has.", 1),
            "to": number("How many a later one has; without it, the last.", 1),
        }
    }

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with what shows that a tree goes on from an earlier one. Raises Invalid, NotFound."""
        last, note = await self.last()
        later = query.number(req, "to", 1, last.size) or last.size
        old = query.number(req, "from", 1, later)
        if old is None:
            raise Invalid("from must be the size of a kept checkpoint.")
        try:
            path = await seals.asked(
                self.service.db, partial(proofs.consistency, old=old, new=later)
            )
        except LookupError:
            raise Damaged(DAMAGED) from None
        answer = {"from": old, "to": later, "path": [_base64(each) for each in path]}
        send(resp, answer | ({"checkpoint": note} if later == last.size else {}))


def _shown(header: Header) -> dict[str, Any]:
    return {
        "stream": str(header.stream),
        "version": header.version,
        "position": header.position,
        "topic": header.topic,
        "recorded_at": rfc3339(header.recorded_at),
        "digest": header.digest.hex(),
    }


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()
