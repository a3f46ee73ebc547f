"""The floor: a bare Falcon application under the same gunicorn settings, without sign-in or logs.

`/answer/N` is one primary-key SELECT of the bytes that are answered, `/written` one committed
INSERT of the bytes that come, `/listed` 100 rows, each decoded and encoded again.
"""

from __future__ import annotations

import sys
from typing import Any

import orjson
from falcon.asgi import App, Request, Response
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from api.service import READERS
from scripts import listening
from scripts.gunicorn_app import Web
from scripts.settings import Settings

Pool = AsyncConnectionPool[AsyncConnection[Any]]

TABLES = """
DROP SCHEMA IF EXISTS bench CASCADE;
CREATE SCHEMA bench;
CREATE TABLE bench.answer (id bigint PRIMARY KEY, body bytea NOT NULL);
CREATE TABLE bench.written (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT NULL);
CREATE TABLE bench.schema (body bytea NOT NULL);
CREATE TABLE bench.listed (
    number bigint PRIMARY KEY, version integer NOT NULL, action bigint NOT NULL,
    account bigint NOT NULL, recorded_at timestamptz NOT NULL, body bytea NOT NULL);
ALTER TABLE bench.answer ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE bench.written ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE bench.listed ALTER COLUMN body SET STORAGE EXTERNAL;
"""
LISTED = """SELECT number, version, action, account, recorded_at, body FROM bench.listed
 ORDER BY number DESC LIMIT 100"""


class Opens:
    """Opens the pool in each worker."""

    def __init__(self, db: Pool) -> None:
        self.db = db

    async def process_startup(self, scope: dict[str, Any], event: dict[str, Any]) -> None:
        """Open the connections."""
        await self.db.open(wait=True)

    async def process_shutdown(self, scope: dict[str, Any], event: dict[str, Any]) -> None:
        """Close them."""
        await self.db.close()


class Answer:
    """/answer/{id}"""

    def __init__(self, db: Pool) -> None:
        self.db = db

    async def on_get(self, req: Request, resp: Response, id_: int) -> None:
        """200 with the bytes."""
        async with self.db.connection() as conn:
            cursor = conn.cursor(binary=True)
            await cursor.execute("SELECT body FROM bench.answer WHERE id = %s", (id_,))
            row = await cursor.fetchone()
        assert row is not None
        resp.content_type = "application/json"
        resp.data = row[0]


class Written:
    """/written"""

    def __init__(self, db: Pool) -> None:
        self.db = db

    async def on_post(self, req: Request, resp: Response) -> None:
        """201 once the bytes are durable."""
        body = await req.stream.read()
        async with self.db.connection() as conn:
            await conn.execute("INSERT INTO bench.written (body) VALUES (%s)", (body,))
        resp.status = 201
        resp.content_type = "application/json"
        resp.data = b"{}"


class Listed:
    """/listed"""

    def __init__(self, db: Pool) -> None:
        self.db = db
        self.schema: Any = None

    async def on_get(self, req: Request, resp: Response) -> None:
        """200 with 100 documents, decoded and encoded."""
        async with self.db.connection() as conn:
            if self.schema is None:
                row = await (await conn.execute("SELECT body FROM bench.schema")).fetchone()
                self.schema = orjson.loads(row[0]) if row else None
            cursor = conn.cursor(binary=True)
            await cursor.execute(LISTED)
            rows = await cursor.fetchall()
        resp.content_type = "application/json"
        resp.data = orjson.dumps([self._one(*row) for row in rows])

    def _one(
        self, number: int, version: int, action: int, account: int, at: Any, body: bytes
    ) -> dict[str, Any]:
        return {
            "object_id": number,
            "version_id": version,
            "action_id": action,
            "user_id": account,
            "utc_datetime": at.strftime("%Y-%m-%d %H:%M:%S"),
            "schema": self.schema,
            "data": orjson.loads(body),
            "fed_object_id": None,
            "fed_version_id": None,
            "component_id": None,
        }


class FloorWeb(Web):
    """The same gunicorn, another application."""

    def load(self) -> Any:
        """Return the floor's application."""
        db: Pool = AsyncConnectionPool(
            self.settings.database_url,
            min_size=READERS,
            max_size=READERS,
            kwargs={"autocommit": True, "prepare_threshold": 0},
            open=False,
        )
        middleware: list[Any] = [Opens(db)]
        app: App[Any, Any] = App(middleware=middleware)
        app.add_route("/answer/{id_:int}", Answer(db))
        app.add_route("/written", Written(db))
        app.add_route("/listed", Listed(db))
        return app


def main() -> None:
    """Serve on a free port until told to end."""
    listener = listening.listen("127.0.0.1", 0)
    settings = Settings(database_url=sys.argv[1])
    print(f"listens at {listening.url(listener, settings)}", flush=True)
    FloorWeb(settings, listener, ready=lambda: None).run()


if __name__ == "__main__":
    main()
