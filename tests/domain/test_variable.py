"""Variables of environments: what documents say of them. Source: the Divio specification."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import schemas, variable
from domain.envelope import KEY_BYTES, DataKey
from domain.errors import Damaged, Invalid
from domain.identifiers import base32_of
from domain.variable import LONGEST, MEMBER, NAME, Variable

KEY = DataKey(UUID(int=1), bytes(KEY_BYTES))
HERE = UUID(int=2)
SCHEMA = schemas.compile(orjson.dumps(dict(variable.SCHEMA)))

names = st.from_regex(NAME, fullmatch=True).filter(lambda each: not each.endswith("\n"))
values = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=50)
plain = st.builds(
    Variable,
    uuid=st.uuids(version=4).map(base32_of),
    name=names,
    is_sensitive=st.just(False),
    value=values,
)
variables = st.builds(
    lambda each, secret: variable.sealed(KEY, HERE, each, secret) if secret is not None else each,
    plain,
    st.none() | values,
)


def said(*several: Variable) -> dict[str, Any]:
    """What a document says, read again."""
    found: dict[str, Any] = orjson.loads(orjson.dumps({MEMBER: variable.told(several)}))
    return found


@given(st.lists(variables, max_size=4))
def test_documents_say_variables_as_they_are(several: list[Variable]) -> None:
    """And satisfy the schema, whatever they say."""
    document = said(*several)

    assert variable.of(document) == tuple(several)
    SCHEMA.validate(document[MEMBER])


@given(plain, values)
def test_a_secret_opens_in_its_own_variable_alone(one: Variable, secret: str) -> None:
    """Not in another of the environment, nor in another environment."""
    sealed = variable.sealed(KEY, HERE, one, secret)
    moved = Variable(base32_of(uuid4()), one.name, is_sensitive=True, sealed=sealed.sealed)

    assert sealed.value is None
    assert variable.opened(KEY, HERE, sealed) == secret
    for environment, each in ((HERE, moved), (uuid4(), sealed)):
        with pytest.raises(Damaged):
            variable.opened(KEY, environment, each)


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": "in plain"},
        {"sealed": None},
        {"is_sensitive": False},
        {"name": "1"},
        {"name": "A B"},
        {"name": "A\n"},
        {"uuid": "none"},
        {"more": 1},
        {"sealed": {"key": str(UUID(int=1))}},
    ],
)
def test_what_is_no_variable_is_refused(wrong: dict[str, Any]) -> None:
    """A sensitive one says no value, and is sealed."""
    one = Variable(base32_of(uuid4()), "TOKEN", is_sensitive=False, value="")
    [sealed] = said(variable.sealed(KEY, HERE, one, "tin"))[MEMBER]
    SCHEMA.validate([sealed])

    with pytest.raises(Invalid):
        SCHEMA.validate([sealed | wrong])


def test_the_longest_secret_satisfies_the_schema() -> None:
    """Whatever its characters take in bytes."""
    one = Variable(base32_of(uuid4()), "TOKEN", is_sensitive=False, value="")

    SCHEMA.validate(said(variable.sealed(KEY, HERE, one, "\U0001f980" * LONGEST))[MEMBER])


def test_documents_keep_the_secrets_that_they_had_and_take_no_others() -> None:
    """Nor two of one name, or one id."""
    one = Variable(base32_of(uuid4()), "ONE", is_sensitive=False, value="")
    held = variable.sealed(KEY, HERE, one, "tin")
    again = variable.sealed(KEY, HERE, one, "tin")
    other = Variable(base32_of(uuid4()), "ONE", is_sensitive=False, value="")

    variable.require_kept(said(held), said(held))
    variable.require_kept(said(held), said(one))
    variable.require_kept({}, {})
    for before, new in (
        ({}, said(held)),
        (said(one), said(held)),
        (said(held), said(again)),
        (said(held), said(held, held)),
        (said(one), said(one, other)),
    ):
        with pytest.raises(Invalid):
            variable.require_kept(before, new)
