"""An object's life as one page that needs nothing else: no script, no other file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from scripts.replaying.telling import Told


def page(title: str, steps: Iterable[Told]) -> Iterator[str]:
    """Give the page part by part: memory holds one step at a time."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    text = files("scripts.replaying").joinpath("page.html").read_text("utf-8")
    return environment.from_string(text).generate(title=title, steps=steps)
