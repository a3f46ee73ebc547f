"""Proofs: made by one command, verified by others, and by a script that knows nothing of us."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from domain.evidence import checkpoints
from domain.storage import keys
from scripts import verify_proof
from tests.api import asking
from tests.api.asking import User
from tests.api.evidence.reading import sealed
from tests.running import ROOT, Running, cli

SCRIPT = ROOT / "scripts" / "verify_proof.py"


@pytest.fixture(scope="module")
def ada(server: Running) -> Iterator[User]:
    """A user with an object that has three versions."""
    user = asking.user(server, "ada")
    with user.client:
        yield user


@pytest.fixture(scope="module")
def number(server: Running, ada: User) -> int:
    """The object: its versions say 0, 1 and 2; all of them are sealed."""
    with asking.client(server, server.admin_token) as admin:
        action = asking.action(admin)
    made = asking.new_object(ada.client, action, '{"said":0}')
    for version in (1, 2):
        asking.new_version(ada.client, made, f'{{"said":{version}}}')
    sealed(ada.client, object=made, version=2)
    return made


@pytest.fixture(scope="module")
def key(server: Running) -> str:
    """The log's public key."""
    return httpx.get(f"{server.url}/log/key").text.strip()


@pytest.fixture(scope="module")
def prove(
    server: Running, number: int, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Path]:
    """A way to write proofs of the object."""

    def made(*words: str) -> Path:
        file = tmp_path_factory.mktemp("proof") / "proof"
        done = server.cli("prove", str(number), *words, "-o", str(file))
        assert done.returncode == 0, done.stderr
        return file

    return made


def test_a_proof_is_verified_offline_and_shows_what_was_said(
    prove: Callable[..., Path], key: str, tmp_path: Path
) -> None:
    """With the key as text or in a file."""
    file = prove("1")
    kept = tmp_path / "key"
    kept.write_text(f"{key}\n")

    for given in (key, str(kept)):
        done = cli("verify", str(file), "--key", given)
        assert done.returncode == 0, done.stderr
        assert '{"said":1}' in done.stdout
        assert "The proof holds" in done.stderr


def test_the_standalone_script_verifies_it_and_is_short(
    prove: Callable[..., Path], key: str, tmp_path: Path
) -> None:
    """At most 100 lines, nothing of Muniment, run from elsewhere."""
    source = SCRIPT.read_text("utf-8")
    assert len(source.splitlines()) <= 100
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            assert node.module is not None
            assert node.module.split(".")[0] not in {"domain", "projections", "api", "scripts"}
    copy = tmp_path / "verify.py"
    copy.write_text(source, "utf-8")

    words = [sys.executable, "-I", str(copy), str(prove("2")), key]
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, check=False)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("It holds: 2 events of one stream")
    assert '"said":2' in done.stdout


def test_every_line_of_the_script_is_explained() -> None:
    """In order, and none twice."""
    text = SCRIPT.with_suffix(".md").read_text("utf-8")
    explained: list[int] = []
    for first, last in re.findall(r"^\| ([0-9]+)(?:-([0-9]+))? \|", text, re.MULTILINE):
        explained += range(int(first), int(last or first) + 1)
    lines = enumerate(SCRIPT.read_text("utf-8").splitlines(), 1)

    assert sorted({*explained}) == explained
    assert {number for number, line in lines if line} <= {*explained}


@pytest.mark.parametrize(
    ("words", "bits"), [(("1",), range(8)), (("--as-of", "2100-01-01"), (0, 5))]
)
def test_no_byte_of_a_proof_can_be_another(
    prove: Callable[..., Path], key: str, words: tuple[str, ...], bits: Sequence[int]
) -> None:
    """Whatever bit of whatever byte is turned, and wherever it is cut off or added to."""
    file = prove(*words)
    proof = file.read_bytes()
    verify_proof.verify(proof, key)

    holds = []
    for at in range(len(proof)):
        for bit in bits:
            changed = bytearray(proof)
            changed[at] ^= 1 << bit
            with suppress(Exception):
                holds.append((verify_proof.verify(bytes(changed), key), at, bit))
        for other in (proof[:at], proof[:at] + b"\n" + proof[at:], proof[:at] + proof[at + 1 :]):
            with suppress(Exception):
                holds.append((verify_proof.verify(other, key), at, 8))
    assert holds == []
    file.write_bytes(proof.replace(b"event", b"Event", 1))
    done = cli("verify", str(file), "--key", key)
    assert (done.returncode, done.stdout) == (1, "")
    assert "does not hold" in done.stderr


def test_as_of_an_instant_the_headers_of_all_events_are_shown(
    prove: Callable[..., Path], ada: User, number: int, key: str
) -> None:
    """What was said last by then, and what came after it as headers."""
    first = sealed(ada.client, object=number, version=0)["header"]["recorded_at"]

    done = cli("verify", str(prove("--as-of", first)), "--key", key)

    assert done.stdout.count("record.published") == 3
    assert done.stdout.count('{"said":') == 1
    assert '{"said":0}' in done.stdout
    assert "None is missing between them" in done.stderr


def test_a_log_is_verified_from_a_kept_checkpoint_on(
    server: Running, prove: Callable[..., Path], ada: User, number: int, key: str, tmp_path: Path
) -> None:
    """By all hashes; by all headers too, where what follows the events of a proof is listed."""
    kept, proof = tmp_path / "kept", prove("2")
    kept.write_text(httpx.get(f"{server.url}/log/checkpoint").text)
    asking.new_version(ada.client, number, '{"said":3}')
    sealed(ada.client, object=number, version=3)

    words = ("--url", server.url, "--key", key)
    outsider = cli("verify-log", str(kept), *words)
    assert outsider.returncode == 0, outsider.stdout + outsider.stderr
    assert "by their hashes: it goes on" in outsider.stderr
    assert "headers were not read" in outsider.stderr
    stranger = cli("verify-log", str(kept), *words, "--token", ada.token)
    assert stranger.returncode == 1
    assert "headers take an administrator's token" in stranger.stderr
    listing = ("--proof", str(proof))
    assert cli("verify-log", str(kept), *words, *listing).returncode == 2
    done = cli("verify-log", str(kept), *words, *listing, MUNIMENT_TOKEN=server.admin_token)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "by their headers: it goes on" in done.stderr
    assert "not read" not in done.stderr
    assert "record.published" in done.stdout.splitlines()[-1]
    outside = server.data.with_name(f"{server.data.name}.checkpoints")
    assert cli("verify-log", str(outside), *words).returncode == 0


def test_who_was_told_another_history_finds_out(
    server: Running, number: int, key: str, tmp_path: Path
) -> None:
    """By the checkpoint that he was given, though the log's own key has signed it."""
    log_key = checkpoints.log_key(keys.kept(server.data / "log.key"))
    size = checkpoints.read(httpx.get(f"{server.url}/log/checkpoint").text).size
    told = tmp_path / "told"

    for other, said in ((size, f"the first {size} events are others"), (10**9, "were signed")):
        told.write_text(checkpoints.sign(log_key, other, bytes(32)))
        done = cli("verify-log", str(told), "--url", server.url, "--key", key)
        assert done.returncode == 1
        assert said in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("99",), "There is no version 99"),
        (("--as-of", "1999-01-01"), "had no version then"),
        (("--as-of", "yesterday"), "as-of"),
        ((), "Give a version"),
    ],
)
def test_what_cannot_be_proven_is_said(
    server: Running, number: int, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    """And no file is written."""
    file = tmp_path / "proof"
    done = server.cli("prove", str(number), *words, "-o", str(file))

    assert done.returncode != 0
    assert said in done.stderr
    assert not file.exists()


def test_a_key_that_is_none_is_refused(prove: Callable[..., Path]) -> None:
    """As is another log's."""
    other = "muniment/0000000000000000+00000000+AQAA"
    for key in ("nowhere", other):
        done = cli("verify", str(prove("1")), "--key", key)
        assert done.returncode == 1
        assert done.stderr.startswith("muniment: ")
