"""Every setting: its name, where it may be given, its default, what it does. One table.

An option of the command line wins over the environment, the environment over the default.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

from domain.errors import Refusal

_UNITS = {"": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_WORKER_CLASSES = ("asgi", "uvicorn")


def _size(text: str) -> int:
    found = re.fullmatch(r"(\d+)\s*(|KiB|MiB|GiB)", text)
    if found is None:
        raise ValueError("expected bytes, or a number with KiB, MiB or GiB")
    return int(found[1]) * _UNITS[found[2]]


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise ValueError("expected a whole number")
    return int(text)


def _workers(text: str) -> int:
    if (number := _count(text)) < 1:
        raise ValueError("expected at least 1")
    return number


def _port(text: str) -> int:
    if (number := _count(text)) > 65535:
        raise ValueError("expected 0 to 65535; 0 picks a free one")
    return number


def _worker_class(text: str) -> str:
    if text not in _WORKER_CLASSES:
        raise ValueError(f"expected one of {', '.join(_WORKER_CLASSES)}")
    return text


def _base_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s?#]+", text):
        raise ValueError("expected http://… or https://…, without query")
    return text.rstrip("/")


def _setting(
    default: Any,
    variable: str,
    about: str,
    parse: Callable[[str], Any] = str,
    option: bool = False,
) -> Any:
    about_it = {"variable": variable, "help": about, "parse": parse, "option": option}
    return field(default=default, metadata=about_it)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is in force. Sizes are in bytes, times in seconds."""

    data: Path = _setting(  # noqa: RUF009  a Path never changes
        Path("var"), "MUNIMENT_DATA", "Folder with all data; closed to others.", Path, option=True
    )
    database_url: str = _setting(
        "", "DATABASE_URL", "PostgreSQL to use in place of the embedded server."
    )
    host: str = _setting("127.0.0.1", "MUNIMENT_HOST", "Address to listen on.", option=True)
    port: int = _setting(8080, "MUNIMENT_PORT", "Port to listen on.", _port, option=True)
    workers: int = _setting(
        2, "MUNIMENT_WORKERS", "Processes that answer requests.", _workers, option=True
    )
    worker_class: str = _setting(
        "asgi", "MUNIMENT_WORKER_CLASS", "asgi or uvicorn.", _worker_class, option=True
    )
    certfile: str = _setting("", "MUNIMENT_CERTFILE", "TLS certificate file.", option=True)
    keyfile: str = _setting("", "MUNIMENT_KEYFILE", "Its key file.", option=True)
    base_url: str = _setting(
        "", "MUNIMENT_BASE_URL", "Address that links start with.", _base_url, option=True
    )
    forwarded_allow_ips: str = _setting(
        "127.0.0.1,::1",
        "MUNIMENT_FORWARDED_ALLOW_IPS",
        "Proxies whose X-Forwarded headers are believed.",
        option=True,
    )
    max_json_bytes: int = _setting(
        10 * 2**20, "MUNIMENT_MAX_JSON_BYTES", "Largest JSON body.", _size
    )
    max_json_depth: int = _setting(
        100, "MUNIMENT_MAX_JSON_DEPTH", "Deepest nesting of a JSON body.", _count
    )
    max_schema_bytes: int = _setting(2**20, "MUNIMENT_MAX_SCHEMA_BYTES", "Largest schema.", _size)
    space_reserve: int = _setting(
        32 * 2**20, "MUNIMENT_SPACE_RESERVE", "Free space below which uploads are refused.", _size
    )
    graceful_timeout: int = _setting(
        5, "MUNIMENT_GRACEFUL_TIMEOUT", "Time open requests have at a stop.", _count
    )
    sources: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(
        cls, options: Mapping[str, str | None], environment: Mapping[str, str] = os.environ
    ) -> Self:
        """The settings in force. An empty variable counts as not given. Raises Refusal."""
        values: dict[str, Any] = {}
        sources: dict[str, str] = {}
        for each in SETTINGS:
            variable = each.metadata["variable"]
            option = options.get(each.name)
            text, source = option, option_name(each.name)
            if option is None:
                text, source = environment.get(variable), variable
            if not text:
                continue
            try:
                values[each.name] = each.metadata["parse"](text)
            except ValueError as error:
                raise Refusal(f"{source}: {error}; got {text!r}.") from error
            sources[each.name] = source
        made = cls(**values, sources=sources)
        if bool(made.certfile) != bool(made.keyfile):
            raise Refusal("--certfile and --keyfile belong together.")
        return made

    def given(self, source: str, **values: Any) -> Self:
        """The same settings with some values that `source` decides."""
        return replace(self, **values, sources={**self.sources, **dict.fromkeys(values, source)})

    def in_force(self) -> list[tuple[str, str, str]]:
        """Each setting's name, value and origin; passwords are masked."""
        return [
            (
                each.name,
                _masked(str(getattr(self, each.name))),
                self.sources.get(each.name, f"default; {each.metadata['variable']}"),
            )
            for each in SETTINGS
        ]


SETTINGS = tuple(each for each in fields(Settings) if each.metadata)


def option_name(name: str) -> str:
    """A setting's option on the command line."""
    return f"--{name.replace('_', '-')}"


def _masked(text: str) -> str:
    """A connection string without its password, as a URL or as words; other text as it is."""
    text = re.sub(r"(://[^:/@\s]*):[^@\s]*@", r"\1:***@", text)
    return re.sub(r"(?i)\b((?:ssl)?password\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&]+)", r"\1***", text)
