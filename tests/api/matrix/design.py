"""What DESIGN.md, "Who may do what", says of the scopes of tokens.

It lies beside the project, as the real data do. Where it does not, its table is read as it was kept
here in scopes.md, which a test holds to it.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import takewhile
from pathlib import Path

from tests.running import ROOT

DESIGN = ROOT.parent / "shared" / "DESIGN.md"
KEPT = Path(__file__).with_name("scopes.md")
HEAD = "| scope of the token | operations |"
READ = "every GET"
EMAILS = "e-mail addresses other than one's own"


@cache
def scopes() -> dict[str, str]:
    """Return which scope each operation takes, by the words of the design."""
    return read(DESIGN if DESIGN.is_file() else KEPT)


def read(path: Path) -> dict[str, str]:
    """Return the same of a file. What stands in parentheses says more, and is no operation."""
    found: dict[str, str] = {}
    for row in rows(path)[2:]:
        scope, operations = row.strip("|").split("|")
        [name] = re.findall("`(.*?)`", scope)
        for what in re.split("[,;]", re.sub(r"\(.*?\)", "", operations)):
            assert what.strip() not in found, f"{what.strip()} stands twice in the table"
            found[what.strip()] = name
    return found


def rows(path: Path) -> list[str]:
    """Return the lines of the table, its head the first."""
    lines = path.read_text().splitlines()
    assert HEAD in lines, f"{path.name} has no table that begins with {HEAD}"
    return list(takewhile(lambda line: line.startswith("|"), lines[lines.index(HEAD) :]))
