"""Pages of the guide that follow from code: every setting, every event, every verb. Markdown."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator

import click
from msgspec.structs import fields

from domain.event import Event
from domain.topics import AGGREGATES
from scripts.muniment import LAZY
from scripts.settings import SETTINGS, option_name


def settings() -> str:
    """Return the page of settings, from their table."""
    return "\n".join(
        [
            "# Settings",
            "",
            "An option of `muniment serve` wins over the environment, the environment over the",
            "file of settings, which `MUNIMENT_CONFIG` or `--config` names: TOML, by these names.",
            "Sizes are in bytes, or with `KiB`, `MiB`, `GiB`; times in seconds. `muniment config`",
            "prints what is in force, and where each value comes from.",
            "",
            "| name | variable | option | default | |",
            "|---|---|---|---|---|",
            *map(_setting, SETTINGS),
            "",
        ]
    )


def events() -> str:
    """Return the page of events, by the aggregates that they change."""
    lines = [
        "# Events",
        "",
        "All that the log can say. Each event stands in the stream of what it changes and bears",
        "who did it, when, and through which door; below is what it says besides. Administrators",
        "read them at `/api/events`; their topics never change, and later ones only add fields.",
    ]
    for aggregate, kinds in AGGREGATES.items():
        lines += ["", f"## {aggregate.__name__}", "", _told(aggregate)]
        for kind in kinds:
            lines += ["", f"### {kind.TOPIC}", "", _told(kind), ""]
            lines += [f"- `{name}`: `{kind_}`" for name, kind_ in _carried(kind)] or [
                "Nothing else."
            ]
    return "\n".join([*lines, ""])


def verbs() -> str:
    """Return the page of the command line, from what `--help` says."""
    lines = [
        "# The command line",
        "",
        "What each verb says with `--help`. They work while the service runs and while it does",
        "not.",
    ]
    for name, (place, _) in LAZY.items():
        module, _, attribute = place.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        for words, each in _commands(f"muniment {name}", command):
            with click.Context(each, info_name=words) as context:
                said = each.get_help(context)
            lines += ["", f"## {words}", "", "```text", said, "```"]
    return "\n".join([*lines, ""])


def _setting(setting: object) -> str:
    name, about = setting.name, setting.metadata  # type: ignore[attr-defined]
    default = setting.default  # type: ignore[attr-defined]
    option = f"`{option_name(name)}`" if about["option"] else ""
    shown = (
        ""
        if default == ""
        else f"`{str(default).lower() if default in (True, False) else default}`"
    )
    return f"| `{name}` | `{about['variable']}` | {option} | {shown} | {about['help']} |"


def _told(kind: type) -> str:
    """What a docstring says, as one paragraph a paragraph."""
    paragraphs = inspect.cleandoc(kind.__doc__ or "").split("\n\n")
    return "\n\n".join(" ".join(each.split()) for each in paragraphs)


def _carried(kind: type[Event]) -> Iterator[tuple[str, str]]:
    for each in fields(kind):
        shown = inspect.formatannotation(each.type).replace("typing.", "")
        yield each.encode_name, shown.replace("|", "or")


def _commands(words: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from _commands(f"{words} {name}", each)
    else:
        yield words, command
