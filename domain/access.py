"""Who may do what: the one place that decides it, asked by every dialect.

Grants hang on the family and form one ladder; scopes bound what a token may do in its owner's
name. Source: DESIGN.md "Who may do what".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import IntEnum
from functools import lru_cache
from typing import Literal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors import Anonymous, Forbidden
from domain.identifiers import stream_of
from domain.values import Visibility

EVERYONE = stream_of("principal", "everyone")
SIGNED_IN = stream_of("principal", "signed-in")
ADMINISTRATORS = stream_of("principal", "administrators")  # on what they may do by office
OPERATOR = stream_of("principal", "operator")  # who sits at the machine: the command line

EMAILS = "user:email"  # the scope that shows e-mail addresses of others
SCOPES = frozenset({"read", "write", "actions", EMAILS})
REFRESH = "refresh"  # all that a refresh token may, and no other token


class Level(IntEnum):
    """The ladder: each rung includes those below it."""

    NONE = 0
    VIEW = 1
    PREVIEW = 2  # also drafts
    EDIT = 3
    MANAGE = 4


RUNGS = 16_384  # names of rungs that a process keeps ready
MEMBERSHIPS = (Level.VIEW, Level.EDIT, Level.MANAGE)  # a member's permission in a project


class Membership(Struct, frozen=True):
    """Why an account counts as a group, when its credential was read."""

    group: UUID  # of any kind: what may be granted something
    most: Level  # how far that goes for the account
    by_role: bool  # whether it goes as far as a role does
    through: UUID | None = None  # the group by which it is in a project; None: by itself


class Actor(Struct, frozen=True):
    """Who asks, as a credential has shown it, and through which door."""

    account: UUID
    number: int
    name: str
    admin: bool
    scopes: frozenset[str]
    via: str
    principals: tuple[UUID, ...]  # the account, its groups, rungs of projects, SIGNED_IN, EVERYONE
    projects: tuple[tuple[UUID, Level], ...] = ()  # and how far what is granted to each goes
    memberships: tuple[Membership, ...] = ()  # that groups and projects come of

    @property
    def anonymous(self) -> bool:
        """Whether nobody has signed in."""
        return self.number == 0


ANONYMOUS = Actor(
    account=EVERYONE,
    number=0,
    name="",
    admin=False,
    scopes=frozenset({"read"}),
    via="",
    principals=(EVERYONE,),
)


def principals_of(
    account: UUID,
    groups: Iterable[UUID] = (),
    projects: Iterable[tuple[UUID, Level]] = (),
    *,
    admin: bool = False,
) -> tuple[UUID, ...]:
    """Return everything a signed-in account may be granted something as."""
    rungs = (rung_of(project, level) for project, level in projects)
    office = (ADMINISTRATORS,) if admin else ()
    return (account, *groups, *rungs, *office, SIGNED_IN, EVERYONE)


@lru_cache(RUNGS)
def rung_of(project: UUID, level: Level) -> UUID:
    """Return the principal that those members of a project are whose permission in it is this.

    What is granted to a project holds for each member up to the member's own permission there:
    `shares` says what for whom, so that the highest rung of an actor's principals is the answer
    with projects as without.
    """
    return stream_of("principal", f"{project} {level.name.lower()}")


def with_memberships(actor: Actor, memberships: tuple[Membership, ...]) -> Actor:
    """Return an actor who is in these groups and projects, and in no others."""
    # In order of numbers: an account may have thousands, and UUIDs are slow to compare.
    counted = sorted(_counted(memberships), key=lambda each: each.int)
    projects = {(each.group, each.most) for each in memberships if each.by_role}
    return replace(
        actor,
        principals=(*_alone(actor), *counted),
        projects=tuple(sorted(projects, key=lambda each: (each[0].int, each[1]))),
        memberships=memberships,
    )


def _alone(actor: Actor) -> tuple[UUID, ...]:
    """Return what an actor may be granted something as other than for being in groups."""
    counted = _counted(actor.memberships)
    return tuple(each for each in actor.principals if each not in counted)


def _counted(memberships: Iterable[Membership]) -> frozenset[UUID]:
    """Return what an account may be granted something as for being in groups."""
    return frozenset(
        rung_of(each.group, each.most) if each.by_role else each.group for each in memberships
    )


def shares(project: UUID, level: Level) -> dict[UUID, Level]:
    """Return what a rung granted to a project gives its members, by their principals."""
    return {rung_of(project, held): min(held, level) for held in MEMBERSHIPS}


def level(actor: Actor, grants: Mapping[UUID, Level]) -> Level:
    """Return the highest rung that these grants give the actor.

    A project stands among them as itself, with what was granted to it.
    """
    held = [grants.get(each, Level.NONE) for each in actor.principals]
    held += [min(most, grants.get(project, Level.NONE)) for project, most in actor.projects]
    return max(held, default=Level.NONE)


def needed(actor: Actor, grants: Mapping[UUID, Level]) -> tuple[Membership, Level] | None:
    """Return a membership without which these grants give the actor less, and what it gives.

    None where they give as much to the actor alone.
    """
    if not actor.memberships:
        return None
    held = level(actor, grants)
    if held == max((grants.get(each, Level.NONE) for each in _alone(actor)), default=Level.NONE):
        return None
    return next(
        (each, held)
        for each in actor.memberships
        if min(each.most, grants.get(each.group, Level.NONE)) == held
    )


def of_their_own(actor: Actor) -> tuple[UUID, ...]:
    """Return what an actor may be granted something as, other than together with everyone.

    Who works with whom, the permissions and the events that give them, is shown to those who hold
    a rung as one of these: what everyone holds makes an object's versions public, not its people.
    """
    return tuple(each for each in actor.principals if each != EVERYONE)


def require_scope(actor: Actor, scope: str) -> None:
    """Pass when the actor's credential has this scope. Raises Anonymous, Forbidden."""
    if actor.anonymous and scope != "read":
        raise Anonymous("Sign in to do this.")
    if scope not in actor.scopes:
        raise Forbidden(f"This token does not have the scope {scope}.")


def sees_emails(actor: Actor) -> bool:
    """Whether an actor is shown e-mail addresses of others, where a door shows them at all.

    SampleDB's door shows them to administrators only, whatever a token says.
    """
    return actor.admin or EMAILS in actor.scopes


def require(actor: Actor, held: Level, needed: Level, what: str) -> None:
    """Pass when the rung held reaches the one needed. Raises Anonymous, Forbidden."""
    if held >= needed:
        return
    if actor.anonymous:
        raise Anonymous("Sign in to see this.")
    raise Forbidden(f"You need the permission {needed.name.lower()} to {what}.")


def require_admin(actor: Actor) -> None:
    """Pass for administrators. Raises Anonymous, Forbidden."""
    if actor.anonymous:
        raise Anonymous("Sign in to do this.")
    if not actor.admin:
        raise Forbidden("Only administrators may do this.")


def require_log(
    actor: Actor, scientists: Collection[UUID], *, all_may: bool, what: Literal["read", "write"]
) -> None:
    """Pass for an instrument's scientists, and for all where it says so. Raises Forbidden.

    To administer an instrument is not to read its log. Source: SampleDB, "Instrument Log".
    """
    if not all_may and actor.account not in scientists:
        raise Forbidden(f"Only this instrument's scientists may {what} its log.")


def may_view_version(held: Level, then: Visibility, now: Visibility) -> bool:
    """Whether a published version is open: the one answer for every way to it, list or history.

    `held` is the rung that the asker's grants give on the record's family today, `then` the
    visibility the version was published with, `now` the record's. An embargo of either is
    held against the instant of asking before (values.Access.at and visible; in SQL es.open_now and
    es.visible_now), so that it ends by itself, for every way at once.

    `restricted` means: open to those who were granted something. So a grant opens every version,
    whoever it names: an account, a group, SIGNED_IN or EVERYONE. SampleDB's objects are restricted
    and its "public" is a grant to SIGNED_IN, which opens their history with them. It is versions
    that a grant to EVERYONE opens: who holds no other is the public still (`of_their_own`).
    Whoever was granted nothing sees by visibility alone, and by the stricter of the two: a version
    that was restricted stays closed after the record was opened, and a public one closes with its
    record.
    """
    return held >= Level.VIEW or then == now == "public"


def require_version(actor: Actor, held: Level, then: Visibility, now: Visibility) -> None:
    """Pass when a version is open to the actor. Raises Anonymous, Forbidden."""
    if not may_view_version(held, then, now):
        require(actor, held, Level.VIEW, "view this object")
