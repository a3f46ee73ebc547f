"""Entries of a file as terms, in saves of many, through the same commands as everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from msgspec.structs import astuple

from domain.commands import accounts, terms
from domain.errors import Conflict, Invalid
from domain.log import Log
from domain.storage.space import Space
from domain.term import TYPES, Content, Ref, Type, type_called
from scripts.affiliations import is_organisation, organisation
from scripts.entries import UNREADABLE

BATCH = 200  # terms in one save


class Written(Content, frozen=True, forbid_unknown_fields=True):
    """What an entry may say besides its id."""


class Loader:
    """Puts entries one by one, and counts what became of them. Made by `loader`."""

    def __init__(self, log: Log, type_: Type, space: Space | None) -> None:
        self._log = log
        self._type = type_
        self._space = space
        self._seen: set[str] = set()  # ids: one that comes twice would change at every load
        self._read: dict[Ref, Content] = {}
        self._new: dict[Ref, Content] = {}
        self._other: dict[Ref, Content] = {}
        self.added = self.changed = self.same = self.retired = self.refused = 0

    def add(self, read: Callable[[], Any]) -> str | None:
        """Put what an entry says, now or later. Return what is wrong with it, or None.

        Raises Refusal for what is not the entry's own fault: OutOfSpace, Conflict.
        """
        try:
            id_, content = _parsed(read())
            ref = Ref(self._type, id_)
            if content is not None:
                terms.require(ref, content)
            if id_ in self._seen:
                raise Invalid(f"{id_} came before.")
        except (Invalid, *UNREADABLE) as error:
            self.refused += 1
            return error.message if isinstance(error, Invalid) else " ".join(str(error).split())
        self._seen.add(id_)
        if content is None:
            self._retire(ref)
        else:
            self._read[ref] = content
            if len(self._read) >= BATCH:
                self._compare()
        return None

    def flush(self) -> None:
        """Save what waits."""
        self._compare()
        self._save(self._new)
        self._save(self._other)

    def _retire(self, ref: Ref) -> None:
        self.flush()
        self.retired += self._log.run(accounts.OPERATOR, terms.retire_if_used, ref)

    def _compare(self) -> None:
        # Saves have all their terms new or all known: so few statements serve them all.
        new, other = self._log.run(accounts.OPERATOR, terms.differing, self._read)
        self.same += len(self._read) - len(new) - len(other)
        self._read.clear()
        for waiting, more in ((self._new, new), (self._other, other)):
            for ref in more:
                waiting[ref] = more[ref]
                if len(waiting) >= BATCH:
                    self._save(waiting)

    def _save(self, waiting: dict[Ref, Content]) -> None:
        if not waiting:
            return
        if self._space is not None:
            self._space.require()
        outcome = self._log.run(accounts.OPERATOR, terms.put, waiting)
        self.added += outcome.added
        self.changed += outcome.changed
        self.same += outcome.same
        waiting.clear()


@contextmanager
def loader(log: Log, type_: str, space: Space | None) -> Iterator[Loader]:
    """Give the one loader there is. Raises Invalid for no vocabulary, Conflict for a second."""
    found = type_called(type_.lower())
    if found is None:
        raise Invalid(f"There is no vocabulary {type_}; there are {', '.join(TYPES)}.")
    with log.heads.exclusive("vocabulary load") as ours:
        if not ours:
            raise Conflict("A vocabulary is being loaded right now.")
        yield Loader(log, found, space)


def _parsed(entry: object) -> tuple[str, Content | None]:
    """Return an entry's id and what it says; None: it is in use no more. Raises Invalid."""
    if not isinstance(entry, dict):
        raise Invalid("it is not an object.")
    if is_organisation(entry):
        return organisation(entry)
    said = {name: value for name, value in entry.items() if value is not None}
    id_ = said.pop("id", None)
    if not isinstance(id_, str):
        raise Invalid("id must be a text.")
    return id_, Content(*astuple(msgspec.convert(said, Written)))
