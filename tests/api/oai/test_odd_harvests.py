"""OAI-PMH where records are odd or large, or there is no time: the protocol goes on being kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import httpx
import psycopg
import pytest
from sickle import Sickle

from api.exports.exported import Source
from api.oai.protocol import namespace
from api.oai.reply import Listed, Reply, drawn
from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from tests.api import asking
from tests.api.asking import User
from tests.api.inveniordm import making
from tests.running import Running

OAI = "{http://www.openarchives.org/OAI/2.0/}"


def now() -> str:
    """Return the instant as the protocol has it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def harvested(harvester: Sickle, since: str) -> list[str]:
    """Return the identifiers of what changed since, with all their metadata read."""
    found = harvester.ListRecords(metadataPrefix="oai_datacite", **{"from": since})
    return [each.header.identifier for each in found if each.metadata]


@pytest.fixture(scope="module")
def harvester(nobody: httpx.Client) -> Sickle:
    """A harvester."""
    return Sickle(f"{nobody.base_url}/oai2d", timeout=30)


def test_an_object_of_another_door_is_harvested_whatever_it_is_called(
    server: Running, ada: User, action: int, harvester: Sickle
) -> None:
    """With what XML cannot hold in its name; those around it are there too."""
    since = now()
    before = making.record(ada.client)["id"]
    number = asking.new_object(ada.client, action)
    asking.set_access(server, ada.name, number, "public")
    asking.new_version(ada.client, number, '{"name": "A\\u000bB\\ufffe"}')
    after = making.record(ada.client)["id"]

    wanted = [f"oai:localhost:{pid}" for pid in (before, asking.pid_of(server, number), after)]
    assert [each for each in harvested(harvester, since) if each in wanted] == wanted
    one = harvester.GetRecord(identifier=wanted[1], metadataPrefix="oai_dc")
    assert one.metadata["title"] == ["AB"]


@pytest.mark.parametrize("large", [600_000, pytest.param(4_300_000, marks=pytest.mark.soak)])
def test_a_page_ends_where_its_documents_are_large(
    server: Running, ada: User, action: int, nobody: httpx.Client, harvester: Sickle, large: int
) -> None:
    """As many to a reply as it may hold, or one alone; all are there, each once."""
    since = now()
    ids = []
    for size in (600_000, large, 1000):
        number = asking.new_object(ada.client, action)
        asking.set_access(server, ada.name, number, "public")
        asking.new_version(ada.client, number, f'{{"name": "tin", "text": "{"x" * size}"}}')
        ids.append(asking.pid_of(server, number))

    params = {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": since}
    first = ElementTree.fromstring(  # noqa: S314 - our own answer
        nobody.get("/oai2d", params=params).content
    )

    wanted = [f"oai:localhost:{pid}" for pid in ids]
    assert wanted[1] not in {each.text for each in first.iter(f"{OAI}identifier")}
    assert [each for each in harvested(harvester, since) if each in wanted] == wanted


def test_a_record_that_fails_is_left_out_of_a_list() -> None:
    """And why is told to whom it concerns; the others are there."""
    at = datetime.now(UTC)

    def listed(pid: str, document: bytes) -> Listed:
        url = f"http://localhost/records/{pid}"
        source = Source(pid, url, url, url, at, at, document, True, {}, True)
        return Listed(f"oai:localhost:{pid}", at, source)

    documents = (b'{"metadata":{"title":"Tin"}}', b'{"metadata":{"title":', b'{"metadata":{}}')
    records = [listed(f"r{n}", document) for n, document in enumerate(documents)]
    arguments = {"verb": "ListRecords"}
    reply = Reply(url="", arguments=arguments, at=at, prefix="oai_dc", listed=records)

    made = drawn(reply)

    assert made.records == 2
    assert b"oai:localhost:r0" in made.body
    assert b"oai:localhost:r1" not in made.body
    (failure,) = made.failures
    assert failure.startswith("oai:localhost:r1: Traceback")


def test_who_asks_too_much_is_told_when_to_come_again(
    server: Running, ada: User, nobody: httpx.Client
) -> None:
    """503 with Retry-After: nothing is wrong with the request."""
    since = (datetime.now(UTC) - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    making.record(ada.client)
    params = {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc", "from": since}
    with database(DataFolder(server.data), "test") as url, psycopg.connect(url) as conn:
        conn.execute("LOCK TABLE view.records IN ACCESS EXCLUSIVE MODE")
        answer = nobody.get("/oai2d", params=params, timeout=30)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("base", "name"),
    [
        ("https://data.example.org/muniment", "data.example.org"),
        ("https://Data.Example.org:8443", "data.example.org"),
        ("http://127.0.0.1:8080", "localhost"),
        ("http://[::1]:8080", "localhost"),
        ("http://localhost:8080", "localhost"),
        ("http://[2001:db8::7]:8080", "2001-db8--7"),
    ],
)
def test_identifiers_have_the_name_of_the_host(base: str, name: str) -> None:
    """The same for every address of this machine, and never a colon."""
    assert namespace(base) == name
