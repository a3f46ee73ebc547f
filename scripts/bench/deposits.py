"""CAP's list of deposits among 100,000: a page of it for three who hold very different things.

One made nearly all of them; one owns as many objects of another door, and a few deposits; one has
these few and nothing else. All that one has is counted, so that the first two are asked for how
long they wait; the floor of the last is one primary-key SELECT of the bytes that he is answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from statistics import median

import orjson
import psycopg
from msgspec import Struct
from msgspec.structs import replace

from domain.access import SCOPES, Actor, principals_of
from domain.commands import accounts, deposits, objects
from domain.intake import Document, document
from domain.log import Log, Session
from scripts import wiring
from scripts.bench import fill, floor, running
from scripts.bench.drafts import SAVED, alternate, ask, lanes, request
from scripts.bench.driver import timed
from scripts.bench.http import CONNECTIONS, Load, row
from scripts.bench.report import Row
from scripts.settings import Settings

MANY = 100_000  # deposits of one, and objects of another
FEW = 20  # deposits of each of the others
PATH = "/api/deposits?size=10"
ASKED = 20  # times, one after the other
WAITED = 1.0  # seconds, at most
SAID: Document = document(b'{"title": "Tin runs", "years": [2011, 2012]}')


class Holder(Struct, frozen=True):
    """Somebody with deposits, and the service as he asks it."""

    actor: Actor
    ours: running.Service


def run() -> Iterator[Row]:
    """Measure the list."""
    with (
        running.folder() as data,
        running.service(data) as ours,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as driver,
    ):
        with wiring.log(Settings(data=data, database_url=ours.database_url)) as log:
            holders = _filled(log, ours)
        with psycopg.connect(ours.database_url, user="postgres", autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE")
            answers = [ask(each.ours, "GET", PATH) for each in holders.values()]
            totals = [orjson.loads(each)["hits"]["total"] for each in answers]
            assert totals == [MANY, FEW, FEW], totals
            conn.execute(floor.TABLES)
            conn.execute("INSERT INTO bench.answer VALUES (0, %s)", (answers[-1],))
            conn.execute("GRANT USAGE ON SCHEMA bench TO PUBLIC")
            conn.execute("GRANT SELECT ON ALL TABLES IN SCHEMA bench TO PUBLIC")
        with running.floor(ours) as bare:
            yield from _lists(holders, bare, driver)


def _lists(holders: dict[str, Holder], bare: running.Floor, driver: Executor) -> Iterator[Row]:
    *large, (name, few) = holders.items()
    for of, holder in large:
        same = [request(holder.ours, "GET", PATH)] * ASKED
        took = driver.submit(timed, holder.ours.port, [same]).result()
        yield Row(name=f"GET ten deposits, {of}", unit="s", ours=median(took), most=WAITED)
    asked = Load(few.ours, lanes([request(few.ours, "GET", PATH)] * CONNECTIONS))
    held = Load(bare, lanes([request(few.ours, "GET", "/answer/0")] * CONNECTIONS))
    alternate(driver, asked, held)
    yield row(f"GET ten deposits, {name}", asked, held)


def _filled(log: Log, ours: running.Service) -> dict[str, Holder]:
    """Make what there is; return who has which, by what he has."""
    many, other, few = (_holder(log, ours, name) for name in ("many", "other", "few"))
    _deposits(log, many.actor, MANY)
    under = fill.action(log, fill.administrator(log))
    for _ in range(0, MANY, SAVED):
        log.run(other.actor, _objects, under.number)
    for each in (other, few):
        _deposits(log, each.actor, FEW)
    return {
        f"of one's own {MANY:,}": many,
        f"of {FEW} beside {MANY:,} objects of one's own": other,
        f"of {FEW} among {MANY:,} of others": few,
    }


def _holder(log: Log, ours: running.Service, name: str) -> Holder:
    account = log.run(accounts.OPERATOR, accounts.create, name, None)
    token = log.run(accounts.OPERATOR, accounts.issue_token, name).secret
    actor = Actor(
        account=account.id,
        number=account.number,
        name=name,
        admin=False,
        scopes=SCOPES,
        via="bench",
        principals=principals_of(account.id),
    )
    return Holder(actor, replace(ours, token=token))


def _deposits(log: Log, actor: Actor, count: int) -> None:
    def make(session: Session, some: int) -> None:
        for _ in range(some):
            deposits.create(session, "generic", None, SAID)

    for start in range(0, count, SAVED):
        log.run(actor, make, min(SAVED, count - start))


def _objects(session: Session, under: int) -> None:
    shown = fill.documents(1)[0]
    for _ in range(SAVED):
        objects.create(session, action=under, document=shown)
