"""Searches: SampleDB's advanced one and that for words, over HTTP."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api import asking
from tests.api.asking import API, Join, User
from tests.running import Running

SCHEMA: dict[str, Any] = {
    "title": "Sheet",
    "type": "object",
    "properties": {
        "name": {"title": "Name", "type": "text", "languages": ["en", "de"]},
        "mass": {"title": "Mass", "type": "quantity", "units": ["g", "kg"]},
        "heat": {"title": "Heat", "type": "quantity", "units": "degC"},
        "sold": {"title": "Sold", "type": "bool"},
        "when": {"title": "When", "type": "datetime"},
        "tags": {"title": "Tags", "type": "tags"},
        "from": {"title": "From", "type": "object_reference"},
        "who": {"title": "Who", "type": "user"},
        "layers": {
            "title": "Layers",
            "type": "array",
            "items": {
                "title": "Layer",
                "type": "object",
                "properties": {
                    "name": {"title": "Name", "type": "text"},
                    "depth": {"title": "Depth", "type": "quantity", "units": "mm"},
                },
            },
        },
    },
    "required": ["name"],
}


def _text(text: Any) -> dict[str, Any]:
    return {"_type": "text", "text": text}


def _quantity(magnitude: float, units: str) -> dict[str, Any]:
    return {"_type": "quantity", "magnitude": magnitude, "units": units}


@dataclass(frozen=True)
class Shelf:
    """A user with four objects: tin, refers to nothing; foil, to tin; rod; crumb."""

    owner: User
    under: int
    tin: int
    foil: int
    rod: int
    crumb: int

    def ask(self, query: str, **params: Any) -> httpx.Response:
        """Return the answer to a search."""
        return self.owner.client.get(f"{API}/objects/", params={"q": query, **params})

    def found(self, query: str, **params: Any) -> set[str]:
        """Return which of these objects a search finds; others may be everybody's."""
        answer = self.ask(query, **params)
        assert answer.status_code == 200, answer.text
        found = {each["object_id"] for each in answer.json()}
        names = {self.tin: "tin", self.foil: "foil", self.rod: "rod", self.crumb: "crumb"}
        return {name for number, name in names.items() if number in found}


@pytest.fixture(scope="module")
def shelf(admin: User, join: Join) -> Shelf:
    """Objects under a schema of SampleDB's language."""
    owner = join("seeker")
    under = asking.action(admin.client, SCHEMA, schema_language="sampledb")
    me = owner.client.get(f"{API}/users/me").json()["user_id"]

    def made(name: Any, **data: Any) -> int:
        document = json.dumps({"name": _text(name), **data})
        return asking.new_object(owner.client, under, document)

    tin = made(
        "Blue Tin",
        mass=_quantity(5, "g"),
        sold={"_type": "bool", "value": True},
        when={"_type": "datetime", "utc_datetime": "2026-02-28 23:30:00"},
        tags={"_type": "tags", "tags": ["metal", "2026"]},
    )
    foil = made(
        "Foil",
        mass=_quantity(2, "kg"),
        sold={"_type": "bool", "value": False},
        **{"from": {"_type": "object_reference", "object_id": tin}},
        who={"_type": "user", "user_id": me},
    )
    rod = made(
        {"en": "Rod of Sülfür"},
        heat=_quantity(20, "degC"),
        layers=[
            {"name": _text("core"), "depth": _quantity(3, "mm")},
            {"name": _text("skin"), "depth": _quantity(1, "mm")},
        ],
    )
    crumb = made('100% "crumb"_x')
    return Shelf(owner, under, tin, foil, rod, crumb)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('name == "Blue Tin"', {"tin"}),
        ('name = "Blue Tin"', {"tin"}),
        ('"Foil" == name', {"foil"}),
        ('name == "blue tin"', set()),
        ('name != "Foil"', {"tin", "rod", "crumb"}),
        ('name == "Rod of Sülfür"', {"rod"}),
        ('"o" in name', {"foil", "rod"}),
        ('"%" in name', {"crumb"}),
        ('"_" in name', {"crumb"}),
        ("mass == 5g", {"tin"}),
        ("mass == 0.005 kg", {"tin"}),
        ("mass == 5.0000001 g", {"tin"}),
        ("5 g < mass", {"foil"}),
        ("mass >= 5 g", {"tin", "foil"}),
        ("mass != 5g", {"foil"}),
        ("mass < 1 t and not sold", {"foil"}),
        ("mass < 3 mm", set()),
        ("heat > 290 K", {"rod"}),
        ("sold", {"tin"}),
        ("sold == True", {"tin"}),
        ("sold != true", {"foil"}),
        ("not sold", {"foil"}),
        ("!sold", {"foil"}),
        ("not (sold == True)", {"foil", "rod", "crumb"}),
        ("when on 2026-02-28", {"tin"}),
        ("when == 2026-02-28", {"tin"}),
        ("when after 2026-02-28", set()),
        ("when before 2026-03-01", {"tin"}),
        ("2026-03-01 > when", {"tin"}),
        ("#metal", {"tin"}),
        ("#metal and #wood", set()),
        ("from == null", {"tin", "rod", "crumb"}),
        ("from != null", {"foil"}),
        ("*from.mass == 5g", {"foil"}),
        ('*from.name == "Foil"', set()),
        ('layers.0.name == "core"', {"rod"}),
        ('layers.1.name == "core"', set()),
        ('layers.?.name == "skin"', {"rod"}),
        ("layers.?.depth > 2mm", {"rod"}),
        ("layers.?.depth > 4mm", set()),
        ("mass == name", set()),
        ("mass == mass", {"tin", "foil"}),
        ('name == "Foil" or mass == 5g and sold', {"tin", "foil"}),
        ('(name == "Foil" || mass == 5g) && !sold', {"foil"}),
        ('name == 5 or sold == "Foil" or mass.x', set()),
        ("nothing", set()),
        ("True", {"tin", "foil", "rod", "crumb"}),
        ("5 g < 1 kg and False", set()),
    ],
)
def test_the_advanced_search_finds(shelf: Shelf, query: str, found: set[str]) -> None:
    """Each operator and kind of operand; what is absent or of another type is no match."""
    assert shelf.found(query) == found


def test_a_reference_is_asked_for_by_its_number(shelf: Shelf) -> None:
    """That of an object, or of a user."""
    me = shelf.owner.client.get(f"{API}/users/me").json()["user_id"]

    assert shelf.found(f"from == #{shelf.tin}") == {"foil"}
    assert shelf.found(f"#{me} == who") == {"foil"}
    assert shelf.found(f"from != #{shelf.tin}") == set()


def test_a_tag_of_digits_is_asked_for_as_a_text(shelf: Shelf) -> None:
    """# and a number is a reference, which alone asks for nothing."""
    assert shelf.ask("#2026").status_code == 400
    assert shelf.found('tags.tags.? == "2026"') == {"tin"}


def test_file_names_are_searched(shelf: Shelf) -> None:
    """Those of the files that an object has, and their URLs."""
    body = {
        "storage": "database",
        "original_file_name": "rod.csv",
        "base64_content": base64.b64encode(b"1").decode(),
    }
    path = f"{API}/objects/{shelf.rod}/files/"
    assert shelf.owner.client.post(path, json=body).status_code == 201
    link = {"storage": "url", "url": "https://tin.example/foil"}
    path = f"{API}/objects/{shelf.foil}/files/"
    assert shelf.owner.client.post(path, json=link).status_code == 201

    assert shelf.found('file_name == "rod.csv"') == {"rod"}
    assert shelf.found('".csv" in file_name') == {"rod"}
    assert shelf.found('"tin.example" in file_name') == {"foil"}
    assert shelf.found('file_name == "csv"') == set()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("Blue", {"tin"}),
        ("tin blue", {"tin"}),
        ("TIN", {"tin"}),
        ("fo", {"foil"}),
        ("oil", set()),
        ("sulfur", {"rod"}),
        ("SÜLFÜR rod", {"rod"}),
        ("core", {"rod"}),
        ("metal", {"tin"}),
        ("tin foil", set()),
        ("100%", {"crumb"}),
        ('name == "Foil"', set()),
        ("!!!", set()),
        ("' & | ! :* \\", set()),
    ],
)
def test_a_search_for_words_finds(shelf: Shelf, words: str, found: set[str]) -> None:
    """Objects in which each word begins one, whatever its case and its accents."""
    assert shelf.found(words, use_advanced_search="false") == found


@pytest.mark.parametrize("query", ["", "   "])
def test_an_empty_query_asks_for_nothing(shelf: Shelf, query: str) -> None:
    """All are listed."""
    assert shelf.found(query) == {"tin", "foil", "rod", "crumb"}
    assert shelf.found(query, use_advanced_search="false") == {"tin", "foil", "rod", "crumb"}


def test_a_search_goes_with_every_other_filter(shelf: Shelf) -> None:
    """Action, type, limit, offset, the name alone, the total, the pages."""
    answer = shelf.ask(
        "mass > 1g",
        limit=1,
        action_id=shelf.under,
        action_type="sample",
        name_only="true",
        get_referencing_objects="true",
    )

    [shown] = answer.json()
    assert shown["object_id"] == shelf.foil
    assert list(shown["data"]) == ["name"]
    assert shown["referencing_objects"] == []
    following = shelf.owner.client.get(str(answer.links["next"]["url"]))
    assert [each["object_id"] for each in following.json()] == [shelf.tin]
    assert following.json()[0]["referencing_objects"] == [{"object_id": shelf.foil}]
    assert "next" not in following.links
    assert following.headers["X-Total-Count"] == "2"
    assert shelf.found("mass > 1g", action_type="measurement") == set()
    counted = shelf.owner.client.get(
        f"{API}/objects/", params={"q": "name", "limit": 1}, headers={"Prefer": "count=exact"}
    )
    assert counted.headers["X-Total-Count"] == "0"


def test_a_search_sees_what_was_written_before_it(shelf: Shelf, join: Join) -> None:
    """At once; and no version but the newest."""
    owner = join("writer")
    first, second = (f"{each}{uuid4().hex}" for each in ("first", "second"))
    number = asking.new_object(owner.client, shelf.under, json.dumps({"name": _text(first)}))

    def found(query: str, **params: str) -> list[int]:
        listed = owner.client.get(f"{API}/objects/", params={"q": query, **params}).json()
        return [each["object_id"] for each in listed]

    assert found(f'name == "{first}"') == [number]
    asking.new_version(owner.client, number, json.dumps({"name": _text(second)}))
    assert found(f'name == "{first}"') == []
    assert found(first, use_advanced_search="false") == []
    assert found(f'name == "{second}"') == [number]
    assert found(second, use_advanced_search="false") == [number]


def test_only_what_the_asker_may_read_is_found(shelf: Shelf, bob: User, admin: User) -> None:
    """Nor counted, nor looked into through a reference."""
    for asker in (bob, admin):
        for query in ('name == "Blue Tin"', "mass > 1 g", "True"):
            params: dict[str, Any] = {"q": query, "action_id": shelf.under}
            answer = asker.client.get(
                f"{API}/objects/", params=params, headers={"Prefer": "count=exact"}
            )
            assert answer.json() == []
            assert answer.headers["X-Total-Count"] == "0"
    reference = {"_type": "object_reference", "object_id": shelf.tin}
    mine = asking.new_object(
        bob.client, shelf.under, json.dumps({"name": _text("b"), "from": reference})
    )
    params = {"q": "*from.mass == 5g", "action_id": shelf.under}
    assert bob.client.get(f"{API}/objects/", params=params).json() == []
    me = bob.client.get(f"{API}/users/me").json()["user_id"]
    path = f"{API}/objects/{shelf.tin}/permissions/users/{me}"
    assert shelf.owner.client.put(path, json="read").status_code == 200

    try:
        found = bob.client.get(f"{API}/objects/", params=params).json()
        assert [each["object_id"] for each in found] == [mine]
    finally:
        assert shelf.owner.client.put(path, json="none").status_code == 200


def test_objects_of_json_schema_are_searched_by_plain_values(admin: User, join: Join) -> None:
    """Texts, numbers without a unit, bools and dates."""
    owner = join("plain")
    under = asking.action(admin.client)
    document = '{"title":"Tin","count":3,"ok":true,"made":"2026-01-02T03:04:05Z","of":[{"n":1e0}]}'
    number = asking.new_object(owner.client, under, document)

    for query in (
        'title == "Tin"',
        "count > 2 and count <= 3.0",
        "ok",
        "made on 2026-01-02",
        "of.?.n == 1",
        "of.0 != null",
    ):
        listed = owner.client.get(f"{API}/objects/", params={"q": query}).json()
        assert [each["object_id"] for each in listed] == [number], query


def test_what_cannot_be_searched_is_stored_all_the_same(admin: User, join: Join) -> None:
    """Of a large document the small members are found; numbers beyond all are none."""
    owner = join("odd")
    under = asking.action(admin.client)
    large = json.dumps({"name": "huge", "text": " ".join(map(hex, range(200_000)))})
    dense = json.dumps({"name": "dense", "text": " ".join(map(hex, range(25_000)))})
    tiny = '{"name":"tiny","x":1e-20000}'
    slow = json.dumps({"name": "slow", "text": "1a@" * 60_000 + "a_" * 10_000})
    numbers = {
        name: asking.new_object(owner.client, under, document)
        for name, document in zip(
            ("huge", "dense", "tiny", "slow"), (large, dense, tiny, slow), strict=True
        )
    }

    for name, number in numbers.items():
        for params in ({"q": f'name == "{name}"'}, {"q": name, "use_advanced_search": "false"}):
            listed = owner.client.get(f"{API}/objects/", params=params | {"name_only": "1"}).json()
            assert [each["object_id"] for each in listed] == [number]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ('"text"', "use_advanced_search"),
        ("5 g", "no condition"),
        ("2026-01-01", "no condition"),
        ("null", "no condition"),
        ("#15", "no condition"),
        ("name ==", "ends"),
        ('name == "x', "no end"),
        ("(name", "ends"),
        ("name)", "character 5"),
        ("mass == 5 nonsense", "nonsense"),
        ("when == 2026-02-30", "2026-02-30"),
        ('name < "x"', "<"),
        ("5 in name", "in"),
        ("#Metal", "#Metal"),
        ("name == 1 == 2", "character"),
        ("a b", "'b'"),
        ("mass > 1e999 g", "large"),
        ("x" * 2001, "2,000"),
        ("(" * 60 + "a" + " and a)" * 60, "50"),
        ("\0", "character"),
    ],
)
def test_what_is_no_query_is_refused_with_the_reason(shelf: Shelf, query: str, said: str) -> None:
    """400 that says what is wrong or where."""
    refused = shelf.ask(query)

    assert refused.status_code == 400
    assert said in refused.json()["message"]


HOSTILE = [
    "'; DROP TABLE view.search; --",
    'name == "\'; DROP TABLE view.search; --"',
    '"%s" in name',
    '"%(q0)s" in name and name == "%"',
    'name == "{condition}"',
    '"\\" in name',
    'name == "\\u0000"',
    "name == \x00",
    '"\ufeff" in name',
    '"\U0001f600" in name',
    "!" * 49 + "a",
    "!" * 2000,
    "(" * 2000,
    ")" * 2000,
    "(" * 40 + "a" + ")" * 40,
    "not " * 400 + "a",
    "a" + " or a" * 390,
    "a" + "||a" * 660,
    " and ".join('"a" in b' for _ in range(150)),
    " or ".join(f"x=={at}" for at in range(250)),
    " or ".join(f'x=="{at}"' for at in range(200)),
    ".".join("a" * 20),
    ".".join(["a"] * 900),
    ".".join(["a", *["?"] * 19]),
    ".".join(["*a"] * 20),
    ".".join(["*a", *["*?"] * 19]) + " == null",
    ".".join(["a", *["0"] * 19]) + " == .".join(["a", *["0"] * 19]),
    "a." + "9" * 300 + " == 1",
    "a.00000000 == 1",
    "a.-1 == 1",
    "a..b",
    ".a",
    "a.",
    "?",
    "?.a == 1",
    "*",
    "**a",
    "a.**b",
    "_type == null",
    "__proto__",
    "#",
    "##a",
    "#" + "9" * 500 + " == a",
    "a == #" + "9" * 500,
    "a == #007",
    "9" * 1900,
    "a == " + "9" * 1900,
    "a == 9**9**9",
    "a == 5 m**9999999",
    "a == 5 " + "m*" * 900 + "m",
    "a == 1e308 Ym",
    "a == -1e400",
    "a == 5 __import__('os')",
    "a == 0000-00-00",
    "a == 9999-12-31 and a == 0001-01-01",
    "a on b",
    "2026-01-01 in a",
    "in in in",
    "and and and",
    "or",
    '"' * 2000,
    '"" in name',
    "\t\n\r\x0b\x0c",
    "\u202ea == 1",
    "name == “Tin”",
    "<script>alert(1)</script>",
    "a" * 2000,
    "ǅ.ß.ﬁ == 1",
    "٣ == ٣",
]


@pytest.mark.parametrize("advanced", ["true", "false"])
def test_hostile_queries_are_answered(shelf: Shelf, advanced: str) -> None:
    """With what they find or with 400; not one with an error of ours."""

    def status(query: str) -> int:
        return shelf.ask(query, use_advanced_search=advanced, limit=1).status_code

    with ThreadPoolExecutor(4) as threads:
        answered = dict(zip(HOSTILE, threads.map(status, HOSTILE), strict=True))

    assert {query: code for query, code in answered.items() if code not in (200, 400)} == {}


_pieces = st.sampled_from(
    [
        *'()!#"*.?<>=&|',
        *("a", "name", "5", "g", "and", "or", "not", "in", "on", "null", "True", " ", "&&", "||"),
        *("==", "!=", "<=", "2026-01-01", "#tin", '"x"', "-", "1e5", "\0", "é", "\U0001f600"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(query=st.lists(_pieces, max_size=25).map("".join) | st.text(max_size=60))
def test_whatever_is_asked_is_answered(shelf: Shelf, query: str) -> None:
    """With what it finds or with 400."""
    for advanced in ("true", "false"):
        answer = shelf.ask(query, use_advanced_search=advanced, limit=1)
        assert answer.status_code in (200, 400), answer.text


def test_bytes_that_are_no_text_are_answered(server: Running, shelf: Shelf) -> None:
    """A query may hold any percent-encoded byte."""
    for query in ("%ff", "%00", "%ED%A0%80", "%C3%28", "%F4%90%80%80"):
        for advanced in ("true", "false"):
            path = f"{API}/objects/?q={query}&use_advanced_search={advanced}"
            assert shelf.owner.client.get(path).status_code in (200, 400)


def test_related_objects_are_those_that_refer_and_are_referred_to(shelf: Shelf) -> None:
    """With what SampleDB says of another installation's, which is none."""

    def related(number: int) -> Any:
        answer = shelf.owner.client.get(f"{API}/objects/{number}/related_objects")
        assert answer.status_code == 200
        return answer.json()

    assert related(shelf.tin) == {
        "referencing_objects": [{"object_id": shelf.foil, "component_uuid": None}],
        "referenced_objects": [],
    }
    assert related(shelf.foil) == {
        "referencing_objects": [],
        "referenced_objects": [{"object_id": shelf.tin, "component_uuid": None}],
    }


def test_related_objects_show_only_what_the_asker_may_read(shelf: Shelf, join: Join) -> None:
    """Neither whom an object is referred to by nor what it refers to."""
    other = join("relative")
    me = other.client.get(f"{API}/users/me").json()["user_id"]
    path = f"{API}/objects/{shelf.foil}/permissions/users/{me}"
    assert shelf.owner.client.put(path, json="read").status_code == 200

    shown = other.client.get(f"{API}/objects/{shelf.foil}/related_objects")

    assert shown.json() == {"referencing_objects": [], "referenced_objects": []}
    hidden = other.client.get(f"{API}/objects/{shelf.tin}/related_objects")
    assert hidden.status_code == 403
    assert other.client.get(f"{API}/objects/999999999/related_objects").status_code == 404
