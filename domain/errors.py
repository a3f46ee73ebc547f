"""The tree of refusals. The domain raises them; each dialect words them in its own shape.

A refusal leaves nothing behind: no event, no file, no number.
"""

from __future__ import annotations

from dataclasses import dataclass

Path = tuple[str | int, ...]


class Refusal(Exception):
    """A command or a read that is not carried out. `message` is for the person who asked."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(Refusal):
    """There is no such thing, or not under this name."""


class NoRecord(NotFound):
    """No record has this public id, or it has no draft where one is asked for."""


class Gone(NotFound):
    """It was there, and is there no more for ever."""


class NotAcceptable(Refusal):
    """There is no form of it that the request accepts."""


class Unauthenticated(Refusal):
    """The request shows no credential where one is needed, or one that does not hold."""


class Anonymous(Unauthenticated):
    """The request shows no credential, and nobody may do this unseen."""


class Forbidden(Refusal):
    """The actor is known and may not do this."""


class Conflict(Refusal):
    """What the request builds on is not, or no longer, so."""


class Stale(Conflict):
    """What the request said it expects of the present state is not so."""


class Busy(Conflict):
    """Another request is at work on the same thing; once it has ended, this one may be repeated."""


class Torn(Exception):
    """What was read in parts is of different moments: others wrote in between. It is read again."""


class Needed(Conflict):
    """It would take away what something must keep."""


class Unprocessable(Refusal):
    """Understood, and at odds with something said before under the same key."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a document; `path` leads to it from the document's root."""

    path: Path
    message: str


class Invalid(Refusal):
    """The input is wrong; `faults` say where when it is a document."""

    def __init__(self, message: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(message)
        self.faults = faults


class TooLarge(Refusal):
    """The input passes a limit; `limit` is the limit, in the unit that `message` names."""

    def __init__(self, message: str, limit: int) -> None:
        super().__init__(message)
        self.limit = limit


class TooManyRequests(Refusal):
    """Refused for now; `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class OutOfSpace(Refusal):
    """There is no room to keep this safely; reads go on."""


class Damaged(Refusal):
    """What is stored is no longer what was received, so it is not given."""
