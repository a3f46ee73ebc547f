"""A version's answer with its action and its author in it. Source: the specification, 2.1."""

from __future__ import annotations

from collections.abc import Collection

import orjson

from api.sampledb import render
from api.sampledb.actions import shown
from api.service import Service
from domain.access import Actor
from projections import accounts, actions


async def answer(service: Service, actor: Actor, version: bytes, wanted: Collection[str]) -> bytes:
    """Return a version's answer with `action`, `user` or both added, as they are now."""
    action, user = render.numbers(version)
    parts = [version[:-1]]
    if "action" in wanted:
        row = await actions.one(service.db, action)
        assert row is not None  # noqa: S101 - an action is never deleted
        parts.append(b',"action":%b' % await shown(service, row))
    if "user" in wanted:
        account = await accounts.one(service.db, user)  # None: it was decided at the machine
        author = account and render.user(*account, with_email=actor.admin)
        parts.append(b',"user":%b' % orjson.dumps(author))
    return b"".join([*parts, b"}"])
