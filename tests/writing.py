"""A log on a test's database, and commands that between them decide every event there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from random import Random
from typing import Any
from uuid import UUID, uuid4

from msgspec import Raw

from domain import community, inclusions
from domain.access import SCOPES, Actor, Level, principals_of
from domain.account import (
    Account,
    AccountCreated,
    PasswordSet,
    ProfileSet,
    Token,
    TokenIssued,
    TokenPairIssued,
    TokenRefreshed,
    TokenRevoked,
)
from domain.action import Action, ActionCreated
from domain.commands import comments
from domain.deployment import Deployment
from domain.event import Change, Entry
from domain.family import Family, FamilyCreated
from domain.group import Group, GroupCreated, Kind, Policies, Role
from domain.identifiers import account_id, new_pid, record_id
from domain.log import Log, Session
from domain.name import Name, NameClaimed, NamePassed, name_id
from domain.record import Past, Record, RecordCreated
from domain.term import Content as Said
from domain.term import Ref, Term, TermAdded, term_id
from domain.values import Access, Content, Visibility
from projections.database import Connections, serving
from projections.heads import ViewHeads
from projections.recorder import Recorder
from tests import writing_places

ADA = uuid4()


def actor(account: UUID = ADA) -> Actor:
    """Somebody with every scope."""
    return Actor(
        account=account,
        number=1,
        name="ada",
        admin=False,
        scopes=SCOPES,
        via="test",
        principals=principals_of(account),
    )


@contextmanager
def log_on(
    database: str, after_commit: Callable[[Sequence[Entry[Any]]], None] = lambda _entries: None
) -> Iterator[Log]:
    """The log of a database, as a process that serves has it."""
    connections = Connections(serving(database, "test"))
    try:
        yield Log(Recorder(connections, after_commit), ViewHeads(connections))
    finally:
        connections.close()


def create(session: Session, body: bytes = b"{}") -> Record:
    """Make a record with its version 0 in a family of its own."""
    pid = new_pid()
    family = session.begin(uuid4(), FamilyCreated(owner=session.actor.account))
    record = session.begin(
        record_id(pid),
        RecordCreated(
            pid=pid,
            number=session.heads.draw("record"),
            action=uuid4(),
            family=family.id,
            access=Access(),
        ),
    )
    return session.change(record, record.publish(Raw(body), schema_version=1))


def publish(session: Session, record: UUID, body: bytes = b"{}") -> Record:
    """Publish the next version of a record."""
    found = session.find(Record, id=record)
    assert found is not None
    return session.change(found, found.publish(Raw(body), schema_version=1))


def deploy(session: Session, record: UUID, body: bytes) -> UUID:
    """Publish the next version of a record, as a deployment."""
    found = session.find(Record, id=record)
    assert found is not None
    newest = Past(found.versions - 1, Raw(body), 1, "restricted", None)
    return session.change(found, found.deploy(newest, Deployment(uuid4(), "FULL"))).id


def change_access(session: Session, record: UUID, to: Visibility) -> UUID:
    """Open or close a record, unless it is so already."""
    found = session.find(Record, id=record)
    assert found is not None
    event = found.change_access(Access(record=to))
    return record if event is None else session.change(found, event).id


def link(session: Session, record: UUID, url: str) -> UUID:
    """Name a file that lies elsewhere."""
    found = session.find(Record, id=record)
    assert found is not None
    return session.change(found, found.link(url)).id


def comment(session: Session, record: UUID, content: str) -> UUID:
    """Say something of a record."""
    found = session.find(Record, id=record)
    assert found is not None
    comments.post(session, found, content)
    return record


def live(session: Session, random: Random, made: dict[str, list[UUID]]) -> None:
    """Decide one to three things by chance, on what was `made` before: streams by their kind."""
    for _ in range(random.randint(1, 3)):
        kind = random.choice(list(STEPS))
        known = made.setdefault(kind, [])
        old = random.choice(known) if known and random.random() < 0.7 else None
        known.append(STEPS[kind](session, random, old))


def _account(session: Session, random: Random, old: UUID | None) -> UUID:
    if old is None:
        name = f"someone {uuid4()}"
        made = session.begin(
            account_id(name),
            AccountCreated(number=session.heads.draw("account"), name=name, admin=False),
        )
        return made.id
    account = session.find(Account, id=old)
    assert account is not None
    if random.random() < 0.5:
        return session.change(account, ProfileSet(role=f"chemist {random.random()}")).id
    return session.change(account, PasswordSet(password=f"argon2 {random.random()}")).id


def _token(session: Session, random: Random, old: UUID | None) -> UUID:
    digest, other = uuid4().bytes, uuid4().bytes
    if old is None and random.random() < 0.5:
        pair = TokenPairIssued(
            account=ADA,
            digest=digest,
            refresh_digest=other,
            label="",
            scopes=("read",),
            expires_at=session.now,
        )
        return session.begin(uuid4(), pair).id
    if old is None:
        issued = TokenIssued(account=ADA, digest=digest, label="", scopes=("read", "write"))
        return session.begin(uuid4(), issued).id
    token = session.find(Token, id=old)
    assert token is not None
    if token.refresh_digest is not None and random.random() < 0.7:
        refreshed = TokenRefreshed(
            account=ADA, digest=digest, refresh_digest=other, expires_at=session.now
        )
        return session.change(token, refreshed).id
    return session.change(token, TokenRevoked(account=token.account)).id


def _action(session: Session, random: Random, old: UUID | None) -> UUID:
    schema = Raw(b'{"title": "%d"}' % random.randrange(10**6))
    if old is None:
        event = ActionCreated(
            number=session.heads.draw("action"),
            name="Tin",
            description="",
            type="sample",
            schema_language="json-schema",
            publishing="at once",
            files="living",
            schema=schema,
        )
        return session.begin(uuid4(), event).id
    action = session.find(Action, id=old)
    assert action is not None
    if random.random() < 0.3:
        changed = action.change(f"Tin {random.random()}", "", hidden=random.random() < 0.5)
        return old if changed is None else session.change(action, changed).id
    return session.change(action, action.revise(schema)).id


def _family(session: Session, random: Random, old: UUID | None) -> UUID:
    if old is None:
        return session.begin(uuid4(), FamilyCreated(owner=ADA)).id
    family = session.find(Family, id=old)
    assert family is not None
    if random.random() < 0.3:
        return _inclusion(session, family, random)
    principals = [*family.grants, uuid4()]
    barred = (family.owner, *family.communities)
    principal = random.choice([each for each in principals if each not in barred])
    by_role = principal.int % 2 == 0  # as good as a project
    event = family.grant(principal, random.choice(list(Level)), by_role=by_role)
    return old if event is None else session.change(family, event).id


def _inclusion(session: Session, family: Family, random: Random) -> UUID:
    if family.communities and random.random() < 0.3:
        event: Change[Family] | None = inclusions.exclude(family, random.choice(family.communities))
    else:
        event = inclusions.include(family, uuid4())
    return family.id if event is None else session.change(family, event).id


def _group(session: Session, random: Random, old: UUID | None) -> UUID:
    if old is None:
        return session.begin(uuid4(), _group_created(session, random)).id
    group = session.find(Group, id=old)
    assert group is not None
    if group.deleted:
        return old
    event = _group_event(group, random)
    return old if event is None else session.change(group, event).id


def _group_created(session: Session, random: Random) -> GroupCreated:
    kind: Kind = random.choice(("group", "project", "project", "community"))
    number = session.heads.draw(kind)
    name = {"en": "Tin", "de": "Zinn"}
    if kind != "community":
        return GroupCreated(number=number, kind=kind, name=name)
    metadata = Raw(b'{"title": "Tin"}')
    slug = f"tin-{number}"
    return GroupCreated(
        number=number, kind=kind, name=name, slug=slug, policies=Policies(), metadata=metadata
    )


def _group_event(group: Group, random: Random) -> Change[Group] | None:
    role: Role = random.choice(("reader", "member"))
    others = [each for each in group.members if group.members[each] != "owner"]
    chance = random.random()
    if chance < 0.1:
        return group.delete()
    if chance < 0.3:
        return group.rename({"en": f"Tin {random.random()}"})
    if chance < 0.4:
        return group.describe({"en": f"Tin {random.random()}"})
    if group.kind == "community" and chance < 0.6:
        return _community_event(group, random)
    if others and chance < 0.6:
        return group.remove_member(random.choice(others))
    if group.kind == "project" and chance < 0.8:
        held = list(group.member_groups)
        if held and random.random() < 0.5:
            return group.remove_group(random.choice(held))
        return group.put_group(random.choice([*held, uuid4()]), role)
    return group.put_member(random.choice([*others, uuid4()]), role)


def _community_event(found: Group, random: Random) -> Change[Group] | None:
    chance = random.random()
    if chance < 0.3:
        policies = Policies(visibility=random.choice(("public", "restricted")))
        metadata = Raw(b'{"title": "%d"}' % random.randrange(9))
        return community.change(found, policies, metadata, {"en": "Tin"}, {})
    if chance < 0.6:
        return community.move(found, f"tin-{uuid4()}")
    if found.logo is not None:
        return community.remove_logo(found)
    return community.set_logo(found, Content(sha256(b"tin").hexdigest(), "", 3, "image/png"))


def _name(session: Session, random: Random, old: UUID | None) -> UUID:
    if old is not None:
        name = session.find(Name, id=old)
        assert name is not None
        return session.change(name, NamePassed(holder=random.choice((None, uuid4())))).id
    value = f"{uuid4()}"
    event = NameClaimed(kind="test", value=value, holder=ADA)
    return session.begin(name_id("test", value), event).id


def _record(session: Session, random: Random, old: UUID | None) -> UUID:
    body = b'{"tin": "%s"}' % random.randbytes(random.randrange(40)).hex().encode()
    if old is None:
        return create(session, body).id
    chance = random.random()
    if chance < 0.2:
        return change_access(session, old, random.choice(("public", "restricted")))
    if chance < 0.35:
        return link(session, old, f"https://tin.example/{uuid4()}")
    if chance < 0.45:
        return comment(session, old, f"Tin {chance}")
    if chance < 0.6:
        return writing_places.assign(session, old, random.randrange(1, 9))
    if chance < 0.7:
        return deploy(session, old, body)
    return publish(session, old, body).id


def _term(session: Session, random: Random, old: UUID | None) -> UUID:
    content = Said(title={"en": f"Tin {random.randrange(9)}"})
    if old is None:
        ref = Ref("languages", f"{uuid4()}")
        event = TermAdded(type=ref.type, key=ref.id, content=content)
        return session.begin(term_id(ref), event).id
    term = session.find(Term, id=old)
    assert term is not None
    if random.random() < 0.2 and not term.retired:
        return session.change(term, term.retire()).id
    changed = term.put(content)
    return old if changed is None else session.change(term, changed).id


STEPS: dict[str, Callable[[Session, Random, UUID | None], UUID]] = {
    "account": _account,
    "token": _token,
    "action": _action,
    "family": _family,
    "group": _group,
    "name": _name,
    "places": writing_places.places,
    "record": _record,
    "term": _term,
}
