"""Files of a record: counted from 0, as closed as it is, and only where its action lets them."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from msgspec import Raw

from domain.action import ActionCreated, Files
from domain.commands import files
from domain.errors import Conflict
from domain.family import FamilyCreated
from domain.identifiers import new_pid, record_id
from domain.log import Log, Session
from domain.record import FileLinked, FileReceived, Record, RecordCreated
from domain.values import Access, Content, Embargo
from tests.writing import actor, log_on

CONTENT = Content("0" * 64, "0" * 32, 3)


@pytest.fixture
def log(database: str) -> Iterator[Log]:
    """The log of the module's database."""
    with log_on(database) as found:
        yield found


def create(session: Session, access: Access, policy: Files = "living") -> Record:
    """Make a record with a version, under an action with this policy for files."""
    action = session.begin(
        uuid4(),
        ActionCreated(
            number=session.heads.draw("action"),
            name="Tin",
            description="",
            type="sample",
            schema_language="json-schema",
            publishing="at once",
            files=policy,
            schema=Raw(b"{}"),
        ),
    )
    family = session.begin(uuid4(), FamilyCreated(owner=session.actor.account))
    pid = new_pid()
    event = RecordCreated(
        pid=pid,
        number=session.heads.draw("record"),
        action=action.id,
        family=family.id,
        access=access,
    )
    record = session.begin(record_id(pid), event)
    return session.change(record, record.publish(Raw(b"{}"), schema_version=1))


def test_a_file_gets_the_next_number_without_the_list(log: Log) -> None:
    """Received or linked: the record knows how many there are."""

    def thrice(session: Session) -> list[int]:
        record = create(session, Access())
        found = [record.files]
        for each in range(3):
            record = files.addable(session, record.pid)
            record = (
                files.link(session, record, "https://tin.example/")
                if each == 1
                else files.receive(session, record, "tin.csv", CONTENT)
            )
            found.append(record.files)
        return found

    assert log.run(actor(), thrice) == [0, 1, 2, 3]


def test_files_that_are_frozen_are_not_added_to(log: Log) -> None:
    """They change with a new version only."""
    record = log.run(actor(), create, Access(), "frozen")

    with pytest.raises(Conflict, match="new version"):
        log.run(actor(), files.addable, record.pid)


@pytest.mark.parametrize(
    ("access", "visibility"),
    [
        (Access(), "restricted"),
        (Access(record="public"), "restricted"),
        (Access(files="public"), "restricted"),
        (Access(record="public", files="public"), "public"),
    ],
)
def test_a_file_is_as_open_as_all_of_its_record(log: Log, access: Access, visibility: str) -> None:
    """Closed while anything of it is; an embargo closes it too."""
    record = log.run(actor(), create, access)
    events: list[FileReceived | FileLinked] = [
        record.receive("a", CONTENT),
        record.link("http://a"),
    ]

    assert {each.visibility for each in events} == {visibility}
    embargo = Embargo(until=record.recorded_at)
    assert Access(access.record, access.files, embargo).of_files == "restricted"
