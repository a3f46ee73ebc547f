"""text: one string, one a language, or one of the schema's choices."""

from __future__ import annotations

from typing import Any

from domain.errors import Path
from domain.schemas.sampledb import languages
from domain.schemas.sampledb.conditions import plain
from domain.schemas.sampledb.making import USUAL, Kind, Making, is_int, refuse, require
from domain.schemas.sampledb.patterns import matcher
from domain.schemas.sampledb.reading import Json, Leaf, Node, Reading, Replaced

KEYS = USUAL | {
    "minLength",
    "maxLength",
    "pattern",
    "choices",
    "default",
    "multiline",
    "markdown",
    "placeholder",
    "languages",
}


def check(schema: Json, path: Path, making: Making) -> None:
    """Check a schema of the type. Raises Invalid."""
    making.known(schema, path)
    allowed = _check_languages(schema, path)
    if "placeholder" in schema and "choices" in schema:
        refuse("placeholder cannot be used together with choices", path)
    making.text(schema, "placeholder", path)
    _check_lengths(schema, path)
    _check_choices(schema, path)
    _check_default(schema, allowed, path)
    require(schema, "pattern", str, "pattern must be str", path)
    if "pattern" in schema:
        making.pattern(schema["pattern"], path)
    require(schema, "multiline", bool, "multiline must be bool", path)
    require(schema, "markdown", bool, "markdown must be bool", path)
    if schema.get("markdown") and schema.get("multiline"):
        refuse("text may not both be multiline and markdown", path)
    for key in ("multiline", "markdown"):
        if "choices" in schema and schema.get(key):
            refuse(f"text may not both be {key} and have choices", path)


def _check_languages(schema: Json, path: Path) -> frozenset[str]:
    """Return the languages that a default may be in."""
    if "languages" not in schema:
        return languages.ENGLISH
    listed = schema["languages"]
    if listed == "all":
        return frozenset(languages.NAMES)
    if not isinstance(listed, list) or not listed:
        refuse('languages must be a non-empty list of known language codes or "all"', path)
    if not all(isinstance(each, str) and each in languages.NAMES for each in listed):
        refuse('languages must be a list of known language codes or "all"', path)
    return frozenset(listed)


def _check_lengths(schema: Json, path: Path) -> None:
    for key in ("minLength", "maxLength"):
        if key in schema and not is_int(schema[key]):
            refuse(f"{key} must be int", path)
        if schema.get(key, 0) < 0:
            refuse(f"{key} must not be negative", path)
    if schema.get("maxLength", schema.get("minLength", 0)) < schema.get("minLength", 0):
        refuse("maxLength must not be less than minLength", path)


def _check_choices(schema: Json, path: Path) -> None:
    if "choices" not in schema:
        return
    choices = schema["choices"]
    if not isinstance(choices, list):
        refuse("choices must be list", path)
    if not choices:
        refuse("choices must not be empty", path)
    for place, choice in enumerate(choices):
        here = (*path, place)
        if not isinstance(choice, str | dict):
            refuse("choice must be str or dict", here)
        if type(choice) is not type(choices[0]):
            refuse("choices must be either all str or all dict", here)
        if isinstance(choice, dict):
            if "en" not in choice:
                refuse("choice must include an english translation", here)
            if not choice.keys() <= languages.NAMES.keys():
                refuse("choice must only contain known languages", here)
        for text in choice.values() if isinstance(choice, dict) else (choice,):
            if not isinstance(text, str):
                refuse("choice must only contain text", here)
            if text.isspace():
                refuse("choice must contain more than whitespace", here)


def _check_default(schema: Json, allowed: frozenset[str], path: Path) -> None:
    if "default" not in schema:
        return
    default = schema["default"]
    if not isinstance(default, str | dict):
        refuse("default must be str or dict", path)
    if "choices" in schema:
        if default not in schema["choices"]:
            refuse("default must only contain a valid choice", path)
    elif isinstance(default, dict):
        if not default.keys() <= allowed:
            refuse("default must only contain allowed languages", path)
        if not all(isinstance(text, str) for text in default.values()):
            refuse("default must only contain text", path)


class Text(Leaf):
    """Reads texts. What has choices is put in the form that the schema has of them."""

    type = "text"
    needed = frozenset({"_type", "text"})

    def __init__(self, schema: Json, making: Making) -> None:
        super().__init__(frozenset({"is_markdown"} if schema.get("markdown") else ()))
        self.least: int = schema.get("minLength", 0)
        self.most: int | None = schema.get("maxLength")
        self.languages = languages.allowed(schema.get("languages"))
        self.choices: list[Any] | None = schema.get("choices")
        self.own = {
            spelled: choice
            for choice in self.choices or ()
            if isinstance(spelled := plain(choice), str)
        }
        self.written: str | None = schema.get("pattern")
        self.matcher = None
        if self.written is not None:
            self.matcher = matcher(making.patterns[self.written])
        markdown = {"is_markdown": {"type": "boolean"}} if schema.get("markdown") else {}
        self.settle(text=self._rules(making), **markdown)

    def _rules(self, making: Making) -> Json:
        """Return the JSON Schema of texts that are stored as they are."""
        text: Json = {"type": "string", "minLength": self.least}
        if self.most is not None:
            text["maxLength"] = self.most
        if self.written is not None:
            text["pattern"] = making.patterns[self.written]
        translated: Json = {
            "type": "object",
            "properties": dict.fromkeys(sorted(self.languages), text),
            "additionalProperties": False,
        }
        if self.choices is None:
            return {"if": {"type": "string"}, "then": text, "else": translated}
        return {"enum": [each for each in self.choices if self._wrong(each) is None]}

    def inside(self, value: Json, path: Path, reading: Reading) -> None:
        """Read the text, its choice, its lengths, its languages and its pattern."""
        text = value["text"]
        if not isinstance(text, str | dict):
            reading.fault(path, "text must be str or a dictionary")
            return
        if self.choices is not None:
            chosen = self._chosen(text)
            if chosen is None:
                listed = ", ".join(map(languages.shown, self.choices))
                reading.fault(path, f"The text must be one of: {listed}.")
                return
            if chosen != text:
                reading.edits[*path, "text"] = Replaced(chosen)
            text = chosen
        message = self._wrong(text)
        if message is None and not isinstance(value.get("is_markdown", False), bool):
            message = "is_markdown must be bool"
        if message:
            reading.fault(path, message)

    def _chosen(self, text: Any) -> Any:
        """Return the choice that a text is, in the schema's form; None when it is none."""
        spelled = plain(text)
        if isinstance(spelled, str):
            return self.own.get(spelled)
        return text if text in (self.choices or ()) else None

    def _wrong(self, text: Any) -> str | None:
        if isinstance(text, str):
            texts = [text]
            message = self._length(text)
        else:
            texts = list(text.values())
            message = None if self.choices is not None else self._translations(text)
        if message is not None or self.matcher is None:
            return message
        fits = all(self.matcher.is_valid(each) for each in texts)
        return None if fits else f"Input must match: {self.written}"

    def _translations(self, text: Json) -> str | None:
        for each in text.values():
            if not isinstance(each, str):
                return "The text in a translation dict must be str."
            if message := self._length(each):
                return message
        for code in text:
            if code not in self.languages:
                name = languages.NAMES.get(code, code[:80])
                return f'The language "{name}" is not allowed for this field.'
        return None

    def _length(self, text: str) -> str | None:
        if len(text) < self.least:
            return f"The text must be at least {self.least} characters long."
        if self.most is not None and len(text) > self.most:
            return f"The text must be at most {self.most} characters long."
        return None


def build(schema: Json, making: Making) -> Node:
    """Return what reads texts."""
    return Text(schema, making)


KIND = Kind(KEYS, check, build)
