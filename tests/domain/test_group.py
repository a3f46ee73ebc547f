"""Group: members with roles, at least one owner among them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from domain.errors import Conflict, Invalid, NotFound
from domain.event import Entry, evolve
from domain.group import MOST, Group, GroupCreated

OWNER, GUEST = uuid4(), uuid4()
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _group() -> Group:
    event = GroupCreated(number=1, kind="community", name={"en": "Tin miners"})
    group: Group = evolve(None, Entry(uuid4(), 1, NOW, OWNER, "test", event))
    return group


def _after(group: Group, event: Any) -> Group:
    return evolve(group, Entry(group.id, group.version + 1, NOW, OWNER, "test", event))


def test_who_makes_a_group_owns_it() -> None:
    """The maker is the first member."""
    assert _group().members == {OWNER: "owner"}


def test_a_member_has_one_role() -> None:
    """A role given again takes the place of the one before."""
    group = _after(_group(), _group().put_member(GUEST, "reader"))
    group = _after(group, group.put_member(GUEST, "manager"))

    assert group.members[GUEST] == "manager"


def test_the_last_owner_can_neither_leave_nor_be_lowered() -> None:
    """A group always has somebody who answers for it."""
    with pytest.raises(Conflict, match="at least one owner"):
        _group().remove_member(OWNER)
    with pytest.raises(Conflict, match="at least one owner"):
        _group().put_member(OWNER, "member")


def test_a_group_has_so_many_members_at_most() -> None:
    """Who is one gets another role all the same."""
    full = replace(
        _group(), members={OWNER: "owner"} | {uuid4(): "member" for _ in range(MOST - 1)}
    )

    with pytest.raises(Invalid, match="10,000 members"):
        full.put_member(GUEST, "reader")
    assert full.put_member(next(reversed(full.members)), "reader") is not None


def test_a_member_who_is_none_cannot_be_removed() -> None:
    """The refusal says so."""
    with pytest.raises(NotFound, match="not a member"):
        _group().remove_member(GUEST)


def test_a_deleted_group_opens_nothing_and_takes_no_members() -> None:
    """Deleting ends every membership; the event says whose."""
    group = _group()
    event = group.delete()
    gone = _after(group, event)

    assert event.members == (OWNER,)
    assert gone.members == {}
    with pytest.raises(NotFound, match="was deleted"):
        gone.put_member(GUEST, "reader")


def test_renaming_to_the_same_name_is_no_event() -> None:
    """What already holds is not recorded again."""
    assert _group().rename({"en": "Tin miners"}) is None
