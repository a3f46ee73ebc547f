"""SampleDB's JSON and queries → command arguments. Source: the specification, 2.2 and 2.3."""

from __future__ import annotations

from typing import Any

from falcon.asgi import Request
from msgspec import Raw, Struct

from domain import documents
from domain.commands.objects import Document, Expectation
from domain.errors import Invalid, NotFound

OBJECT_KEYS = frozenset(
    {
        "object_id",
        "fed_object_id",
        "fed_version_id",
        "component_id",
        "version_id",
        "action_id",
        "schema",
        "data",
    }
)
FEDERATION_KEYS = ("fed_object_id", "fed_version_id", "component_id")
ACTION_KEYS = frozenset({"name", "description", "type", "schema", "schema_language"})
TYPES = {-99: "sample", -98: "measurement", -97: "simulation"}
HUGE = 10**15  # Source: 2.3, limit


class NewObject(Struct, frozen=True):
    """A body of POST /objects/."""

    action: int
    document: Document
    schema: Any


class NewVersion(Struct, frozen=True):
    """A body of POST /objects/N/versions/."""

    document: Document
    expected: Expectation
    object_id: int | None


class NewAction(Struct, frozen=True):
    """A body of POST /actions/."""

    name: str
    description: str
    type: str
    schema: bytes
    schema_language: str


class Listing(Struct, frozen=True):
    """The query of GET /objects/; `type` is a name, `action` a number."""

    action: int | None
    type: str | None
    limit: int | None
    offset: int
    name_only: bool


def _members(body: bytes, depth: int) -> tuple[dict[str, Any], dict[str, Raw]]:
    value = documents.read(body, max_depth=depth)
    if not isinstance(value, dict):
        raise Invalid("The body must be a JSON object.")
    return value, documents.split(body)


def _refuse_unknown(value: dict[str, Any], known: frozenset[str]) -> None:
    for key in value:
        if key not in known:
            raise Invalid(f"invalid key '{key}'")


def _refuse_federation(value: dict[str, Any]) -> None:
    for key in FEDERATION_KEYS:
        if value.get(key) is not None:
            raise Invalid(f"{key} must be null: objects of other installations are not taken")


def _integer(value: dict[str, Any], key: str) -> int | None:
    """Return an integer member, or None when it is absent. Raises Invalid for anything else."""
    if key not in value:
        return None
    number = value[key]
    if not isinstance(number, int) or isinstance(number, bool):
        raise Invalid(f"{key} must be an integer")
    return number


def _document(value: dict[str, Any], raw: dict[str, Raw]) -> Document:
    if value.get("data") is None:
        raise Invalid("data must be set")
    return Document(raw["data"], value["data"])


def new_object(body: bytes, depth: int) -> NewObject:
    """Return what POST /objects/ asks for. Raises Invalid naming the key that is wrong."""
    value, raw = _members(body, depth)
    _refuse_unknown(value, OBJECT_KEYS)
    if "object_id" in value:
        raise Invalid("object_id cannot be set: the new object gets one")
    _refuse_federation(value)
    if "version_id" in value and (value["version_id"] != 0 or value["version_id"] is False):
        raise Invalid("version_id must be 0")
    action = _integer(value, "action_id")
    if action is None:
        raise Invalid("action_id must be set")
    if "schema" in value and value["schema"] is None:
        raise Invalid("schema must be that of the action")
    return NewObject(action, _document(value, raw), value.get("schema"))


def new_version(body: bytes, depth: int) -> NewVersion:
    """Return what POST /objects/N/versions/ asks for. Raises Invalid naming the key."""
    value, raw = _members(body, depth)
    _refuse_unknown(value, OBJECT_KEYS)
    _refuse_federation(value)
    if "schema" in value and value["schema"] is None:
        raise Invalid("schema must be that of the object or the present one of its action")
    return NewVersion(
        _document(value, raw),
        Expectation(
            version=_integer(value, "version_id"),
            action=_integer(value, "action_id"),
            schema=value.get("schema"),
        ),
        _integer(value, "object_id"),
    )


def new_action(body: bytes, depth: int) -> NewAction:
    """Return what POST /actions/ asks for. Raises Invalid naming the key that is wrong."""
    value, raw = _members(body, depth)
    _refuse_unknown(value, ACTION_KEYS)
    texts = {"description": "", "schema_language": "sampledb"} | {
        key: member for key, member in value.items() if key != "schema"
    }
    for key in ("name", "description", "type", "schema_language"):
        if not isinstance(texts.get(key), str):
            raise Invalid(f"{key} must be a text")
    if not isinstance(value.get("schema"), dict):
        raise Invalid("schema must be a JSON object")
    return NewAction(
        texts["name"],
        texts["description"],
        texts["type"],
        bytes(raw["schema"]),
        texts["schema_language"],
    )


def version_number(text: str) -> int:
    """Return the version that a URL names. Raises NotFound for what is no version's number."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise NotFound(f"There is no version {text} of this object.")
    return int(text)


def listing(req: Request) -> Listing:
    """Return what GET /objects/ asks for. Raises Invalid for a filter that cannot be one."""
    action = None
    if text := req.get_param("action_id"):
        try:
            action = int(text)
        except ValueError:
            raise Invalid("action_id must be an integer") from None
    return Listing(
        action=action,
        type=_type(req.get_param("action_type_id") or req.get_param("action_type")),
        limit=_counted(req.get_param("limit"), least=1),
        offset=_counted(req.get_param("offset"), least=0) or 0,
        name_only=req.has_param("name_only"),
    )


def _type(text: str | None) -> str | None:
    if not text:
        return None
    if text in TYPES.values():
        return text
    try:
        return TYPES[int(text)]
    except (ValueError, KeyError):
        raise Invalid(f"There is no action type {text}.") from None


def _counted(text: str | None, *, least: int) -> int | None:
    """Return a count, or None when the text is none: SampleDB ignores those."""
    if text is None or not (text.isascii() and text.isdigit()):
        return None
    number = int(text[:20])
    return number if least <= number <= HUGE else None
