"""Idempotency-Key: a request sent again is carried out once. Source: DESIGN.md "The log"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct

from domain.errors import Unprocessable
from domain.event import Answer
from domain.name import Name, NameClaimed, NamePassed, name_id
from domain.session import Session

REMEMBERED = timedelta(hours=24)  # a key, unless it is said otherwise
ANSWERED = "answered"  # the kind of name that the key of a request without an effect is


class AnsweredBefore(Exception):
    """The same request was carried out before; `answer` is what it was told."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.key)
        self.answer = answer


class Retry(Struct, frozen=True):
    """A request that may be sent again: its key, what it was, and how its answer is made."""

    key: str
    method: str
    path: str
    digest: str  # SHA-256 of the body, hex
    answer: Callable[[Any], tuple[int, str | None, str | None]]  # result → status, Location, ETag
    remembered: timedelta | None = REMEMBERED  # None: for ever

    def require_new(self, before: Answer | None) -> None:
        """Pass without an answer under this key. Raises AnsweredBefore, Unprocessable."""
        if before is None:
            return
        same = (before.method, before.path, before.digest)
        if same != (self.method, self.path, self.digest):
            raise Unprocessable("This Idempotency-Key was used for another request.")
        raise AnsweredBefore(before)

    def note(self, session: Session) -> None:
        """Decide what carries the answer where nothing else was: the key is the account's."""
        account = session.actor.account
        value = f"{account} {self.key}"
        stream = name_id(ANSWERED, value)
        name = session.find(Name, id=stream)
        if name is None:
            session.begin(stream, NameClaimed(kind=ANSWERED, value=value, holder=account))
        else:  # it has expired since
            session.change(name, NamePassed(holder=account))

    def answered(self, result: object, now: datetime) -> Answer:
        """Return the answer that a result is given, to be kept with the last event."""
        status, location, etag = self.answer(result)
        expires_at = None if self.remembered is None else now + self.remembered
        return Answer(
            key=self.key,
            method=self.method,
            path=self.path,
            digest=self.digest,
            status=status,
            location=location,
            etag=etag,
            expires_at=expires_at,
        )
