"""What benches are filled with, of which nothing is to be measured that could not be."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from domain.storage.local import LocalBlobs
from domain.storage.space import Space
from projections.audit import audit
from projections.rebuild import rebuild
from projections.registry import VIEWS
from scripts.bench import lives
from tests import real


def test_the_log_that_searches_are_measured_on_audits_clean(database: str, tmp_path: Path) -> None:
    """Its events could have been decided one by one: nothing of them is found to be wrong."""
    real.require()
    asked = lives.Asked(records=2000, owner=uuid4(), reader=uuid4())
    lives.write(database, asked, LocalBlobs(tmp_path / "blobs", Space(tmp_path, 0)))
    rebuild(database, list(VIEWS))
    assert list(audit(database)) == []
