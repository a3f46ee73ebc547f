"""`muniment vocabulary`: terms from files of every kind, and what comes with Muniment."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.storage.datafolder import DataFolder
from domain.storage.server import database
from domain.term import Content, Identifier, Ref, Term, term_id
from domain.vocabularies import built_in
from scripts import wiring
from scripts.settings import Settings
from tests.projections.tables import count
from tests.running import Running

EVENTS = "es.event WHERE topic LIKE 'term.%'"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A service whose vocabularies no other test changes."""
    with Running(tmp_path_factory.mktemp("vocabulary") / "data", first=True) as service:
        yield service


def terms(running: Running, *refs: Ref) -> list[Term | None]:
    """Terms as they stand."""
    with database(DataFolder(running.data), "test") as url:
        settings = Settings(data=running.data).given("embedded", database_url=url)
        with wiring.log(settings) as log:
            return [log.heads.head(Term, id=term_id(ref)) for ref in refs]


def contents(running: Running, *refs: Ref) -> list[Content]:
    """What terms say."""
    return [term.content for term in terms(running, *refs) if term is not None]


def events(running: Running) -> int:
    """How many events of terms there are."""
    with database(DataFolder(running.data), "test") as url:
        return count(url, EVENTS)


def written(path: Path, *entries: Any) -> str:
    """Write JSON lines."""
    path.write_text("".join(f"{json.dumps(each)}\n" for each in entries))
    return str(path)


def test_the_first_start_adds_what_comes_with_muniment(running: Running) -> None:
    """Before anybody is told where it listens."""
    listed = running.cli("vocabulary", "list").stdout

    assert "    7,847  languages\n" in listed
    assert "       33  resourcetypes\n" in listed
    assert "        0  subjects\n" in listed


def test_a_later_start_adds_what_is_missing_and_leaves_what_was_changed(tmp_path: Path) -> None:
    """An older data folder gets what a newer Muniment brings."""
    title = {"id": "eng", "title": {"en": "The English language"}}
    extra = written(tmp_path / "languages.jsonl", title)
    running = Running(tmp_path / "data")
    assert running.cli("vocabulary", "load", "languages", extra).returncode == 0

    with running:
        [said] = contents(running, Ref("languages", "eng"))
        first = events(running)
    with running:
        assert events(running) == first

    assert said.title == {"en": "The English language"}
    assert first == len(built_in())


def test_json_lines_are_loaded_once(running: Running, tmp_path: Path) -> None:
    """A second load of the same file is no event; one of a changed title is one."""
    entries = [
        {"id": f"http://id.nlm.nih.gov/mesh/D{n}", "scheme": "MeSH", "subject": f"Subject {n}"}
        for n in range(450)
    ]
    file = written(tmp_path / "mesh.jsonl", *entries)
    before = events(running)

    first = running.cli("vocabulary", "load", "subjects", file)
    again = running.cli("vocabulary", "load", "subjects", file)
    entries[7]["subject"] = "Tin"
    changed = running.cli(
        "vocabulary", "load", "subjects", written(tmp_path / "mesh.jsonl", *entries)
    )

    assert "450 terms added, 0 changed" in first.stderr
    assert "0 terms added, 0 changed" in again.stderr
    assert "450 were the same" in again.stderr
    assert "0 terms added, 1 changed" in changed.stderr
    assert events(running) == before + 451
    [said] = contents(running, Ref("subjects", "http://id.nlm.nih.gov/mesh/D7"))
    assert said == Content(subject="Tin", scheme="MeSH")


def test_yaml_is_loaded_as_installations_keep_it(running: Running, tmp_path: Path) -> None:
    """Both spellings of a vocabulary's name, and compressed."""
    file = tmp_path / "resource_types.yaml.gz"
    text = "- id: tin\n  icon: null\n  props:\n    csl: tin\n  tags:\n  - linkable\n"
    file.write_bytes(gzip.compress(f"{text}  title:\n    en: Tin\n    de: Zinn\n".encode()))

    done = running.cli("vocabulary", "load", "resource_types", str(file))

    assert "1 terms added" in done.stderr
    assert contents(running, Ref("resourcetypes", "tin")) == [
        Content(title={"en": "Tin", "de": "Zinn"}, props={"csl": "tin"}, tags=("linkable",))
    ]


def organisation(id_: str, **more: Any) -> dict[str, Any]:
    """An entry of ROR's dump in schema 2."""
    names = [
        {"value": "TIN", "types": ["acronym"], "lang": None},
        {"value": "Zinn-Institut", "types": ["label"], "lang": "de"},
        {"value": "Tin Institute", "types": ["ror_display", "label"], "lang": "en"},
    ]
    isni = {"type": "isni", "preferred": None, "all": ["0000 0001 2156 142X"]}
    entry = {"id": f"https://ror.org/{id_}", "status": "active", "names": names}
    return entry | {"external_ids": [isni], "locations": [], **more}


def test_rors_dump_is_loaded_in_both_schemas(running: Running, tmp_path: Path) -> None:
    """Names, languages, acronym and identifiers; what it has withdrawn is retired."""
    file = tmp_path / "v2.0-ror-data.json"
    older = {
        "id": "https://ror.org/0older000",
        "name": "Tin Institute",
        "labels": [{"label": "Zinn-Institut", "iso639": "de"}],
        "acronyms": ["TIN"],
        "external_ids": {"ISNI": {"preferred": None, "all": ["0000 0001 2156 142X"]}},
    }
    file.write_text(json.dumps([organisation("0newer000"), older], indent=2))
    loaded = running.cli("vocabulary", "load", "affiliations", str(file))
    assert "2 terms added" in loaded.stderr, loaded.stderr

    for id_, said in zip(
        ("0newer000", "0older000"),
        contents(running, Ref("affiliations", "0newer000"), Ref("affiliations", "0older000")),
        strict=True,
    ):
        assert said == Content(
            title={"en": "Tin Institute", "de": "Zinn-Institut"},
            name="Tin Institute",
            acronym="TIN",
            identifiers=(Identifier(id_, "ror"), Identifier("000000012156142X", "isni")),
        )

    file.write_text(json.dumps([organisation("0newer000", status="withdrawn")]))
    withdrawn = running.cli("vocabulary", "load", "affiliations", str(file))
    again = running.cli("vocabulary", "load", "affiliations", str(file))

    assert "1 retired" in withdrawn.stderr
    assert "0 retired" in again.stderr
    [term] = terms(running, Ref("affiliations", "0newer000"))
    assert term is not None
    assert term.retired


def test_entries_that_are_wrong_are_named_and_left_out(running: Running, tmp_path: Path) -> None:
    """By line and reason, and the exit code says so; the others are loaded."""
    file = tmp_path / "languages.jsonl"
    lines = [
        '{"id": "t-in", "title": {"en": "Tin"}}',
        "{",
        '{"title": {"en": "Tin"}}',
        '{"id": "t-on", "title": {"en": 5}}',
        '{"id": "t-an", "title": {"en": "Tin"}, "colour": "grey"}',
        '{"id": "t-en"}',
        "[]",
        '{"id": "t-in", "title": {"en": "Tin again"}}',
        '{"id": "t-un", "title": {"en": "\\u0000"}}',
        "[" * 10_000,
        '{"id": "t-il", "title": {"en": "Till"}}',
    ]
    file.write_text("\n".join(lines))

    done = running.cli("vocabulary", "load", "languages", str(file))

    assert done.returncode == 1
    said = done.stderr.splitlines()
    assert [line.partition(" refused: ")[0] for line in said[:-1]] == [
        f"line {number}" for number in range(2, 11)
    ]
    for line, reason in zip(
        said,
        ("truncated", "id must", "$.title", "colour", "title is missing", "object", "before"),
        strict=False,
    ):
        assert reason in line
    assert "2 terms added" in said[-1]
    assert "9 refused" in said[-1]
    assert len(contents(running, Ref("languages", "t-in"), Ref("languages", "t-il"))) == 2


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.csv", "id;title", "ends in none of .jsonl"),
        ("a.json", "[{}", "cannot be read"),
        ("a.json", "", "cannot be read"),
        ("a.json", '{"id": "x"}', "cannot be read"),
        ("a.yaml", "id: x", "not a list"),
        ("a.yaml", "", "not a list"),
        ("a.yaml", "- id: [", "cannot be read"),
        ("a.yaml", "- !!python/object/apply:os.getcwd []", "line 1 refused"),
        ("a.jsonl.gz", "no gzip", "cannot be read"),
    ],
)
def test_a_file_that_is_none_is_refused(
    running: Running, tmp_path: Path, name: str, text: str, reason: str
) -> None:
    """In a line that says what it is not."""
    file = tmp_path / name
    file.write_text(text)

    done = running.cli("vocabulary", "load", "languages", str(file))

    assert done.returncode == 1
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


def test_there_are_no_other_vocabularies(running: Running, tmp_path: Path) -> None:
    """Those there are, are named."""
    done = running.cli("vocabulary", "load", "tins", written(tmp_path / "tins.jsonl"))

    assert done.returncode == 1
    assert "resourcetypes" in done.stderr


def test_log_and_view_of_the_vocabularies_agree(running: Running) -> None:
    """As they were written, and made again from the log."""
    assert running.cli("audit").returncode == 0
    assert running.cli("rebuild", "terms").returncode == 0
    assert running.cli("audit").returncode == 0
