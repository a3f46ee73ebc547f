"""The records of the matrix: one in each state, with something secret in each of its parts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx

from domain.access import Actor
from domain.commands import manifests, objects, open_drafts
from domain.family import VersionPublished
from domain.log import Log, Session
from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from domain.values import Access, Embargo
from scripts import wiring
from scripts.settings import Settings
from tests.api import asking
from tests.api.inveniordm import filing, making
from tests.api.inveniordm.making import CLOSED, RECORDS
from tests.api.matrix.holding import Holders, Phase
from tests.api.matrix.states import LEVELS, MANAGE, STATES, State
from tests.running import Running
from tests.writing import actor

TUS = {"Tus-Resumable": "1.0.0"}
YEAR = timedelta(days=365)
NOW = datetime.now(UTC)
ACCESS = {
    "public": Access("public", "public"),
    "restricted": Access(),
    "restricted files": Access("public", "restricted"),
    "embargoed": Access(embargo=Embargo(NOW + YEAR)),
    "embargo over": Access(embargo=Embargo(NOW - YEAR)),
}


@dataclass
class Made:
    """A record in a state: what it is called, and what in it is secret, by name."""

    state: State
    pid: str = ""
    parent: str = ""  # the id of the work, where the record has one
    number: int = 0
    secrets: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)  # the token of each, by what it opens
    link: str = ""  # the id of one
    comment: str = "0"  # the number of one
    upload: str = "none"  # of a draft's file
    recorded_at: list[str] = field(default_factory=list)  # of each version

    @property
    def key(self) -> str:
        """The key of its file, secret even in its ending."""
        return f"{self.secret('file')}.{self.secret('file')}"

    @property
    def names(self) -> dict[str, str]:
        """What stands for names in paths."""
        return {
            "pid": self.pid,
            "key": self.key,
            "link": self.link,
            "upload": self.upload,
            "comment": self.comment,
        }

    def secret(self, name: str) -> str:
        """Return a text that is nowhere else."""
        return self.secrets.setdefault(name, f"x{uuid4().hex}")


@dataclass(frozen=True)
class World:
    """The service with the records of all states, and those who hold rungs on them."""

    url: str
    holders: Holders
    records: list[Made]
    word: str  # in each of their titles
    since: int  # the last entry of the object log before them
    began: datetime
    names: dict[str, str]  # what stands for names in the paths of what is no record
    owner: Actor

    def enter(self, phase: Phase) -> None:
        """Have a phase begin, and any other end."""
        for each in self.records:
            self.holders.enter(self.owner, each.pid, phase)


@contextmanager
def world(running: Running, admin: httpx.Client, action: int) -> Iterator[World]:
    """Make it all; afterwards what is left holds no phase."""
    began = datetime.now(UTC)
    with _log(running) as log:
        holders = Holders(log, running.admin_token)
        with asking.client(running, holders.owner_token) as client:
            me = client.get("/api/v1/users/me").json()["user_id"]
            maker = Maker(log, actor(holders.owner), client, action, me)
            throwaway = asking.new_object(client, action)
            entries = client.get("/api/v1/object_log_entries/").json()
            records = [maker.made(state) for state in STATES]
            names = {"user_id": str(me), "action_id": str(action)} | _others(admin)
        assert entries[0]["object_id"] == throwaway
        while admin.get("/log/checkpoint").status_code == 404:  # the first is signed in a second
            time.sleep(0.1)
        for each in records:
            holders.share(maker.owner, each.pid)
        since = entries[0]["log_entry_id"]
        yield World(running.url, holders, records, maker.word, since, began, names, maker.owner)


class Maker:
    """Makes records as their owner, over HTTP where a door offers it."""

    def __init__(self, log: Log, owner: Actor, client: httpx.Client, action: int, me: int) -> None:
        self.log, self.owner, self.client, self.action, self.me = log, owner, client, action, me
        self.word = asking.fresh("matrix").replace("-", "")

    def made(self, state: State) -> Made:
        """Make a record in a state."""
        made = self._record(state) if state.kind == "record" else self._object(state)
        for level in LEVELS:
            if LEVELS[level] < MANAGE:
                made.links[level] = self._link(made.pid, level)["token"]
        link = self._link(made.pid, "view")
        made.link, made.secrets["link"] = link["id"], link["token"]
        if state.published:
            where = f"/objects/{made.number}"
            said = self._post(f"{where}/comments/", {"content": made.secret("comment")})
            made.comment = said.headers["Location"].rpartition("/")[2]
            place = {"responsible_user_id": self.me, "description": {"en": made.secret("place")}}
            self._post(f"{where}/locations/", place)
            lines = self.client.get(f"{where}/versions/").json()
            made.recorded_at = [each["recorded_at"] for each in lines]
        return made

    def _link(self, pid: str, level: str) -> dict[str, Any]:
        answer = self._post(f"{RECORDS}/{pid}/access/links", {"permission": level})
        shown: dict[str, Any] = answer.json()
        return shown

    def _post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        answer = self.client.post(path, json=body, headers=headers)
        assert answer.is_success, (path, answer.text)
        return answer

    def _object(self, state: State) -> Made:
        made = Made(state)
        made.number = asking.new_object(self.client, self.action, self._document(made, 0))
        made.pid = self.log.run(self.owner, _pid, made.number)
        for number, access in enumerate(state.published[1:], 1):
            self._set(made.pid, access)
            asking.new_version(self.client, made.number, self._document(made, number))
        if state.since:
            self._set(made.pid, state.since)
        url = f"https://tin.example/{made.secret('file')}"
        self._post(f"/objects/{made.number}/files/", {"storage": "url", "url": url})
        return made

    def _document(self, made: Made, number: int) -> str:
        title = f"{self.word} {made.secret(f'version {number}')}"
        return f'{{"name":{{"_type":"text","text":"{title}"}}}}'

    def _record(self, state: State) -> Made:
        made = Made(state)
        if state.before:
            before = made.secret("before")
            sent = making.body(CLOSED, title=f"{self.word} {before}")
            first = making.record(self.client, sent)["id"]
            made.pid = self._post(f"{RECORDS}/{first}/versions").json()["id"]
            self._save(made, "draft")
        else:
            made.pid = making.draft(self.client, filing.with_files(CLOSED))["id"]
        filing.add(self.client, made.pid, made.key, made.secret("file").encode())
        for number, access in enumerate(state.published):
            if number:
                self._post(f"{RECORDS}/{made.pid}/draft")
            self._save(made, f"version {number}")
            self.log.run(self.owner, _publish, made.pid, ACCESS[access])
        if state.published:
            self._post(f"{RECORDS}/{made.pid}/draft")
            self._post(f"{RECORDS}/{made.pid}/versions")  # the next is open: to ask changes nothing
        else:
            self._upload(made)
        self._save(made, "draft")
        made.number = self.log.run(self.owner, _number, made.pid)
        draft = self.client.get(f"{RECORDS}/{made.pid}/draft").json()
        made.parent = draft["parent"]["id"]
        return made

    def _save(self, made: Made, secret: str) -> None:
        """Have a draft say something."""
        shown = {"default_preview": made.key} if "file" in made.secrets else {}
        sent = filing.with_files(CLOSED, **shown)
        sent["metadata"] = sent["metadata"] | {"title": f"{self.word} {made.secret(secret)}"}
        saved = self.client.put(f"{RECORDS}/{made.pid}/draft", json=sent)
        assert saved.status_code == 200, saved.text

    def _upload(self, made: Made) -> None:
        """Leave an upload to a file that is complete: it can go on no more."""
        filing.start(self.client, made.pid, "b")
        where = filing.content(made.pid, "b")
        begun = self.client.post(where, headers=TUS | {"Upload-Length": "3"})
        made.upload = begun.headers["Location"].rpartition("/")[2]
        assert self.client.put(where, content=b"tin").status_code == 200
        filing.commit(self.client, made.pid, "b")

    def _set(self, pid: str, access: str) -> None:
        self.log.run(self.owner, _change_access, pid, ACCESS[access])


def _others(admin: httpx.Client) -> dict[str, str]:
    """Make one of everything that is no record, as an administrator; return what each is called."""
    log = {"users_can_create_log_entries": True, "users_can_view_log_entries": True}
    names = {"version": "1", "type_id": "-99", "vocabulary": "languages", "term": "eng"}
    told = {
        "instrument_id": {"name": "tin", **log},
        "category_id": {"title": "tin"},
        "entry_id": {"content": "tin"},
    }
    for name, path in {
        "group": "groups",
        "project": "projects",
        "spare group": "groups",
        "spare project": "projects",
        "location_type_id": "location_types",
        "location_id": "locations",
        "instrument_id": "instruments",
        "category_id": "instruments/{instrument_id}/log_categories",
        "entry_id": "instruments/{instrument_id}/log_entries",
    }.items():
        body = told.get(name, {"name": "tin"})
        made = admin.post(f"/api/v1/{path.format(**names)}/", json=body)
        assert made.status_code == 201, made.text
        names[name] = made.headers["Location"].rpartition("/")[2]
    slug = asking.fresh("closed")
    said = {"id": slug, "access": {"visibility": "restricted"}, "metadata": {"title": "Tin"}}
    community = admin.post("/api/communities", json=said)
    assert community.status_code == 201, community.text
    return names | {"community": slug}


def _publish(session: Session, pid: str, to: Access) -> None:
    """Publish a draft with an access: no door takes an embargo that has passed."""
    record, family = open_drafts.opened(session, pid, scope="actions")
    draft = open_drafts.document_of(session, record)
    assert record.draft is not None
    manifest, faults = manifests.of_draft(session, record, record.draft, draft.files)
    assert not faults
    action = open_drafts.action_of(session, record.action)
    event = record.publish_draft(
        draft.document,
        schema_version=action.schema_version,
        access=to,
        manifest=manifest,
        options=draft.files,
    )
    record = session.change(record, event)
    if family.next == record.id:
        moved = VersionPublished(record=record.id, pid=record.pid, index=record.index)
        session.change(family, moved)


def _change_access(session: Session, pid: str, to: Access) -> None:
    objects.change_access(session, objects.find(session, pid), to)


def _pid(session: Session, number: int) -> str:
    return objects.find(session, str(number)).pid


def _number(session: Session, pid: str) -> int:
    record, _family = open_drafts.editable(session, pid)
    return record.number


@contextmanager
def _log(running: Running) -> Iterator[Log]:
    with database(DataFolder(running.data), "test") as url:
        settings = Settings(data=running.data).given("embedded", database_url=url)
        with wiring.log(settings) as log:
            yield log
