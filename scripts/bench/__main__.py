"""`python -m scripts.bench [NAME]...`: every bench, or those named, and one table of them all.

With `--records N` searches are among so many records.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from importlib import import_module

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


def main(arguments: list[str]) -> None:
    """Run benches one after the other. What is measured is said on standard error meanwhile."""
    parser = ArgumentParser(prog="python -m scripts.bench", description="Measure.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}")
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
