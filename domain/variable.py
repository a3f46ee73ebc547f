"""Variables of an environment: what its document says of them, and who may say it.

A sensitive one stands there sealed, so every reader of documents may have them. Source: the Divio
specification, "environment-variables" and "Mapping".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.envelope import DataKey, Sealed
from domain.errors import Invalid
from domain.identifiers import BASE32
from domain.values import Body

MEMBER = "variables"  # of an environment's document
MOST = 500  # variables of one environment
NAME = r"^[A-Za-z_][A-Za-z0-9_]{0,254}$"  # Source: POSIX, "Environment Variables"
LONGEST = 10_000  # characters of a value

_TEXT = {"type": "string", "maxLength": 20 * LONGEST}
_SAID: Mapping[str, Any] = MappingProxyType(
    {
        "uuid": {"type": "string", "pattern": f"^{BASE32.pattern}$"},
        "name": {"type": "string", "pattern": NAME},
        "is_sensitive": {"type": "boolean"},
        "value": {"type": "string", "maxLength": LONGEST},
        "sealed": {
            "type": "object",
            "required": ["key", "nonce", "ciphertext"],
            "properties": {
                "key": {"type": "string", "format": "uuid"},
                "nonce": _TEXT,
                "ciphertext": _TEXT,
            },
            "additionalProperties": False,
        },
    }
)
SCHEMA: Mapping[str, Any] = MappingProxyType(  # of the member
    {
        "type": "array",
        "maxItems": MOST,
        "items": {
            "type": "object",
            "required": ["uuid", "name", "is_sensitive"],
            "properties": dict(_SAID),
            "additionalProperties": False,
            "if": {"properties": {"is_sensitive": {"const": True}}},
            "then": {"required": ["sealed"], "properties": {"value": False}},
            "else": {"required": ["value"], "properties": {"sealed": False}},
        },
    }
)


class Variable(Struct, frozen=True, omit_defaults=True):
    """One variable; `value` is None, and `sealed` is not, where it is sensitive."""

    uuid: str
    name: str
    is_sensitive: bool
    value: str | None = None
    sealed: Sealed | None = None


class _Name(Struct):
    name: str


class _Named(Struct):
    variables: tuple[_Name, ...] = ()


_named = msgspec.json.Decoder(_Named)


def of(said: Mapping[str, Any]) -> tuple[Variable, ...]:
    """Return the variables of an environment by what its document says."""
    return msgspec.convert(said.get(MEMBER, ()), tuple[Variable, ...])


def names(body: Body) -> tuple[str, ...]:
    """Return the names of an environment's variables by its document; values are passed over."""
    return tuple(each.name for each in _named.decode(bytes(body)).variables)


def told(variables: Iterable[Variable]) -> list[dict[str, Any]]:
    """Return variables as the member of a document."""
    return [msgspec.to_builtins(each) for each in variables]


def sealed(key: DataKey, environment: UUID, variable: Variable, value: str) -> Variable:
    """Return a sensitive variable with this value, which opens nowhere else."""
    return Variable(
        variable.uuid,
        variable.name,
        is_sensitive=True,
        sealed=key.seal(value, _place(environment, variable.uuid)),
    )


def opened(key: DataKey, environment: UUID, variable: Variable) -> str:
    """Return the value of a variable of an environment. Raises Damaged."""
    if variable.sealed is None:
        return variable.value or ""
    return key.open(variable.sealed, _place(environment, variable.uuid))


def require_kept(before: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Pass when a document that somebody has written says no secret that was not there.

    They are sealed by the service alone, through the resource that takes them. Nor may two be
    called the same. Raises Invalid.
    """
    held = {(each.uuid, each.sealed) for each in of(before)}
    variables = of(new)
    for name in ("uuid", "name"):
        if len({getattr(each, name) for each in variables}) < len(variables):
            raise Invalid(f"Two variables have the same {name}.")
    for each in variables:
        if each.sealed is not None and (each.uuid, each.sealed) not in held:
            raise Invalid("Sensitive variables are written as environment variables alone.")


def _place(environment: UUID, uuid: str) -> bytes:
    """Return what a secret belongs to."""
    return b"environment variable " + environment.bytes + uuid.encode()
