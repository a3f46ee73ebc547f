"""`muniment erase` and `muniment scrub`: content leaves every file of the data folder."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from time import time

import httpx
import pytest

from tests.api import asking
from tests.api.asking import API, User
from tests.api.evidence.reading import sealed
from tests.api.inveniordm import filing, making
from tests.api.inveniordm.making import RECORDS
from tests.running import Running, cli

WHY = "Article 17 GDPR"
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
def ada(server: Running) -> Iterator[User]:
    """Who says what is erased."""
    user = asking.user(server, "ada")
    with user.client:
        yield user


@pytest.fixture
def number(server: Running, ada: User) -> int:
    """An object of two versions."""
    with asking.client(server, server.admin_token) as admin:
        action = asking.action(admin)
    number = asking.new_object(ada.client, action, '{"n":0}')
    asking.new_version(ada.client, number, '{"n":1}')
    return number


def holding(folder: Path, text: str) -> list[str]:
    """The files that hold a text, as it is or as hexadecimal digits."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            held = path.read_bytes()
            if text.encode() in held or text.encode().hex().encode() in held:
                found.append(str(path.relative_to(folder)))
    return found


def test_a_dry_run_says_what_would_be_erased(server: Running, ada: User, number: int) -> None:
    """And erases nothing."""
    done = server.cli("erase", str(number), "--versions", "0", "--reason", WHY, "--dry-run")

    assert done.returncode == 0, done.stderr
    assert f"Object {number} " in done.stdout
    assert "versions 0" in done.stdout
    assert ada.client.get(f"/objects/{number}/versions/0").status_code == 200


def test_without_a_terminal_nothing_is_erased_unasked(
    server: Running, ada: User, number: int
) -> None:
    """Who cannot be asked says --yes."""
    done = server.cli("erase", str(number), "--reason", WHY)

    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert ada.client.get(f"/objects/{number}/versions/0").status_code == 200


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--reason", " "), 1),
        (("--reason", WHY, "--versions", "0-9"), 1),
        (("--reason", WHY, "--versions", "x"), 2),
        ((), 2),
    ],
)
def test_what_cannot_be_erased_is_refused(
    server: Running, ada: User, number: int, words: tuple[str, ...], code: int
) -> None:
    """In one line or as wrong usage, and nothing is erased."""
    done = server.cli("erase", str(number), "--yes", *words)

    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert ada.client.get(f"/objects/{number}/versions/0").status_code == 200


def test_nothing_erased_is_left_in_any_file(server: Running, ada: User, number: int) -> None:
    """Documents, names, bytes, comments, drafts and uploads; what remains is told; others stay."""
    marker = "zr7" + sha256(str(number).encode()).hexdigest()[:12]
    asking.new_version(ada.client, number, f'{{"n":"{marker}"}}')
    data = f"bytes of {marker}".encode()
    file = {
        "storage": "database",
        "original_file_name": f"{marker}.txt",
        "base64_content": b64encode(data).decode(),
        "hash": {"algorithm": "sha256", "hexdigest": sha256(data).hexdigest()},
    }
    ada.client.post(f"{API}/objects/{number}/files/", json=file)
    ada.client.post(f"{API}/objects/{number}/comments/", json={"content": marker})
    pid = filing.begun(ada.client, f"{marker}.part")
    filing.add(ada.client, pid, f"{marker}.csv", data + b" in a record")
    begun = ada.client.post(
        filing.content(pid, f"{marker}.part"), headers=TUS | {"Upload-Length": "99"}
    )
    piece = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
    ada.client.patch(begun.headers["Location"], headers=TUS | piece, content=marker.encode())
    draft = ada.client.get(f"{RECORDS}/{pid}/draft").json()
    draft["metadata"]["title"] = f"On {marker}"
    ada.client.put(f"{RECORDS}/{pid}/draft", json=draft)
    record = making.record(ada.client, making.body(title=f"Of {marker}"))["id"]
    assert holding(server.data, marker)
    for path in (server.data / "blobs").rglob("*"):
        os.utime(path, (0, time() - 120))  # what came within a minute is waited for

    for each in (pid, record):
        done = server.cli("erase", each, "--reason", WHY, "--yes")
        assert done.returncode == 0, done.stderr
    done = server.cli("erase", str(number), "--reason", WHY, "--yes")

    assert done.returncode == 0, done.stderr
    assert "backups" in done.stdout
    assert "nor in its log" in done.stderr
    assert holding(server.data, marker) == []
    assert ada.client.get(f"/objects/{number}/versions/0").status_code == 410
    audited = server.cli("audit")
    assert audited.returncode == 0, audited.stdout
    rebuilt = server.cli("rebuild")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert holding(server.data, marker) == []
    replayed = server.cli("replay", str(number), "--verify")
    assert (replayed.returncode, marker in replayed.stdout) == (0, False)


def test_files_of_the_database_may_be_left_to_a_scrub(
    server: Running, ada: User, number: int
) -> None:
    """Of many erasures one scrub is enough; until then it is said that one is owed."""
    done = server.cli("erase", str(number), "--reason", WHY, "--yes", "--no-scrub")

    assert done.returncode == 0, done.stderr
    assert "until muniment scrub has run" in done.stderr
    assert ada.client.get(f"/objects/{number}/versions/0").status_code == 410
    assert ada.client.get("/health").json()["erasures"]["unscrubbed_since"] is not None
    assert "until muniment scrub has run" in server.cli("audit").stderr


def test_seals_and_proofs_go_on_holding(
    server: Running, ada: User, number: int, tmp_path: Path
) -> None:
    """One of an erased version that somebody kept, and those of others; a new one is refused."""
    sealed(ada.client, object=number, version=1)
    key = httpx.get(f"{server.url}/log/key").text.strip()
    files = [tmp_path / "0", tmp_path / "1", tmp_path / "2"]
    for version in (0, 1):
        made = server.cli("prove", str(number), str(version), "-o", str(files[version]))
        assert made.returncode == 0, made.stderr

    with asking.client(server, server.admin_token) as admin:
        wanted = {"reason": WHY, "versions": [0, 0]}
        assert admin.post(f"/objects/{number}/erasures", json=wanted).status_code == 201

    again = server.cli("prove", str(number), "1", "-o", str(files[2]))
    assert again.returncode == 0, again.stderr
    for file in files:
        done = cli("verify", str(file), "--key", key)
        assert done.returncode == 0, done.stderr
    refused = server.cli("prove", str(number), "0", "-o", str(tmp_path / "3"))
    assert (refused.returncode, "erased" in refused.stderr) == (1, True)
    shown = sealed(ada.client, object=number, version=0)
    assert shown["header"]["topic"] == "record.published"
