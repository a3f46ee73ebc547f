"""New versions: one at a time in a family, each a record of its own, a draft first."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import orjson
import pytest

from domain.access import Actor, Level
from domain.action import ActionCreated
from domain.commands import draft_files, drafts, erasures, new_versions, objects
from domain.commands.accounts import OPERATOR
from domain.commands.erasures import Wanted
from domain.errors import Conflict, Forbidden, Gone, NotFound
from domain.family import Family
from domain.intake import Document
from domain.log import Log, Session
from domain.record import Record
from domain.values import Access, Body
from tests.drafting import body, drafts_on, published, somebody


@pytest.fixture(scope="module")
def log(database: str) -> Iterator[Log]:
    """The log of the module's database."""
    with drafts_on(database) as found:
        yield found


@pytest.fixture
def ada() -> Actor:
    """An account of the test's own."""
    return somebody()


def family(log: Log, record: Record) -> Family:
    """A record's family as it stands."""
    found = log.heads.head(Family, id=record.family)
    assert found is not None
    return found


def test_a_new_version_is_another_record_of_the_same_family(log: Log, ada: Actor) -> None:
    """It says what the newest says, but for what is replaced anyway; it has no files yet."""
    old = published(log, ada, "a")

    new = log.run(ada, new_versions.new_version, old.record.pid)

    said = orjson.loads(bytes(new.draft.document))["metadata"]
    kept = orjson.loads(bytes(old.document))["metadata"]
    assert set(kept) - set(said) == {
        "version",
        "publication_date",
    }
    assert (new.record.family, new.record.index, new.record.versions) == (old.record.family, 2, 0)
    assert new.record.pid != old.record.pid
    assert new.record.draft is not None
    assert (new.record.draft.files, new.draft.files.enabled) == (0, True)
    assert new.draft.access == old.record.access
    assert new.record.access == Access()
    found = family(log, old.record)
    assert (found.index, found.last, found.next) == (1, 2, new.record.id)


def test_a_new_version_asked_for_twice_or_by_eight_at_once_is_one_draft(
    log: Log, ada: Actor
) -> None:
    """From whichever record of the family."""
    old = published(log, ada)

    with ThreadPoolExecutor(8) as pool:
        made = list(
            pool.map(lambda _: log.run(ada, new_versions.new_version, old.record.pid), range(8))
        )
    later = log.run(ada, new_versions.new_version, old.record.pid)

    assert len({each.record.pid for each in [*made, later]}) == 1
    assert later.draft.document == made[0].draft.document


def test_a_published_version_is_the_latest_and_the_next_follows_it(log: Log, ada: Actor) -> None:
    """Also when it is asked for from the first; indexes count on."""
    old = published(log, ada)
    second = log.run(ada, new_versions.new_version, old.record.pid).record
    log.run(ada, drafts.save, second.pid, body(title="Second"))

    done = log.run(ada, drafts.publish, second.pid)
    third = log.run(ada, new_versions.new_version, old.record.pid)

    assert (done.family.index, done.family.latest, done.family.next) == (2, second.id, None)
    assert third.record.index == 3
    assert orjson.loads(bytes(third.draft.document))["metadata"]["title"] == "Second"


def test_a_discarded_next_version_leaves_its_index(log: Log, ada: Actor) -> None:
    """The family forgets it; the next one is another record with the same index."""
    old = published(log, ada)
    first = log.run(ada, new_versions.new_version, old.record.pid).record

    log.run(ada, drafts.discard, first.pid)
    second = log.run(ada, new_versions.new_version, old.record.pid).record

    assert second.pid != first.pid
    assert (first.index, second.index) == (2, 2)
    with pytest.raises(NotFound):
        log.run(ada, drafts.edit, first.pid)


def test_only_what_is_published_has_a_next_version(log: Log, ada: Actor) -> None:
    """A draft has none, and a next version none after it yet."""
    draft = log.run(ada, drafts.create, body()).record
    old = published(log, ada)
    new = log.run(ada, new_versions.new_version, old.record.pid).record

    for pid in (draft.pid, new.pid, "00000-00000"):
        with pytest.raises(NotFound):
            log.run(ada, new_versions.new_version, pid)


def test_an_edit_and_a_new_version_go_on_beside_each_other(log: Log, ada: Actor) -> None:
    """The edit makes a version of the old record, and the family's latest stays the old one."""
    old = published(log, ada)
    new = log.run(ada, new_versions.new_version, old.record.pid).record
    log.run(ada, drafts.edit, old.record.pid)
    log.run(ada, drafts.save, old.record.pid, body(title="Corrected"))

    done = log.run(ada, drafts.publish, old.record.pid)

    assert done.record.versions == 2
    assert (done.family.index, done.family.next) == (1, new.id)
    log.run(ada, drafts.save, new.pid, body(title="New"))
    assert log.run(ada, drafts.publish, new.pid).family.latest == new.id


def test_what_was_granted_on_one_version_opens_all(log: Log, ada: Actor) -> None:
    """Permissions are the family's: who may edit the first may begin the next."""
    grace = somebody()
    old = published(log, ada)

    with pytest.raises(Forbidden):
        log.run(grace, new_versions.new_version, old.record.pid)
    log.run(ada, objects.grant, old.record, grace.account, Level.EDIT)
    new = log.run(grace, new_versions.new_version, old.record.pid).record

    log.run(grace, drafts.save, new.pid, body(title="By Grace"))
    assert log.run(ada, drafts.publish, new.pid).family.owner == ada.account


def test_a_new_version_of_a_record_without_files_has_them_disabled(log: Log, ada: Actor) -> None:
    """As the version before; there is nothing to import, and that is no fault."""
    old = published(log, ada)

    new = log.run(ada, new_versions.new_version, old.record.pid)

    assert not new.draft.files.enabled
    with pytest.raises(Conflict, match="disabled"):
        log.run(ada, draft_files.import_files, new.record.pid)


def test_objects_that_are_published_at_once_have_no_drafts(log: Log, ada: Actor) -> None:
    """Their action says so, and the refusal names it."""
    action = ActionCreated(
        number=log.heads.draw("action"),
        name="Tin",
        description="",
        type="sample",
        schema_language="json-schema",
        publishing="at once",
        files="living",
        schema=Body(b"{}"),
    )
    under = log.run(ada, Session.begin, uuid4(), action)
    document = Document(Body(b"{}"), {})
    made = log.run(ada, objects.create, action=under.number, document=document)

    for command in (drafts.edit, new_versions.new_version):
        with pytest.raises(Conflict, match="at once"):
            log.run(ada, command, made.pid)


def test_the_newest_version_is_published_at_once_into_the_same_record(log: Log, ada: Actor) -> None:
    """A door without drafts corrects a record; its files stay."""
    old = published(log, ada, "a")

    def correct(session: Session) -> Record:
        record = objects.writable(session, old.record.pid)
        raw = bytes(old.document).replace(b"Romans", b"Greeks")
        document = Document(Body(raw), orjson.loads(raw))
        return objects.publish(session, record, document=document, expected=objects.Expectation())

    after = log.run(ada, correct)

    assert (after.versions, after.manifest) == (2, old.record.manifest)
    assert after.manifest is not None


def test_what_is_erased_while_a_new_version_begins_is_not_in_it(log: Log, ada: Actor) -> None:
    """The command finds out when it is saved, and begins no version."""
    old = published(log, ada, "a")

    def erased_meanwhile(session: Session) -> None:
        new_versions.new_version(session, old.record.pid)
        log.run(OPERATOR, erasures.erase, str(old.record.number), Wanted("law"))

    with pytest.raises(Gone):
        log.run(ada, erased_meanwhile)
    assert family(log, old.record).next is None
