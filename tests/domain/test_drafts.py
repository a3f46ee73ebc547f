"""Drafts: whatever is sent is kept, only what is right is published, and no update is lost."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from msgspec.structs import replace

from domain.access import ANONYMOUS, Actor, Level
from domain.commands import accounts, draft_files, drafts, new_versions, objects, terms
from domain.commands.drafts import Edited, Publication
from domain.commands.models import sent
from domain.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, Stale, Unauthenticated
from domain.event import Entry
from domain.intake import Document
from domain.log import Log, Session
from domain.mapper import EntryMapper
from domain.record import Record
from domain.term import Content as Said
from domain.term import Ref
from domain.values import Access, Body
from tests.drafting import METADATA, add_file, body, drafts_on, published, somebody


@pytest.fixture(scope="module")
def log(database: str) -> Iterator[Log]:
    """The log of the module's database."""
    with drafts_on(database) as found:
        yield found


@pytest.fixture
def ada() -> Actor:
    """An account of the test's own."""
    return somebody()


def create(log: Log, who: Actor, sending: bytes = b"") -> Edited:
    """Make a draft of a body."""
    return log.run(who, drafts.create, sent(sending))


def metadata(document: Body) -> Any:
    """What a document says."""
    return orjson.loads(bytes(document))["metadata"]


def publish_at_once(session: Session, object_id: str, document: bytes) -> Record:
    """Publish a document as the doors do that know no drafts."""
    record = objects.writable(session, object_id)
    wanted = Document(Body(document), orjson.loads(document))
    return objects.publish(session, record, document=wanted, expected=objects.Expectation())


def head(log: Log, pid: str) -> Record:
    """A record as it stands."""
    found = log.heads.head(Record, pid=pid)
    assert found is not None
    return found


def entries(log: Log, record: Record) -> list[Entry[Any]]:
    """All that happened to a record."""
    mapper = EntryMapper()
    return [mapper.to_domain_event(each) for each in log.recorder.select_events(record.id)]


def test_an_empty_body_makes_a_draft_that_names_what_is_missing(log: Log, ada: Actor) -> None:
    """Nothing is refused; the record has no version, and files are expected."""
    made = create(log, ada)

    assert {fault.path for fault in made.draft.faults} == {
        ("metadata", name) for name in ("title", "creators", "resource_type", "publication_date")
    }
    assert made.record.versions == 0
    assert made.draft.files.enabled
    assert made.draft.access == Access("public", "public")
    assert bytes(made.draft.document) == b'{"metadata":{}}'


def test_what_is_wrong_is_dropped_from_the_draft_and_kept_in_the_log(log: Log, ada: Actor) -> None:
    """The exact bytes that were sent, beside what of them is valid."""
    sending = b'{ "metadata": {"title": "Tin", "publication_date": "yesterday"}, "unknown": 1 }'

    made = create(log, ada, sending)

    assert metadata(made.draft.document) == {"title": "Tin"}
    assert bytes(made.draft.sent) == sending.strip()
    assert ("metadata", "publication_date") in {fault.path for fault in made.draft.faults}
    assert bytes(entries(log, made.record)[-1].event.sent) == sending.strip()
    assert log.heads.draft(made.record.id) == made.draft


def test_publishing_names_everything_that_is_wrong_and_changes_nothing(
    log: Log, ada: Actor
) -> None:
    """What was dropped is named as it was sent, not as missing; so are missing files."""
    made = create(log, ada, b'{"metadata": {"title": "Tin", "publication_date": "yesterday"}}')
    before = head(log, made.record.pid)

    with pytest.raises(Invalid) as refused:
        log.run(ada, drafts.publish, made.record.pid)

    wrong = {fault.path: fault.message for fault in refused.value.faults}
    assert {("metadata", "creators"), ("metadata", "resource_type"), ("files", "enabled")} <= (
        wrong.keys()
    )
    assert "Missing" not in wrong["metadata", "publication_date"]
    assert head(log, made.record.pid) == before


def test_a_published_draft_is_version_0(log: Log, ada: Actor) -> None:
    """With its access, and no draft is open any more; a second publish finds none."""
    made = log.run(ada, drafts.create, body())

    done = log.run(ada, drafts.publish, made.record.pid)

    assert (done.record.versions, done.record.draft) == (1, None)
    assert done.record.access == Access("public", "public")
    past = log.heads.past(done.record.id, 0)
    assert past is not None
    assert past.body == done.document
    assert past.visibility == "public"
    assert metadata(done.document)["title"] == METADATA["title"]
    with pytest.raises(NotFound, match="No draft"):
        log.run(ada, drafts.publish, made.record.pid)
    assert log.heads.draft(done.record.id) is None


def test_a_save_replaces_everything_and_moves_the_revision(log: Log, ada: Actor) -> None:
    """What the answer says is what was stored; the same once more changes nothing."""
    made = log.run(ada, drafts.create, body(title="Tin"))

    saved = log.run(ada, drafts.save, made.record.pid, body(title="Zinc", version=None))
    again = log.run(ada, drafts.save, made.record.pid, body(title="Zinc", version=None))

    assert metadata(saved.draft.document)["title"] == "Zinc"
    assert "version" not in metadata(saved.draft.document)
    assert saved.record.version == made.record.version + 1
    assert again == saved
    assert log.heads.draft(made.record.id) == saved.draft


def test_a_save_that_builds_on_an_older_revision_is_stale(log: Log, ada: Actor) -> None:
    """A file moves the revision too: one writer is told, nothing is lost."""
    made = log.run(ada, drafts.create, body(enabled=True))
    add_file(log, ada, made.record.pid, "a.txt")

    with pytest.raises(Stale, match="revision 5, not 2"):
        log.run(ada, drafts.save, made.record.pid, body(title="Zinc"), made.record.version)
    with pytest.raises(Stale):
        log.run(ada, drafts.discard, made.record.pid, made.record.version)
    log.run(ada, drafts.save, made.record.pid, body(title="Zinc", enabled=True), 5)


def test_an_edit_begins_with_what_is_published_and_is_opened_once(log: Log, ada: Actor) -> None:
    """A second edit gives the open draft as it is: the same revision."""
    done = published(log, ada)

    opened = log.run(ada, drafts.edit, done.record.pid)
    again = log.run(ada, drafts.edit, done.record.pid)

    assert opened.draft.document == done.document
    assert opened.record.version == done.record.version + 1
    assert again == opened


def test_a_publish_after_an_edit_is_the_next_version_of_the_same_record(
    log: Log, ada: Actor
) -> None:
    """Unchanged or changed; the one before stays as it was."""
    done = published(log, ada)
    log.run(ada, drafts.edit, done.record.pid)
    same = log.run(ada, drafts.publish, done.record.pid)
    log.run(ada, drafts.edit, done.record.pid)
    log.run(ada, drafts.save, done.record.pid, body(title="Zinc"))
    changed = log.run(ada, drafts.publish, done.record.pid)

    assert (same.record.versions, changed.record.versions) == (2, 3)
    assert same.document == done.document
    first, last = (log.heads.past(done.record.id, number) for number in (0, 2))
    assert first is not None
    assert last is not None
    assert first.body == done.document
    assert metadata(last.body)["title"] == "Zinc"


def test_a_discarded_edit_leaves_what_is_published(log: Log, ada: Actor) -> None:
    """The next edit begins with the record again, and the revision has only grown."""
    done = published(log, ada)
    log.run(ada, drafts.edit, done.record.pid)
    saved = log.run(ada, drafts.save, done.record.pid, body(title="Zinc"))

    log.run(ada, drafts.discard, done.record.pid)
    opened = log.run(ada, drafts.edit, done.record.pid)

    assert opened.draft.document == done.document
    assert opened.record.version == saved.record.version + 2


def test_a_discarded_draft_that_was_never_published_is_gone(log: Log, ada: Actor) -> None:
    """Under its id and under its number; files too."""
    made = log.run(ada, drafts.create, body(enabled=True))
    add_file(log, ada, made.record.pid, "a.txt")

    log.run(ada, drafts.discard, made.record.pid)

    for command in (drafts.edit, drafts.publish, drafts.discard, new_versions.new_version):
        with pytest.raises(NotFound):
            log.run(ada, command, made.record.pid)
    for name in (made.record.pid, str(made.record.number)):
        with pytest.raises(NotFound):
            log.run(ada, objects.writable, name)
    assert log.heads.draft(made.record.id) is None
    assert log.heads.draft_files(made.record.id, ["a.txt"]) == []


def test_an_object_with_only_a_draft_is_none_to_the_doors_that_publish_at_once(
    log: Log, ada: Actor
) -> None:
    """By its number and by its id, for its owner too."""
    made = create(log, ada)

    for name in (made.record.pid, str(made.record.number)):
        with pytest.raises(NotFound):
            log.run(ada, objects.writable, name)


def test_nothing_is_published_at_once_beside_an_open_draft(log: Log, ada: Actor) -> None:
    """The refusal names the draft; a restore is refused as well."""
    done = published(log, ada)
    log.run(ada, drafts.edit, done.record.pid)

    with pytest.raises(Conflict, match=done.record.pid):
        log.run(ada, publish_at_once, done.record.pid, bytes(done.document))
    with pytest.raises(Conflict, match=done.record.pid):
        log.run(ada, objects.restore, done.record.pid, 0)
    log.run(ada, drafts.discard, done.record.pid)
    again = log.run(ada, publish_at_once, done.record.pid, bytes(done.document))
    assert (again.versions, again.options) == (2, done.record.options)


def test_a_version_published_at_once_is_held_to_the_record_model(log: Log, ada: Actor) -> None:
    """The same rules, and nothing beside them."""
    done = published(log, ada)

    with pytest.raises(Invalid) as refused:
        log.run(ada, publish_at_once, done.record.pid, b'{"metadata": {"title": "x"}, "more": 1}')

    assert {("metadata", "creators"), ("more",)} <= {each.path for each in refused.value.faults}


def test_only_who_may_edit_works_on_a_draft(log: Log, ada: Actor) -> None:
    """A stranger is refused, who may preview too, and nobody who has not signed in makes one."""
    made = log.run(ada, drafts.create, body())
    grace = somebody()

    def commands() -> Iterator[type[Refusal]]:
        for command, rest in (
            (drafts.save, [body()]),
            (drafts.publish, []),
            (drafts.discard, []),
            (drafts.edit, []),
            (draft_files.start, [["a"]]),
        ):
            try:
                log.run(grace, command, made.record.pid, *rest)
            except Refusal as refusal:
                yield type(refusal)

    assert set(commands()) == {Forbidden}

    log.run(ada, objects.grant, made.record, grace.account, Level.PREVIEW)
    assert set(commands()) == {Forbidden}
    with pytest.raises(Unauthenticated):
        log.run(ANONYMOUS, drafts.create, body())


def test_a_token_publishes_with_the_scope_for_actions_alone(log: Log, ada: Actor) -> None:
    """To write is not to publish, and the other way round."""
    made = log.run(ada, drafts.create, body())
    writing = replace(ada, scopes=frozenset({"read", "write"}))
    acting = replace(ada, scopes=frozenset({"read", "actions"}))

    with pytest.raises(Forbidden, match="actions"):
        log.run(writing, drafts.publish, made.record.pid)
    with pytest.raises(Forbidden, match="write"):
        log.run(acting, drafts.save, made.record.pid, body(title="Zinc"))
    assert log.run(acting, drafts.publish, made.record.pid).record.versions == 1


def test_eight_racing_publishes_make_one_version(log: Log, ada: Actor) -> None:
    """The others find no draft."""
    made = log.run(ada, drafts.create, body())

    def publish(_: int) -> Publication | None:
        try:
            return log.run(ada, drafts.publish, made.record.pid)
        except NotFound:
            return None

    with ThreadPoolExecutor(8) as pool:
        done = [each for each in pool.map(publish, range(8)) if each is not None]

    assert len(done) == 1
    assert head(log, made.record.pid).versions == 1


def test_of_two_writers_of_one_revision_one_is_told(log: Log, ada: Actor) -> None:
    """Both say which revision they build on."""
    made = log.run(ada, drafts.create, body())

    def save(title: str) -> str | None:
        try:
            log.run(ada, drafts.save, made.record.pid, body(title=title), made.record.version)
        except Stale:
            return None
        return title

    with ThreadPoolExecutor(2) as pool:
        saved = [each for each in pool.map(save, ("Zinc", "Lead")) if each is not None]

    assert len(saved) == 1
    draft = log.heads.draft(made.record.id)
    assert draft is not None
    assert metadata(draft.document)["title"] == saved[0]


def test_what_was_right_when_it_was_saved_is_not_published_with_a_retired_term(
    log: Log, ada: Actor
) -> None:
    """The refusal names where it is referred to; what is published already goes on showing it."""
    ref = Ref("languages", "xx")
    log.run(accounts.OPERATOR, terms.put, {ref: Said(title={"en": "Gone soon"})})
    made = log.run(ada, drafts.create, body(languages=[{"id": ref.id}]))
    log.run(accounts.OPERATOR, terms.retire, ref)

    with pytest.raises(Invalid) as refused:
        log.run(ada, drafts.publish, made.record.pid)

    assert made.draft.faults == ()
    assert {fault.path[:3] for fault in refused.value.faults} == {("metadata", "languages", 0)}
