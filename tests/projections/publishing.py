"""Published records made by chance, and what of them somebody may find, told in plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from random import Random
from uuid import UUID, uuid4

import orjson
from msgspec import Raw, Struct
from msgspec.structs import replace

from domain.access import EVERYONE, SIGNED_IN, Level, may_view_version
from domain.family import Family, FamilyCreated
from domain.identifiers import new_pid, record_id
from domain.log import Log, Session
from domain.manifest import ManifestStored, listed, manifest_id
from domain.record import Published, Record, RecordCreated
from domain.values import Access, Content, Embargo, FileEntry, FileOptions, Manifest
from domain.values import visible as visible_at
from projections.wanted import FACETS, Facet, Order
from tests.writing import actor

PEOPLE = [uuid4() for _ in range(3)]
WORDS = ("tin", "zinc", "blau", "élan")
LONG_AGO, FAR = datetime(2001, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)
ACCESSES = (
    Access(record="public", files="public"),
    Access(record="public", files="restricted"),
    Access(),
    Access(embargo=Embargo(until=LONG_AGO)),
    Access(embargo=Embargo(until=FAR)),
    Access(record="public", files="restricted", embargo=Embargo(until=FAR)),
)
FILES = (None, ("a.CSV", "b.csv", "c"), ("x.tar.gz", "y.pdf"))


class Version(Struct, frozen=True):
    """A version: what it says, how it was published and when."""

    metadata: dict[str, object]
    access: Access
    files: tuple[str, ...] | None
    at: datetime


class Made(Struct):
    """A record as it stands; `lists` says that who sees it may list its files.

    That and `datestamp` are told of what was `seen`.
    """

    id: UUID
    family: UUID
    number: int
    index: int
    created_at: datetime
    access: Access
    versions: list[Version]
    lists: bool = True
    changed_at: datetime = LONG_AGO  # its access
    datestamp: datetime = LONG_AGO

    @property
    def newest(self) -> Version:
        """Its newest version."""
        return self.versions[-1]

    @property
    def words(self) -> set[str]:
        """The words of the newest version."""
        return {*f"{self.newest.metadata['title']} {self.newest.metadata['description']}".split()}

    def values(self, facet: Facet, now: datetime) -> set[str]:
        """What the record counts for in a facet."""
        said = self.newest.metadata
        match facet:
            case "resource_type":
                return {said["resource_type"]["id"]} if "resource_type" in said else set()  # type: ignore[index]
            case "languages":
                return {each["id"] for each in said["languages"]}  # type: ignore[attr-defined]
            case "publication_date":
                return {str(said["publication_date"])[:4]}
            case "file_type":
                files = self.newest.files or () if self.lists else ()
                names = [each for each in files if "." in each]
                return {each.rpartition(".")[2].lower() for each in names}
        return {self.status(now)}

    def status(self, now: datetime) -> str:
        """InvenioRDM's word for its access."""
        if self.access.embargo is not None and self.access.embargo.until > now:
            return "embargoed"
        at, has_files = self.access.at(now), self.newest.files is not None
        if at.record == "restricted" or (has_files and at.files == "restricted"):
            return "restricted"
        return "open" if has_files else "metadata-only"


class World:
    """All records that were made, and what was granted."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.records: list[Made] = []
        self.grants: dict[UUID, dict[UUID, Level]] = {}
        self.opened_at: dict[UUID, datetime] = {}  # families, by a grant to everyone
        self.stored: set[str] = set()  # digests of lists of files

    def latest(self, record: Made) -> bool:
        """Whether a record is the latest of its family."""
        kin = [each.index for each in self.records if each.family == record.family]
        return record.index == max(kin)

    def may_view(self, record: Made, principals: Sequence[UUID], now: datetime) -> bool:
        """Whether who has these principals may see the newest version."""
        newest = record.newest.access
        then = visible_at(newest.record, newest.opens_at, now)
        return may_view_version(self.held(record, principals), then, record.access.at(now).record)

    def may_list(self, record: Made, principals: Sequence[UUID], now: datetime) -> bool:
        """Whether who sees a record may list its files."""
        files = record.access.at(now).of_files
        return may_view_version(self.held(record, principals), files, files)

    def datestamp(self, record: Made) -> datetime:
        """When what everybody sees of a record last changed, or will."""
        instants = [record.newest.at, record.changed_at]
        if self.grants[record.family].get(EVERYONE):
            instants.append(self.opened_at[record.family])
        else:
            both = [
                LONG_AGO if each.record == "public" else each.opens_at
                for each in (record.access, record.newest.access)
            ]
            instants += [max(each for each in both if each)] if all(both) else []
        return max(instants)

    def held(self, record: Made, principals: Sequence[UUID]) -> Level:
        """The highest rung that was granted to any of these."""
        granted = self.grants[record.family]
        return max((granted.get(each, Level.NONE) for each in principals), default=Level.NONE)

    def seen(self, principals: Sequence[UUID], word: str | None, *, every: bool) -> list[Made]:
        """The records that who has these principals may find with a word."""
        now = datetime.now(UTC)
        return [
            replace(
                each, lists=self.may_list(each, principals, now), datestamp=self.datestamp(each)
            )
            for each in self.records
            if (every or self.latest(each))
            and self.may_view(each, principals, now)
            and (word is None or word in each.words)
        ]

    def happen(self, random: Random, *, openly: bool = False) -> None:
        """Let something happen; `openly`: nothing that anybody sees less by."""
        steps = [self.begin, self.begin, self.publish, self.supersede]
        if not openly:
            steps += [self.grant, self.change_access]
        random.choice(steps)(random)

    def begin(self, random: Random) -> None:
        """Publish a record in a family of its own."""
        owner = random.choice(PEOPLE)
        family = self.log.run(
            actor(owner), lambda session: session.begin(uuid4(), FamilyCreated(owner=owner)).id
        )
        self.grants[family] = {owner: Level.MANAGE}
        self._record(random, family, 1)

    def supersede(self, random: Random) -> None:
        """Publish the next record of a family."""
        if self.records:
            family = random.choice(self.records).family
            kin = [each.index for each in self.records if each.family == family]
            self._record(random, family, max(kin) + 1)

    def publish(self, random: Random) -> None:
        """Publish a further version of a record."""
        if self.records:
            made = random.choice(self.records)
            self.publish_under(random, made, made.access)

    def grant(self, random: Random) -> None:
        """Give somebody a rung, or take it away."""
        if self.records:
            family = random.choice(self.records).family
            who = random.choice([*PEOPLE, SIGNED_IN, EVERYONE])
            self.give(family, who, random.choice([Level.NONE, Level.VIEW]))

    def give(self, family: UUID, who: UUID, level: Level) -> None:
        """Give somebody other than the owner a rung."""

        def change(session: Session) -> None:
            found = session.find(Family, id=family)
            assert found is not None
            if found.owner != who and (event := found.grant(who, level)) is not None:
                changed = session.change(found, event)
                self.grants[family][who] = level
                if who == EVERYONE and level:
                    self.opened_at[family] = changed.recorded_at

        self.log.run(actor(), change)

    def change_access(self, random: Random) -> None:
        """Open or close a record."""
        if self.records:
            self.set_access(random.choice(self.records), random.choice(ACCESSES))

    def set_access(self, made: Made, access: Access) -> None:
        """Let a record have an access."""

        def change(session: Session) -> None:
            found = session.find(Record, id=made.id)
            assert found is not None
            if (event := found.change_access(access)) is not None:
                made.changed_at = session.change(found, event).recorded_at

        self.log.run(actor(), change)
        made.access = access

    def _record(self, random: Random, family: UUID, index: int) -> None:
        pid, access = new_pid(), random.choice(ACCESSES)

        def create(session: Session) -> Record:
            number = session.heads.draw("record")
            event = RecordCreated(
                pid=pid, number=number, action=uuid4(), family=family, access=access, index=index
            )
            return session.begin(record_id(pid), event)

        found = self.log.run(actor(), create)
        made = Made(found.id, family, found.number, index, found.created_at, access, [])
        self.publish_under(random, made, access)
        self.records.append(made)

    def publish_under(self, random: Random, made: Made, access: Access, **said: object) -> None:
        """Publish the next version of a record, which is as visible as it says from then on.

        `said` are members of its metadata.
        """
        metadata, names = _metadata(random) | said, random.choice(FILES)

        def publish(session: Session) -> datetime:
            record = session.find(Record, id=made.id)
            assert record is not None
            event = Published(
                number=record.versions,
                body=Raw(orjson.dumps({"metadata": metadata})),
                schema_version=1,
                access=access,
                manifest=None if names is None else self._manifest(names),
                options=FileOptions(enabled=names is not None),
            )
            return session.change(record, event).recorded_at

        at = self.log.run(actor(), publish)
        made.versions.append(Version(metadata, access, names, at))
        made.access = access

    def _manifest(self, names: Iterable[str]) -> Manifest:
        content = Content(sha256="0" * 64, md5="0" * 32, size=1)
        manifest, (page,) = listed(FileEntry.of(name, content) for name in names)

        def store(session: Session) -> None:
            event = ManifestStored(manifest=manifest, files=page)
            session.begin(manifest_id(manifest.digest), event)

        if manifest.digest not in self.stored:
            self.stored.add(manifest.digest)
            self.log.run(actor(), store)
        return manifest


def facets(
    records: Sequence[Made], selected: dict[Facet, tuple[str, ...]]
) -> dict[Facet, dict[str, int]]:
    """What each facet counts of records, whatever is selected of it itself."""
    now = datetime.now(UTC)
    counted: dict[Facet, dict[str, int]] = {}
    for facet in FACETS:
        others = {each: values for each, values in selected.items() if each != facet}
        within = chosen(records, others)
        counted[facet] = Counter(value for each in within for value in each.values(facet, now))
    return counted


def chosen(records: Sequence[Made], selected: dict[Facet, tuple[str, ...]]) -> list[Made]:
    """The records that have a selected value of each facet."""
    now = datetime.now(UTC)
    return [
        each
        for each in records
        if all(each.values(facet, now) & {*values} for facet, values in selected.items())
    ]


def in_order(records: Sequence[Made], sort: Order) -> list[UUID]:
    """The records as they are sorted."""
    keys = {
        "newest": lambda each: (each.created_at, each.number),
        "updated": lambda each: (each.newest.at, each.number),
        "version": lambda each: (each.index, each.number),
        "datestamp": lambda each: (each.datestamp, each.number),
    }
    key = keys[{"oldest": "newest"}.get(sort, sort.partition("-")[0])]
    down = sort not in ("oldest", "updated-asc", "datestamp")
    return [each.id for each in sorted(records, key=key, reverse=down)]


def _metadata(random: Random) -> dict[str, object]:
    said: dict[str, object] = {
        "title": " ".join(random.sample(WORDS, 2)),
        "description": " ".join(random.choices(WORDS, k=3)),
        "publication_date": random.choice(("2020", "2021-05", "2021-06-01/2024")),
        "languages": [{"id": each} for each in random.sample(("eng", "deu"), random.randrange(3))],
    }
    if random.random() < 0.8:
        said["resource_type"] = {"id": random.choice(("dataset", "image-photo"))}
    return said
