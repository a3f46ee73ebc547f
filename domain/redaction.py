"""What of an event is never shown to anybody, and how older shapes of it are shown.

Password hashes and the digests of tokens are worth guessing at for whoever holds them, so no
reader outside the store is given them: neither the feed nor a replay. Everything else of a state
is shown byte for byte as it is stored.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import msgspec

from domain.account import (
    AccountCreated,
    PasswordSet,
    TokenIssued,
    TokenPairIssued,
    TokenRefreshed,
)
from domain.event import Event
from domain.login import LoginBegun
from domain.mapper import Shape, State, encode
from domain.topics import EVENTS, upcast

SECRET: MappingProxyType[type[Event], frozenset[str]] = MappingProxyType(
    {
        AccountCreated: frozenset({"password"}),
        PasswordSet: frozenset({"password"}),
        TokenIssued: frozenset({"digest"}),
        TokenPairIssued: frozenset({"digest", "refresh_digest"}),
        TokenRefreshed: frozenset({"digest", "refresh_digest"}),
        LoginBegun: frozenset({"digest"}),
    }
)


def secrets_of(topic: str) -> frozenset[str]:
    """Return the members that events of a topic are shown without."""
    return SECRET.get(EVENTS[topic], frozenset())


def shown(topic: str, state: bytes) -> bytes:
    """Return a stored state as it may be shown: in the newest shape, without its secrets.

    The bytes are those stored, unless a secret is taken out or the shape is an older one.
    """
    kind = EVENTS[topic]
    hidden = secrets_of(topic)
    if kind.CLASS_VERSION == 1 and not hidden:
        return state
    stored = msgspec.json.decode(state, type=Shape)
    if stored.class_version == kind.CLASS_VERSION and hidden.isdisjoint(stored.event):
        return state
    fields = upcast(topic, stored.class_version, stored.event)
    left: Any = {name: value for name, value in fields.items() if name not in hidden}
    return encode(State(stored.by, stored.via, left, stored.answer, kind.CLASS_VERSION))
