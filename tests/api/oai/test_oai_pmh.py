"""OAI-PMH 2.0, harvested by sickle. Source: "The Open Archives Initiative Protocol", 2.0."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import httpx
import pytest
from sickle import Sickle
from sickle.oaiexceptions import (
    BadArgument,
    BadResumptionToken,
    CannotDisseminateFormat,
    IdDoesNotExist,
    NoRecordsMatch,
)

from api.oai.harvesting import PAGE
from tests.api.asking import User
from tests.api.inveniordm import making
from tests.api.inveniordm.making import CLOSED, RECORDS
from tests.api.oai import validating

OAI = "{http://www.openarchives.org/OAI/2.0/}"


@pytest.fixture(scope="module")
def harvester(nobody: httpx.Client) -> Sickle:
    """A harvester, which asks for no more than it is given."""
    return Sickle(f"{nobody.base_url}/oai2d", timeout=30)


def identifier(pid: str) -> str:
    """Return what a record is called here."""
    return f"oai:localhost:{pid}"


def stamp(at: datetime) -> str:
    """Return an instant as the protocol has it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def error(nobody: httpx.Client, arguments: str) -> str | None:
    """Return the code of the error that a request is answered with."""
    answer = nobody.get(f"/oai2d?{arguments}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    found = ElementTree.fromstring(answer.content).find(f"{OAI}error")  # noqa: S314 - our own
    return None if found is None else found.get("code")


def test_the_repository_says_what_it_is(harvester: Sickle, ada: User) -> None:
    """Version, granularity, and since when there are records."""
    making.record(ada.client)
    said = harvester.Identify()

    assert (said.protocolVersion, said.granularity) == ("2.0", "YYYY-MM-DDThh:mm:ssZ")
    assert said.adminEmail == "nobody@muniment.invalid"
    assert said.earliestDatestamp <= stamp(datetime.now(UTC))
    assert {each.metadataPrefix for each in harvester.ListMetadataFormats()} == {
        "oai_dc",
        "datacite",
        "oai_datacite",
    }


@pytest.mark.parametrize("prefix", ["oai_dc", "datacite", "oai_datacite"])
def test_a_record_is_had_in_each_format(harvester: Sickle, ada: User, prefix: str) -> None:
    """By its identifier, with the title it has."""
    record = making.record(ada.client, making.body(title="Römer & Söhne <1>"))

    found = harvester.GetRecord(identifier=identifier(record["id"]), metadataPrefix=prefix)

    assert found.header.identifier == identifier(record["id"])
    assert found.header.datestamp == stamp(datetime.fromisoformat(record["updated"]))
    assert "Römer &amp; Söhne &lt;1&gt;" in found.raw


def test_all_that_is_public_is_harvested_once(
    harvester: Sickle, ada: User, bob: User, nobody: httpx.Client
) -> None:
    """Over several pages, each valid, beside a writer; no drafts, and no restricted records."""
    since = datetime.now(UTC)
    ids = [making.record(ada.client)["id"] for _ in range(PAGE + 20)]
    closed = making.record(ada.client, making.body(access=CLOSED))["id"]
    draft = making.draft(ada.client)["id"]
    found = []
    asked = {"metadataPrefix": "oai_dc", "from": stamp(since - timedelta(seconds=1))}
    walk = harvester.ListIdentifiers(**asked)
    for each in walk:
        found.append(each.identifier)
        if len(found) == 10:  # one moves to the end, a new one comes
            assert validating.faults(walk.oai_response.raw.encode()) == []
            ada.client.post(f"{RECORDS}/{ids[-1]}/draft")
            making.publish(ada.client, ids[-1])
            making.record(bob.client)

    assert validating.faults(walk.oai_response.raw.encode()) == []
    assert [each for each in found if each in set(map(identifier, ids))] == [*map(identifier, ids)]
    assert identifier(closed) not in found
    assert identifier(draft) not in found


def test_what_changed_within_a_time_is_harvested(harvester: Sickle, ada: User) -> None:
    """From and until are both among it."""
    record = making.record(ada.client)
    at = datetime.fromisoformat(record["updated"])

    def harvested(since: datetime, until: datetime) -> bool:
        asked = {"from": stamp(since), "until": stamp(until)}
        try:
            found = list(harvester.ListRecords(metadataPrefix="oai_dc", **asked))
        except NoRecordsMatch:
            return False
        return identifier(record["id"]) in {each.header.identifier for each in found}

    assert harvested(at, at)
    assert not harvested(at - timedelta(hours=2), at - timedelta(hours=1))


def test_refusals_are_those_of_the_protocol(harvester: Sickle) -> None:
    """As a harvester understands them."""
    with pytest.raises(CannotDisseminateFormat):
        harvester.ListRecords(metadataPrefix="marc21")
    with pytest.raises(IdDoesNotExist):
        harvester.GetRecord(identifier="oai:localhost:aaaaa-aaaaa", metadataPrefix="oai_dc")
    with pytest.raises(BadResumptionToken):
        harvester.ListRecords(resumptionToken="none")
    with pytest.raises(NoRecordsMatch):
        harvester.ListRecords(metadataPrefix="oai_dc", until="1990-01-01")
    with pytest.raises(BadArgument):
        harvester.ListRecords(metadataPrefix="oai_dc", **{"from": "yesterday"})


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("", "badVerb"),
        ("verb=Harvest", "badVerb"),
        ("verb=Identify&verb=Identify", "badVerb"),
        ("verb=Identify&set=a", "badArgument"),
        ("verb=ListRecords", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&metadataPrefix=oai_dc", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=x", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2020-13-45", "badArgument"),
        ("verb=ListRecords&metadataPrefix=oai_dc&from=2021-01-01&until=2020-01-01", "badArgument"),
        (
            "verb=ListRecords&metadataPrefix=oai_dc&from=2021-01-01&until=2022-01-01T00:00:00Z",
            "badArgument",
        ),
        ("verb=ListRecords&metadataPrefix=oai_dc&until=9999-12-31", None),
        ("verb=ListRecords&metadataPrefix=oai_dc&set=a", "noRecordsMatch"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=%00", "idDoesNotExist"),
        ("verb=GetRecord&metadataPrefix=oai_dc&identifier=%FF%00%0B", "idDoesNotExist"),
        ("verb=%00", "badVerb"),
        ("&".join(f"a{n}=1" for n in range(50)), "badArgument"),
    ],
)
def test_what_is_no_request_is_told_so(
    nobody: httpx.Client, ada: User, arguments: str, code: str | None
) -> None:
    """200 with the error's code, in XML that is read."""
    making.record(ada.client)
    assert error(nobody, arguments) == code


def test_a_request_may_come_as_a_form(nobody: httpx.Client) -> None:
    """POST is GET here."""
    answer = nobody.post("/oai2d", data={"verb": "Identify"})

    assert answer.status_code == 200
    assert b"<protocolVersion>2.0</protocolVersion>" in answer.content
