"""Data folders of earlier code: today's starts on them and reads everything that they hold.

Each archive has the folder `data`, as `muniment serve` left it, and `versions.jsonl`: the document
of every version, as it was read then. They are added to, never made again.
"""

from __future__ import annotations

import re
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import psycopg
import pytest

from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from projections import code
from tests.api.evidence.reading import sealed
from tests.running import Running, cli

KEPT = sorted((Path(__file__).parent / "fixtures").glob("kept-*.tar.xz"))


class Version(msgspec.Struct):
    """A version as it was read when the folder was kept."""

    object: int
    version: int
    recorded: str
    data: msgspec.Raw


class Kept(msgspec.Struct):
    """A service of today on a folder of then."""

    running: Running
    versions: list[Version]

    def headers(self, account: str) -> dict[str, str]:
        """Return what shows a token that is made now."""
        made = self.running.cli("token", "create", account)
        assert made.returncode == 0, made.stderr
        return {"Authorization": f"Bearer {made.stdout.strip()}"}

    def renewed(self) -> list[str]:
        """Wait until the views whose code changed are made again; return their names."""
        until = time.monotonic() + 120
        while "views whose code changed are made again" not in (
            said := self.running.said.read_text()
        ):
            assert time.monotonic() < until, said
            time.sleep(0.1)
        [names] = re.findall(r"since their code changed: (.+)", said)
        return str(names).split(", ")

    def assert_read(self) -> None:
        """Read every version, as one of those who may."""
        shown = [self.headers("admin"), self.headers("ada")]
        with httpx.Client(base_url=self.running.url, timeout=30) as client:
            for version in self.versions:
                path = f"/api/v1/objects/{version.object}/versions/{version.version}"
                answers = [client.get(path, headers=each) for each in shown]
                answer = next(each for each in answers if each.status_code == 200)
                members = msgspec.json.decode(answer.content, type=dict[str, msgspec.Raw])
                assert bytes(members["data"]) == bytes(version.data), path
                assert msgspec.json.decode(members["utc_datetime"]) == version.recorded, path


@pytest.fixture(scope="module", params=KEPT, ids=lambda path: path.name.split(".")[0])
def kept(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kept]:
    """Start today's service on a kept folder."""
    folder = tmp_path_factory.mktemp("kept")
    with tarfile.open(request.param) as archive:
        archive.extractall(folder, filter="tar")
    lines = (folder / "versions.jsonl").read_bytes()
    with Running(folder / "data") as running:
        yield Kept(running, msgspec.json.Decoder(Version).decode_lines(lines))


def test_every_version_of_a_kept_folder_is_read_as_it_was(kept: Kept) -> None:
    """The exact bytes of each document, and when it was recorded."""
    kept.assert_read()


def test_a_kept_folder_is_written_on(kept: Kept) -> None:
    """The next version of an object of then; its number is the next one."""
    last = max(each.version for each in kept.versions if each.object == 41)
    path = f"{kept.running.url}/api/v1/objects/41/versions/"

    answer = httpx.post(path, json={"data": {"n": 3}}, headers=kept.headers("ada"))

    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/objects/41/versions/{last + 1}")


def test_views_of_which_the_code_changed_are_made_again_while_it_serves(kept: Kept) -> None:
    """That is said, before and after; none differs from the log then."""
    assert {"records", "versions"} <= set(kept.renewed())

    audited = kept.running.cli("audit")
    with database(DataFolder(kept.running.data), "test") as url, psycopg.connect(url) as conn:
        since = code.changed(conn)
        beside = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'rebuild'")

        assert since == []
        assert beside.fetchall() == []
    assert audited.returncode == 0, audited.stdout + audited.stderr


def test_what_was_said_before_there_were_seals_is_proved(kept: Kept, tmp_path: Path) -> None:
    """Sealed by today's start; the proof of a version of then holds, offline."""
    with httpx.Client(base_url=kept.running.url) as client:
        client.headers.update(kept.headers("ada"))
        sealed(client, object=41, version=0)
        key = client.get("/log/key").text.strip()
    file = str(tmp_path / "proof")

    made = kept.running.cli("prove", "41", "0", "-o", file)
    verified = cli("verify", file, "--key", key)

    assert made.returncode == 0, made.stderr
    assert verified.returncode == 0, verified.stderr
    [then] = [each for each in kept.versions if (each.object, each.version) == (41, 0)]
    assert bytes(then.data) in verified.stdout.encode()


def test_the_views_of_a_kept_folder_are_made_again(kept: Kept) -> None:
    """`muniment rebuild` reads every event of then."""
    kept.renewed()

    made = kept.running.cli("rebuild")

    assert made.returncode == 0, made.stderr
    kept.assert_read()
