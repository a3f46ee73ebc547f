"""The world of the matrix: a record in each state, who holds what, all else that routes need."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import httpx

from domain.access import Actor
from domain.storage.link_tokens import LinkTokens
from scripts import wiring
from scripts.settings import Settings
from tests.api import asking
from tests.api.matrix.holding import Holders, Phase
from tests.api.matrix.making import Made, Maker
from tests.api.matrix.states import STATES
from tests.running import Running
from tests.writing import actor


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
    """Make it all, for tests that leave it in no phase."""
    began = datetime.now(UTC)
    with asking.log(running) as log:
        holders = Holders(log, running.admin_token)
        with asking.client(running, holders.owner_token) as client:
            me = client.get("/api/v1/users/me").json()["user_id"]
            tokens = LinkTokens(wiring.link_key(Settings(data=running.data)))
            maker = Maker(log, tokens, actor(holders.owner), client, action, me)
            throwaway = asking.new_object(client, action)
            entries = client.get("/api/v1/object_log_entries/").json()
            records = [maker.made(state) for state in STATES]
            for each, other in pairwise([*records, records[0]]):
                each.links["of another record"] = other.links["edit"]
            token = client.post("/api/me/tokens", json={"name": "tin"}).json()["id"]
            names = {"user_id": str(me), "action_id": str(action), "token of another": token}
            names |= _others(admin)
        assert entries[0]["object_id"] == throwaway
        while admin.get("/log/checkpoint").status_code == 404:  # the first is signed in a second
            time.sleep(0.1)
        for each in records:
            holders.share(maker.owner, each.pid)
        since = entries[0]["log_entry_id"]
        yield World(running.url, holders, records, maker.word, since, began, names, maker.owner)


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
    return names
