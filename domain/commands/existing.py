"""What a document may refer to, asked of the log within the command that writes it."""

from __future__ import annotations

from collections.abc import Collection

from domain import heavy
from domain.account import Account
from domain.action import TYPE_NUMBERS, Action
from domain.errors import TooLarge
from domain.log import Session
from domain.record import Record
from domain.schemas.rdm.vocabulary import Ref, Terms
from domain.term import Ref as TermRef
from domain.term import term_id

MOST = 10_000  # different things that one document may refer to: a look-up takes 0.1 ms
LIGHT = 100  # look-ups that a writer has time for
_LARGEST = 2**63 - 1  # of a number in the database


class Existing:
    """domain.intake.World; `record` is the object itself, None while it is made."""

    def __init__(self, session: Session, record: Record | None = None) -> None:
        self._session = session
        self._record = record
        self._asked = 0
        self._actions: dict[int, tuple[int, int] | None] = {}
        self._users: dict[int, bool] = {}

    def action_of(self, number: int) -> tuple[int, int] | None:
        """Return the numbers of an object's action and its type. Raises TooLarge."""
        if number not in self._actions:
            self._actions[number] = self._action_of(number) if self._may_be(number) else None
        return self._actions[number]

    def has_user(self, number: int) -> bool:
        """Whether there is a user of this number. Raises TooLarge."""
        if number not in self._users:
            found = self._may_be(number) and self._session.find(Account, number=number)
            self._users[number] = bool(found)
        return self._users[number]

    def file_name(self, number: int) -> str | None:
        """Return the name of one of the object's own files, or None. Raises TooLarge."""
        if self._record is None or not 0 <= number < self._record.files:
            return None
        self._count()
        return self._session.heads.file_name(self._record.id, number)

    def find(self, refs: Collection[Ref]) -> Terms:
        """Return what the terms say that may be referred to."""
        ids = [term_id(TermRef(*ref)) for ref in refs]  # type: ignore[arg-type]  # asks for none
        found = self._session.heads.terms(ids)
        return {term.ref: term.content for term in found if not term.retired}

    def _action_of(self, number: int) -> tuple[int, int] | None:
        found = self._session.find(Record, beside={"action": Action}, number=number)
        if found is None or not found.versions:
            return None
        action = self._session.find(Action, id=found.action)
        return None if action is None else (action.number, TYPE_NUMBERS[action.type])

    def _may_be(self, number: int) -> bool:
        self._count()
        return 0 < number <= _LARGEST

    def _count(self) -> None:
        self._asked += 1
        if self._asked > LIGHT:
            heavy.require_time()
        if self._asked > MOST:
            raise TooLarge(f"The document refers to more than {MOST:,} objects and users.", MOST)
