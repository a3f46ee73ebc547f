"""Views brought up to a part of the log, in memory that does not grow with it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from domain.mapper import UNREADABLE, read_entry
from projections import history
from projections.beside import Beside
from projections.history import WEIGHT, Row

ROWS = 200_000  # in memory, over all views
UNFOUNDED = (*UNREADABLE, AttributeError)  # what an event raises that cannot follow what is there


def topics_of(new: Sequence[Beside[Any]]) -> frozenset[str]:
    """Return the topics that any of these views follows from."""
    return frozenset(topic for each in new for topic in each.view.topics)


def fold(
    batches: Iterable[list[Row]],
    new: Sequence[Beside[Any]],
    progress: Callable[[int], None] = lambda _done: None,
) -> int:
    """Fold events into views and write these to their tables; return how many events came.

    `progress` is told how many came so far.
    """
    folds = {
        topic: [(each.view.fold, each.rows) for each in new if topic in each.view.topics]
        for topic in topics_of(new)
    }
    heads = [(each, frozenset(each.view.topics)) for each in new if each.is_head]
    heavy = [each for each in new if each.is_heavy]
    done = weight = 0
    with _no_cycles():
        for batch in batches:
            for each, topics in heads:
                each.recall(stream for stream, _, topic, _, _ in batch if topic in topics)
            for stream, version, topic, recorded_at, state in batch:
                try:
                    entry = read_entry(stream, version, topic, recorded_at, state)
                    for into, rows in folds[topic]:
                        into(rows, entry)
                except UNFOUNDED as error:
                    raise history.unreadable(new[0].conn, stream, version) from error
                weight += len(state)
            if weight > WEIGHT:
                weight = 0
                _flush(heavy)
            if sum(len(each.rows) for each in new) > ROWS:
                _flush(new)
            done += len(batch)
            progress(done)
    _flush(new)
    return done


def _flush(new: Iterable[Beside[Any]]) -> None:
    for each in new:
        each.flush()


@contextmanager
def _no_cycles() -> Iterator[None]:
    """Look for no garbage in cycles: folding makes none, and looking takes a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
