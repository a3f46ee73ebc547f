"""The fields of bodies: read from JSON and from forms in the words of Django REST framework."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from api.divio.replies import ID
from domain import hosted
from domain.errors import Fault
from domain.identifiers import base32_of, id_of_base32

REQUIRED = "This field is required."
NULL = "This field may not be null."
BLANK = "This field may not be blank."
NO_TEXT = "Not a valid string."
NUL = "Null characters are not allowed."
NO_SLUG = 'Enter a valid "slug" consisting of lower-case letters, numbers or hyphens.'
NO_COMMANDS = "Expected a list of objects with a label and a command."
NO_FLAG = "Must be a valid boolean."
FLAGS = {"true": True, "false": False, "1": True, "0": False, "on": True, "off": False}
_SLUG = re.compile(hosted.SLUG)

_COMMANDS: dict[str, Any] = {
    "type": "array",
    "maxItems": hosted.COMMANDS,
    "items": {
        "type": "object",
        "required": ["label", "command"],
        "properties": {
            "label": {"type": "string", "maxLength": hosted.TEXT},
            "command": {"type": "string", "maxLength": hosted.COMMAND},
        },
    },
}

Kind = Literal["text", "raw", "slug", "id", "own", "choice", "flag", "commands", "nothing"]
SHOWN = {"flag": "boolean", "commands": "list", "choice": "choice"}
SHOWN |= dict.fromkeys(("id", "own", "nothing"), "field")
NONE: Any = object()


class Wrong(Exception):
    """A value is not what its field takes."""


class Field(Struct, frozen=True):
    """What a member of a body is.

    `raw` is a text of which no space is taken away, `id` 26 characters of base 32, kept in hex,
    `own` such an id of something built in, and `nothing` what is always null.
    """

    kind: Kind
    required: bool = False
    null: bool = False
    blank: bool = False
    most: int = hosted.TEXT  # characters
    choices: tuple[str, ...] = ()
    default: Any = NONE

    def read(self, value: Any) -> Any:
        """Return what a value says. Raises Wrong."""
        if value == "" and self.null and self.kind not in ("text", "raw"):
            value = None  # as a form says it
        if value is None:
            if not self.null:
                raise Wrong(NULL)
            return None if self.default is NONE else self.default
        match self.kind:
            case "flag":
                return _flag(value)
            case "commands":
                return _commands(value)
            case "nothing":
                raise Wrong(_gone(value))
        text = self._text(value)
        if self.kind == "own" and text not in self.choices:
            raise Wrong(_gone(value))
        return text

    def _text(self, value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise Wrong(NO_TEXT)
        text = str(value) if self.kind == "raw" else str(value).strip()
        if "\0" in text:
            raise Wrong(NUL)
        if self.kind == "choice":
            if text not in self.choices:
                raise Wrong(f'"{text[:100]}" is not a valid choice.')
            return text
        if not text and not self.blank:
            raise Wrong(BLANK)
        if self.kind in ("id", "own"):
            id_ = id_of_base32(text)
            if id_ is None:
                raise Wrong(_gone(text))
            return id_.hex
        if len(text) > self.most:
            raise Wrong(f"Ensure this field has no more than {self.most} characters.")
        if self.kind == "slug" and not _SLUG.fullmatch(text):
            raise Wrong(NO_SLUG)
        return text

    def options(self) -> dict[str, Any]:
        """Return what OPTIONS tells of it."""
        told: dict[str, Any] = {
            "type": SHOWN.get(self.kind, "string"),
            "required": self.required,
            "read_only": False,
        }
        if self.kind in ("text", "raw", "slug"):
            told["max_length"] = self.most
        if self.kind == "choice":
            told["choices"] = [{"value": each, "display_name": each} for each in self.choices]
        return told

    def schema(self) -> dict[str, Any]:
        """Return what JSON it takes, as a JSON Schema."""
        found: dict[str, Any] = {"type": "string", "maxLength": self.most}
        if self.kind == "choice":
            found = {"enum": list(self.choices)}
        elif self.kind == "flag":
            found = {"type": "boolean"}
        elif self.kind == "nothing":
            return {"type": "null"}
        elif self.kind == "commands":
            found = _COMMANDS
        elif self.kind == "own":
            found = {"enum": [base32_of(UUID(each)) for each in self.choices]}
        elif self.kind == "id":
            found = ID
        elif self.kind == "slug":
            found["pattern"] = hosted.SLUG
        elif not self.blank:
            found["pattern"] = r"\S"
        return {"anyOf": [found, {"type": "null"}]} if self.null else found


def read(
    members: Mapping[str, Any], fields: Mapping[str, Field], *, partial: bool = False
) -> tuple[dict[str, Any], list[Fault]]:
    """Return what fields of a body say, by name, and what is wrong; others are passed over.

    `partial`: those that are not there are left as they are.
    """
    found: dict[str, Any] = {}
    faults = []
    for name, field in fields.items():
        if name not in members:
            if field.required and not partial:
                faults.append(Fault((name,), REQUIRED))
            elif not partial and field.default is not NONE:
                found[name] = field.default
            continue
        try:
            found[name] = field.read(members[name])
        except Wrong as wrong:
            faults.append(Fault((name,), str(wrong)))
    return found, faults


def schema(fields: Mapping[str, Field], *, partial: bool = False) -> dict[str, Any]:
    """Return a JSON Schema of a body."""
    required = [name for name, field in fields.items() if field.required and not partial]
    found = {name: field.schema() for name, field in fields.items()}
    return {"type": "object", "properties": found} | ({"required": required} if required else {})


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    found = FLAGS.get(value.lower()) if isinstance(value, str) else None
    if found is None:
        raise Wrong(NO_FLAG)
    return found


def _commands(value: Any) -> list[dict[str, str]]:
    found = []
    for each in value if isinstance(value, list) and len(value) <= hosted.COMMANDS else [None]:
        if not isinstance(each, dict):
            raise Wrong(NO_COMMANDS)
        label, command = each.get("label"), each.get("command")
        if not isinstance(label, str) or not isinstance(command, str):
            raise Wrong(NO_COMMANDS)
        if len(label) > hosted.TEXT or len(command) > hosted.COMMAND:
            raise Wrong(
                f"Ensure a label has no more than {hosted.TEXT} characters, "
                f"a command no more than {hosted.COMMAND}."
            )
        found.append({"label": label, "command": command})
    return found


def _gone(value: Any) -> str:
    return f'Invalid pk "{str(value)[:100]}" - object does not exist.'
