"""Lines of a history as versions, through the same commands as HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256

from domain.access import SCOPES, Actor, principals_of
from domain.account import Account
from domain.commands import history
from domain.errors import Conflict, Invalid, NotFound
from domain.identifiers import account_id
from domain.intake import Document, members
from domain.log import AnsweredBefore, Log, Retry
from domain.record import Record

DOOR = "load"


class Loader:
    """Stores lines one by one, in their order, and counts what became of them.

    Made by `loader`: one at a time for an action, so that each line is looked up but once.
    """

    def __init__(self, log: Log, action: str, schema: bytes, account: str, *, public: bool) -> None:
        """Make or find the action. Raises NotFound, Forbidden, Invalid when the schema is wrong."""
        self._log = log
        self._actor = _actor(log, account)
        self._action = log.run(self._actor, history.action, action, schema)
        self._public = public
        self.stored = self.created = self.known = self.refused = 0
        self.last: Record | None = None  # the record with the most versions so far

    def add(self, line: bytes) -> str | None:
        """Store a line unless it is stored. Return what is wrong with it, or None.

        Raises Refusal for what is not the line's own fault: Forbidden, OutOfSpace, Conflict.
        """
        digest = sha256(line).hexdigest()
        path = f"/actions/{self._action.number}"
        retry = Retry(f"load {digest}", "LOAD", path, digest, _answer, remembered=None)
        try:
            name, valid_from, document = _parsed(line)
            record = self._log.run_unless_answered(
                self._actor,
                retry,
                history.add,
                self._action,
                name,
                document,
                valid_from,
                public=self._public,
            )
        except AnsweredBefore:
            self.known += 1
        except Invalid as refusal:
            self.refused += 1
            return _reason(refusal)
        else:
            self.stored += 1
            self.created += record.versions == 1
            if self.last is None or record.versions >= self.last.versions:
                self.last = record
        return None


@contextmanager
def loader(log: Log, action: str, schema: bytes, account: str, *, public: bool) -> Iterator[Loader]:
    """Give the one loader of an action. Raises Conflict when there is one; as Loader."""
    with log.heads.exclusive(f"load {action}") as ours:
        if not ours:
            raise Conflict(f"Something is being loaded under the action {action} right now.")
        yield Loader(log, action, schema, account, public=public)


def _actor(log: Log, name: str) -> Actor:
    account = log.heads.head(Account, id=account_id(name))
    if account is None:
        raise NotFound(f"There is no account {name}.")
    return Actor(
        account=account.id,
        number=account.number,
        name=account.name,
        admin=account.admin,
        scopes=SCOPES,
        via=DOOR,
        principals=principals_of(account.id),
    )


def _parsed(line: bytes) -> tuple[str, datetime, Document]:
    found = members(line)
    name, instant = (found[key].value if key in found else None for key in ("recid", "committed"))
    if not isinstance(name, str):
        raise Invalid("recid must be a text.")
    if not isinstance(instant, str):
        raise Invalid("committed must be a text.")
    if "record" not in found:
        raise Invalid("record is missing.")
    try:
        committed = datetime.fromisoformat(instant)
    except ValueError:
        raise Invalid("committed must be an instant in ISO 8601.") from None
    if committed.tzinfo is None:
        committed = committed.replace(tzinfo=UTC)
    return name, committed.astimezone(UTC), found["record"]


def _answer(record: Record) -> tuple[int, str | None, str | None]:
    return 201, f"/objects/{record.number}/versions/{record.versions - 1}", None


def _reason(refusal: Invalid) -> str:
    if not refusal.faults:
        return refusal.message
    return "; ".join(
        f"{'/'.join(map(str, each.path)) or '(root)'}: {each.message}" for each in refusal.faults
    )
