"""Files of drafts: by key, each on its own, frozen once they are published."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from domain.access import Actor
from domain.commands import draft_files, drafts, new_versions
from domain.commands.open_drafts import opened
from domain.draft_files import DraftFile, State
from domain.errors import Conflict, Forbidden, Invalid, NotFound
from domain.log import Log, Session
from domain.manifest import StoredManifest, listed, manifest_id
from domain.record import Record
from domain.values import FileEntry
from tests.drafting import add_file, body, content, drafts_on, published, somebody


@pytest.fixture(scope="module")
def log(database: str) -> Iterator[Log]:
    """The log of the module's database."""
    with drafts_on(database) as found:
        yield found


@pytest.fixture
def ada() -> Actor:
    """An account of the test's own."""
    return somebody()


@pytest.fixture
def draft(log: Log, ada: Actor) -> Record:
    """A draft that may have files."""
    return log.run(ada, drafts.create, body(enabled=True)).record


def files(log: Log, record: Record) -> dict[str, DraftFile]:
    """What a draft has in the view."""
    states: tuple[State, ...] = ("pending", "completed", "removed")
    keys = [key for state in states for key in log.heads.draft_keys(record.id, state)]
    return {each.key: each for each in log.heads.draft_files(record.id, keys)}


def head(log: Log, record: Record) -> Record:
    """A record as it stands."""
    found = log.heads.head(Record, id=record.id)
    assert found is not None
    return found


def test_a_file_is_started_received_and_committed(log: Log, ada: Actor, draft: Record) -> None:
    """Pending until it is committed; then it has what its key and its bytes say."""
    log.run(ada, draft_files.start, draft.pid, ["a.txt"])
    assert files(log, draft)["a.txt"].content is None

    received = log.run(ada, draft_files.receive, draft.pid, "a.txt", content(b"tin"))
    done = log.run(
        ada, draft_files.commit, draft.pid, "a.txt", media_type="image/png", width=3, height=2
    )

    assert (received.file.state, received.file.content) == ("pending", content(b"tin"))
    assert done.file == files(log, draft)["a.txt"]
    assert done.file.state == "completed"
    assert done.file.content is not None
    assert (done.file.content.media_type, done.file.content.width) == ("image/png", 3)
    assert done.file.started_at == received.file.started_at < done.file.updated_at
    assert done.record.version == draft.version + 3


def test_content_may_be_sent_again_until_it_is_committed(
    log: Log, ada: Actor, draft: Record
) -> None:
    """The last one wins; the same again changes nothing."""
    log.run(ada, draft_files.start, draft.pid, ["a"])
    log.run(ada, draft_files.receive, draft.pid, "a", content(b"tin"))
    last = log.run(ada, draft_files.receive, draft.pid, "a", content(b"zinc"))
    again = log.run(ada, draft_files.receive, draft.pid, "a", content(b"zinc"))

    assert last.file.content == content(b"zinc")
    assert again == last


def test_content_after_the_commit_is_refused_and_a_commit_again_does_no_harm(
    log: Log, ada: Actor, draft: Record
) -> None:
    """What is committed stays as it is."""
    before = add_file(log, ada, draft.pid, "a")

    with pytest.raises(Conflict, match="complete"):
        log.run(ada, draft_files.receive, draft.pid, "a", content(b"other"))
    with pytest.raises(Conflict, match="complete"):
        log.run(ada, draft_files.receivable, draft.pid, "a")
    again = log.run(ada, draft_files.commit, draft.pid, "a")

    assert head(log, draft) == before == again.record


def test_a_commit_without_content_is_refused(log: Log, ada: Actor, draft: Record) -> None:
    """The file stays pending, and is named when the draft is published."""
    add_file(log, ada, draft.pid, "a")
    log.run(ada, draft_files.start, draft.pid, ["b"])

    with pytest.raises(Conflict, match="no content"):
        log.run(ada, draft_files.commit, draft.pid, "b")
    with pytest.raises(Invalid) as refused:
        log.run(ada, drafts.publish, draft.pid)

    assert [fault.path for fault in refused.value.faults] == [("files",)]
    assert "b" in refused.value.faults[0].message


@pytest.mark.parametrize(
    "keys", [[], [""], ["x" * 256], ["a\n"], ["\0"], ["a/../b"], ["."], ["\ud800"], ["n", "n"]]
)
def test_keys_that_cannot_be_start_nothing(
    log: Log, ada: Actor, draft: Record, keys: list[str]
) -> None:
    """Nor do those beside them."""
    with pytest.raises(Invalid):
        log.run(ada, draft_files.start, draft.pid, [*keys, *(["good"] if keys else [])])

    assert files(log, draft) == {}
    for key in keys[:1]:
        with pytest.raises(NotFound):
            log.run(ada, draft_files.commit, draft.pid, key)


def test_keys_are_kept_code_point_by_code_point(log: Log, ada: Actor, draft: Record) -> None:
    """Blanks, slashes, percent signs; two spellings of one letter are two files."""
    keys = ["  a b ", "é", "e\u0301", "100%", "%2F", "a/b", "😀" * 255, "\u00a0"]

    for key in keys:
        add_file(log, ada, draft.pid, key)

    assert set(files(log, draft)) == set(keys)
    with pytest.raises(Invalid, match="already exists"):
        log.run(ada, draft_files.start, draft.pid, ["new", "é"])
    assert "new" not in files(log, draft)


def test_a_removed_file_may_be_started_again(log: Log, ada: Actor, draft: Record) -> None:
    """Removed once, it is not there to be removed."""
    add_file(log, ada, draft.pid, "a")

    removed = log.run(ada, draft_files.remove, draft.pid, "a")

    assert removed.draft is not None
    assert removed.draft.files == 0
    with pytest.raises(NotFound):
        log.run(ada, draft_files.remove, draft.pid, "a")
    add_file(log, ada, draft.pid, "a", b"zinc")
    held = files(log, draft)["a"].content
    assert held is not None
    assert held.sha256 == content(b"zinc").sha256


def test_the_file_shown_first_must_be_there(log: Log, ada: Actor, draft: Record) -> None:
    """Else it is a fault; when it is removed, none is shown first."""
    add_file(log, ada, draft.pid, "a")

    def preview(key: str) -> drafts.Edited:
        wanted = body(enabled=True, preview=key)
        return log.run(ada, drafts.save, draft.pid, wanted)

    missing, there = preview("b"), preview("a")

    assert [fault.path for fault in missing.draft.faults] == [("files", "default_preview")]
    assert missing.draft.files.default_preview is None
    assert (there.draft.files.default_preview, there.draft.faults) == ("a", ())
    log.run(ada, draft_files.remove, draft.pid, "a")
    after = log.heads.draft(draft.id)
    assert after is not None
    assert after.files.default_preview is None


def test_files_cannot_be_disabled_while_there_are_some(log: Log, ada: Actor, draft: Record) -> None:
    """The save goes through, names it and leaves them enabled; without files it disables them."""
    add_file(log, ada, draft.pid, "a")

    kept = log.run(ada, drafts.save, draft.pid, body(enabled=False))
    log.run(ada, draft_files.remove, draft.pid, "a")
    disabled = log.run(ada, drafts.save, draft.pid, body(enabled=False))

    assert [fault.path for fault in kept.draft.faults] == [("files", "enabled")]
    assert kept.draft.files.enabled
    assert not disabled.draft.files.enabled
    with pytest.raises(Conflict, match="disabled"):
        log.run(ada, draft_files.start, draft.pid, ["a"])


def test_files_of_a_published_record_are_frozen(log: Log, ada: Actor) -> None:
    """Without a draft there are none to change; in an edit they are locked."""
    done = published(log, ada, "a")
    commands: tuple[tuple[Any, ...], ...] = (
        (draft_files.start, ["b"]),
        (draft_files.receive, "a", content(b"x")),
        (draft_files.commit, "a"),
        (draft_files.remove, "a"),
        (draft_files.import_files,),
    )

    for command, *rest in commands:
        with pytest.raises(NotFound):
            log.run(ada, command, done.record.pid, *rest)
    log.run(ada, drafts.edit, done.record.pid)
    for command, *rest in commands:
        with pytest.raises(Forbidden, match="frozen"):
            log.run(ada, command, done.record.pid, *rest)

    again = log.run(ada, drafts.publish, done.record.pid)
    assert again.record.manifest == done.record.manifest


def test_a_version_names_its_files_by_one_list(log: Log, ada: Actor) -> None:
    """The list is found by its digest, in order of key, and is the same for the same files."""
    one, other = (published(log, ada, "b", "a", "😀", "\ufb01") for _ in range(2))

    manifest = one.record.manifest
    assert manifest is not None
    assert (manifest.count, manifest.size) == (4, 2 + 4 + 3)
    assert other.record.manifest == manifest
    stored = log.heads.head(StoredManifest, id=manifest_id(manifest.digest))
    assert stored is not None
    assert stored.version == 1
    entries = log.heads.manifest_files(manifest)
    assert [each.key for each in entries] == ["a", "b", "\ufb01", "😀"]
    assert listed(entries)[0] == manifest
    assert log.heads.manifest_file(manifest, "b") == entries[1]
    assert log.heads.manifest_file(manifest, "bb") is None
    assert files(log, one.record) == {}


def test_a_long_list_is_stored_in_pages(log: Log, ada: Actor, draft: Record) -> None:
    """So that no event grows with it; each file is found in its page."""
    keys = [f"{number:04}.txt" for number in range(1234)]
    log.run(ada, draft_files.start, draft.pid, keys)
    for key in keys[:3]:
        log.run(ada, draft_files.receive, draft.pid, key, content(key.encode()))
        log.run(ada, draft_files.commit, draft.pid, key)
    for key in keys[3:]:
        log.run(ada, draft_files.remove, draft.pid, key)
    entries = [FileEntry.of(key, content(key.encode())) for key in keys]

    manifest, pages = listed(reversed(entries))

    assert len(pages) == 3
    assert max(map(len, pages)) < 100_000
    assert listed(entries)[0] == manifest
    assert log.run(ada, drafts.publish, draft.pid).record.manifest == listed(entries[:3])[0]


def test_two_contents_at_once_leave_one_of_them(log: Log, ada: Actor, draft: Record) -> None:
    """Whole, with its own digest; and no file beside it is touched."""
    add_file(log, ada, draft.pid, "b")
    log.run(ada, draft_files.start, draft.pid, ["a"])
    sent = [content(b"%d" % number) for number in range(8)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda each: log.run(ada, draft_files.receive, draft.pid, "a", each), sent))
    done = log.run(ada, draft_files.commit, draft.pid, "a")

    assert done.file.content in sent
    assert set(files(log, draft)) == {"a", "b"}


def test_files_are_imported_without_a_copy_and_changed_in_the_draft_alone(
    log: Log, ada: Actor
) -> None:
    """Those removed, replaced and added make a list of their own; the version keeps its own."""
    old = published(log, ada, "a", "b", "c")
    new = log.run(ada, new_versions.new_version, old.record.pid).record
    log.run(ada, drafts.save, new.pid, body(enabled=True))

    imported = log.run(ada, draft_files.import_files, new.pid)
    assert imported.draft is not None
    assert (imported.draft.files, files(log, new)) == (3, {})
    with pytest.raises(Invalid, match="without files"):
        log.run(ada, draft_files.import_files, new.pid)
    with pytest.raises(Invalid, match="already exists"):
        log.run(ada, draft_files.start, new.pid, ["a"])
    with pytest.raises(Conflict, match="complete"):
        log.run(ada, draft_files.receive, new.pid, "a", content(b"x"))
    log.run(ada, draft_files.remove, new.pid, "a")
    log.run(ada, draft_files.remove, new.pid, "b")
    add_file(log, ada, new.pid, "b", b"new b")
    add_file(log, ada, new.pid, "d", b"d")
    done = log.run(ada, drafts.publish, new.pid)

    assert done.record.manifest is not None
    assert old.record.manifest is not None
    found = {each.key: each.sha256 for each in log.heads.manifest_files(done.record.manifest)}
    assert found == {
        "b": content(b"new b").sha256,
        "c": content(b"c").sha256,
        "d": content(b"d").sha256,
    }
    kept = log.heads.manifest_files(old.record.manifest)
    assert [each.key for each in kept] == ["a", "b", "c"]


def test_imported_files_that_stay_as_they_are_keep_their_list(log: Log, ada: Actor) -> None:
    """The next version refers to the same digest, and no list is stored again."""
    old = published(log, ada, "a", "b")
    new = log.run(ada, new_versions.new_version, old.record.pid).record
    log.run(ada, draft_files.import_files, new.pid)
    log.run(ada, drafts.save, new.pid, body(enabled=True))

    done = log.run(ada, drafts.publish, new.pid)

    assert done.record.manifest == old.record.manifest


def test_files_may_be_imported_again_when_all_were_removed(log: Log, ada: Actor) -> None:
    """Then they are there again."""
    old = published(log, ada, "a")
    new = log.run(ada, new_versions.new_version, old.record.pid).record
    log.run(ada, draft_files.import_files, new.pid)
    log.run(ada, draft_files.remove, new.pid, "a")

    again = log.run(ada, draft_files.import_files, new.pid)

    assert again.draft is not None
    assert again.draft.files == 1
    assert files(log, new) == {}


def test_files_are_imported_from_a_published_version_only(
    log: Log, ada: Actor, draft: Record
) -> None:
    """A first draft has none before it."""
    with pytest.raises(NotFound, match="no published version"):
        log.run(ada, draft_files.import_files, draft.pid)


def test_files_that_go_while_a_draft_is_published_are_a_conflict(
    log: Log, ada: Actor, draft: Record
) -> None:
    """Nothing is published that has other files than it is said to have."""
    add_file(log, ada, draft.pid, "a.txt")

    def publish(session: Session) -> None:
        opened(session, draft.pid)
        log.run(ada, draft_files.remove, draft.pid, "a.txt")
        drafts.publish(session, draft.pid)

    with pytest.raises(Conflict):
        log.run(ada, publish)
    assert head(log, draft).versions == 0
