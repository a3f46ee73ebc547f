"""The records of the matrix: one in each state, with something secret in each of its parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx

from domain.access import Actor
from domain.identifiers import record_id
from domain.log import Log
from domain.storage.link_tokens import LinkTokens
from domain.values import Access, Embargo
from tests.api import asking
from tests.api.cap import making as depositing
from tests.api.inveniordm import filing, making
from tests.api.inveniordm.making import CLOSED, RECORDS
from tests.api.matrix import decided
from tests.api.matrix.states import NOW, State

TUS = {"Tus-Resumable": "1.0.0"}
YEAR = timedelta(days=365)
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
    def depid(self) -> str:
        """What the door of deposits calls it."""
        return record_id(self.pid).hex

    @property
    def names(self) -> dict[str, str]:
        """What stands for names in paths."""
        return {
            "pid": self.pid,
            "key": self.key,
            "link": self.link,
            "upload": self.upload,
            "comment": self.comment,
            "depid": self.depid,
            "bucket": str(record_id(self.pid)),
        }

    def secret(self, name: str) -> str:
        """Return a text that is nowhere else."""
        return self.secrets.setdefault(name, f"x{uuid4().hex}")


class Maker:
    """Makes records as their owner, over HTTP where a door offers it."""

    def __init__(
        self,
        log: Log,
        tokens: LinkTokens,
        owner: Actor,
        client: httpx.Client,
        action: int,
        me: int,
    ) -> None:
        self.log, self.tokens = log, tokens
        self.owner, self.client, self.action, self.me = owner, client, action, me
        self.word = asking.fresh("matrix").replace("-", "")

    def made(self, state: State) -> Made:
        """Make a record in a state."""
        make = {"record": self._record, "object": self._object, "deposit": self._deposit}
        made = make[state.kind](state)
        for level in ("view", "preview", "edit"):
            made.links[level] = self._link(made.pid, level)["token"]
        revoked = self._link(made.pid, "edit")
        gone = self.client.delete(f"{RECORDS}/{made.pid}/access/links/{revoked['id']}")
        assert gone.status_code == 204
        made.links["revoked"] = revoked["token"]
        made.links["expired"] = self.tokens.token(
            *self.log.run(self.owner, decided.expired, made.pid)
        )
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
        made.pid = self.log.run(self.owner, decided.pid, made.number)
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
            self.log.run(self.owner, decided.publish, made.pid, ACCESS[access])
        if state.published:
            self._post(f"{RECORDS}/{made.pid}/draft")
            self._post(f"{RECORDS}/{made.pid}/versions")  # the next is open: to ask changes nothing
        else:
            self._upload(made)
        self._save(made, "draft")
        made.number = self.log.run(self.owner, decided.number, made.pid)
        draft = self.client.get(f"{RECORDS}/{made.pid}/draft").json()
        made.parent = draft["parent"]["id"]
        return made

    def _deposit(self, state: State) -> Made:
        made = Made(state)
        said = "version 0" if state.published else "draft"
        metadata = {"title": f"{self.word} {made.secret(said)}"}
        deposit = depositing.deposit(self.client, **metadata)
        made.pid = deposit["links"]["html"].rpartition("/")[2]
        depositing.put(self.client, deposit, made.key, made.secret("file").encode())
        if state.published:
            depositing.act(self.client, deposit["id"], "publish")
        else:
            self._upload(made)
            filing.start(self.client, made.pid, "c")  # it has no bytes: nothing is cloned
        made.number = self.log.run(self.owner, decided.number, made.pid)
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
        self.log.run(self.owner, decided.change_access, pid, ACCESS[access])
