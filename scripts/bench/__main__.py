"""`python -m scripts.bench [NAME]...`: every bench, or those named, and one table of them all."""

from __future__ import annotations

import sys
from importlib import import_module

from scripts.bench.report import Row, table

# Modules here; each has run() → rows.
BENCHES = (
    "schemas",
    "append",
    "rebuild",
    "replay",
    "http",
    "http_sampledb",
    "drafts",
    "files",
    "many_files",
    "memory",
)


def main(names: list[str]) -> None:
    """Run benches one after the other. What is measured is said on standard error meanwhile."""
    rows: list[Row] = []
    for name in names or BENCHES:
        for row in import_module(f"scripts.bench.{name}").run():
            print(f"measured: {row.name}", file=sys.stderr, flush=True)
            rows.append(row)
    print(table(rows))


if __name__ == "__main__":
    main(sys.argv[1:])
