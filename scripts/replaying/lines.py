"""An object's life as JSON lines: each event as it is told, and the state after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import astuple

from projections.narration import Narration, narrate
from projections.replay import State, Step
from scripts.replaying.names import Names


class Line(Narration, frozen=True, kw_only=True, omit_defaults=True):
    """`account` is what the account `by` is called."""

    account: str
    state: State


def lines(steps: Iterable[Step], names: Names) -> Iterator[bytes]:
    """Give a line a step, with its end."""
    encode = msgspec.json.Encoder().encode
    for step in steps:
        told = narrate(step.position, step.entry, step.before)
        line = Line(*astuple(told), account=names.of(told.by), state=step.state)
        yield one_line(encode(line))


def one_line(json: bytes) -> bytes:
    """Return JSON in one line, with its end: a document may have line ends between its tokens."""
    if b"\n" in json or b"\r" in json:
        json = json.replace(b"\n", b" ").replace(b"\r", b" ")
    return json + b"\n"
