"""What a query finds: the same as plain Python finds in the documents, whatever both are."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.inveniordm.asked import found, searching
from tests.writing import actor, create, log_on

Document = dict[str, Any]
Holds = Callable[[Document], bool]
Makes = Callable[..., list[list[int]]]

TEXTS = (
    "tin",
    "Tin foil",
    "Römäns in tin",
    "romans",
    "foil-tin 42",
    "42",
    "tinfoil, lead",
    "ﬁne lead",
)
WORDS = ("tin", "TIN", "römans", "romans", "foil", "42", "lead", "fine", "absent")


class Query(NamedTuple):
    """A query's text, and what it means."""

    text: str
    holds: Holds


def split(text: str) -> list[str]:
    """The words of a text, folded."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(each for each in plain if not unicodedata.combining(each)).lower()
    return re.findall(r"[a-z0-9]+", plain)


def strings(value: Any) -> Iterator[str]:
    """All texts in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)


def anywhere(document: Document) -> list[str]:
    """All words of a document."""
    return [word for text in strings(document) for word in split(text)]


def title(document: Document) -> list[str]:
    """The words of its title."""
    return split(document["metadata"]["title"])


def subjects(document: Document) -> list[str]:
    """The words of its subjects."""
    return [word for each in document["metadata"]["subjects"] for word in split(each["subject"])]


PLACES: tuple[tuple[str, Callable[[Document], list[str]]], ...] = (
    ("", anywhere),
    ("metadata.title:", title),
    ("metadata.subjects.subject:", subjects),
    ("metadata.subjects:", subjects),
    (r"metadata.\*.subject:", subjects),
)


@st.composite
def leaves(draw: st.DrawFn) -> Query:
    """One term, phrase, wildcard or regular expression, in a place."""
    name, of = draw(st.sampled_from(PLACES))
    word = draw(st.sampled_from(WORDS))
    plain = split(word)[0]
    kind = draw(st.sampled_from(["word", "prefix", "infix", "suffix", "one", "regex", "phrase"]))
    if kind == "prefix":
        return Query(f"{name}{word[:2]}*", lambda each: _any(of(each), f"{plain[:2]}.*"))
    if kind == "infix":
        pattern = f"{plain[0]}.*{plain[-1]}"
        return Query(f"{name}{word[0]}*{word[-1]}", lambda each: _any(of(each), pattern))
    if kind == "suffix":
        return Query(f"{name}*{word[-2:]}", lambda each: _any(of(each), f".*{plain[-2:]}"))
    if kind == "one":
        pattern = f"{plain[0]}.{plain[2:]}"
        return Query(f"{name}{word[0]}?{word[2:]}", lambda each: _any(of(each), pattern))
    if kind == "regex":
        pattern = f"{plain[0]}[a-z0-9]({plain[2:]}|x+)"
        return Query(
            f"{name}/{word[0]}[a-z0-9]({word[2:]}|x+)/", lambda each: _any(of(each), pattern)
        )
    if kind == "phrase" and name == "metadata.title:":
        two = draw(st.sampled_from(["tin foil", "FOIL tin", "romans in", "in", "tin 42"]))
        asked = split(two)
        return Query(
            f'{name}"{two}"',
            lambda each: any(
                title(each)[at : at + len(asked)] == asked for at in range(len(title(each)))
            ),
        )
    return Query(f"{name}{word}", lambda each: plain in of(each))


def _any(words: list[str], pattern: str) -> bool:
    return any(re.fullmatch(pattern, word) for word in words)


def _combined(parts: st.SearchStrategy[Query]) -> st.SearchStrategy[Query]:
    both = st.tuples(parts, st.sampled_from(["AND", "&&"]), parts).map(
        lambda drawn: Query(
            f"({drawn[0].text} {drawn[1]} {drawn[2].text})",
            lambda each: drawn[0].holds(each) and drawn[2].holds(each),
        )
    )
    either = st.tuples(parts, st.sampled_from([" OR ", " || ", " "]), parts).map(
        lambda drawn: Query(
            f"({drawn[0].text}{drawn[1]}{drawn[2].text})",
            lambda each: drawn[0].holds(each) or drawn[2].holds(each),
        )
    )
    negated = st.tuples(st.sampled_from(["NOT ", "-", "!", "NOT NOT -"]), parts).map(
        lambda drawn: Query(f"({drawn[0]}{drawn[1].text})", lambda each: not drawn[1].holds(each))
    )
    listed = st.tuples(parts, parts, parts).map(
        lambda drawn: Query(
            f"(+{drawn[0].text} -{drawn[1].text} {drawn[2].text})",
            lambda each: drawn[0].holds(each) and not drawn[1].holds(each),
        )
    )
    return st.one_of(both, either, negated, listed)


queries = st.recursive(leaves(), _combined, max_leaves=6)
texts = st.lists(st.sampled_from(TEXTS), max_size=2).map(" ".join)
documents = st.builds(
    lambda title, subjects, other: {
        "metadata": {"title": title, "subjects": [{"subject": each} for each in subjects]},
        "other": other,
    },
    texts,
    st.lists(texts, max_size=2),
    st.sampled_from(["", "lead", 42, None, ["tin", {"deep": "fine"}]]),
)


def test_words_mean_the_same_in_sql_as_in_plain_python(database: str) -> None:
    """In any combination, everywhere and in fields; an index gives no less, where it is exact."""
    with log_on(database) as log, searching(database) as conn:

        @settings(max_examples=60, deadline=None)
        @given(
            drawn=st.lists(documents, min_size=1, max_size=4),
            asked=st.lists(queries, min_size=1, max_size=12),
        )
        def check(drawn: list[Document], asked: list[Query]) -> None:
            made = [log.run(actor(), create, json.dumps(each).encode()).number for each in drawn]
            for query in asked:
                wanted = [n for n, each in zip(made, drawn, strict=True) if query.holds(each)]
                assert found(conn, query.text, made) == wanted, query.text

        check()


@pytest.fixture(scope="module")
def makes(database: str) -> Iterator[Makes]:
    """What makes documents, and says which of them, by their places, each of some queries finds."""
    with log_on(database) as log, searching(database) as conn:

        def make(documents: list[Any], *asked: str) -> list[list[int]]:
            made = [
                log.run(actor(), create, json.dumps(each).encode()).number for each in documents
            ]
            return [[made.index(n) for n in found(conn, each, made)] for each in asked]

        yield make


def published(*dates: str) -> list[Document]:
    """Documents that were published so."""
    return [{"metadata": {"publication_date": each}} for each in dates]


DATE = "metadata.publication_date"


def test_ranges_of_dates_know_their_precision_and_intervals(makes: Makes) -> None:
    """A bound without a day is its first day; an interval is in a range when one of its days is."""
    dates = published("2019", "2020-11", "2020-11-05", "2021-01-01", "1939/1945", "0999", "n.d.")
    assert makes(
        dates,
        f"{DATE}:[2020 TO 2021]",
        f"{DATE}:[2020 TO 2021}}",
        f"{DATE}:[2020-11-03 TO 2020-11-04]",
        f"{DATE}:{{2020-11-05 TO *]",
        f"{DATE}:>2020-11",
        f"{DATE}:>=2021",
        f"{DATE}:<2019-06-01",
        f"{DATE}:[1940 TO 1941]",
        f"{DATE}:{{* TO 1000]",
        f"{DATE}:[* TO *]",
        f"{DATE}:2020-11",
        f"{DATE}:2020",
        f"NOT {DATE}:[2019 TO *]",
    ) == [
        [1, 2, 3],
        [1, 2],
        [1],
        [1, 3],
        [2, 3],
        [3],
        [0, 4, 5],
        [4],
        [5],
        [0, 1, 2, 3, 4, 5, 6],
        [1, 2],
        [1, 2],
        [4, 5, 6],
    ]


def test_ranges_of_numbers_and_of_texts(makes: Makes) -> None:
    """Numbers compare as numbers, also those that are written as texts; texts as folded texts."""
    values = [{"a": each} for each in (3, "12", -4.5, "Äpfel", [1, 100], None, {"b": 3}, 1e300)]
    assert makes(
        values,
        "a:[3 TO 12]",
        "a:{3 TO 12}",
        "a:>=12",
        "a:<-4",
        "a:[-5 TO -4]",
        "a:[apfel TO b]",
        'a:["a" TO "B"}',
        "a:[3 TO b]",
        "a:>99999999999999999999999999999999999999999999999999",
    ) == [[0, 1], [], [1, 4, 7], [2], [2], [3], [3], [3], [7]]


def test_numbers_and_bools_are_words_of_their_fields(makes: Makes) -> None:
    """And of no other place."""
    values = [{"a": 42}, {"a": True}, {"a": ["x", "42 mm"]}, {"a": {"b": 42.5}}]
    assert makes(values, "a:42", "a:true", "a:tr*", "a.b:42.5", "a:(42 AND mm)", "true") == [
        [0, 2, 3],
        [1],
        [1],
        [3],
        [2],
        [],
    ]


def test_a_field_exists_where_it_has_a_value(makes: Makes) -> None:
    """Neither null nor an array without elements is one."""
    insides: list[Any] = ["", None, [], [None], [{"b": 0}], {}, False]
    values = [*({"a": each} for each in insides), {"b": 1}]
    assert makes(values, "_exists_:a", "a:*", "_exists_:a.b", "NOT _exists_:a", "_exists_:*") == [
        [0, 4, 6],
        [0, 4, 6],
        [4],
        [1, 2, 3, 5, 7],
        [],
    ]


def test_words_may_be_near_one_another_or_nearly_so(makes: Makes) -> None:
    """`~` after a phrase says how many others may lie between, after a word that it may differ."""
    values = [{"a": each} for each in ("blue tin foil", "foil of blue", "bleu", "blues", "black")]
    assert makes(
        values,
        '"blue foil"',
        '"blue foil"~1',
        '"blue foil"~50',
        'a:"foil blue"~1',
        "blue~",
        "a:bule~1",
        "blue~0",
        "blck~2",
        '"blue foil"~1^3',
    ) == [[], [0], [0, 1], [1], [0, 1, 2, 3], [0, 1], [0, 1], [4], [0]]


def test_signs_part_words_and_backslashes_take_their_meaning(makes: Makes) -> None:
    """A term with signs is a phrase."""
    values: list[Any] = [
        {"a": each} for each in ("10.5281/zenodo.1", "1 zenodo 5281 10", "a*b", "ab")
    ]
    values.append({"x:y": {"z": "tin"}})
    assert makes(
        values, "10.5281/zenodo.1", r"a:a\*b", "a:a*b", r"x\:y.z:tin", "10.5281/zen*", "zenodo/1"
    ) == [[0], [2], [3], [4], [0], [0]]


def test_what_the_service_knows_of_a_record_is_asked_for_by_name(
    database: str, makes: Makes
) -> None:
    """Whatever the document says in a member of that name."""
    with log_on(database) as log, searching(database) as conn:
        one = log.run(actor(), create, b'{"id": "other", "created": "1999", "is_published": "no"}')
        two = log.run(actor(), create, b'{"id": "other"}')
        numbers = [one.number, two.number]
        pid, year = one.pid, one.created_at.year
        for asked, wanted in {
            f"id:{pid}": numbers[:1],
            f'id:("{pid}" OR x)': numbers[:1],
            f"id:{pid[:10]}?": numbers[:1],
            f"id:/{pid[:4]}.*/ AND id:[{pid} TO {pid}]": numbers[:1],
            pid: numbers[:1],
            f'"{pid.upper()}" OR absent': numbers[:1],
            f"+{pid} +other": numbers[:1],
            "id:other": [],
            "parent.id:*": numbers,
            f"created:{year} AND updated:[{year} TO *] AND created:<={year + 1}": numbers,
            'created:["2000-01-01T10:00:00+02:00" TO *}': numbers,
            f"created:{{{year + 1} TO *]": [],
            "is_published:true AND is_draft:false AND versions.is_latest:*": numbers,
            "is_published:false": [],
            "versions.index:1 AND versions.index:[1 TO 2} AND versions.index:<2": numbers,
            "access.record:RESTRICTED AND access.status:restricted AND access.files:r*": numbers,
            "access.record:public OR access.embargo.active:true OR files.enabled:true": [],
            "files.count:0 AND files.total_bytes:<1": numbers,
            "parent.access.owned_by.user:1": [],
        }.items():
            assert found(conn, asked, numbers) == wanted, asked


def test_what_cannot_be_read_is_searched_as_words(makes: Makes) -> None:
    """One of them is enough; signs alone are found nowhere."""
    values = [{"a": each} for each in ("tin foil", "lead and", "at https://x.org/b")]
    assert makes(
        values,
        'tin "foil',
        "(lead",
        "tin AND",
        "OR lead OR",
        "https://x.org/b",
        "tin]",
        "/[tin/",
        "tin~1.2.3 foil",
        "!!!",
        "()",
        "\ud800tin\x00lead",
    ) == [[0], [1], [0], [1], [2], [0], [0], [0], [], [], [0, 1]]


def test_everything_is_found_by_nothing_and_by_a_lone_asterisk(makes: Makes) -> None:
    """As in InvenioRDM."""
    assert makes([{"a": "x"}, {}], "", "  ", "*", "*:*", "* AND x", "**") == [
        [0, 1],
        [0, 1],
        [0, 1],
        [0, 1],
        [0],
        [0, 1],
    ]
