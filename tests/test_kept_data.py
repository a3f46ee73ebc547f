"""Data folders of earlier code: today's starts on them and reads everything that they hold.

Each archive has the folder `data`, as `muniment serve` left it, and `versions.jsonl`: the document
of every version, as it was read then. They are added to, never made again.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from tests.running import Running

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


def test_the_views_of_a_kept_folder_are_made_again(kept: Kept) -> None:
    """`muniment rebuild` reads every event of then."""
    made = kept.running.cli("rebuild")

    assert made.returncode == 0, made.stderr
    kept.assert_read()
