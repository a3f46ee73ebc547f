"""`muniment rebuild --seals`: what an audit finds wrong with tiles is put right meanwhile."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from psycopg import connect

from domain.storage import server as storage
from domain.storage.datafolder import DataFolder
from tests.api import asking
from tests.api.evidence.reading import sealed
from tests.running import Running


@pytest.fixture(scope="module")
def number(server: Running) -> int:
    """An object of which all is sealed."""
    ada = asking.user(server, "ada")
    with asking.client(server, server.admin_token) as admin, ada.client:
        made = asking.new_object(ada.client, asking.action(admin))
        sealed(ada.client, object=made, version=0)
    return made


def test_damaged_tiles_are_named_and_made_again_beside_a_running_service(
    server: Running, number: int
) -> None:
    """Then nothing is wrong, nothing is said, and sealing goes on."""
    with storage.database(DataFolder(server.data), "test") as url, connect(url) as conn:
        conn.execute("UPDATE es.tile SET hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1)")

    audited = server.cli("audit")
    done = server.cli("rebuild", "--seals")
    again = server.cli("rebuild", "--seals")

    assert audited.returncode == 1
    assert "tile 0/000" in audited.stdout
    assert "Mend: muniment rebuild --seals" in audited.stdout
    assert (done.returncode, again.returncode) == (0, 0), done.stderr
    assert "tile 0/000: made again" in done.stdout.splitlines()
    assert again.stdout == ""
    assert "all were as they must be" in again.stderr
    assert server.cli("audit").stdout == ""
    assert httpx.get(f"{server.url}/health").json()["seals"]["problem"] is None


def test_what_cannot_be_compared_is_not_made_again(
    server: Running, number: int, tmp_path: Path
) -> None:
    """Without the checkpoints; nor do views go with it."""
    lost = server.cli("rebuild", "--seals", "--checkpoints", str(tmp_path / "nowhere"))
    wrong = server.cli("rebuild", "--seals", "objects")

    assert lost.returncode == 1
    assert "--checkpoints" in lost.stderr
    assert wrong.returncode == 2
