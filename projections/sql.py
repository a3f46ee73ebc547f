"""SQL kept in files beside the code that uses it: `-- name: upsert` starts a statement."""

from __future__ import annotations

import re
from importlib.resources import files

NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def load(name: str) -> dict[str, str]:
    """Return the statements of projections/<name>.sql by their names."""
    text = files("projections").joinpath(f"{name}.sql").read_text("utf-8")
    parts = NAME.split(text)[1:]
    return {key: body.strip() for key, body in zip(parts[::2], parts[1::2], strict=True)}
