"""What it costs to share: access links, exports, communities and harvests.

Each floor is what InvenioRDM's door does otherwise, in turns with it, on the same service: the same
record by its owner's token, the record in its own form, the same search of all records, a list of
as many records.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from urllib.parse import urlencode

import orjson

from scripts.bench import drafts, running
from scripts.bench.drafts import alternate, ask, lanes, made, request
from scripts.bench.http import CONNECTIONS, Load, row
from scripts.bench.report import Row

RECORDS = 500  # public ones, half of which are in a community
SHARED = 200  # restricted ones that are read by link
COMMUNITY = "bench"
LISTED = 100  # records of a list, and of a reply
DATACITE = "application/vnd.datacite.datacite+json"
JSON_LD = "application/ld+json"
RESTRICTED = {"record": "restricted", "files": "restricted"}


def run() -> Iterator[Row]:
    """Measure it all among a few hundred records."""
    with (
        running.folder() as data,
        running.service(data) as ours,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as driver,
    ):
        yield from _links(ours, driver)
        records = [_published(ours, pid) for pid in made(ours, RECORDS)]
        yield from _exports(ours, driver, records)
        yield from _community(ours, driver, records)
        yield from _harvests(ours, driver)


def _links(ours: running.Service, driver: Executor) -> Iterator[Row]:
    paths, linked = [], []
    for number, pid in enumerate(made(ours, SHARED)):
        closed = orjson.loads(drafts.body(number)) | {"access": RESTRICTED}
        ask(ours, "PUT", f"/api/records/{pid}/draft", orjson.dumps(closed))
        path = _published(ours, pid)
        link = orjson.loads(ask(ours, "POST", f"{path}/access/links", b'{"permission":"view"}'))
        paths.append(path)
        linked.append(f"{path}?{urlencode({'token': link['token']})}")
    by_link = [request(ours, "GET", each, signed_in=False) for each in linked]
    link, owner = Load(ours, lanes(by_link)), Load(ours, lanes(_gets(ours, paths)))
    alternate(driver, link, owner)
    yield row("GET a record by access link, to by its owner's token", link, owner)


def _exports(ours: running.Service, driver: Executor, records: Sequence[str]) -> Iterator[Row]:
    own, datacite, json_ld = (
        Load(ours, lanes(_gets(ours, records, accept)))
        for accept in ("application/json", DATACITE, JSON_LD)
    )
    alternate(driver, own, datacite, json_ld)
    yield row("GET a record as DataCite JSON, to its own form", datacite, own)
    yield row("GET a record as JSON-LD, to its own form", json_ld, own)


def _community(ours: running.Service, driver: Executor, records: Sequence[str]) -> Iterator[Row]:
    said = {"id": COMMUNITY, "access": {"visibility": "public"}, "metadata": {"title": "Bench"}}
    ask(ours, "POST", "/api/communities", orjson.dumps(said))
    into = orjson.dumps({"communities": [{"id": COMMUNITY}]})
    for path in records[::2]:
        ask(ours, "POST", f"{path}/communities", into)
    within = f"/api/communities/{COMMUNITY}/records"
    found = orjson.loads(ask(ours, "GET", within))
    assert found["hits"]["total"] == len(records[::2])
    part, whole = (Load(ours, _same(ours, each)) for each in (within, "/api/records"))
    alternate(driver, part, whole)
    yield row("search of a community's records, to all records", part, whole)


def _harvests(ours: running.Service, driver: Executor) -> Iterator[Row]:
    listed = Load(ours, _same(ours, f"/api/records?size={LISTED}"))
    replies = {}
    for prefix in ("oai_dc", "oai_datacite"):
        path = f"/oai2d?verb=ListRecords&metadataPrefix={prefix}"
        assert ask(ours, "GET", path).count(b"<record>") == LISTED
        replies[prefix] = Load(ours, _same(ours, path))
    alternate(driver, listed, *replies.values())
    for prefix, reply in replies.items():
        yield row(f"OAI-PMH ListRecords of {LISTED}, {prefix}, to a list", reply, listed)


def _published(ours: running.Service, pid: str) -> str:
    """Publish a draft and return where the record is."""
    path = f"/api/records/{pid}"
    ask(ours, "POST", f"{path}/draft/actions/publish")
    return path


def _gets(
    ours: running.Service, paths: Sequence[str], accept: str = "application/json"
) -> list[bytes]:
    return [request(ours, "GET", each, accept=accept) for each in paths]


def _same(ours: running.Service, path: str) -> list[Sequence[bytes]]:
    """Return the same request on each connection."""
    return lanes(_gets(ours, [path] * CONNECTIONS))
