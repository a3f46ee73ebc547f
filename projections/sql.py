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


def parts(texts: dict[str, str], **others: str) -> dict[str, str]:
    """Return statements with those of their parts put in that are named among them."""
    filled = dict(texts | others)
    for name in filled:
        while True:
            text = filled[name]
            for part in filled.keys() - {name}:
                text = text.replace(f"{{{part}}}", filled[part])
            if text == filled[name]:
                break
            filled[name] = text
    return filled
