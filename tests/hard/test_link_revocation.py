"""What an access link opened is closed when its revoke has returned: by each worker, on each path.

So it is when the link is made to open less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.api.inveniordm import filing
from tests.api.inveniordm.making import CLOSED, RECORDS
from tests.hard import writers
from tests.hard.audience import REFUSED, Audience
from tests.running import Running

KEY = "a.txt"


@dataclass(frozen=True)
class Shared:
    """A restricted record with a file, under edit, on a service with four workers."""

    running: Running
    owner: httpx.Client
    pid: str

    @property
    def paths(self) -> tuple[str, ...]:
        """What a link opens that lets see the record."""
        record = f"{RECORDS}/{self.pid}"
        content = filing.content(self.pid, KEY, published=True)
        return (record, f"{record}/versions", f"{record}/files", content, f"/records/{self.pid}")

    @property
    def drafts(self) -> tuple[str, ...]:
        """What it opens besides when it lets preview the draft."""
        draft = f"{RECORDS}/{self.pid}/draft"
        return (draft, f"{draft}/files", filing.content(self.pid, KEY))

    def link(self, audience: Audience) -> str:
        """Let the audience in by a new link; return where the link is."""
        links = f"{RECORDS}/{self.pid}/access/links"
        made = self.owner.post(links, json={"permission": "preview"})
        assert made.status_code == 201, made.text
        shown: dict[str, Any] = made.json()
        audience.query = f"?{urlencode({'token': shown['token']})}"
        audience.let_in()
        return f"{links}/{shown['id']}"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """The service and what is read on it."""
    with (
        Running(tmp_path_factory.mktemp("links") / "data", "--workers", "4") as running,
        writers.client(running) as owner,
    ):
        pid = filing.filed(owner, KEY, access=CLOSED)
        assert owner.post(f"{RECORDS}/{pid}/draft").is_success
        yield Shared(running, owner, pid)


def test_no_worker_honours_a_link_after_its_revoke_has_returned(shared: Shared) -> None:
    """8 links, asked for record, versions, files, bytes, page and draft, half with an ETag."""
    _revoke(shared, 8)


@pytest.mark.soak
def test_no_worker_honours_any_of_two_hundred_links(shared: Shared) -> None:
    """The long form."""
    _revoke(shared, 200)


def _revoke(shared: Shared, rounds: int) -> None:
    audience = Audience(shared.running, *shared.paths, *shared.drafts)
    with audience.reading():
        for _ in range(rounds):
            link = shared.link(audience)
            assert shared.owner.delete(link).status_code == 204
            assert {status for _path, status in audience.told()} <= {*REFUSED}


def test_a_link_that_lets_preview_no_more_opens_no_draft(shared: Shared) -> None:
    """3 links that are changed to view: what is published stays open."""
    audience = Audience(shared.running, *shared.paths[:1], *shared.drafts)
    with audience.reading():
        for _ in range(3):
            link = shared.link(audience)
            assert shared.owner.patch(link, json={"permission": "view"}).status_code == 200
            for path, status in audience.told():
                assert (status in REFUSED) == (path in shared.drafts), path
