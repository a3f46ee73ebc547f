"""What everybody may read only after it was published is harvested by who was there before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import sleep

import httpx
import pytest
from sickle import Sickle
from sickle.oaiexceptions import IdDoesNotExist, NoRecordsMatch

from domain.access import EVERYONE, Level
from domain.commands import objects
from domain.log import Session
from domain.values import Access, Embargo
from tests.api import asking
from tests.api.asking import User
from tests.api.history import making as history
from tests.api.inveniordm import making
from tests.api.inveniordm.making import CLOSED, RECORDS
from tests.running import Running

OAI = "{http://www.openarchives.org/OAI/2.0/}"


@pytest.fixture(scope="module")
def harvester(nobody: httpx.Client) -> Sickle:
    """A harvester."""
    return Sickle(f"{nobody.base_url}/oai2d", timeout=30)


def stamp(at: datetime) -> str:
    """Return an instant as the protocol has it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def later() -> datetime:
    """Return the next second when it has begun."""
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
    wait(at)
    return at


def wait(until: datetime) -> None:
    """Wait until an instant has passed."""
    while (left := (until - datetime.now(UTC)).total_seconds()) >= 0:
        sleep(left + 0.01)


def stamps(harvester: Sickle, since: datetime) -> dict[str, str]:
    """Return identifiers and datestamps of what a harvester is told of since an instant."""
    try:
        found = harvester.ListIdentifiers(metadataPrefix="oai_dc", **{"from": stamp(since)})
        return {each.identifier: each.datestamp for each in found}
    except NoRecordsMatch:
        return {}


def test_the_end_of_an_embargo_is_harvested(server: Running, ada: User, harvester: Sickle) -> None:
    """As of then, though nothing was written; never before."""
    pid = making.record(ada.client)["id"]
    ada.client.post(f"{RECORDS}/{pid}/draft")
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=4)
    embargo = Access("restricted", "restricted", Embargo(until, None))
    asking.decide(server, ada.name, making.published_with, pid, embargo)
    identifier = f"oai:localhost:{pid}"

    assert identifier not in stamps(harvester, until - timedelta(hours=1))
    wait(until)

    assert stamps(harvester, until)[identifier] == stamp(until)
    one = harvester.GetRecord(identifier=identifier, metadataPrefix="oai_dc")
    assert one.header.datestamp == stamp(until)


def test_a_write_under_way_is_harvested_by_who_asked_meanwhile(
    server: Running, ada: User, action: int, harvester: Sickle
) -> None:
    """It has the instant at which it was decided, and is seen when it is stored."""
    said = harvester.Identify().xml.getparent()
    before = datetime.fromisoformat(said.findtext(f"{OAI}responseDate"))
    slow = timedelta(seconds=20)

    def publish(session: Session) -> str:
        session.now -= slow
        document = history.numbered(0)
        made = objects.create(session, action=action, document=document)
        made = objects.change_access(session, made, Access(record="public"))
        objects.publish(session, made, document=document, expected=objects.Expectation())
        return made.pid

    pid = asking.decide(server, ada.name, publish)

    assert f"oai:localhost:{pid}" in stamps(harvester, before)


def test_a_grant_to_everybody_is_harvested(server: Running, ada: User, harvester: Sickle) -> None:
    """As of when it was given; and what was taken back is there no more."""
    pid = making.record(ada.client, making.body(access=CLOSED))["id"]
    identifier = f"oai:localhost:{pid}"

    def allow(session: Session, level: Level) -> None:
        objects.grant(session, objects.find(session, pid), EVERYONE, level)

    since = later()
    asking.decide(server, ada.name, allow, Level.VIEW)
    assert stamps(harvester, since)[identifier] >= stamp(since)

    asking.decide(server, ada.name, allow, Level.NONE)
    assert identifier not in stamps(harvester, since)
    with pytest.raises(IdDoesNotExist):
        harvester.GetRecord(identifier=identifier, metadataPrefix="oai_dc")


def test_what_is_opened_again_is_harvested_again(
    server: Running, ada: User, action: int, harvester: Sickle
) -> None:
    """As of then, whatever version it has."""
    number = asking.new_object(ada.client, action)
    asking.set_access(server, ada.name, number, "public")
    asking.new_version(ada.client, number, '{"name": "tin"}')
    identifier = f"oai:localhost:{asking.pid_of(server, number)}"
    asking.set_access(server, ada.name, number, "restricted")
    since = later()
    assert identifier not in stamps(harvester, since)

    asking.set_access(server, ada.name, number, "public")

    assert stamps(harvester, since)[identifier] >= stamp(since)
