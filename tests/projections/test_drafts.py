"""Drafts, files, publishes and versions in any order: what is there is what a small model says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.access import EVERYONE, Actor, Level
from domain.commands import draft_files, drafts, new_versions, objects
from domain.errors import Refusal
from domain.log import Log
from domain.record import Record
from projections import draft_files as filed
from projections import drafts as drafted
from projections import folding
from projections.audit import audit
from projections.database import Db, reading_pool, serving
from projections.rebuild import rebuild
from tests.drafting import add_file, body, content, drafts_on, published, somebody
from tests.projections.tables import differences, keep, owner

MADE_AGAIN = [
    "families",
    "records",
    "versions",
    "drafts",
    "draft_files",
    "manifests",
    "manifest_pages",
]
KEYS = ("a", "b", "é", "e\u0301", "z/1")

T = TypeVar("T")


@dataclass
class Model:
    """A record as a reader of the specification would keep it."""

    pid: str
    index: int
    versions: list[tuple[str, dict[str, bytes], str | None]] = field(default_factory=list)
    draft: str | None = None  # its title
    files: dict[str, bytes | None] = field(default_factory=dict)  # None: nothing was received
    done: set[str] = field(default_factory=set)
    shown: str | None = None  # the key of the file that is shown first
    missing: str | None = None  # the key that was to be, and was not there

    @property
    def complete(self) -> bool:
        """Whether nothing keeps the draft from being published."""
        finished = bool(self.versions) or (bool(self.files) and self.files.keys() == self.done)
        return finished and (self.missing is None or self.missing in self.files)


@pytest.fixture(scope="module")
def log(database: str) -> Iterator[Log]:
    """The log of the module's database."""
    with drafts_on(database) as found:
        yield found


def reading(database: str, ask: Callable[[Db], Awaitable[T]]) -> T:
    """Ask something as coroutines do."""

    async def asked() -> T:
        db = reading_pool(serving(database, "test"), 1)
        await db.open()
        try:
            return await ask(db)
        finally:
            await db.close()

    return asyncio.run(asked())


class Life:
    """One family, changed by commands and kept in the model beside."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.who = somebody()
        first = self.run(drafts.create, body(enabled=True, title="first")).record
        self.records = [Model(first.pid, 1, draft="first")]

    def run(self, command: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Carry out a command."""
        return self.log.run(self.who, command, *args, **kwargs)

    @property
    def last(self) -> Model:
        """The newest record."""
        return self.records[-1]

    def step(self, name: str, key: str, data: bytes) -> None:
        """Do one thing, if it can be done; the model does it if it was."""
        try:
            getattr(self, name)(self.last, key, data)
        except Refusal:
            self.refused(name, key)

    def refused(self, name: str, key: str) -> None:
        """Know that it was rightly refused."""
        now = self.last
        there = now.draft is not None and not now.versions
        rightly = {
            "save": now.draft is None,
            "show": now.draft is None,
            "start": not there or key in now.files,
            "whole": not there or key in now.files,
            "receive": not there or key not in now.files or key in now.done,
            "commit": not there or now.files.get(key) is None,
            "remove": not there or key not in now.files,
            "publish": now.draft is None or not now.complete,
            "edit": False,
            "discard": now.draft is None,
            "new_version": not now.versions,
            "import_files": not there or bool(now.files) or now.index == 1,
        }
        assert rightly[name], (name, key, now)

    def save(self, now: Model, key: str, data: bytes) -> None:
        """Give the draft another title."""
        title = f"title-{data.hex()}."
        self.run(drafts.save, now.pid, body(enabled=True, title=title))
        now.draft, now.shown, now.missing = title, None, None

    def show(self, now: Model, key: str, data: bytes) -> None:
        """Show a file first, if there is one; else it is a fault and none is."""
        saved = self.run(drafts.save, now.pid, body(enabled=True, preview=key, title="shown"))
        there = key in now.files
        now.draft, now.shown = "shown", key if there else None
        now.missing = None if there else key
        assert bool(saved.draft.faults) == (not there)

    def start(self, now: Model, key: str, data: bytes) -> None:
        """Announce a file."""
        self.run(draft_files.start, now.pid, [key])
        now.files[key] = None

    def whole(self, now: Model, key: str, data: bytes) -> None:
        """Give the draft a file in one go."""
        self.run(draft_files.start, now.pid, [key])
        self.run(draft_files.receive, now.pid, key, content(data))
        self.run(draft_files.commit, now.pid, key)
        now.files[key] = data
        now.done.add(key)

    def receive(self, now: Model, key: str, data: bytes) -> None:
        """Send a file's bytes."""
        self.run(draft_files.receive, now.pid, key, content(data))
        now.files[key] = data

    def commit(self, now: Model, key: str, data: bytes) -> None:
        """Finish a file."""
        self.run(draft_files.commit, now.pid, key)
        now.done.add(key)

    def remove(self, now: Model, key: str, data: bytes) -> None:
        """Take a file away."""
        self.run(draft_files.remove, now.pid, key)
        del now.files[key]
        now.shown = None if now.shown == key else now.shown
        now.done.discard(key)

    def publish(self, now: Model, key: str, data: bytes) -> None:
        """Publish the draft."""
        self.run(drafts.publish, now.pid)
        assert now.draft is not None
        now.shown, now.missing = now.missing or now.shown, None
        files = {name: held for name, held in now.files.items() if held is not None}
        now.versions.append((now.draft, files, now.shown))
        now.draft = None

    def edit(self, now: Model, key: str, data: bytes) -> None:
        """Open the draft again."""
        self.run(drafts.edit, now.pid)
        if now.draft is None:
            now.draft, _, now.shown = now.versions[-1]
            now.missing = None

    def discard(self, now: Model, key: str, data: bytes) -> None:
        """Discard the draft; a record that is gone is followed by a new one."""
        self.run(drafts.discard, now.pid)
        now.draft = None
        if not now.versions:
            self.records.pop()
            if not self.records:
                made = self.run(drafts.create, body(enabled=True, title="again")).record
                self.records.append(Model(made.pid, 1, draft="again"))

    def new_version(self, now: Model, key: str, data: bytes) -> None:
        """Begin the next version, or find it begun."""
        made = self.run(new_versions.new_version, now.pid).record
        assert made.pid != now.pid
        self.run(drafts.save, made.pid, body(enabled=True, title="next"))
        self.records.append(Model(made.pid, now.index + 1, draft="next"))

    def import_files(self, now: Model, key: str, data: bytes) -> None:
        """Take over the files of the version before."""
        self.run(draft_files.import_files, now.pid)
        now.files = dict(self.records[-2].versions[-1][1])
        now.done = set(now.files)


def title(document: bytes) -> str:
    """What a document is called."""
    found: str = orjson.loads(document)["metadata"]["title"]
    return found


def assert_as_modelled(log: Log, database: str, who: Actor, model: Model) -> None:
    """Compare a record with its model: versions, draft, files."""
    record = log.heads.head(Record, pid=model.pid)
    assert record is not None
    assert (record.versions, record.index) == (len(model.versions), model.index)
    for number, (called, files, _) in enumerate(model.versions):
        past = log.heads.past(record.id, number)
        assert past is not None
        assert title(bytes(past.body)) == called
        if number == len(model.versions) - 1:
            assert record.manifest is not None
            held = {each.key: each for each in log.heads.manifest_files(record.manifest)}
            assert {key: each.sha256 for key, each in held.items()} == {
                key: content(data).sha256 for key, data in files.items()
            }
    found = reading(database, lambda db: drafted.one(db, model.pid, who.principals))
    if model.draft is None:
        assert found is None
        return
    assert found is not None
    assert (title(bytes(found.draft.document)), found.level) == (model.draft, Level.MANAGE)
    assert found.draft.files.default_preview == model.shown
    assert found.record.draft is not None
    assert found.record.draft.preview == model.shown
    if not model.versions:
        assert listed(database, found.record) == {
            key: (None if data is None else content(data).sha256, key in model.done)
            for key, data in sorted(model.files.items())
        }


def listed(database: str, record: Record) -> dict[str, tuple[str | None, bool]]:
    """A draft's files as its readers list them, and as they find them one by one."""

    async def ask(db: Db) -> dict[str, tuple[str | None, bool]]:
        found: dict[str, tuple[str | None, bool]] = {}
        after = ""
        while page := await filed.page(db, record, after):
            for each in page:
                assert each == await filed.one(db, record, each.key)
                digest = None if each.content is None else each.content.sha256
                found[each.key] = digest, each.state == "completed"
            after = page[-1].key
        for key in KEYS:
            assert (await filed.one(db, record, key) is None) == (key not in found)
        assert list(found) == sorted(found)
        return found

    return reading(database, ask)


STEPS = (
    *(
        "save",
        "show",
        "start",
        "receive",
        "commit",
        "whole",
        "whole",
        "remove",
        "publish",
        "publish",
    ),
    *("edit", "discard", "new_version", "import_files"),
)


@pytest.mark.parametrize("examples", [8, pytest.param(80, marks=pytest.mark.soak)])
def test_any_life_of_a_family_is_what_the_model_says_inline_and_made_again(
    log: Log, database: str, examples: int
) -> None:
    """Also when memory holds only a few rows."""

    @settings(max_examples=examples, deadline=None)
    @given(
        steps=st.lists(
            st.tuples(st.sampled_from(STEPS), st.sampled_from(KEYS), st.binary(max_size=2)),
            max_size=60,
        ),
        rows=st.sampled_from([2, 200_000]),
    )
    def check(steps: list[tuple[str, str, bytes]], rows: int) -> None:
        life = Life(log)
        for step in steps:
            life.step(*step)

        for model in life.records:
            assert_as_modelled(log, database, life.who, model)
        keep(database, "inline")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(folding, "ROWS", rows)
            rebuild(database, MADE_AGAIN)
        assert differences(database, "inline") == {}

    check()


def test_a_list_longer_than_a_page_is_read_in_order_and_whole(
    log: Log, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is imported and what is not stand together; what was removed is not among it."""
    monkeypatch.setattr("domain.manifest.PAGE", 3)
    monkeypatch.setattr(filed, "PAGE", 2)
    who = somebody()
    old = published(log, who, *(f"{number:02}" for number in range(0, 20, 2)))
    new = log.run(who, new_versions.new_version, old.record.pid).record
    log.run(who, draft_files.import_files, new.pid)
    for key in ("00", "06", "08", "10", "18"):
        log.run(who, draft_files.remove, new.pid, key)
    for key in ("01", "03", "05", "06", "99"):
        add_file(log, who, new.pid, key)
    record = log.heads.head(Record, id=new.id)
    assert record is not None

    found = listed(database, record)

    assert list(found) == ["01", "02", "03", "04", "05", "06", "12", "14", "16", "99"]


def test_who_sees_a_draft_is_told_with_it(log: Log, database: str) -> None:
    """The rung comes with the draft: a reader asks once."""
    who, other = somebody(), somebody()
    made = log.run(who, drafts.create, body())

    def level(actor: Actor) -> Level:
        found = reading(database, lambda db: drafted.one(db, made.record.pid, actor.principals))
        assert found is not None
        return found.level

    assert (level(who), level(other)) == (Level.MANAGE, Level.NONE)
    log.run(who, objects.grant, made.record, other.account, Level.PREVIEW)
    assert level(other) == Level.PREVIEW
    log.run(who, objects.grant, made.record, EVERYONE, Level.VIEW)
    assert level(somebody()) == Level.VIEW


def test_the_audit_follows_drafts_and_their_files(log: Log, database: str) -> None:
    """It finds nothing wrong with what commands left, and a row that was changed by hand."""
    who = somebody()
    made = log.run(who, drafts.create, body(enabled=True)).record
    add_file(log, who, made.pid, "a")
    published(log, who, "b", "c")

    assert list(audit(database)) == []
    with owner(database) as conn:
        conn.execute("UPDATE view.draft_files SET state = 'pending' WHERE record = %s", [made.id])
        conn.execute("DELETE FROM view.drafts WHERE record = %s", [made.id])
    wrong = {(each.view, each.what) for each in audit(database)}
    assert wrong == {("draft_files", "row-changed"), ("drafts", "row-missing")}
    rebuild(database, MADE_AGAIN)
    assert list(audit(database)) == []
