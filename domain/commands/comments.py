"""Comments on objects: said once, never changed; they make no version.

Source: SampleDB "Comments".
"""

from __future__ import annotations

from domain.errors import Invalid, TooLarge
from domain.log import Session
from domain.record import CommentPosted, Record

LONGEST = 64 << 10  # bytes of a comment


def post(session: Session, record: Record, content: str) -> int:
    """Say something of a writable object and return the comment's number.

    The number is drawn after the object was read, so among those of one object it rises with time.
    Raises Invalid, TooLarge.
    """
    if not content:
        raise Invalid("content must not be empty")
    if len(content.encode()) > LONGEST:
        raise TooLarge(f"A comment has {LONGEST:,} bytes at most.", LONGEST)
    number = session.heads.draw("comment")
    session.change(record, CommentPosted(number=number, content=content))
    return number
