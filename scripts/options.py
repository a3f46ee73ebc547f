"""The table of settings as options of a verb."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

import click

from scripts.settings import SETTINGS, Settings, option_name

P = ParamSpec("P")
R = TypeVar("R")


def settings_options(
    *names: str,
) -> Callable[[Callable[Concatenate[Settings, P], R]], Callable[..., R]]:
    """Give a verb the options of these settings; it is called with the Settings in force.

    Every verb takes the file of settings.
    """
    table = [each for each in SETTINGS if each.name in ("config", *names)]

    def decorate(verb: Callable[Concatenate[Settings, P], R]) -> Callable[..., R]:
        @functools.wraps(verb)
        def called(*args: P.args, **values: P.kwargs) -> R:
            given = {each.name: values.pop(each.name) for each in table}
            return verb(Settings.read(given), *args, **values)  # type: ignore[arg-type]

        for each in reversed(table):
            about = f"{each.metadata['help']} [{each.metadata['variable']}"
            about += f"; {each.default}]" if each.default != "" else "]"
            called = click.option(option_name(each.name), each.name, help=about)(called)
        return called

    return decorate


ALL_OPTIONS = tuple(each.name for each in SETTINGS if each.metadata["option"])
