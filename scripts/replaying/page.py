"""An object's life as one page that needs nothing else: no script, no other file.

What others wrote stands in elements of its own, printable, so that it neither ends what it stands
in nor turns the direction of what follows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from scripts.printable import printable
from scripts.replaying.telling import Told


def page(title: str, steps: Iterable[Told]) -> Iterator[str]:
    """Give the page part by part: memory holds one step at a time."""
    environment = Environment(
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    text = files("scripts.replaying").joinpath("page.html").read_text("utf-8")
    return environment.from_string(text).generate(title=title, steps=steps)


def _shown(value: object) -> object:
    return printable(value) if isinstance(value, str) else value
