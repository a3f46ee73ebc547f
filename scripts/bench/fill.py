"""What the HTTP benches read and write: objects under one action, made through the log itself."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from string import ascii_lowercase
from typing import Any

import orjson

from domain.access import SCOPES, Actor, principals_of
from domain.account import Account
from domain.action import Action, SchemaLanguage
from domain.commands import actions, objects
from domain.identifiers import account_id
from domain.intake import Document
from domain.log import Log, Session
from domain.record import Record
from domain.values import Body
from scripts.bench.schemas import Both, thirty

SAVED = 100  # objects or versions in one save
DOCUMENT = 2000  # bytes, about

_text = {"type": "string", "minLength": 1, "maxLength": 2000}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Measurement",
    "type": "object",
    "required": ["title", "authors", "values"],
    "additionalProperties": False,
    "properties": {
        "title": _text,
        "abstract": _text,
        "authors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": _text, "affiliation": _text},
            },
        },
        "keywords": {"type": "array", "items": _text, "uniqueItems": True},
        "values": {"type": "array", "items": {"type": "number"}},
    },
}


def document(number: int) -> dict[str, Any]:
    """Return a document of about 2 kB, the same for the same number."""
    source = random.Random(number)  # noqa: S311 - any text will do

    def words(count: int) -> str:
        return " ".join(
            "".join(source.choices(ascii_lowercase, k=source.randint(2, 9))) for _ in range(count)
        )

    return {
        "title": words(8),
        "abstract": words(140),
        "authors": [{"name": words(2), "affiliation": words(5)} for _ in range(6)],
        "keywords": sorted({words(1) for _ in range(8)}),
        "values": [round(source.uniform(-1000, 1000), 3) for _ in range(40)],
    }


def documents(count: int, language: SchemaLanguage = "json-schema") -> list[Document]:
    """Return so many documents as bytes and value, in a language of schemas."""
    shown = document if language == "json-schema" else _measured(thirty())
    values = [shown(number) for number in range(count)]
    return [Document(Body(orjson.dumps(value)), value) for value in values]


def _measured(whole: dict[str, Any]) -> Callable[[int], dict[str, Any]]:
    """Return what makes documents of SampleDB's thirty properties, of about 4 kB."""
    return lambda number: {**whole, "name": {"_type": "text", "text": f"specimen {number}"}}


def administrator(log: Log) -> Actor:
    """Return the first administrator, whose token the driver shows."""
    account = log.heads.head(Account, id=account_id("admin"))
    assert account is not None
    return Actor(
        account=account.id,
        number=account.number,
        name=account.name,
        admin=True,
        scopes=SCOPES,
        via="bench",
        principals=principals_of(account.id),
    )


def action(log: Log, actor: Actor, language: SchemaLanguage = "json-schema") -> Action:
    """Make the action that everything is made under."""
    schema = SCHEMA if language == "json-schema" else Both().ours
    return log.run(
        actor,
        actions.create,
        name="Bench",
        description="",
        type_="measurement",
        schema=orjson.dumps(schema),
        schema_language=language,
    )


def made(log: Log, actor: Actor, under: Action, shown: Sequence[Document]) -> list[int]:
    """Make an object of each document and return their numbers."""

    def make(session: Session, batch: Sequence[Document]) -> list[int]:
        return [
            objects.create(session, action=under.number, document=each).number for each in batch
        ]

    return [number for batch in _batches(shown) for number in log.run(actor, make, batch)]


def revised(log: Log, actor: Actor, number: int, shown: Sequence[Document]) -> None:
    """Give an object a later version of each document."""

    def publish(session: Session, batch: Sequence[Document]) -> None:
        record = session.find(Record, number=number)
        assert record is not None
        for each in batch:
            record = session.change(record, record.publish(each.raw, schema_version=1))

    for batch in _batches(shown):
        log.run(actor, publish, batch)


def _batches(shown: Sequence[Document]) -> Iterator[Sequence[Document]]:
    for at in range(0, len(shown), SAVED):
        yield shown[at : at + SAVED]
