"""The command line: help, options, refusals."""

from __future__ import annotations

import importlib
from pathlib import Path

import click
import pytest

from scripts.muniment import LAZY
from tests.running import cli


def test_help_lists_every_verb_without_importing_one() -> None:
    """It is quick: no database, no web server behind it."""
    shown = cli("--help")

    assert shown.returncode == 0
    assert all(f"  {verb} " in shown.stdout for verb in LAZY)


@pytest.mark.parametrize("verb", LAZY)
def test_a_verb_is_a_command_with_its_own_help(verb: str) -> None:
    """Every line of the table leads somewhere."""
    module, _, name = LAZY[verb][0].partition(":")

    command = getattr(importlib.import_module(module), name)

    assert isinstance(command, click.Command)
    assert command.help


def test_config_shows_values_and_where_they_come_from() -> None:
    """Options, environment, defaults; no password."""
    shown = cli(
        "config", "--port", "9001", MUNIMENT_WORKERS="3", DATABASE_URL="postgresql://a:s3cret@h/d"
    )

    lines = {line.split()[0]: line for line in shown.stdout.splitlines()}
    assert shown.returncode == 0
    assert lines["port"].split()[1:] == ["9001", "(--port)"]
    assert lines["workers"].split()[1:] == ["3", "(MUNIMENT_WORKERS)"]
    assert "s3cret" not in shown.stdout


def test_a_refusal_is_one_line_on_standard_error(tmp_path: Path) -> None:
    """Exit code 1, nothing on standard output, no traceback."""
    (tmp_path / "data").write_text("a file")

    refused = cli("serve", "--data", str(tmp_path / "data"))

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.count("\n") == 1
    assert refused.stderr.startswith("muniment: The data folder")
