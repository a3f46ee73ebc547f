"""Vocabularies over HTTP, in the shapes of InvenioRDM's reference. Anybody may read them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

from domain.term import Content, Ref
from tests.api import asking
from tests.api.asking import User
from tests.api.inveniordm import hostile, making, terms
from tests.api.inveniordm.making import RECORDS, V1
from tests.api.inveniordm.terms import listed, shown
from tests.running import Running

VOCABULARIES = "/api/vocabularies"
LANGUAGES, TYPES = f"{VOCABULARIES}/languages", f"{VOCABULARIES}/resourcetypes"
PHOTO = {"de": "Fotografie", "en": "Photograph", "pt_BR": "Fotografia"}


@pytest.fixture(scope="module")
def photo(server: Running) -> Ref:
    """A resource type with all that one may have."""
    ref = Ref("resourcetypes", asking.fresh("photo"))
    said = Content(
        title=PHOTO,
        description={"en": "Taken with a camera", "de": "Mit einer Kamera gemacht"},
        icon="image",
        props={"csl": "graphic"},
        tags=("depositable",),
    )
    terms.put(server, {ref: said})
    return ref


def test_a_term_is_shown_as_in_the_reference(
    server: Running, nobody: httpx.Client, photo: Ref
) -> None:
    """With each of its members, and where it is."""
    term = shown(nobody.get(f"{TYPES}/{photo.id}"))

    assert datetime.fromisoformat(term.pop("created")).tzinfo is not None
    assert datetime.fromisoformat(term.pop("updated")).tzinfo is not None
    assert term == {
        "id": photo.id,
        "type": "resourcetypes",
        "revision_id": 1,
        "title": PHOTO,
        "description": {"en": "Taken with a camera", "de": "Mit einer Kamera gemacht"},
        "icon": "image",
        "props": {"csl": "graphic"},
        "tags": ["depositable"],
        "links": {"self": f"{server.url}{TYPES}/{photo.id}"},
    }


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("languages", "eng"),
        ("licenses", "cc-by-4.0"),
        ("resourcetypes", "image-photo"),
        ("resource_types", "image-photo"),
        ("titletypes", "alternative-title"),
        ("title_types", "alternative-title"),
        ("descriptiontypes", "abstract"),
        ("description_types", "abstract"),
        ("datetypes", "accepted"),
        ("date_types", "accepted"),
        ("relationtypes", "cites"),
        ("relation_types", "cites"),
        ("creatorsroles", "editor"),
        ("creators_roles", "editor"),
        ("contributorsroles", "editor"),
        ("contributors_roles", "editor"),
    ],
)
def test_every_vocabulary_is_there_in_either_spelling(
    server: Running, nobody: httpx.Client, name: str, id_: str
) -> None:
    """Terms and their links are spelt as they were asked for."""
    path = f"{VOCABULARIES}/{name}"
    answer = nobody.get(path, params={"suggest": id_, "size": 1})

    assert listed(answer) == [id_]
    [hit] = answer.json()["hits"]["hits"]
    assert hit["type"] == name
    assert hit == shown(nobody.get(f"{path}/{id_}"))
    assert hit["links"]["self"] == f"{server.url}{path}/{id_}"


@pytest.mark.parametrize(
    "path",
    [
        f"{VOCABULARIES}/tins",
        f"{VOCABULARIES}/tins/",
        f"{VOCABULARIES}/tins/tin",
        f"{LANGUAGES}/no-tin",
        f"{LANGUAGES}/eng/tin",
        f"{VOCABULARIES}/affiliations",
        f"{VOCABULARIES}/subjects/tin",
        f"{LANGUAGES}/%00%ff",
    ],
)
def test_what_is_not_there_is_not_found(nobody: httpx.Client, path: str) -> None:
    """A vocabulary, or a term of one."""
    answer = nobody.get(path)

    assert answer.status_code == 404
    assert set(answer.json()) == {"status", "message"}


def test_a_list_has_the_envelope_of_the_reference(server: Running, nobody: httpx.Client) -> None:
    """And names what it did not understand in no link; the next page follows from one."""
    params = {"size": "2", "page": "2", "tin": "1", "tags": ["living", "tin"], "ln": "de"}
    answer = nobody.get(LANGUAGES, params={**params, "type": "licenses"})

    assert listed(answer) == listed(nobody.get(answer.json()["links"]["self"]))
    list_ = answer.json()
    assert set(list_) == {"hits", "aggregations", "sortBy", "links"}
    assert (set(list_["hits"]), list_["aggregations"]) == ({"hits", "total"}, {})
    assert list_["sortBy"] == "title"
    assert set(list_["links"]) == {"self", "next", "prev"}
    following = urlsplit(list_["links"]["next"])
    assert f"{following.scheme}://{following.netloc}{following.path}" == f"{server.url}{LANGUAGES}"
    assert parse_qs(following.query) == {
        "page": ["3"],
        "size": ["2"],
        "sort": ["title"],
        "tags": ["living", "tin"],
        "ln": ["de"],
    }


def test_all_languages_are_had_at_once(nobody: httpx.Client) -> None:
    """As a client that archives asks for them; by title."""
    answer = nobody.get(LANGUAGES, params={"size": 10_000})

    hits = answer.json()["hits"]["hits"]
    assert len(hits) == answer.json()["hits"]["total"] >= 7847
    assert "next" not in answer.json()["links"]
    titles = [each["title"]["en"] for each in hits]
    assert titles.index("Aari") < titles.index("English") < titles.index("Zuni")


def test_a_walk_goes_on_past_what_pages_may_number(nobody: httpx.Client) -> None:
    """From where it has come to, however far that is, by links; the first pages have no place."""
    every = listed(nobody.get(LANGUAGES, params={"size": 10_000}))
    link = nobody.get(LANGUAGES, params={"size": 5001}).json()["links"]["next"]
    after = parse_qs(urlsplit(link).query)["after"][0]

    far = nobody.get(LANGUAGES, params={"size": 30, "page": 5000, "after": after})
    farther = nobody.get(far.json()["links"]["next"])
    last = nobody.get(LANGUAGES, params={"size": 10_000, "after": after})

    assert listed(far) + listed(farther) == every[5001:5061]
    assert listed(last) == every[5001:]
    assert "next" not in last.json()["links"]
    assert nobody.get(far.json()["links"]["self"]).content == far.content
    assert "after" not in nobody.get(LANGUAGES).json()["links"]["next"]
    for params in ({"after": "x"}, {"after": after, "q": "tin"}):
        assert nobody.get(LANGUAGES, params=params).status_code == 400


@pytest.mark.parametrize(
    ("params", "first"),
    [
        ({"suggest": "eng"}, "eng"),
        ({"suggest": "dan"}, "dan"),
        ({"suggest": "Danish"}, "dan"),
        ({"suggest": "old engl"}, "ang"),
        ({"suggest": "NORWEGIAN bokmal"}, "nob"),
        ({"q": "bokmål"}, "nob"),
        ({"q": "zuni"}, "zun"),
        ({"q": "title.en:zuni"}, "zun"),
        ({"q": "id:zun"}, "zun"),
        ({"q": "id:zun AND created:[2020 TO *] AND updated:[2020 TO *]"}, "zun"),
        ({"q": "props.alpha_2:da AND tags:living"}, "dan"),
        ({"q": '"old english" -danish'}, "ang"),
        ({"q": "Bokm* AND NOT title.en:danish"}, "nob"),
    ],
)
def test_the_best_match_comes_first(
    nobody: httpx.Client, params: dict[str, str], first: str
) -> None:
    """An id or a name that is it, or begins so; whatever its case and accents."""
    answer = nobody.get(LANGUAGES, params=params)

    assert answer.json()["sortBy"] == "bestmatch"
    assert listed(answer)[0] == first


def test_lists_are_sorted_as_asked(server: Running, nobody: httpx.Client) -> None:
    """By title, by age and back; anything else is refused."""
    word = asking.fresh("sorted").replace("-", "")
    for number, title in enumerate("bca"):
        ref = Ref("titletypes", f"{word}-{number}")
        terms.put(server, {ref: Content(title={"en": f"{title} {word}"})})

    def order(**params: str) -> str:
        found = listed(nobody.get(f"{VOCABULARIES}/titletypes", params={"q": word, **params}))
        return "".join(each[-1] for each in found)

    assert order() == order(sort="title") == "201"
    assert order(sort="oldest") == "012"
    assert order(sort="newest") == "210"
    assert listed(nobody.get(f"{VOCABULARIES}/titletypes?sort=newest&size=1")) == [f"{word}-2"]


@pytest.mark.parametrize(
    "query",
    [
        "q=a&suggest=b",
        "sort=name",
        "size=0",
        "size=10001",
        "page=0",
        "page=x",
        "page=401",
        "page=2&size=10000",
    ],
)
def test_what_makes_no_sense_is_refused(nobody: httpx.Client, query: str) -> None:
    """With the status and a message."""
    answer = nobody.get(f"{LANGUAGES}?{query}")

    assert (answer.status_code, answer.json()["status"]) == (400, 400)


@pytest.mark.parametrize(
    "query",
    ["q=", "suggest=", "q=*", "q=&suggest=", "q=%20", "q=%00", "suggest=%00", "sort="],
)
def test_nothing_is_asked_by_what_is_blank(nobody: httpx.Client, query: str) -> None:
    """All of the vocabulary is listed."""
    answer = nobody.get(f"{TYPES}?{query}&size=1")

    assert answer.status_code == 200
    assert answer.json()["hits"]["total"] >= 33


@pytest.mark.parametrize(
    "query",
    ["q=%2B%2B", "q='", "q=%5C", "suggest='%5C", "suggest=%ED%A0%80", "tags=%00'", "tags=%5C"],
)
def test_signs_are_found_nowhere_and_harm_nothing(nobody: httpx.Client, query: str) -> None:
    """Quotes and backslashes, and what is no character at all."""
    answer = nobody.get(f"{LANGUAGES}?{query}")

    assert listed(answer) == []


def test_queries_that_mean_harm_are_answered_or_refused(nobody: httpx.Client) -> None:
    """None of them is too much for the service, asked as a query or for suggestions."""
    for at, text in enumerate(hostile.queries()):
        encoded = quote(text, safe="", errors="surrogatepass")
        answer = nobody.get(f"{TYPES}?{'suggest' if at % 3 else 'q'}={encoded}")
        assert answer.status_code in (200, 400), (at, text, answer.text)


@pytest.mark.parametrize(
    ("ln", "accepted", "title"),
    [
        (None, None, "Photograph"),
        ("de", None, "Fotografie"),
        (None, "de", "Fotografie"),
        (None, "de-CH,de;q=0.9", "Fotografie"),
        (None, "en;q=0.5, fr;q=0.8, de;q=0.7, *;q=0.1", "Fotografie"),
        (None, "fr, de;q=0, en;q=0.1", "Photograph"),
        (None, "pt-BR", "Fotografia"),
        (None, ",;q=2,de;x", "Fotografie"),
        ("en", "de", "Photograph"),
        ("en_US", "de", "Photograph"),
        ("pt_BR", None, "Fotografia"),
        ("fr", None, "Photograph"),
        ("?", "de", "Photograph"),
    ],
)
def test_titles_are_in_the_language_asked_for(
    nobody: httpx.Client, photo: Ref, ln: str | None, accepted: str | None, title: str
) -> None:
    """`ln` goes before the header, a region falls to its language, and all else to English."""
    headers = {"Accept": V1} | ({} if accepted is None else {"Accept-Language": accepted})
    params = {} if ln is None else {"ln": ln}

    one = nobody.get(f"{TYPES}/{photo.id}", headers=headers, params=params)
    list_ = nobody.get(TYPES, headers=headers, params={"suggest": photo.id, **params})

    for each in (one, list_):
        assert each.headers["Content-Type"] == V1
        assert each.headers["Vary"] == "Accept, Accept-Language"
    assert list_.json()["hits"]["hits"][0] == one.json()
    described = "Mit einer Kamera gemacht" if title == "Fotografie" else "Taken with a camera"
    assert one.json() == {
        "id": photo.id,
        "title_l10n": title,
        "description_l10n": described,
        "icon": "image",
        "props": {"csl": "graphic"},
    }


def test_a_term_that_the_asker_has_is_not_sent_again(
    server: Running, nobody: httpx.Client, photo: Ref
) -> None:
    """304, until it says something else."""
    ref = Ref("licenses", asking.fresh("licence"))
    path = f"{VOCABULARIES}/licenses/{ref.id}"
    terms.put(server, {ref: Content(title={"en": "Tin"})})
    first = nobody.get(path)

    held = nobody.get(path, headers={"If-None-Match": first.headers["ETag"]})
    terms.put(server, {ref: Content(title={"en": "Bronze"})})
    changed = nobody.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert (held.status_code, held.content) == (304, b"")
    assert shown(changed)["title"] == {"en": "Bronze"}
    assert shown(changed)["revision_id"] == 2
    assert shown(changed)["created"] == first.json()["created"] < shown(changed)["updated"]


def test_a_retired_term_is_in_no_list_and_says_that_it_is(
    server: Running, nobody: httpx.Client
) -> None:
    """Records go on showing it, so what it says is still to be had."""
    word = asking.fresh("gone").replace("-", "")
    ref = Ref("licenses", word)
    terms.put(server, {ref: Content(title={"en": "Gone"})}, ref)
    path = f"{VOCABULARIES}/licenses"

    for params in ({"suggest": word}, {"q": word}, {"suggest": word, "sort": "title"}):
        assert listed(nobody.get(path, params=params)) == []
    every = listed(nobody.get(path, params={"size": 10_000}))
    assert ref.id not in every
    assert shown(nobody.get(f"{path}/{ref.id}"))["retired"] is True
    assert shown(nobody.get(f"{path}/{ref.id}", headers={"Accept": V1})) == {
        "id": ref.id,
        "title_l10n": "Gone",
        "props": {},
        "retired": True,
    }


def test_vocabularies_are_changed_by_the_operator_alone(admin: User) -> None:
    """Not over HTTP."""
    for method in ("POST", "PUT", "DELETE"):
        for path in (LANGUAGES, f"{LANGUAGES}/eng"):
            assert admin.client.request(method, path, json={}).status_code == 405


def test_a_changed_title_shows_in_a_record_that_refers_to_it(
    server: Running, ada: User, nobody: httpx.Client, tmp_path: Any
) -> None:
    """At its next read, also where its answer was remembered; nothing of the record is written."""
    id_ = asking.fresh("institute")
    file = tmp_path / "affiliations.jsonl"

    def load(name: str) -> None:
        file.write_text(f'{{"id": "{id_}", "name": "{name}"}}')
        done = server.cli("vocabulary", "load", "affiliations", str(file))
        assert done.returncode == 0, done.stderr

    def affiliation(answer: httpx.Response) -> Any:
        return answer.json()["metadata"]["creators"][0]["affiliations"]

    load("Tin Institute")
    creator = making.BROWN | {"affiliations": [{"id": id_}]}
    record = making.record(ada.client, making.body(creators=[creator]))
    path = f"{RECORDS}/{record['id']}"
    events = "SELECT count(*) FROM es.event WHERE topic NOT LIKE 'term.%%'"
    before = asking.query(server, events)
    first = nobody.get(path)
    assert affiliation(first) == [{"id": id_, "name": "Tin Institute"}]

    load("Bronze Institute")
    second = nobody.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert affiliation(second) == [{"id": id_, "name": "Bronze Institute"}]
    assert second.json()["revision_id"] == record["revision_id"]
    assert second.json()["updated"] == record["updated"]
    assert asking.query(server, events) == before
