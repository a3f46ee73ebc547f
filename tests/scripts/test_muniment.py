"""The command line: help, options, refusals."""

from __future__ import annotations

import importlib
from pathlib import Path

import click
import pytest

from scripts.muniment import LAZY
from tests.running import cli, command


def test_help_lists_every_verb_without_importing_one() -> None:
    """It is quick: no database, no web server behind it."""
    shown = command("--help")

    assert shown.returncode == 0
    assert all(f"  {verb} " in shown.stdout for verb in LAZY)


@pytest.mark.parametrize("verb", LAZY)
def test_a_verb_is_a_command_with_its_own_help(verb: str) -> None:
    """Every line of the table leads somewhere."""
    module, _, name = LAZY[verb][0].partition(":")

    found = getattr(importlib.import_module(module), name)

    assert isinstance(found, click.Command)
    assert found.help


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

    refused = command("serve", "--data", str(tmp_path / "data"))

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.count("\n") == 1
    assert refused.stderr.startswith("muniment: The data folder")


AWAY = "postgresql://ada:s3cret@127.0.0.1:1/none"  # nobody listens at this port
VERBS = {
    "user": ("user", "create", "ada", "--password", "x"),
    "token": ("token", "create", "ada"),
    "rebuild": ("rebuild",),
    "realign": ("realign",),
    "serve": ("serve", "--port", "0"),
}


@pytest.mark.parametrize("words", VERBS.values(), ids=VERBS)
def test_a_database_that_is_away_is_said_on_a_line(words: tuple[str, ...], data: Path) -> None:
    """Exit code 1, no traceback, no password."""
    refused = cli(*words, "--data", str(data), DATABASE_URL=AWAY)

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("muniment: The database does not answer: ")
    assert all(line.startswith("muniment: ") for line in refused.stderr.splitlines())
    assert "s3cret" not in refused.stderr


def test_an_address_that_is_none_is_said_on_a_line(data: Path) -> None:
    """Without what stands in it."""
    url = "postgresql://ada:s3%cret@127.0.0.1/none"

    refused = cli("token", "create", "ada", "--data", str(data), DATABASE_URL=url)

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "muniment: The database's address cannot be read by libpq.\n"


@pytest.mark.parametrize(
    "words",
    [
        ("user", "create", "ad\udcff", "--password", "x"),
        ("user", "create", "ada", "--password", "\udcff"),
        ("token", "create", "ada", "--name", "\udc80"),
        ("config", "--data", "d\udcff"),
    ],
)
def test_an_argument_that_is_no_text_is_refused_on_a_line(words: tuple[str, ...]) -> None:
    """Bytes that are not UTF-8 are shown escaped; exit code 1."""
    refused = command(*words)

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("muniment: An argument is not UTF-8: '")
    assert refused.stderr.count("\n") == 1
