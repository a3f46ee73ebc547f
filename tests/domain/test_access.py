"""Who may do what: one ladder of grants, and scopes that bound a token."""

from __future__ import annotations

from itertools import product
from uuid import uuid4

import pytest

from domain import access
from domain.access import ANONYMOUS, EVERYONE, SCOPES, SIGNED_IN, Actor, Level
from domain.errors import Forbidden, Unauthenticated
from domain.values import Visibility

ACCOUNT, GROUP = uuid4(), uuid4()
ADA = Actor(
    account=ACCOUNT,
    number=1,
    name="ada",
    admin=False,
    scopes=SCOPES,
    via="test",
    principals=access.principals_of(ACCOUNT, [GROUP]),
)


@pytest.mark.parametrize("principal", [ACCOUNT, GROUP, SIGNED_IN, EVERYONE])
def test_a_grant_to_an_account_its_group_the_signed_in_or_everyone_counts(
    principal: object,
) -> None:
    """The highest rung of all that the actor is granted as."""
    grants = {principal: Level.EDIT, uuid4(): Level.MANAGE}

    assert access.level(ADA, grants) == Level.EDIT  # type: ignore[arg-type]


def test_an_anonymous_actor_holds_what_everyone_holds() -> None:
    """A grant to the signed-in opens nothing to who has not signed in."""
    assert access.level(ANONYMOUS, {SIGNED_IN: Level.EDIT}) == Level.NONE
    assert access.level(ANONYMOUS, {EVERYONE: Level.VIEW}) == Level.VIEW


@pytest.mark.parametrize(("held", "needed"), [*product(Level, Level)])
def test_each_rung_includes_those_below_it(held: Level, needed: Level) -> None:
    """View < preview < edit < manage."""
    if held >= needed:
        access.require(ADA, held, needed, "do this")
    else:
        with pytest.raises(Forbidden, match=f"the permission {needed.name.lower()} to do this"):
            access.require(ADA, held, needed, "do this")


def test_who_has_not_signed_in_is_asked_to_before_being_refused() -> None:
    """401, not 403: a credential might help."""
    with pytest.raises(Unauthenticated):
        access.require(ANONYMOUS, Level.NONE, Level.VIEW, "see this")


def test_a_scope_that_the_token_has_not_is_refused() -> None:
    """A token does in its owner's name only what its scopes allow."""
    reader = Actor(
        account=ACCOUNT,
        number=1,
        name="ada",
        admin=True,
        scopes=frozenset({"read"}),
        via="test",
        principals=(),
    )
    access.require_scope(reader, "read")
    with pytest.raises(Forbidden, match="scope write"):
        access.require_scope(reader, "write")


@pytest.mark.parametrize(("then", "now"), [*product(("public", "restricted"), repeat=2)])
def test_a_version_is_as_open_as_the_stricter_of_then_and_now(
    then: Visibility, now: Visibility
) -> None:
    """Without a grant, a version is seen only if it was public and the record is."""
    assert access.may_view_version(Level.NONE, then, now) == (then == now == "public")
    assert access.may_view_version(Level.VIEW, then, now)
