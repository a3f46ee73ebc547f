"""Clients that write versions and files whatever happens, note each 2xx, and check afterwards.

Every request carries an Idempotency-Key and is sent again until it is answered with 201, so in
the end each key must stand for exactly one version or file: no lost answer may hide a second.
"""

from __future__ import annotations

import random
import socket
import time
from base64 import b64decode, b64encode
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock
from types import TracebackType
from typing import Any
from uuid import uuid4

import httpx

from tests.hard.crew import Crew
from tests.running import Running

AGAIN = frozenset({409, 503, 507})  # still running, the database is away, the disk is full
SOON = 30.0  # seconds until a service answers again, on a machine that has other things to do
PAUSE = 0.05  # seconds before a request is sent again
SCHEMA = {"type": "object", "properties": {"key": {"type": "string"}}, "required": ["key"]}


def free_port() -> str:
    """Return a port for a service that keeps it when it is started again."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


def client(running: Running, timeout: float = 20) -> httpx.Client:
    """Return a client that is the first administrator."""
    return httpx.Client(
        headers={"Authorization": f"Bearer {running.admin_token}"},
        base_url=running.url,
        timeout=timeout,
    )


class Writers(Crew):
    """Threads that write new objects, and versions and files of shared ones, for the block.

    The service keeps its port: `running.url` is read once.
    """

    def __init__(
        self, running: Running, threads: int = 4, largest: int = 4000, patience: float = 60
    ) -> None:
        """`largest` is in characters of a document; compressed it has half of that.

        `patience` is in seconds: in these a request must be answered, whatever happens.
        """
        self.running = running
        self._patience = patience
        self._largest = largest
        self.acknowledged: dict[str, str] = {}  # key → Location
        self.began: dict[str, datetime] = {}  # key → when its request was first sent
        self.sent: dict[str, bytes] = {}  # Location of a file → what it must be
        self.sent_again = 0
        self._lock = Lock()
        self._faults: list[str] = []
        with client(running) as asking:
            action = {"name": "by force", "type": "sample", "schema_language": "json-schema"}
            made = asking.post("/api/v1/actions/", json=action | {"schema": SCHEMA})
            assert made.status_code == 201, made.text
            self._action: int = made.json()["action_id"]
            self.shared = [self.create(asking).split("/")[-3] for _ in range(2)]
        super().__init__(self._work, threads)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        super().__exit__(kind, error, traceback)
        if kind is None:
            assert not self._faults, "\n".join(self._faults)

    def create(self, asking: httpx.Client) -> str:
        """Make an object and return the Location of its version 0."""
        return self._post(asking, "/objects/", action_id=self._action)

    def publish(self, asking: httpx.Client) -> str:
        """Publish a version of an object that others write too, and return its Location."""
        return self._post(asking, f"/objects/{random.choice(self.shared)}/versions/")

    def upload(self, asking: httpx.Client) -> str:
        """Send a file of an object that others write too, and return its Location."""
        key = str(uuid4())
        content = key.encode() + random.randbytes(random.randrange(self._largest // 2))
        body = {
            "storage": "database",
            "original_file_name": key,
            "base64_content": b64encode(content).decode(),
        }
        path = f"/objects/{random.choice(self.shared)}/files/"
        location = self._send(asking, path, key, body)
        with self._lock:
            self.sent[location] = content
        return location

    def answered_again(self) -> float:
        """Return the seconds until a write and a read that begin now are answered."""
        began = time.monotonic()
        with client(self.running) as asking:
            location = self.create(asking)
            read = self._until_answered(lambda: asking.get(location))
            assert read.status_code == 200
        return time.monotonic() - began

    def check(self) -> None:
        """Everything acknowledged is there exactly once, and nothing else is."""
        versions: dict[str, set[int]] = defaultdict(set)
        with client(self.running) as asking:
            for key, location in self.acknowledged.items():
                read = asking.get(location)
                assert read.status_code == 200, f"{location}: {read.text}"
                assert read.json()["data"]["key"] == key, location
                *_, number, _, version = location.split("/")
                versions[number].add(int(version))
            assert sum(map(len, versions.values())) == len(self.acknowledged)
            for number, found in versions.items():
                assert found == set(range(len(found))), f"object {number}"
                beyond = asking.get(f"/objects/{number}/versions/{len(found)}")
                assert beyond.status_code == 404, f"object {number} has a version nobody sent"
            query: dict[str, str | int] = {"action_id": self._action, "name_only": ""}
            listed = asking.get("/api/v1/objects/", params=query).json()
            assert {str(each["object_id"]) for each in listed} == set(versions)
            for location, content in self.sent.items():
                read = asking.get(location)
                assert read.status_code == 200, f"{location}: {read.text}"
                assert b64decode(read.json()["base64_content"]) == content, location
            files = [asking.get(f"/objects/{each}/files/").json() for each in self.shared]
            assert sum(map(len, files)) == len(self.sent)

    def _work(self) -> None:
        try:
            with client(self.running) as asking:
                while not self._stop.is_set():
                    chance = random.random()
                    if chance < 0.1:
                        self.create(asking)
                    elif chance < 0.3:
                        self.upload(asking)
                    else:
                        self.publish(asking)
                    self._stop.wait(0.005)
        except Exception as error:
            self._faults.append(f"{type(error).__name__}: {error}")

    def _post(self, asking: httpx.Client, path: str, **more: Any) -> str:
        """Make a version with a request, and return its Location."""
        key = str(uuid4())
        with self._lock:
            self.began[key] = datetime.now(UTC)
        filler = random.randbytes(random.randrange(self._largest // 2)).hex()
        location = self._send(asking, path, key, more | {"data": {"key": key, "filler": filler}})
        with self._lock:
            self.acknowledged[key] = location
        return location

    def _send(self, asking: httpx.Client, path: str, key: str, body: dict[str, Any]) -> str:
        """Send one request until it is answered with 201, and return the Location."""
        answer = self._until_answered(
            lambda: asking.post(path, json=body, headers={"Idempotency-Key": key})
        )
        assert answer.status_code == 201, answer.text
        return str(answer.headers["Location"])

    def _until_answered(self, send: Callable[[], httpx.Response]) -> httpx.Response:
        """Send one request until its answer arrives and is neither of AGAIN."""
        until = time.monotonic() + self._patience
        while True:
            try:
                answer = send()
            except httpx.TransportError as error:
                said = f"{type(error).__name__}: {error}"
            else:
                if answer.status_code not in AGAIN:
                    return answer
                said = f"{answer.status_code} {answer.text}"
            assert time.monotonic() < until, f"not answered within {self._patience} s: {said}"
            with self._lock:
                self.sent_again += 1
            time.sleep(PAUSE)
