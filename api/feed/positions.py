"""Positions of the log as clients see them: texts that mean something only here."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

from domain.errors import Invalid

BYTES = 8
LARGEST = 2**63 - 1


def token(position: int) -> str:
    """Return what stands for a position in answers."""
    return urlsafe_b64encode(position.to_bytes(BYTES)).rstrip(b"=").decode()


def parse(text: str) -> int:
    """Return the position that a token stands for. Raises Invalid for anything else."""
    try:
        position = int.from_bytes(urlsafe_b64decode(text + "="))
    except ValueError:  # of the alphabet, the length, the padding
        position = -1
    if not 0 < position <= LARGEST or token(position) != text:
        raise Invalid("This is no position: give one back as it was given to you.")
    return position


def foreign() -> Invalid:
    """Return the refusal of a position at which this log has no event."""
    return Invalid("No event of this log has this position: it is another log's.")
