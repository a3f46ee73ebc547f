"""Failures that are no faults of ours, in words: one line in place of a traceback."""

from __future__ import annotations

from domain.errors import Refusal


def refusal(error: Exception) -> Refusal | None:
    """Return what is said of an error; None where only a traceback helps."""
    if isinstance(error, Refusal):
        return error
    import psycopg  # here: most of what is run at the command line never fails
    from eventsourcing.persistence import PersistenceError

    if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError | PersistenceError):
        return Refusal(f"The database does not answer: {' '.join(str(error).split())}")
    return None


def undecodable(words: list[str]) -> Refusal | None:
    """Return what is said of arguments that are not UTF-8, when one of them is not."""
    for word in words:
        if not word.isascii():
            try:
                word.encode()
            except UnicodeEncodeError:
                return Refusal(f"An argument is not UTF-8: {word!a}.")
    return None
