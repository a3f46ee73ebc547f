"""SampleDB's JSON and queries → command arguments. Source: the specification, 2.2 and 2.3."""

from __future__ import annotations

from falcon.asgi import Request
from msgspec import Struct

from domain import documents
from domain.access import Level
from domain.action import TYPE_NUMBERS
from domain.commands.objects import Expectation
from domain.errors import Invalid, NotFound
from domain.identifiers import NUMBER
from domain.intake import Document, members

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
VERSION_KEYS = OBJECT_KEYS | {"data_diff"}
FEDERATION_KEYS = ("fed_object_id", "fed_version_id", "component_id")
LEVELS = {"none": Level.NONE, "read": Level.VIEW, "write": Level.EDIT, "grant": Level.MANAGE}
TYPES = {number: name for name, number in TYPE_NUMBERS.items()}
WORD = 1024  # bytes of a body that is a permission


class NewObject(Struct, frozen=True):
    """A body of POST /objects/."""

    action: int
    document: Document
    schema: Document | None


class NewVersion(Struct, frozen=True):
    """A body of POST /objects/N/versions/: `document`, `difference` or both."""

    document: Document | None
    difference: Document | None
    expected: Expectation
    object_id: int | None


class NewComment(Struct, frozen=True):
    """A body of POST /objects/N/comments/."""

    content: str
    object_id: int | None


def _refuse_unknown(found: dict[str, Document], known: frozenset[str]) -> None:
    for key in found:
        if key not in known:
            raise Invalid(f"invalid key '{key}'")


def _refuse_federation(found: dict[str, Document]) -> None:
    for key in FEDERATION_KEYS:
        if key in found and found[key].value is not None:
            raise Invalid(f"{key} must be null: objects of other installations are not taken")


def _integer(found: dict[str, Document], key: str) -> int | None:
    """Return an integer member, or None when it is absent. Raises Invalid for anything else."""
    if key not in found:
        return None
    number = found[key].value
    if not isinstance(number, int) or isinstance(number, bool):
        raise Invalid(f"{key} must be an integer")
    return number


def _set(found: dict[str, Document], key: str) -> Document | None:
    """Return a member, or None when it is absent or null."""
    member = found.get(key)
    return None if member is None or member.value is None else member


def _schema(found: dict[str, Document], whose: str) -> Document | None:
    schema = found.get("schema")
    if schema is not None and schema.value is None:
        raise Invalid(f"schema must be that of {whose}")
    return schema


def new_object(body: bytes, depth: int) -> NewObject:
    """Return what POST /objects/ asks for. Raises Invalid naming the key that is wrong."""
    found = members(body, depth)
    _refuse_unknown(found, OBJECT_KEYS)
    if "object_id" in found:
        raise Invalid("object_id cannot be set: the new object gets one")
    _refuse_federation(found)
    if _integer(found, "version_id") not in (None, 0):
        raise Invalid("version_id must be 0")
    action = _integer(found, "action_id")
    if action is None:
        raise Invalid("action_id must be set")
    data = _set(found, "data")
    if data is None:
        raise Invalid("data must be set")
    return NewObject(action, data, _schema(found, "the action"))


def new_version(body: bytes, depth: int) -> NewVersion:
    """Return what POST /objects/N/versions/ asks for. Raises Invalid naming the key."""
    found = members(body, depth)
    _refuse_unknown(found, VERSION_KEYS)
    _refuse_federation(found)
    data, difference = _set(found, "data"), _set(found, "data_diff")
    if data is None and difference is None:
        raise Invalid("data or data_diff must be set")
    return NewVersion(
        data,
        difference,
        Expectation(
            version=_integer(found, "version_id"),
            action=_integer(found, "action_id"),
            schema=_schema(found, "the object, or the present one of its action"),
        ),
        _integer(found, "object_id"),
    )


def new_comment(body: bytes, depth: int) -> NewComment:
    """Return what POST /objects/N/comments/ asks for; it may have other keys. Raises Invalid."""
    found = members(body, depth)
    object_id = _integer(found, "object_id")
    if "content" not in found:
        raise Invalid("content must be set")
    content = found["content"].text
    if content is None:
        raise Invalid("content must be a string")
    return NewComment(content, object_id)


def new_access_token(body: bytes, depth: int) -> str:
    """Return the description of a new access token. Raises Invalid."""
    found = members(body, depth)
    if found.keys() != {"description"} or not isinstance(found["description"].value, str):
        raise Invalid("The body must have description, a text, and nothing else.")
    return found["description"].value


def _word(body: bytes) -> object:
    """Return what a body says that can only be one word; None for more, without reading it."""
    return documents.read(body) if len(body) <= WORD else None


def level(body: bytes) -> Level:
    """Return the rung that a body names, whatever its case. Raises Invalid."""
    value = _word(body)
    if not isinstance(value, str):
        raise Invalid("The body must be a JSON string: none, read, write or grant.")
    found = LEVELS.get(value.lower())
    if found is None:
        raise Invalid(f"There is no permission {value[:40]!r}; there are none, read, write, grant.")
    return found


def level_of_all(body: bytes) -> Level:
    """Return the rung that every signed-in user gets. Raises Invalid for more than reading."""
    found = level(body)
    if found > Level.VIEW:
        raise Invalid("All users together can be given none or read.")
    return found


def public(body: bytes) -> Level:
    """Return the rung that a bool gives every signed-in user. Raises Invalid for anything else."""
    value = _word(body)
    if not isinstance(value, bool):
        raise Invalid("The body must be a JSON bool: true or false.")
    return Level.VIEW if value else Level.NONE


def number(text: str, what: str) -> int:
    """Return the number of a version, comment or file that a URL names. Raises NotFound."""
    if not NUMBER.fullmatch(text) or len(text) > 9:
        raise NotFound(f"There is no {what} {text} of this object.")
    return int(text)


def after_id(req: Request) -> int:
    """Return the entry after which the object log is asked for; 0, before all, when it is none."""
    text = req.get_param("after_id", default="")
    return int(text[:20]) if text.isascii() and text.isdigit() else 0


def embedded(req: Request) -> frozenset[str]:
    """Return which of `action`, `user` and `data_diff` a version is asked for with."""
    wanted = {each for each in ("action", "user") if req.get_param(f"embed_{each}")}
    if req.get_param("include_diff") == "true":
        wanted.add("data_diff")
    return frozenset(wanted)
