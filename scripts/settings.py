"""Every setting: its name, where it may be given, its default, what it does. One table.

An option of the command line wins over the environment, the environment over the file of
settings, and that over the default. The file is TOML: the names of this table, `port = 8080`.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Self

from domain.documents import MOST_DEPTH
from domain.errors import Refusal

_UNITS = {"": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_WORKER_CLASSES = ("uvicorn", "asgi")


_DIGITS = 18  # of a number; Python takes its time to read thousands


def _size(least: str, most: str) -> Callable[[str], int]:
    """A size between two, all of them in bytes or with a unit."""

    def parse(text: str) -> int:
        found = re.fullmatch(r"([0-9]+)\s*(|KiB|MiB|GiB)", text)
        if found is None:
            raise ValueError("expected bytes, or a number with KiB, MiB or GiB")
        return int(found[1][:_DIGITS]) * _UNITS[found[2]]

    low, high = parse(least), parse(most)

    def bounded(text: str) -> int:
        if not low <= (size := parse(text)) <= high:
            raise ValueError(f"expected {least} to {most}")
        return size

    return bounded


def _count(least: int, most: int, about: str = "") -> Callable[[str], int]:
    """A whole number between two."""

    def parse(text: str) -> int:
        whole = text.isascii() and text.isdecimal()
        if not whole or not least <= int(text[:_DIGITS]) <= most:
            raise ValueError(f"expected a whole number, {least} to {most}{about}")
        return int(text)

    return parse


def _worker_class(text: str) -> str:
    if text not in _WORKER_CLASSES:
        raise ValueError(f"expected one of {', '.join(_WORKER_CLASSES)}")
    return text


def _switch(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("expected true or false")
    return text.lower() == "true"


def _base_url(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s?#]+", text):
        raise ValueError("expected http://… or https://…, without query")
    return text.rstrip("/")


def _networks(text: str) -> str:
    for each in text.split(","):
        ip_network(each.strip())
    return text


def _certificates(text: str) -> str:
    from ssl import SSLError, create_default_context  # takes its time, and is seldom needed

    try:
        create_default_context(cafile=text)
    except SSLError as error:
        raise ValueError("expected a file of certificates, PEM") from error
    except OSError as error:
        raise ValueError(f"expected a file that can be read: {error.strerror}") from error
    return text


def _email(text: str) -> str:
    if not re.fullmatch(r"[^\s@]+@([^\s@.]+\.)+[^\s@.]+", text):
        raise ValueError("expected an address as somebody@example.org")
    return text


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

    config: str = _setting(
        "", "MUNIMENT_CONFIG", "TOML file with further settings, by their names.", option=True
    )
    data: Path = _setting(  # noqa: RUF009  a Path never changes
        Path("var"), "MUNIMENT_DATA", "Folder with all data; closed to others.", Path, option=True
    )
    database_url: str = _setting(
        "", "DATABASE_URL", "PostgreSQL to use in place of the embedded server."
    )
    host: str = _setting("127.0.0.1", "MUNIMENT_HOST", "Address to listen on.", option=True)
    port: int = _setting(
        8080,
        "MUNIMENT_PORT",
        "Port to listen on.",
        _count(0, 65535, "; 0 picks a free one"),
        option=True,
    )
    workers: int = _setting(
        2, "MUNIMENT_WORKERS", "Processes that answer requests.", _count(1, 256), option=True
    )
    worker_class: str = _setting(
        "uvicorn",
        "MUNIMENT_WORKER_CLASS",
        "uvicorn or asgi (gunicorn's own).",
        _worker_class,
        option=True,
    )
    certfile: str = _setting("", "MUNIMENT_CERTFILE", "TLS certificate file.", option=True)
    keyfile: str = _setting("", "MUNIMENT_KEYFILE", "Its key file.", option=True)
    base_url: str = _setting(
        "", "MUNIMENT_BASE_URL", "Address that links start with.", _base_url, option=True
    )
    admin_email: str = _setting(
        "nobody@muniment.invalid",
        "MUNIMENT_ADMIN_EMAIL",
        "Address of who runs this, told to harvesters.",
        _email,
        option=True,
    )
    forwarded_allow_ips: str = _setting(
        "127.0.0.1,::1",
        "MUNIMENT_FORWARDED_ALLOW_IPS",
        "Proxies whose X-Forwarded headers are believed.",
        option=True,
    )
    metrics_from: str = _setting(
        "",
        "MUNIMENT_METRICS_FROM",
        "Addresses and networks, with commas, that read /metrics without signing in.",
        _networks,
    )
    anonymous_users: bool = _setting(
        False,
        "MUNIMENT_ANONYMOUS_USERS",
        "Whether users may open objects to who is not signed in.",
        _switch,
        option=True,
    )
    max_json_bytes: int = _setting(
        10 * 2**20, "MUNIMENT_MAX_JSON_BYTES", "Largest JSON body.", _size("1KiB", "256MiB")
    )
    body_timeout: int = _setting(
        60, "MUNIMENT_BODY_TIMEOUT", "Time a whole JSON body may take to arrive.", _count(1, 3600)
    )
    max_json_depth: int = _setting(
        100, "MUNIMENT_MAX_JSON_DEPTH", "Deepest nesting of a JSON body.", _count(1, MOST_DEPTH)
    )
    max_schema_bytes: int = _setting(
        2**20, "MUNIMENT_MAX_SCHEMA_BYTES", "Largest schema.", _size("1KiB", "64MiB")
    )
    search_timeout: int = _setting(
        5, "MUNIMENT_SEARCH_TIMEOUT", "Time a search may take.", _count(1, 3600)
    )
    space_reserve: int = _setting(
        32 * 2**20,
        "MUNIMENT_SPACE_RESERVE",
        "Free space below which uploads are refused.",
        _size("0", "1024GiB"),
    )
    grace: int = _setting(
        24 * 3600,
        "MUNIMENT_GRACE",
        "Time after which files' bytes that nothing names are removed.",
        _count(60, 366 * 24 * 3600),
        option=True,
    )
    fixity_rate: int = _setting(
        8 * 2**20,
        "MUNIMENT_FIXITY_RATE",
        "Bytes a second at which all files are read over, once in 30 days.",
        _size("64KiB", "1024GiB"),
    )
    link_key: str = _setting(
        "",
        "MUNIMENT_LINK_KEY",
        "File of the key that signs access links, link.key in the data; machines on one database"
        " share it.",
    )
    log_key: str = _setting(
        "", "MUNIMENT_LOG_KEY", "File of the key that signs checkpoints, log.key in the data."
    )
    oauth_keys: str = _setting(
        "",
        "MUNIMENT_OAUTH_KEYS",
        "File of the keys that sign access tokens, oauth.keys in the data; machines on one database"
        " share it.",
    )
    secret_keys: str = _setting(
        "",
        "MUNIMENT_SECRET_KEYS",
        "File of the keys that secrets are encrypted under, secrets.keys in the data; machines on"
        " one database share it.",
    )
    oauth_issuer: str = _setting(
        "", "MUNIMENT_OAUTH_ISSUER", "Issuer whose access tokens are accepted too.", _base_url
    )
    oauth_audience: str = _setting(
        "", "MUNIMENT_OAUTH_AUDIENCE", "The audience that its tokens must be for."
    )
    checkpoints: str = _setting(
        "",
        "MUNIMENT_CHECKPOINTS",
        "File outside the data that every checkpoint is added to, <data>.checkpoints.",
        option=True,
    )
    checkpoints_remote: str = _setting(
        "", "MUNIMENT_CHECKPOINTS_REMOTE", "Git remote that checkpoints are pushed to."
    )
    webhook_hosts: str = _setting(
        "", "MUNIMENT_WEBHOOK_HOSTS", "Hosts, with commas, that webhooks may tell of events."
    )
    webhook_inside: str = _setting(
        "",
        "MUNIMENT_WEBHOOK_INSIDE",
        "Addresses and networks inside, with commas, that webhooks may reach all the same.",
        _networks,
    )
    webhook_key: str = _setting(
        "",
        "MUNIMENT_WEBHOOK_KEY",
        "File of the key that webhooks' keys are made of, webhook.key in the data; machines on one"
        " database share it.",
    )
    webhook_ca: str = _setting(
        "",
        "MUNIMENT_WEBHOOK_CA",
        "File of certificates, PEM, that receivers of webhooks may have theirs from besides"
        " public authorities.",
        _certificates,
    )
    graceful_timeout: int = _setting(
        5, "MUNIMENT_GRACEFUL_TIMEOUT", "Time open requests have at a stop.", _count(0, 3600)
    )
    sources: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str | None] = field(default_factory=dict)  # of the command line

    @classmethod
    def read(
        cls, options: Mapping[str, str | None], environment: Mapping[str, str] = os.environ
    ) -> Self:
        """The settings in force. An empty variable counts as not given. Raises Refusal."""
        values: dict[str, Any] = {}
        sources: dict[str, str] = {}
        file = options.get("config") or environment.get("MUNIMENT_CONFIG", "")
        further = _in_file(file) if file else {}
        for each in SETTINGS:
            variable = each.metadata["variable"]
            option = options.get(each.name)
            text, source = option, option_name(each.name)
            if option is None:
                text, source = environment.get(variable), variable
            if option is None and not text:
                text, source = further.get(each.name), f"{file}: {each.name}"
            if not text:
                continue
            try:
                values[each.name] = each.metadata["parse"](text)
            except ValueError as error:
                raise Refusal(f"{source}: {error}; got {text!r}.") from error
            sources[each.name] = source
        made = cls(**values, sources=sources, options=dict(options))
        if bool(made.certfile) != bool(made.keyfile):
            raise Refusal("--certfile and --keyfile belong together.")
        if bool(made.oauth_issuer) != bool(made.oauth_audience):
            raise Refusal("MUNIMENT_OAUTH_ISSUER and MUNIMENT_OAUTH_AUDIENCE belong together.")
        return made

    def given(self, source: str, **values: Any) -> Self:
        """The same settings with some values that `source` decides."""
        return replace(self, **values, sources={**self.sources, **dict.fromkeys(values, source)})

    def again(self, holding: Collection[str]) -> Self:
        """Read anew, with the same options; those settings hold that are named. Raises Refusal."""
        fresh = self.read(self.options)
        sources = {name: self.sources[name] for name in holding if name in self.sources}
        held = {name: getattr(self, name) for name in holding}
        return replace(fresh, **held, sources={**fresh.sources, **sources})

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


def _in_file(file: str) -> dict[str, str]:
    """What a file of settings gives, as texts. Raises Refusal."""
    try:
        given = tomllib.loads(Path(file).read_text())
    except OSError as error:
        raise Refusal(f"{file}: {error.strerror}.") from error
    except ValueError as error:  # no TOML, or no UTF-8
        raise Refusal(f"{file}: {error}.") from error
    names = {each.name for each in SETTINGS} - {"config"}
    for name, value in given.items():
        if name not in names:
            raise Refusal(f"{file}: there is no setting {name}.")
        if not isinstance(value, str | int):
            raise Refusal(f"{file}: {name}: expected a text, a whole number, true or false.")
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in given.items()
    }


def _masked(text: str) -> str:
    """A connection string without its password, as a URL or as words; other text as it is.

    Before a web address's host may stand a token alone.
    """
    text = re.sub(r"(https?://)[^/@\s]+@", r"\1***@", text)
    text = re.sub(r"(://[^:/@\s]*):[^@\s]*@", r"\1:***@", text)
    return re.sub(r"(?i)\b((?:ssl)?password\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&]+)", r"\1***", text)
