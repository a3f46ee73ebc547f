"""Who holds which rung on every record of the matrix, and by what: an account, a group, a link …"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID, uuid4

from msgspec import Raw

from domain.access import EVERYONE, SIGNED_IN, Actor, Level
from domain.commands import accounts, communities, inclusions, open_drafts
from domain.commands.communities import Face
from domain.event import Change
from domain.family import Family
from domain.group import Group, GroupCreated, Kind, Policies, Role
from domain.identifiers import record_id
from domain.log import Log, Session
from domain.record import Record
from tests.api.asking import fresh
from tests.api.matrix.states import EDIT, LEVELS, MANAGE, NONE, VIEW
from tests.writing import actor

NOBODY = ""
ALL = {"signed in": SIGNED_IN, "everyone": EVERYONE}
SPENT = ("of another record", "expired", "revoked")  # links that open nothing
LINKS = {name: level for name, level in LEVELS.items() if level < MANAGE} | dict.fromkeys(
    SPENT, NONE
)
Phase = tuple[str, str]  # who of ALL holds which rung for a while; both empty: neither does
ALONE: Phase = ("", "")
PHASES: tuple[Phase, ...] = (ALONE, *((who, level) for who in ALL for level in LEVELS))


class Holder(NamedTuple):
    """Somebody who asks, and the rung that he holds in a phase."""

    name: str
    token: str  # NOBODY: he does not sign in
    level: int = NONE
    own: int = NONE  # without what everyone holds
    link: str = ""  # the access link that he shows, by the name of what it opens
    administrator: bool = False

    @property
    def signed_in(self) -> bool:
        """Whether he has signed in."""
        return bool(self.token)


class Holders:
    """The accounts, groups, projects and the community that hold rungs; records are `shared`."""

    def __init__(self, log: Log, admin_token: str) -> None:
        self.log = log
        self._names: dict[UUID, str] = {}
        self._numbers: dict[str, int] = {}  # of accounts, by their tokens
        self.leader = actor(self._account("leader")[0])  # of the groups; he asks for nothing
        self._grants: list[tuple[UUID, Level, bool]] = []
        self.owner, self.owner_token = self._account("owner")
        self._held = [Holder("owner", self.owner_token, MANAGE, MANAGE)]
        for name, level in LEVELS.items():
            self._held.append(self._holder(f"account, {name}", level, self._to_account))
            self._held.append(self._holder(f"group, {name}", level, self._to_group))
        self._of_project()
        self.community = fresh("community")
        self._of_community()
        self._rest = [
            Holder("anonymous", NOBODY),
            Holder("stranger", self._account("stranger")[1]),
            Holder("administrator", admin_token, administrator=True),
        ]

    def of(self, phase: Phase) -> list[Holder]:
        """Return who asks in a phase; in all but the first, those who hold nothing else."""
        who, name = phase
        level = LEVELS.get(name, NONE)
        anonymous, *others = self._rest
        if who == "signed in":
            return [anonymous, *(_with(each, phase, level, level) for each in others)]
        if who == "everyone":
            return [_with(each, phase, level, NONE) for each in self._rest]
        stranger = others[0]
        by_link = [
            _with(each, ("link", name), level, level)._replace(link=name)
            for each in (anonymous, stranger)
            for name, level in LINKS.items()
        ]
        return [*self._rest, *self._held, *by_link]

    @property
    def named(self) -> list[tuple[Holder, int]]:
        """Those who hold a rung by something of their own, each with the number of his account."""
        return [(each, self._numbers[each.token]) for each in self._held]

    def share(self, owner: Actor, pid: str) -> None:
        """Give each of them his rung on a record."""

        def command(session: Session) -> None:
            family = session.find(Family, id=_family(session, pid))
            assert family is not None
            for principal, level, by_role in self._grants:
                event = family.grant(principal, level, by_role=by_role)
                if event is not None:
                    family = session.change(family, event)

        self.log.run(owner, command)
        self.log.run(owner, inclusions.include, pid, [self.community])

    def enter(self, owner: Actor, pid: str, phase: Phase) -> None:
        """Have a phase begin for a record, and any other end."""
        of, name = phase

        def command(session: Session) -> None:
            _record, family = open_drafts.editable(session, pid)
            for who, principal in ALL.items():
                level = LEVELS[name] if who == of else NONE
                event = family.grant(principal, Level(level))
                if event is not None:
                    family = session.change(family, event)

        self.log.run(owner, command)

    def token_of_owner(self, scopes: tuple[str, ...]) -> str:
        """Return a new token of the owner."""
        name = self._names[self.owner]
        issued = self.log.run(accounts.OPERATOR, accounts.issue_token, name, scopes=scopes)
        return issued.secret

    def _account(self, word: str) -> tuple[UUID, str]:
        name = fresh(word.replace(", ", "-").replace(" ", "-"))
        made = self.log.run(accounts.OPERATOR, accounts.create, name, None)
        self._names[made.id] = name
        token = self.log.run(accounts.OPERATOR, accounts.issue_token, name).secret
        self._numbers[token] = made.number
        return made.id, token

    def _holder(self, name: str, level: int, give: Callable[[UUID, Level], None]) -> Holder:
        account, token = self._account(name)
        give(account, Level(level))
        return Holder(name, token, level, level)

    def _to_account(self, account: UUID, level: Level) -> None:
        self._grants.append((account, level, False))

    def _to_group(self, account: UUID, level: Level) -> None:
        group = self._group("group")
        self._change(group, lambda group: group.put_member(account, "reader"))
        self._grants.append((group, level, False))

    def _of_project(self) -> None:
        """What is granted to a project goes as far as each member's own permission."""
        whole, part = self._group("project"), self._group("project")
        self._grants += [(whole, Level.MANAGE, True), (part, Level.VIEW, True)]
        roles: dict[Role, int] = {"reader": VIEW, "member": EDIT, "owner": MANAGE}
        for role, level in roles.items():
            self._held.append(self._member(f"project, as {role}", whole, role, level))
        self._held.append(self._member("project for view, as owner", part, "owner", VIEW))
        group = self._group("group")
        self._held.append(self._member("group of a project", group, "owner", EDIT))
        self._change(whole, lambda project: project.put_group(group, "member"))

    def _of_community(self) -> None:
        """What is in a community is seen by its readers, and edited by its other members."""
        face = Face(Policies(), Raw(b'{"title": "Tin"}'), "Tin")
        made = self.log.run(self.leader, communities.create, self.community, face)
        roles: dict[Role, int] = {"reader": VIEW, "member": EDIT, "manager": EDIT, "owner": EDIT}
        for role, level in roles.items():
            self._held.append(self._member(f"community, as {role}", made.id, role, level))

    def _member(self, name: str, of: UUID, role: Role, level: int) -> Holder:
        account, token = self._account(name)
        self._change(of, lambda group: group.put_member(account, role))
        return Holder(name, token, level, level)

    def _group(self, kind: Kind) -> UUID:
        def command(session: Session) -> Group:
            event = GroupCreated(number=session.heads.draw(kind), kind=kind, name={"en": "Tin"})
            return session.begin(uuid4(), event)

        return self.log.run(self.leader, command).id

    def _change(self, id_: UUID, decide: Callable[[Group], Change[Group] | None]) -> None:
        def command(session: Session) -> None:
            group = session.find(Group, id=id_)
            assert group is not None
            event = decide(group)
            assert event is not None
            session.change(group, event)

        self.log.run(self.leader, command)


def _with(holder: Holder, phase: Phase, level: int, own: int) -> Holder:
    name = f"{holder.name}, {phase[0]} {phase[1]}"
    return holder._replace(name=name, level=level, own=own)


def _family(session: Session, pid: str) -> UUID:
    record = session.find(Record, id=record_id(pid))
    assert record is not None
    return record.family
