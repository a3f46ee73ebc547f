"""Communities as sets, harvested by sickle. Source: OAI-PMH 2.0, 2.6 "Set"."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from time import sleep

import httpx
import pytest
from sickle import Sickle
from sickle.oaiexceptions import BadResumptionToken, NoRecordsMatch

from api.oai.harvesting import PAGE
from domain.commands import communities
from domain.commands.communities import Face
from domain.group import Policies
from domain.log import Session
from domain.values import Body
from tests.api import asking
from tests.api.asking import User
from tests.api.inveniordm import making
from tests.api.inveniordm.communing import COMMUNITIES
from tests.api.inveniordm.gathering import community, exclude, include
from tests.api.inveniordm.making import CLOSED
from tests.running import Running

LAST = """
SELECT max(e.recorded_at) FROM es.event e JOIN view.records r ON r.family = e.stream
 WHERE r.pid = %s AND e.topic = %s
"""
FORMAT = {"metadataPrefix": "oai_dc"}


@pytest.fixture(scope="module")
def harvester(nobody: httpx.Client) -> Sickle:
    """A harvester, which asks for no more than it is given."""
    return Sickle(f"{nobody.base_url}/oai2d", timeout=30)


def harvested(harvester: Sickle, slug: str, **more: str) -> list[str]:
    """The public ids of a set's records, in both kinds of lists."""
    asked = FORMAT | {"set": f"community-{slug}"} | more
    try:
        named = [each.identifier for each in harvester.ListIdentifiers(**asked)]
        whole = [each.header.identifier for each in harvester.ListRecords(**asked)]
    except NoRecordsMatch:
        return []
    assert named == whole
    return [each.rpartition(":")[2] for each in named]


def test_public_communities_are_sets(harvester: Sickle, ada: User) -> None:
    """By their titles; restricted ones and those that were deleted are none."""
    slug, gone = community(ada.client), community(ada.client)
    restricted = community(ada.client, visibility="restricted")
    ada.client.delete(f"{COMMUNITIES}/{gone}")

    found = {each.setSpec: each.setName for each in harvester.ListSets()}

    assert found[f"community-{slug}"] == slug
    assert not {f"community-{gone}", f"community-{restricted}"} & found.keys()


def test_a_set_s_records_are_harvested(harvester: Sickle, ada: User) -> None:
    """Those of them that everybody may read, while they are in the community."""
    slug = community(ada.client)
    one, two, other = (making.record(ada.client)["id"] for _ in range(3))
    closed = making.record(ada.client, making.body(CLOSED))["id"]
    for pid in (one, two, closed):
        include(ada.client, pid, slug)

    assert harvested(harvester, slug) == [one, two]
    assert harvested(harvester, slug, until="2001-01-01") == []
    today = datetime.now(UTC).date().isoformat()
    assert harvested(harvester, slug, **{"from": today, "until": today}) == [one, two]
    exclude(ada.client, one, slug)
    assert harvested(harvester, slug) == [two]
    assert other not in harvested(harvester, slug)


def test_a_record_says_which_sets_it_is_in(harvester: Sickle, ada: User) -> None:
    """Only such as everybody may see."""
    slugs = sorted(community(ada.client) for _ in range(2))
    pid = making.record(ada.client)["id"]
    include(ada.client, pid, *slugs)
    name = f"oai:localhost:{pid}"

    def sets() -> list[str]:
        found = harvester.GetRecord(identifier=name, **FORMAT)
        return [str(each) for each in found.header.setSpecs]

    assert sets() == [f"community-{slug}" for slug in slugs]
    body = ada.client.get(f"{COMMUNITIES}/{slugs[0]}").json()
    ada.client.put(
        f"{COMMUNITIES}/{slugs[0]}", json=body | {"access": {"visibility": "restricted"}}
    )
    assert sets() == [f"community-{slugs[1]}"]
    assert harvested(harvester, slugs[0]) == []


def test_coming_into_a_set_and_leaving_one_are_changes(
    server: Running, harvester: Sickle, ada: User
) -> None:
    """Of the record's datestamp: who harvests what changed since is told."""
    slug, pid = community(ada.client), making.record(ada.client)["id"]

    def stamped(topic: str) -> bool:
        [(at,)] = asking.query(server, LAST, pid, topic)
        found = harvester.GetRecord(identifier=f"oai:localhost:{pid}", **FORMAT)
        stamp: str = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return str(found.header.datestamp) == stamp

    include(ada.client, pid, slug)
    assert stamped("family.included")
    sleep(1)
    exclude(ada.client, pid, slug)
    assert stamped("family.excluded")


@pytest.mark.parametrize("named", ["tin", "community-", "community-no-such", "community-%00"])
def test_what_is_no_set_has_no_records(harvester: Sickle, named: str) -> None:
    """Whatever it is called."""
    with pytest.raises(NoRecordsMatch):
        harvester.ListRecords(**FORMAT, set=named)


def test_sets_come_in_pages(server: Running, harvester: Sickle, ada: User) -> None:
    """Each once; a token that is none is refused."""
    numbers, word = count(1), asking.fresh("many")

    def make(session: Session) -> None:
        for _ in range(PAGE + 5):
            face = Face(Policies(), Body(b'{"title":"Tin"}'), "Tin")
            communities.create(session, f"{word}-{next(numbers)}", face)

    asking.decide(server, ada.name, make)

    found = [each.setSpec for each in harvester.ListSets()]

    assert len(found) == len(set(found))
    assert len([each for each in found if word in each]) == PAGE + 5
    with pytest.raises(BadResumptionToken):
        harvester.ListSets(resumptionToken="none")
