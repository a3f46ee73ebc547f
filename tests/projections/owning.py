"""Drafts and records of one owner, made by chance, and what of them he finds, in plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any

import orjson
from msgspec import Struct

from domain.access import Actor
from domain.commands import drafts
from domain.commands.drafts import Edited
from domain.commands.models import Sent, sent
from domain.commands.new_versions import new_version
from domain.log import Log
from projections.mine import Facet
from projections.wanted import Sort
from tests.drafting import METADATA, somebody

WORDS = ("tin", "zinc", "blau")
YEARS = ("2020", "2021")
COUNTED: tuple[Facet, ...] = ("is_published", "access_status", "publication_date")


class Says(Struct, frozen=True):
    """What a draft or a version says, and when it was saved."""

    title: str
    year: str
    closed: bool
    at: datetime


class Own(Struct):
    """A record: its newest version and its open draft, if there are any."""

    pid: str
    number: int
    created_at: datetime
    published: Says | None = None
    draft: Says | None = None

    @property
    def says(self) -> Says | None:
        """What counts: the draft, while one is open."""
        return self.draft or self.published

    def values(self) -> dict[Facet, str]:
        """What the record counts for in some facets."""
        assert self.says is not None
        return {
            "is_published": "false" if self.draft else "true",
            "access_status": "restricted" if self.says.closed else "metadata-only",
            "publication_date": self.says.year,
        }


class Belongings:
    """All that an owner has, by family, oldest first."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.owner: Actor = somebody()
        self.families: list[list[Own]] = []

    def happen(self, random: Random) -> None:
        """Let something happen."""
        step = random.choice([self.begin, self.save, self.publish, self.edit, self.discard])
        step(random)

    def begin(self, random: Random) -> None:
        """Begin a draft, of a work or of its next version."""
        done = [each for each in self.families if each[-1].published]
        if done and random.random() < 0.4:
            family = random.choice(done)
            pid = family[-1].pid
            made: Edited = self.log.run(self.owner, new_version, pid)
            family.append(_own(made))
            self._save(random, family[-1])
        else:
            body, about = _body(random)
            made = self.log.run(self.owner, drafts.create, body)
            own = _own(made)
            own.draft = Says(**about, at=made.draft.saved_at)
            self.families.append([own])

    def save(self, random: Random) -> None:
        """Save an open draft."""
        if opened := [each for each in self.all() if each.draft]:
            self._save(random, random.choice(opened))

    def publish(self, random: Random) -> None:
        """Publish an open draft."""
        if opened := [each for each in self.all() if each.draft]:
            own = random.choice(opened)
            done = self.log.run(self.owner, drafts.publish, own.pid)
            assert own.draft is not None
            said = own.draft
            own.draft = None
            own.published = Says(said.title, said.year, said.closed, done.record.recorded_at)

    def edit(self, random: Random) -> None:
        """Open a draft of what is published."""
        if done := [each for each in self.all() if each.published and not each.draft]:
            own = random.choice(done)
            made = self.log.run(self.owner, drafts.edit, own.pid)
            assert own.published is not None
            said = own.published
            own.draft = Says(said.title, said.year, said.closed, made.draft.saved_at)

    def discard(self, random: Random) -> None:
        """Discard an open draft."""
        if opened := [each for each in self.all() if each.draft]:
            own = random.choice(opened)
            self.log.run(self.owner, drafts.discard, own.pid)
            own.draft = None

    def all(self) -> list[Own]:
        """Every record there is."""
        return [each for family in self.families for each in family if each.says]

    def shown(self, *, every: bool) -> list[Own]:
        """Every record, or the newest of each family."""
        newest = [[each for each in family if each.says][-1:] for family in self.families]
        return self.all() if every else [each for family in newest for each in family]

    def latest(self, own: Own) -> bool:
        """Whether it is published, and nothing of its family since."""
        family = next(each for each in self.families if own in each)
        return own.published is not None and not any(
            each.published for each in family[family.index(own) + 1 :]
        )

    def _save(self, random: Random, own: Own) -> None:
        body, about = _body(random)
        made = self.log.run(self.owner, drafts.save, own.pid, body)
        own.draft = Says(**about, at=made.draft.saved_at)


def in_order(records: Sequence[Own], sort: Sort) -> list[str]:
    """The records as they are sorted, by their ids."""

    def key(own: Own) -> tuple[datetime, int]:
        assert own.says is not None
        return (own.says.at if sort.startswith("updated") else own.created_at), own.number

    down = sort not in ("oldest", "updated-asc")
    return [each.pid for each in sorted(records, key=key, reverse=down)]


def facets(
    records: Sequence[Own], selected: dict[Facet, tuple[str, ...]]
) -> dict[Facet, dict[str, int]]:
    """What each facet counts of records, whatever is selected of it itself."""
    counted: dict[Facet, dict[str, int]] = {}
    for facet in COUNTED:
        others = {name: values for name, values in selected.items() if name != facet}
        counted[facet] = Counter(each.values()[facet] for each in chosen(records, others))
    return counted


def chosen(records: Sequence[Own], selected: dict[Facet, tuple[str, ...]]) -> list[Own]:
    """The records that have a selected value of each facet."""
    return [
        each
        for each in records
        if all(each.values()[name] in values for name, values in selected.items())
    ]


def _own(made: Edited) -> Own:
    return Own(made.record.pid, made.record.number, made.record.created_at)


def _body(random: Random) -> tuple[Sent, dict[str, Any]]:
    title, year = " ".join(random.sample(WORDS, 2)), random.choice(YEARS)
    closed = random.random() < 0.5
    visibility = "restricted" if closed else "public"
    said = {
        "access": {"record": visibility, "files": visibility},
        "files": {"enabled": False},
        "metadata": METADATA | {"title": title, "publication_date": f"{year}-05"},
    }
    return sent(orjson.dumps(said)), {"title": title, "year": year, "closed": closed}
