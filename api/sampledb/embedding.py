"""A version's answer with its action, its author and its difference from the one before in it.

Source: the specification, 2.1.
"""

from __future__ import annotations

from collections.abc import Collection

import orjson

from api.comparing import compared
from api.sampledb import render
from api.sampledb.actions import shown
from api.service import Service
from domain import access, data_diff
from domain.access import Actor
from projections import accounts, actions, objects


async def answer(
    service: Service, actor: Actor, object_id: str, version: bytes, wanted: Collection[str]
) -> bytes:
    """Return a version's answer with `action`, `user` and `data_diff` added, as they are now.

    Raises TooLarge.
    """
    number, action, user = render.numbers(version)
    parts = [version[:-1]]
    if "action" in wanted:
        row = await actions.one(service.db, action)
        assert row is not None  # noqa: S101 - an action is never deleted
        parts.append(b',"action":%b' % await shown(service, row))
    if "user" in wanted:
        account = await accounts.one(service.db, user)  # None: it was decided at the machine
        own = actor.admin or user == actor.number
        author = account and render.user(account, with_email=own)
        parts.append(b',"user":%b' % orjson.dumps(author))
    if "data_diff" in wanted:
        before = await _before(service, actor, object_id, number)
        if before is not None:
            after = render.data(version)
            diff = await compared(service, data_diff.difference, before, after)
            parts.append(b',"data_diff":%b' % diff)
    return b"".join([*parts, b"}"])


async def _before(service: Service, actor: Actor, object_id: str, number: int) -> bytes | None:
    """Return the document of the version before, if there is one that the actor may see."""
    if number == 0:
        return None
    found = await objects.version(service.db, object_id, number - 1, actor.principals)
    if found is None or found.version is None:
        return None
    then, now = found.version.visibility, found.visibility
    return found.version.body if access.may_view_version(found.level, then, now) else None
