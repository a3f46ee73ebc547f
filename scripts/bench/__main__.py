"""`python -m scripts.bench [NAME]...`: every bench, or those named, and one table of them all.

With `--records N` searches are among so many records.
"""

from __future__ import annotations

import ast
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from importlib import import_module
from pathlib import Path

from scripts.bench.report import Row, table
from scripts.bench.search import RECORDS

# Modules here; each has run() → rows.
BENCHES = (
    "schemas",
    "deposit_types",
    "deposits",
    "append",
    "sealing",
    "rebuild",
    "replay",
    "http",
    "http_sampledb",
    "datasets",
    "drafts",
    "sharing",
    "files",
    "many_files",
    "memory",
    "watching",
    "search",
)


def about(name: str) -> str:
    """Return what a bench measures, as the first line of its module says it."""
    module = ast.parse(Path(__file__).with_name(f"{name}.py").read_text())
    return (ast.get_docstring(module) or "").partition("\n")[0]


def main(arguments: list[str]) -> None:
    """Run benches one after the other. What is measured is said on standard error meanwhile."""
    parser = ArgumentParser(
        prog="python -m scripts.bench",
        description="Measure, each against its floor in the same run.",
        epilog="benches:\n" + "\n".join(f"  {name:14} {about(name)}" for name in BENCHES),
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="a bench; without any, all")
    parser.add_argument("--records", type=int, default=RECORDS, help="that searches are among")
    asked = parser.parse_args(arguments)
    rows: list[Row] = []
    try:
        for name in asked.names or BENCHES:
            options = {"records": asked.records} if name == "search" else {}
            for row in import_module(f"scripts.bench.{name}").run(**options):
                print(f"measured: {row.summary}", file=sys.stderr, flush=True)
                rows.append(row)
    finally:
        print(table(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
