"""GET /datasets/<id> by a JWT against the floor: a primary-key SELECT of the same documents.

"From SQL" each dataset is asked for once; "remembered" the same few again and again, as programs do
that wait for one.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from secrets import token_urlsafe

import psycopg

from api import access_jwts
from domain.account import Account
from domain.commands import datasets, logins
from domain.identifiers import account_id
from domain.record import Record
from scripts import wiring
from scripts.bench import fill, floor, running
from scripts.bench.http import CONNECTIONS, ROUNDS, SECONDS, Load, row
from scripts.bench.report import Row
from scripts.settings import Settings

DATASETS = 6_000
REMEMBERED = 500  # of those, that are read again and again
SAID = {
    "description": "neutrinos " * 80,  # about 1 kB in all, as the versions of the other rows
    "jobs_submitted": 10,
    "tasks_submitted": 20,
    "tasks_per_job": 2,
    "group": "users",
}
ANSWERS = """
INSERT INTO bench.answer (id, body)
SELECT r.number, v.body FROM view.records r JOIN view.versions v ON v.record = r.id
"""


def run() -> Iterator[Row]:
    """Measure reads of datasets."""
    with (
        running.folder() as data,
        running.service(data) as ours,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as driver,
    ):
        made, token = _fill(ours)
        with psycopg.connect(ours.database_url, user="postgres", autocommit=True) as conn:
            conn.execute(floor.TABLES)
            conn.execute(ANSWERS)
            conn.execute("GRANT USAGE ON SCHEMA bench TO PUBLIC")
            conn.execute("GRANT SELECT ON ALL TABLES IN SCHEMA bench TO PUBLIC")
            conn.execute("VACUUM ANALYZE")
        with running.floor(ours) as bare:
            paths = [f"/datasets/{each.pid}" for each in made]
            known = Load(ours, _lanes(paths[:REMEMBERED], token))
            first = Load(ours, _lanes(paths[REMEMBERED:], token), once=True)
            least = Load(bare, _lanes([f"/answer/{each.number}" for each in made], token))
            _alternate(driver, known, first, least)
            yield row("GET a dataset by a JWT, remembered", known, least, least=0.7)
            yield row("GET a dataset by a JWT, from SQL", first, least, least=0.7)


def _fill(ours: running.Service) -> tuple[list[Record], str]:
    """Make datasets, and a login; return them and an access token of it."""
    settings = Settings(data=ours.data, database_url=ours.database_url)
    with wiring.log(settings) as log:
        actor = fill.administrator(log)
        made = [log.run(actor, datasets.create, SAID) for _ in range(DATASETS)]
        account = log.heads.head(Account, id=account_id(actor.name))
        assert account is not None
        whose = (token_urlsafe(), account.id, account.version)
        begun = log.run(actor, logins.begin, *whose, "iceprod-public", frozenset())
    keys = wiring.signing_keys(settings)
    return made, access_jwts.issue(keys, "bench", begun.login, account, begun.login.scopes)


def _lanes(paths: list[str], token: str) -> list[list[bytes]]:
    asked = [
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        "Accept: application/json\r\n\r\n".encode()
        for path in paths
    ]
    return [asked[lane::CONNECTIONS] for lane in range(CONNECTIONS)]


def _alternate(driver: Executor, *loads: Load) -> None:
    for load in loads:
        load.round(driver, SECONDS)
        load.forget()
    for _ in range(ROUNDS):
        for load in loads:
            load.round(driver, SECONDS)
