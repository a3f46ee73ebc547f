"""No handler holds the event loop: whatever is sent, others are answered meanwhile."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
import uvloop
from falcon.asgi import App

from api.auth import QUEUE
from domain.commands import accounts, dataset_groups
from scripts import wiring
from scripts.application import application
from scripts.settings import Settings
from tests.api import inside
from tests.api.asking import PASSWORD

pytestmark = pytest.mark.alone

LIMIT = 0.05  # seconds that the loop may stand still
CLOCKED = pytest.mark.soak  # a machine that others use stands still for as long by itself
SIZE = (10 << 20) - 1000  # bytes of a document, as many as are taken


def _filled(opening: str, each: str, closing: str) -> bytes:
    """Return a document of SIZE bytes, made of equal members."""
    count = (SIZE - len(opening) - len(closing)) // (len(each) + 1)
    return (opening + ",".join([each] * count) + closing).encode()


def _keys() -> bytes:
    """Return a document of SIZE bytes, an object of different keys."""
    count = SIZE // 14
    return ("{" + ",".join(f'"k{n:07d}":{n % 10}' for n in range(count)) + "}").encode()


DOCUMENTS: dict[str, Callable[[], bytes]] = {
    "one text": lambda: b'{"a":"' + b"x" * SIZE + b'"}',
    "escapes": lambda: b'{"a":"' + b"\\u00e4" * (SIZE // 6) + b'"}',
    "arrays": lambda: _filled('{"a":[', "[]", "]}"),
    "numbers": lambda: _filled('{"a":[', "1.25", "]}"),
    "long integers": lambda: _filled('{"a":[', "1234567890123456789", "]}"),
    "objects": lambda: _filled('{"a":[', '{"b":{"c":"d"}}', "]}"),
    "keys": _keys,
}


class Inside(NamedTuple):
    """The application, an administrator's credentials, and two actions."""

    app: App[Any, Any]
    name: str
    token: str
    free: int
    strict: int

    async def ask(self, method: str, path: str, body: bytes = b"", **more: str) -> inside.Answer:
        """Send a request as the administrator."""
        shown = {"authorization": f"Bearer {self.token}"} | more
        return await inside.ask(self.app, method, f"/api/v1{path}", body, **shown)

    async def action(self, schema: Any) -> int:
        """Make an action."""
        body = {"name": "x", "type": "sample", "schema_language": "json-schema", "schema": schema}
        made = await self.ask("POST", "/actions/", json.dumps(body).encode())
        assert made.status == 201, made.body
        return int(json.loads(made.body)["action_id"])

    async def post(self, action: int, data: bytes) -> inside.Answer:
        """Make an object."""
        return await self.ask("POST", "/objects/", _body(action, data))


def _body(action: int, data: bytes) -> bytes:
    return b'{"action_id":%d,"data":%b}' % (action, data)


STRICT = {
    "type": "object",
    "properties": {
        "a": {"type": ["array", "string"], "items": {"type": ["array", "number", "object"]}}
    },
    "additionalProperties": {"type": "integer", "minimum": 0},
}


Run = Callable[[Callable[[Inside], Awaitable[None]]], None]


@pytest.fixture
def run(database: str, data: Path) -> Run:
    """A way to run a coroutine with the application on a loop of its own."""
    data.mkdir()
    settings = Settings(data=data).given("embedded", database_url=database)
    with wiring.log(settings) as log:
        name = f"admin {data.parent.name}"
        log.run(accounts.OPERATOR, dataset_groups.built_in)
        log.run(accounts.OPERATOR, accounts.create, name, PASSWORD, admin=True)
        token = log.run(accounts.OPERATOR, accounts.issue_token, name).secret

    def run_it(scenario: Callable[[Inside], Awaitable[None]]) -> None:
        async def main() -> None:
            app = application(settings)
            async with inside.started(app):
                asker = Inside(app, name, token, 0, 0)
                free, strict = await asker.action({}), await asker.action(STRICT)
                asker = Inside(app, name, token, free, strict)
                await asker.post(free, b'"' + b"x" * 200_000 + b'"')  # the helper is there
                await scenario(asker)

        uvloop.run(main())

    return run_it


@CLOCKED
def test_the_watch_sees_a_loop_that_stands_still() -> None:
    """Also when another thread keeps the interpreter to itself, as one call into C does."""

    async def scenario() -> tuple[float, float]:
        async with inside.watched() as own:
            json.dumps([0.1] * 2_000_000)
        async with inside.watched() as other:
            await asyncio.to_thread(orjson.loads, b"[" + b"[]," * 3_000_000 + b"1]")
        return own.longest, other.longest

    assert min(uvloop.run(scenario())) > LIMIT


@CLOCKED
@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_large_document_is_taken_without_holding_the_loop(run: Run, kind: str) -> None:
    """Uploaded, read, validated, stored, read back and answered with 304."""
    document = DOCUMENTS[kind]()

    async def scenario(asker: Inside) -> None:
        body = _body(asker.strict, document)
        async with inside.watched() as watch:
            made = await asker.ask("POST", "/objects/", body, idempotency_key=kind)
            assert made.status == 201, made.body[:300]
            path = made.headers["location"].removeprefix("/api/v1")
            shown = await asker.ask("GET", path)
            again = await asker.ask("GET", path, if_none_match=made.headers["etag"])
            listed = await asker.ask("GET", "/objects/?limit=1")
        assert (shown.status, again.status, listed.status) == (200, 304, 200)
        assert document in shown.body
        assert document in listed.body
        assert watch.longest < LIMIT

    run(scenario)


REFUSED: dict[str, Callable[[], bytes]] = {
    "not JSON at its end": lambda: _filled('{"a":[', "[]", "]"),
    "a repeated key at its end": lambda: _filled('{"a":[', "{}", '],"a":1}'),
    "a fault in every item": lambda: _filled('{"a":[', "null", "]}"),
    "a fault in every key": lambda: _keys().replace(b":", b":-"),
    "NUL at its end": lambda: _filled('{"a":[', '"x"', ',"\\u0000"]}'),
}


@CLOCKED
@pytest.mark.parametrize("kind", REFUSED)
def test_a_large_document_is_refused_without_holding_the_loop(run: Run, kind: str) -> None:
    """Whatever is wrong with it, and however often."""
    document = REFUSED[kind]()

    async def scenario(asker: Inside) -> None:
        body = _body(asker.strict, document)
        async with inside.watched() as watch:
            refused = await asker.ask("POST", "/objects/", body)
        assert refused.status == 400
        assert len(refused.body) < 100_000
        assert watch.longest < LIMIT

    run(scenario)


BASE64: dict[str, tuple[Callable[[], bytes], int]] = {
    "a file": (lambda: b64encode(bytes(SIZE // 4 * 3)), 201),
    "a file whose base64 is escaped": (lambda: b"\\/" * (SIZE // 8 * 4), 201),
    "base64 that ends as none": (lambda: b64encode(bytes(SIZE // 4 * 3)) + b"?", 400),
}


@CLOCKED
@pytest.mark.parametrize("kind", BASE64)
def test_a_large_file_is_taken_without_holding_the_loop(run: Run, kind: str) -> None:
    """Decoded, checked by its digests, stored, read back; or refused."""
    make, status = BASE64[kind]
    content = make()

    async def scenario(asker: Inside) -> None:
        made = await asker.post(asker.free, b"1")
        files = (
            f"{made.headers['location'].removeprefix('/api/v1').partition('/versions')[0]}/files/"
        )
        body = b'{"storage":"database","original_file_name":"a","base64_content":"%b"}' % content
        async with inside.watched() as watch:
            sent = await asker.ask("POST", files, body, idempotency_key=kind)
            assert sent.status == status, sent.body[:300]
            shown = await asker.ask("GET", f"{files}0")
        assert shown.status == (200 if status == 201 else 404)
        assert status == 400 or content.replace(b"\\", b"") in shown.body
        assert watch.longest < LIMIT

    run(scenario)


@CLOCKED
def test_a_large_configuration_is_submitted_without_holding_the_loop(run: Run) -> None:
    """A text of JSON in IceProd's door: read, stored, and told with the action."""
    head = '{"tasks":[{"name":"a","trays":[{"modules":[{}]}]}],"x":['
    config = _filled(head, "[]", "]}")[:-2000].rpartition(b",")[0] + b"]}"
    said = {"config": config.decode(), "description": "muons", "jobs_submitted": 1}

    async def scenario(asker: Inside) -> None:
        shown = {"authorization": f"Bearer {asker.token}"}
        body = json.dumps(said).encode()
        async with inside.watched() as watch:
            made = await inside.ask(asker.app, "POST", "/actions/submit", body, **shown)
            assert made.status == 201, made.body[:300]
            action = await inside.ask(asker.app, "GET", made.headers["location"], b"", **shown)
        dataset = json.loads(action.body)["payload"]["dataset_id"]
        async with inside.watched() as again:
            told = await inside.ask(asker.app, "GET", f"/config/{dataset}", b"", **shown)
        assert told.body == config
        assert max(watch.longest, again.longest) < LIMIT

    run(scenario)


@CLOCKED
def test_a_body_past_the_limit_is_refused_without_holding_the_loop(run: Run) -> None:
    """16 MiB more are read, and thrown away."""

    async def scenario(asker: Inside) -> None:
        body = _body(asker.free, b'"' + b"x" * (26 << 20) + b'"')
        async with inside.watched() as watch:
            refused = await asker.ask("POST", "/objects/", body)
        assert refused.status == 413
        assert watch.longest < LIMIT

    run(scenario)


@CLOCKED
def test_a_large_schema_is_checked_without_holding_the_loop(run: Run) -> None:
    """A mebibyte of properties; made, used and shown."""
    properties = {f"property {n:06d}": {"type": "integer"} for n in range(24_000)}

    async def scenario(asker: Inside) -> None:
        async with inside.watched() as watch:
            action = await asker.action({"properties": properties})
            made = await asker.post(action, b'{"property 000001":1}')
            refused = await asker.post(action, b'{"property 000001":"x"}')
            assert (made.status, refused.status) == (201, 400)
            assert (await asker.ask("GET", f"/actions/{action}")).status == 200
            path = made.headers["location"].removeprefix("/api/v1")
            assert (await asker.ask("GET", path)).status == 200
        assert watch.longest < LIMIT

    run(scenario)


@CLOCKED
def test_many_signing_in_at_once_do_not_hold_the_loop(run: Run) -> None:
    """argon2 works on a thread of its own, one password at a time."""

    async def scenario(asker: Inside) -> None:
        async with inside.watched() as watch:
            shown = [f"Basic {'bm9ib2R5OnNlY3JldA'}=="] * 16
            answers = await asyncio.gather(
                *(asker.ask("GET", "/users/me", authorization=each) for each in shown)
            )
        assert {answer.status for answer in answers} <= {401, 429}
        assert watch.longest < LIMIT

    run(scenario)


def test_sign_ins_that_wait_are_bounded(run: Run) -> None:
    """Past so many, 429 at once; who signed in before passes meanwhile, and so does a token."""

    async def scenario(asker: Inside) -> None:
        def sign_in(name: str, password: str) -> asyncio.Task[inside.Answer]:
            shown = b64encode(f"{name}:{password}".encode()).decode()
            asked = asker.ask("GET", "/users/me", authorization=f"Basic {shown}")
            return asyncio.create_task(asked)

        assert (await sign_in(asker.name, PASSWORD)).status == 200
        crowd = [sign_in(f"nobody {number}", "secret") for number in range(3 * QUEUE)]
        for refused in asyncio.as_completed(crowd):
            if (await refused).status == 429:
                break
        assert (await sign_in(asker.name, PASSWORD)).status == 200
        assert (await asker.ask("GET", "/users/me")).status == 200
        assert not all(each.done() for each in crowd)
        answers = await asyncio.gather(*crowd)
        assert {answer.status for answer in answers} == {401, 429}
        assert {answer.headers.get("retry-after") for answer in answers} == {None, "1"}

    run(scenario)
