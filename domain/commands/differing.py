"""The document of a new version from what makes it of the version before, within the command.

It is applied to the version that is then the last: whoever published in between is not undone
unseen, for each value that a difference replaces is said in it.
Source: the SampleDB specification, 2.2, "data_diff".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from msgspec import Raw, Struct

from domain import data_diff, heavy, intake
from domain.action import Action
from domain.commands.existing import Existing
from domain.errors import Invalid, TooLarge
from domain.intake import Document
from domain.log import Session
from domain.record import Record

P = ParamSpec("P")
R = TypeVar("R")

LIGHT = 16 << 10  # bytes that are worked on in place: at most some hundredths of a second


class Difference(Struct, frozen=True):
    """What was sent as `data_diff`; what it makes may have `limit` bytes."""

    raw: Raw
    limit: int


def resolve(
    session: Session,
    record: Record,
    action: Action,
    difference: Difference,
    beside: Document | None,
) -> Document:
    """Return what a difference makes of a record's last version, or `beside` when it is the same.

    Raises Invalid where the difference does not fit that version or makes another document than
    the one sent beside it, TooLarge.
    """
    past = session.past(record.id, record.versions - 1)
    if past is None:
        raise Invalid("There is no version that data_diff could be applied to.")
    before, diff = bytes(past.body), bytes(difference.raw)
    sent = None if beside is None else bytes(beside.raw)
    size = len(before) + len(diff) + len(sent or b"")
    made = _worked(size, data_diff.apply, before, diff, sent)
    if made.claimed is not None:
        _require_completed(session, record, action, past.schema_version, before, made)
    if made.conflicting:
        raise Invalid("data and data_diff are conflicting: they make different documents.")
    if beside is not None:
        return beside
    if len(made.after) > difference.limit:
        raise TooLarge(
            f"The document would have {len(made.after):,} bytes; the limit is"
            f" {difference.limit:,}.",
            difference.limit,
        )
    return intake.document(made.after)


def _require_completed(
    session: Session,
    record: Record,
    action: Action,
    schema_version: int,
    before: bytes,
    made: data_diff.Applied,
) -> None:
    """Pass when what a difference says was is what is stored, before the schema completed it.

    Who wrote a quantity without its magnitude in base units may say so again. Raises Invalid.
    """
    claimed = made.claimed or b""
    refusal = data_diff.unfitting(made.unlike, "the value is another")
    try:
        document = intake.document(claimed)
        completed = session.validator(action, schema_version).accept(
            document, Existing(session, record)
        )
    except Invalid as error:
        raise refusal from error
    if not _worked(len(before) + len(completed), data_diff.equal, before, bytes(completed)):
        raise refusal


def _worked(size: int, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    if size > LIGHT:
        return heavy.call(function, *args, **kwargs)
    return function(*args, **kwargs)
