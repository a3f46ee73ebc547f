"""Imports point downwards only: scripts → api → projections → domain."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import ROOT

LAYERS = ("domain", "projections", "api", "scripts")
NOT_IN_DOMAIN = {"falcon", "gunicorn", "psycopg", "psycopg_pool", "uvicorn", "click", "rich"}


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            yield node.module or ""


def _files(layer: str) -> list[Path]:
    found = sorted((ROOT / layer).rglob("*.py"))
    assert found
    return found


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_nothing_of_those_above_it(layer: str) -> None:
    """Read from the code itself, imports inside functions included."""
    above = set(LAYERS[LAYERS.index(layer) + 1 :]) | {"tests"}
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in _files(layer)
        for name in _imports(file)
        if name.split(".")[0] in above
    ]
    assert wrong == []


def test_what_decides_knows_neither_web_nor_command_line() -> None:
    """The domain's rules know no HTTP; only its storage speaks to PostgreSQL."""
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in _files("domain")
        for name in _imports(file)
        if name.split(".")[0] in NOT_IN_DOMAIN and "storage" not in file.parts
    ]
    assert wrong == []
