"""What benches are filled with, of which nothing is to be measured that could not be."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from domain.storage.local import LocalBlobs
from domain.storage.space import Space
from projections.audit import audit
from projections.rebuild import rebuild
from projections.registry import VIEWS
from scripts.bench import __main__ as bench
from scripts.bench import lives
from tests import real
from tests.running import ROOT


def test_the_log_that_searches_are_measured_on_audits_clean(database: str, tmp_path: Path) -> None:
    """Its events could have been decided one by one: nothing of them is found to be wrong."""
    real.require()
    asked = lives.Asked(records=2000, owner=uuid4(), reader=uuid4())
    lives.write(database, asked, LocalBlobs(tmp_path / "blobs", Space(tmp_path, 0)))
    rebuild(database, list(VIEWS))
    assert list(audit(database)) == []


def test_the_guide_and_the_help_name_every_bench(capsys: pytest.CaptureFixture[str]) -> None:
    """With what each measures."""
    with pytest.raises(SystemExit):
        bench.main(["--help"])

    told = capsys.readouterr().out
    guide = (ROOT / "docs" / "pages" / "operating" / "performance.md").read_text()
    for name in bench.BENCHES:
        assert f"\n  {name:14} {bench.about(name)}\n" in told
        assert bench.about(name)
        assert f"\n| `{name}` | " in guide
