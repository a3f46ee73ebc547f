"""What the guide names is there: verbs and their options, paths and methods, settings, topics."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click
import httpx
import pytest

from domain.topics import AGGREGATES
from scripts import reference
from scripts.muniment import LAZY
from scripts.settings import SETTINGS, Settings, option_name
from tests.running import ROOT, Running

GUIDE = ROOT / "docs" / "pages"
PAGES = sorted(str(each.relative_to(GUIDE)) for each in GUIDE.rglob("*.md"))
OTHERS = {"--init"}  # options of other programs
PLACES = re.compile(r"/(etc|var|opt|mnt|srv|proc|joh)\b")  # that are no paths of the service
# A verb where a command begins, and its words up to the end of the command or a comment.
VERB = re.compile(r"(?:^(?:[A-Z_]+=\S+ )*|\$\(|until )muniment ((?:[^|;)&>#\s]|\s(?!#))+)")
METHODS = "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS"


@pytest.fixture(scope="module")
def paths(server: Running) -> dict[str, Any]:
    """The service's paths, by the document that it gives, and what each answers to."""
    found: dict[str, Any] = httpx.get(f"{server.url}/openapi.json").json()["paths"]
    return found


@pytest.mark.parametrize("page", PAGES)
def test_the_verbs_of_a_page_are_verbs_with_these_options(page: str) -> None:
    """Each that stands in an example or a sentence."""
    for text in _quoted(page):
        for words in VERB.findall(text):
            known = _options(words.split())
            assert set(re.findall(r"(?<!\S)\[?(--[\w-]+)", words)) <= known, words
        if text.startswith("--"):
            option = re.findall(r"^--[\w-]+", text)[0]
            assert option in _every_option() | OTHERS, text


@pytest.mark.parametrize("page", PAGES)
def test_the_paths_of_a_page_are_answered(page: str, paths: dict[str, Any]) -> None:
    """With the methods that it says, and the fields of a query."""
    for text in _spans(page):
        asked = re.fullmatch(rf"(?:({METHODS}) )?(…?/[^\s?|]*|/)(?:\?(\S+( \S+)?))?", text)
        if asked is None or PLACES.match(asked[2]) or asked[2] == "/":
            continue
        method, path, query = asked[1], asked[2], asked[3]
        found = [each for each in paths if _is(path, each)]
        assert found, text
        if method:
            found = [each for each in found if method in _methods(paths[each])]
            assert found, text
        if query:
            names = set(re.findall(r"(\w+)=", query))
            assert any(names <= _fields(paths[each]) for each in found), text


@pytest.mark.parametrize("page", PAGES)
def test_the_settings_and_topics_of_a_page_are_such(page: str) -> None:
    """By their names in the table, and in the registry."""
    variables = {each.metadata["variable"] for each in SETTINGS}
    kinds = {kind.TOPIC for kinds in AGGREGATES.values() for kind in kinds}
    text = (GUIDE / page).read_text()

    assert set(re.findall(r"\bMUNIMENT_[A-Z_]+", text)) <= variables
    for topic in re.findall(r"`((?:record|family|account|action)\.[a-z]+(?:-[a-z]+)*)`", text):
        assert topic in kinds | {"record.erased"}, topic


def test_every_setting_event_and_verb_has_its_place_in_the_reference() -> None:
    """The pages are made of the tables, and leave nothing out."""
    settings, events, verbs = reference.settings(), reference.events(), reference.verbs()

    for setting in SETTINGS:
        about = setting.metadata
        assert f"| `{setting.name}` | `{about['variable']}` |" in settings
        assert (f"`{option_name(setting.name)}`" in settings) >= about["option"]
        assert about["help"] in settings
    for kinds in AGGREGATES.values():
        for kind in kinds:
            assert f"\n### {kind.TOPIC}\n" in events
            assert kind.__doc__, kind
    for name in LAZY:
        assert re.search(rf"\n## muniment {name}\b", verbs)


def test_the_settings_that_the_guide_shows_are_read(tmp_path: Path) -> None:
    """The example of a file."""
    file = tmp_path / "muniment.toml"
    shown = [each for page in PAGES for each in re.findall(r"```toml\n(.*?)```", _text(page), re.S)]

    for text in shown:
        file.write_text(text)
        assert Settings.read({"config": str(file)}, {}).workers == 4
    assert shown


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_what_is_linked_outside_of_the_guide_is_there(name: str) -> None:
    """Files of the project, and headings in them."""
    text = (ROOT / name).read_text()

    for place, _, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(#?)([^)]*)\)", text):
        file = ROOT / (place or name)
        assert file.exists(), place
        headings = re.findall(r"^#+ (.*)", file.read_text(), re.M) if anchor else []
        assert not anchor or anchor in [_slug(each) for each in headings], (place, anchor)


def _slug(heading: str) -> str:
    return re.sub(r"[^\w]+", "-", heading.lower()).strip("-")


def _text(page: str) -> str:
    return (GUIDE / page).read_text()


def _spans(page: str) -> Iterator[str]:
    """Give what stands between two backticks, outside of examples."""
    outside = re.sub(r"^```.*?^```", "", _text(page), flags=re.M | re.S)
    for each in re.findall(r"(?<!`)`([^`]+)`", outside):
        yield " ".join(each.replace("\\|", "|").split())


def _quoted(page: str) -> Iterator[str]:
    """Give these, and each line of an example."""
    yield from _spans(page)
    for example in re.findall(r"^```\w*\n(.*?)^```", _text(page), re.M | re.S):
        yield from example.replace("\\\n", " ").splitlines()


def _options(words: list[str]) -> set[str]:
    """Return the options of the command that words begin with. Fails where there is none."""
    command: click.Command = _verb(words[0])
    for word in words[1:]:
        if not isinstance(command, click.Group) or word.startswith("-"):
            break
        assert word in command.commands, words
        command = command.commands[word]
    return _of(command)


@cache
def _verb(name: str) -> click.Command:
    module, _, attribute = LAZY[name][0].partition(":")
    found = getattr(importlib.import_module(module), attribute)
    assert isinstance(found, click.Command)
    return found


def _of(command: click.Command) -> set[str]:
    own = {option for each in command.params for option in [*each.opts, *each.secondary_opts]}
    if isinstance(command, click.Group):
        return own.union(*map(_of, command.commands.values()))
    return own | {"--help"}


@cache
def _every_option() -> set[str]:
    return set[str]().union(*(_of(_verb(name)) for name in LAZY))


def _is(path: str, template: str) -> bool:
    """Whether a path of the guide is one of the document's, leads into some, or ends one."""
    wanted = [_step(each) for each in path.removeprefix("…").strip("/").split("/")]
    steps = [_step(each) for each in template.strip("/").split("/")]
    if path.startswith("…"):
        return any(_same(wanted, steps[first : first + len(wanted)]) for first in range(len(steps)))
    if wanted[-1].endswith("…"):
        wanted = [each for each in [*wanted[:-1], wanted[-1].rstrip("…")] if each]
    return _same(wanted, steps[: len(wanted)])


def _same(wanted: list[str], steps: list[str]) -> bool:
    return len(wanted) == len(steps) and all(
        "{}" in (one, other) or one == other for one, other in zip(wanted, steps, strict=True)
    )


def _step(word: str) -> str:
    return "{}" if re.search(r"[<{$]", word) else word


def _methods(path: dict[str, Any]) -> set[str]:
    return {each.upper() for each in path} | {"HEAD", "OPTIONS"}


def _fields(path: dict[str, Any]) -> set[str]:
    of_all = path.get("parameters", [])
    return {
        each["name"]
        for operation in path.values()
        if isinstance(operation, dict)
        for each in [*of_all, *operation.get("parameters", [])]
        if each["in"] == "query"
    }
