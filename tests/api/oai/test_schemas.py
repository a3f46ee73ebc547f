"""What harvesters are told is valid, by the protocol's own XML schema and those of the formats."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
from lxml import etree

from tests.api import asking
from tests.api.asking import User
from tests.api.inveniordm import making
from tests.api.inveniordm.exporting import DATACITE_XML, DUBLIN_CORE, export
from tests.api.inveniordm.gathering import community, include
from tests.api.inveniordm.test_exports import FULL
from tests.api.oai import validating
from tests.running import Running

OAI = "{http://www.openarchives.org/OAI/2.0/}"
FORMATS = ("oai_dc", "datacite", "oai_datacite")
REQUESTS = {
    "Identify": "verb=Identify",
    "ListMetadataFormats": "verb=ListMetadataFormats",
    "ListMetadataFormats-of-one": "verb=ListMetadataFormats&identifier=oai:localhost:{full}",
    "ListSets": "verb=ListSets",
    "badVerb": "verb=Harvest",
    "badArgument": "verb=ListRecords",
    "badArgument-that-xml-cannot-say": "verb=Identify&%01=%FF",
    "badResumptionToken": "verb=ListRecords&resumptionToken=none",
    "cannotDisseminateFormat": "verb=ListRecords&metadataPrefix=marc21",
    "idDoesNotExist": "verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:localhost:aaaaa-aaaaa",
    "noRecordsMatch": "verb=ListRecords&metadataPrefix=oai_dc&until=1990-01-01",
    **{
        f"{verb}-{prefix}": f"verb={verb}&metadataPrefix={prefix}&{which}"
        for prefix in FORMATS
        for verb, which in {
            "GetRecord": "identifier=oai:localhost:{full}",
            "ListRecords": "from={since}",
            "ListIdentifiers": "set=community-{slug}",
        }.items()
    },
}


@pytest.fixture(scope="module")
def named(server: Running, ada: User, action: int) -> dict[str, str]:
    """Records that say all, the least, and what another door has them say; in a community."""
    since = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    slug = community(ada.client)
    number = asking.new_object(ada.client, action, '{"name": "tin & <lead>"}')
    asking.set_access(server, ada.name, number, "public")
    asking.new_version(ada.client, number, '{"name": "tin & <lead>, again"}')
    pids = {
        "full": making.record(ada.client, making.body(**FULL))["id"],
        "least": making.record(ada.client)["id"],
        "foreign": asking.pid_of(server, number),
    }
    for pid in pids.values():
        include(ada.client, pid, slug)
    return pids | {"slug": slug, "since": since}


@pytest.mark.parametrize("request_", REQUESTS)
def test_every_reply_is_valid(nobody: httpx.Client, named: dict[str, str], request_: str) -> None:
    """With all that it carries; errors are the protocol's."""
    reply = nobody.get(f"/oai2d?{REQUESTS[request_].format(**named)}").content

    assert validating.faults(reply) == []
    root = etree.fromstring(reply)
    error = root.find(f"{OAI}error")
    name = request_.partition("-")[0]
    assert (root.find(f"{OAI}{name}") is not None) is (error is None)
    assert error is None or error.get("code") == name


@pytest.mark.parametrize("which", ["full", "least", "foreign"])
@pytest.mark.parametrize("media_type", [DATACITE_XML, DUBLIN_CORE])
def test_exports_in_xml_are_valid(
    nobody: httpx.Client, named: dict[str, str], media_type: str, which: str
) -> None:
    """By the kernel's schema and Dublin Core's."""
    assert validating.faults(export(nobody, named[which], media_type).content) == []
