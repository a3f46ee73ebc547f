"""What a command on one of many files costs is what it costs on one of few: counted, not timed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest

from domain.commands import draft_files, drafts, new_versions, open_drafts
from domain.draft_files import DraftFileCommitted, DraftFilesStarted
from domain.log import Log, Session
from domain.record import Record
from projections import draft_files as filed
from projections import manifest_pages
from projections.database import connect, serving
from tests.drafting import body, content, drafts_on, somebody
from tests.projections.tables import count, owner

MANY = 1200
WHO = somebody()


@pytest.fixture(scope="module")
def log(database: str) -> Iterator[Log]:
    """The log of the module's database."""
    with drafts_on(database) as found:
        yield found


def filled(session: Session, pid: str, keys: list[str]) -> Record:
    """Give a draft complete files, in one save."""
    record, _ = open_drafts.opened(session, pid)
    record = session.change(record, DraftFilesStarted(keys=tuple(keys)))
    for key in keys:
        done = DraftFileCommitted(
            key=key, content=content(key.encode()), started_at=record.recorded_at
        )
        record = session.change(record, done)
    return record


def draft_of(log: Log, files: int) -> Record:
    """Make a draft with so many files."""
    made = log.run(WHO, drafts.create, body(enabled=True)).record
    return log.run(WHO, filled, made.pid, [f"data/{each:05}.txt" for each in range(files)])


class Counted:
    """How many statements and rows the commands of a log read, and how many values they save."""

    def __init__(self, log: Log, patch: pytest.MonkeyPatch) -> None:
        self._log = log
        self.statements = self.rows = 0
        connections: Any = log.heads.connections  # type: ignore[attr-defined]

        def counting(read: Callable[..., Any]) -> Callable[..., Any]:
            def counted(*args: Any) -> Any:
                found = read(*args)
                self.statements += 1
                self.rows += len(found) if isinstance(found, list) else found is not None
                return found

            return counted

        for name in ("fetch", "fetch_one"):
            patch.setattr(connections, name, counting(getattr(connections, name)))

    def taken(self, command: Callable[..., Any], *args: Any) -> tuple[int, int]:
        """Return the statements and the rows that a command reads."""
        self.statements = self.rows = 0
        self._log.run(WHO, command, *args)
        return self.statements, self.rows


def written(database: str, stream: UUID, after: int) -> int:
    """How many bytes of states a stream has after an event."""
    with owner(database) as conn:
        row = conn.execute(
            "SELECT coalesce(sum(octet_length(state)), 0) FROM es.event"
            " WHERE stream = %s AND version > %s",
            [stream, after],
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_a_command_on_one_file_reads_what_it_reads_without_the_others(
    log: Log, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To start, to receive, to commit and to remove: with three files and with 1,200."""
    costs = []
    for files in (3, MANY):
        draft = draft_of(log, files)
        with monkeypatch.context() as patch:
            counted = Counted(log, patch)
            cost = [
                counted.taken(command, draft.pid, *rest)
                for command, *rest in (
                    (draft_files.start, ["new"]),
                    (draft_files.receive, "new", content(b"tin")),
                    (draft_files.commit, "new"),
                    (draft_files.remove, "data/00001.txt"),
                )
            ]
        costs.append((cost, written(database, draft.id, draft.version)))

    (few, few_bytes), (many, many_bytes) = costs
    assert few == many
    assert abs(few_bytes - many_bytes) < 20  # digits of larger numbers


def test_an_imported_file_is_found_in_one_page_of_the_list(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To import thousands writes no row of a file, and one of them is found by its key."""
    old = draft_of(log, MANY)
    log.run(WHO, drafts.publish, old.pid)
    new = log.run(WHO, new_versions.new_version, old.pid).record
    counted = Counted(log, monkeypatch)

    imported = counted.taken(draft_files.import_files, new.pid)
    removed = counted.taken(draft_files.remove, new.pid, "data/00700.txt")

    assert max(imported[1], removed[1]) < 10
    assert log.heads.draft_keys(new.id, "completed") == []
    assert log.heads.draft_keys(new.id, "removed") == ["data/00700.txt"]


def test_a_correction_of_a_record_with_many_files_costs_the_log_what_it_says(
    log: Log, database: str
) -> None:
    """The list of the files is stored once, whatever is published with it."""
    draft = draft_of(log, MANY)
    done = log.run(WHO, drafts.publish, draft.pid).record
    lists = count(database, "view.manifest_pages")

    log.run(WHO, drafts.edit, done.pid)
    log.run(WHO, drafts.save, done.pid, body(enabled=True, title="Corrected"))
    again = log.run(WHO, drafts.publish, done.pid).record
    new = log.run(WHO, new_versions.new_version, done.pid).record
    log.run(WHO, draft_files.import_files, new.pid)
    log.run(WHO, drafts.save, new.pid, body(enabled=True))
    next_ = log.run(WHO, drafts.publish, new.pid).record

    assert again.manifest == done.manifest == next_.manifest
    assert count(database, "view.manifest_pages") == lists
    assert written(database, done.id, done.version) < 20_000
    assert written(database, new.id, 0) < 20_000


@pytest.mark.parametrize(
    ("statement", "params", "index"),
    [
        (filed.view.sql["one"], {"key": "a"}, "draft_files_pkey"),
        (filed.view.sql["those"], {"keys": ["a", "b"]}, "draft_files_pkey"),
        (filed.view.sql["page"], {"after": "a", "limit": 10}, "draft_files_pkey"),
        (manifest_pages.view.sql["holding"], {"key": "a"}, "manifest_pages_manifest_first_idx"),
        (manifest_pages.view.sql["after"], {"key": "a"}, "manifest_pages_manifest_first_idx"),
    ],
)
def test_files_are_found_by_their_keys(
    database: str, statement: str, params: dict[str, Any], index: str
) -> None:
    """However small the tables were when a statement was planned."""
    ids = {"record": WHO.account, "manifest": WHO.account}
    with connect(serving(database, "test")) as conn:
        found = conn.execute(f"EXPLAIN {statement}", ids | params).fetchall()

    plan = "\n".join(line for (line,) in found)
    assert index in plan
    assert "Filter" not in plan
