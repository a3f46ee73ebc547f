"""Access links: what a family decides of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain import access_links
from domain.access import Level
from domain.access_links import LinkChanged, LinkCreated, LinkRevoked
from domain.errors import Invalid, NotFound
from domain.event import Entry, Event, evolve
from domain.family import Family, FamilyCreated

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
OWNER = uuid4()
LINK = uuid4()


def _after(family: Family | None, event: Event) -> Family:
    version = 1 if family is None else family.version + 1
    stream = uuid4() if family is None else family.id
    entry: Entry[Any] = Entry(stream, version, NOW, OWNER, "test", event)
    return evolve(family, entry)


@pytest.fixture
def family() -> Family:
    """A family with a link that lasts ten days."""
    begun = _after(None, FamilyCreated(owner=OWNER))
    return _after(begun, access_links.create(begun, LINK, Level.VIEW, NOW + 10 * DAY, NOW))


def test_a_link_holds_its_rung_until_it_expires(family: Family) -> None:
    """Its rung is a grant; that it has expired is asked when it is shown."""
    assert family.grants[LINK] == Level.VIEW
    assert family.links[LINK].holds(NOW + 9 * DAY)
    assert not family.links[LINK].holds(NOW + 10 * DAY)


def test_of_a_familys_rungs_those_hold_whose_link_does(family: Family) -> None:
    """From its expiry on a link's is none of them; the others stay."""
    assert family.rungs(NOW + 9 * DAY) == {OWNER: Level.MANAGE, LINK: Level.VIEW}
    assert family.rungs(NOW + 10 * DAY) == {OWNER: Level.MANAGE}


def test_a_link_without_an_expiry_always_holds() -> None:
    """None means never."""
    family = _after(None, FamilyCreated(owner=OWNER))
    family = _after(family, access_links.create(family, LINK, Level.EDIT, None, NOW))

    assert family.links[LINK].holds(NOW + 100_000 * DAY)


def test_a_link_that_has_expired_cannot_be_made() -> None:
    """The expiry lies ahead."""
    family = _after(None, FamilyCreated(owner=OWNER))

    with pytest.raises(Invalid, match="in the future"):
        access_links.create(family, LINK, Level.VIEW, NOW, NOW)


def test_an_expiry_comes_nearer_only(family: Family) -> None:
    """An earlier one is taken, a later one is not, nor one that has passed."""
    nearer = access_links.change(family, LINK, None, NOW + DAY, NOW)
    assert nearer == LinkChanged(link=LINK, level=Level.VIEW, expires_at=NOW + DAY)
    with pytest.raises(Invalid, match="last longer"):
        access_links.change(family, LINK, None, NOW + 11 * DAY, NOW)
    with pytest.raises(Invalid, match="in the future"):
        access_links.change(family, LINK, None, NOW - DAY, NOW)


def test_a_change_keeps_what_it_does_not_say(family: Family) -> None:
    """Another rung, the same expiry, the same beginning."""
    event = access_links.change(family, LINK, Level.EDIT, None, NOW + DAY)
    assert event is not None
    changed = _after(family, event)

    assert changed.grants[LINK] == Level.EDIT
    assert changed.links == family.links


def test_a_change_to_what_is_so_is_no_event(family: Family) -> None:
    """Said again it changes nothing."""
    assert access_links.change(family, LINK, Level.VIEW, NOW + 10 * DAY, NOW) is None


def test_a_revoked_link_leaves_nothing(family: Family) -> None:
    """Neither rung nor link; a second time there is none."""
    event = access_links.revoke(family, LINK)
    assert event == LinkRevoked(link=LINK)
    left = _after(family, event)

    assert LINK not in left.grants
    assert not left.links
    with pytest.raises(NotFound, match="No secret link found"):
        access_links.revoke(left, LINK)


def test_a_family_has_so_many_links_at_most(family: Family) -> None:
    """They are read with it."""
    while len(family.links) < access_links.MOST:
        family = _after(family, LinkCreated(link=uuid4(), level=Level.VIEW))

    with pytest.raises(Invalid, match="at most"):
        access_links.create(family, uuid4(), Level.VIEW, None, NOW)
