"""SampleDB's schema language beyond its own verdicts: patterns, bytes, units, both readers."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import heavy
from domain.commands.existing import LIGHT, MOST, Existing
from domain.errors import Invalid, TooLarge
from domain.schemas import sampledb
from domain.schemas.sampledb.patterns import Refused, linearized, matcher
from domain.schemas.sampledb.reading import Reading
from domain.schemas.sampledb.units import unit
from tests.running import ROOT


def schema(**properties: Any) -> sampledb.Compiled:
    """Compile a schema with a name and other properties."""
    whole = {
        "title": "Object",
        "type": "object",
        "properties": {"name": {"title": "Name", "type": "text"}, **properties},
        "required": ["name"],
    }
    return sampledb.Compiled(orjson.dumps(whole), strict=True)


def of(type_: str, **more: Any) -> dict[str, Any]:
    """Return the schema of one property."""
    return {"title": type_, "type": type_, **more}


def completed(compiled: sampledb.Compiled, raw: str) -> str:
    """Return the document as it is stored."""
    accepted = compiled.accept(orjson.loads(raw), raw.encode())
    assert not accepted.findings
    return raw if accepted.raw is None else accepted.raw.decode()


TEXTS = (
    *("", "abc", "abc\n", "abc\n\n", "xabc", "ABC", "12", "a b", "a\nb", "_", "-", "a.b", "AB-12"),
    *("٣", "é", "Ⅻ", "x²", "ß", "\x1c", "\x85", "\u2028", "\ufeff", "😀", "aaab", "]", "\\"),
)
PATTERNS = (
    *("abc", "^abc$", r"\Aabc\Z", "(?m)^a$", "(?i)abc$", "(?i:A)bc", "a.b", "(?s)a.b", ".$", ""),
    *(r"\d", r"^\d$", r"\D+$", r"\w+$", r"\W", r"\s$", r"\S+\Z", r"(?a)\d", r"(?a)\w+$", r"\bé\b"),
    *(
        "[^a]",
        r"[\s\d]$",
        r"[\W\d]$",
        r"[^\W\d_]+$",
        r"[\d.]+$",
        r"[.\-\]]",
        r"[\\]",
        "[a-z]{2,3}$",
    ),
    *("a*?b", "(a|b)+$", "a|", "(?x) a  b # c", r"(?P<y>\d+)$", r"^[A-Z]{2}-\d+$", "[a-z]{2,3}$"),
)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_matches_what_re_match_matches(pattern: str) -> None:
    """Anchored at the start only, over all scripts, with Python's flags."""
    written = matcher(linearized(pattern))

    assert [written.is_valid(text) for text in TEXTS] == [
        re.match(pattern, text) is not None for text in TEXTS
    ]


@pytest.mark.parametrize(
    "pattern",
    [r"(a)\1", "(?=a)b", "(?<!a)b", "(?>a)b", "a++", "(?:a{999}){999}", "(" * 5000 + ")" * 5000],
)
def test_a_pattern_that_could_take_for_ever_is_refused(pattern: str) -> None:
    """When the schema is made; no document is ever held to it."""
    with pytest.raises(Refused):
        linearized(pattern)


def test_the_patterns_of_a_schema_are_limited_together() -> None:
    """Each of them is small enough alone."""
    many = {
        f"p{each}": of("text", pattern=f"(?:tin and lead){{{each}}}") for each in range(500, 540)
    }

    with pytest.raises(Invalid, match="too large together"):
        schema(**many)


@pytest.mark.parametrize(
    "text",
    [
        *("9**9**9", "m**9**9", "(m**99)**99)**99", "m**999", "2*m", "5 m", "1e9", "m.real"),
        *("__import__", "m" * 300, "m**(9**9)", "lambda:0", "m;s", "m**0x9", "m--s", "", " "),
    ],
)
def test_a_text_that_is_no_unit_is_decided_at_once(text: str) -> None:
    """Names, ones and small exponents reach pint, and nothing else."""
    found = unit(text)

    assert (found is not None) is (text.strip() == "")


def test_two_spellings_of_a_unit_are_the_same_unit() -> None:
    """A list cannot have both."""
    with pytest.raises(Invalid, match="duplicate"):
        schema(q=of("quantity", units=["m^2", "meter**2"]))


def test_pint_is_imported_by_no_schema_without_units() -> None:
    """Nor by the service's start: it takes a third of a second and its memory."""
    program = (
        "import sys, scripts.serve, api.app\n"
        "from domain.schemas import sampledb\n"
        'sampledb.check(b\'{"title":"t","type":"object","required":["name"],'
        '"properties":{"name":{"title":"n","type":"text","pattern":"a"}}}\')\n'
        'assert "pint" not in sys.modules\n'
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


SPELLINGS = (
    '{"name":{"_type":"text","text":"n"},"q":{"_type":"quantity","magnitude":1}}',
    '\t{ "q" :\n{ "magnitude":1.0 ,"_type":"quantity"\n} ,"name":{"_type":"text","text":"n"}}\r\n',
    '{"name":{"_type":"text","text":"}\\"{[,:\\\\"},"\\u0071":{"_type":"quantity","magnitude":1e0}}',
)


@pytest.mark.parametrize("raw", SPELLINGS)
def test_only_what_is_missing_changes_in_the_bytes(raw: str) -> None:
    """Taken out again, the rest is what was sent: white space, escapes and numbers too."""
    compiled = schema(q=of("quantity", units="km"))
    added = ',"units":"km","dimensionality":"[length]","magnitude_in_base_units":1000.0'

    stored = completed(compiled, raw)

    assert stored != raw
    assert stored.replace(added, "") == raw
    assert completed(compiled, stored) == stored


def test_a_choice_takes_the_form_that_the_schema_has_of_it() -> None:
    """In its place; the same choice in the right form is left alone."""
    texts = schema(c=of("text", choices=["a"]))
    maps = schema(c=of("text", choices=[{"en": "a"}, {"en": "b", "de": "c"}]))
    document = '{"name":{"_type":"text","text":"n"},"c":{"_type":"text","text":%s}}'

    assert completed(texts, document % '{ "en" : "a" }') == document % '"a"'
    assert completed(maps, document % '"a"') == document % '{"en":"a"}'
    assert completed(maps, document % '{"de":"c", "en":"b"}') == document % '{"de":"c", "en":"b"}'


MAGNITUDES = st.floats(-1e12, 1e12) | st.integers(-(10**12), 10**12) | st.sampled_from([0, 1, -1])


@settings(deadline=None)  # the first asks pint
@given(
    own=st.sampled_from(["m", "mm", "degC", "degF", "dB", "%"]),
    given=MAGNITUDES,
    off=st.sampled_from([0, 1e-16, 4e-10, 9e-10, 1.1e-9, 1e-6, 1]),
    low=st.sampled_from([None, 0, 250, -1e6]),
)
def test_whole_quantities_are_read_alike_in_doubles_and_decimals(
    own: str, given: float, off: float, low: float | None
) -> None:
    """What the quick reader accepts, the exact one accepts; what it leaves is left to that."""
    bounds = {} if low is None else {"min_magnitude": low, "max_magnitude": 1e9}
    known = unit(own)
    assert known is not None
    base = known.to_base(given if own != "dB" else given % 100)
    value = {
        "_type": "quantity",
        "magnitude": given if own != "dB" else given % 100,
        "magnitude_in_base_units": base + base * off,
        "units": own,
        "dimensionality": known.dimensionality,
    }
    compiled = schema(q=of("quantity", units=own, **bounds))
    reader = compiled._whole.children["q"]  # type: ignore[attr-defined]
    quick, exact = Reading(), Reading()

    reader.lean.read(value, ("q",), quick)
    reader.read(value, ("q",), exact)

    assert quick.findings == exact.findings


def test_what_a_document_refers_to_is_counted() -> None:
    """No command looks up more than ten thousand things."""
    world = Existing(None)  # type: ignore[arg-type]  # no number here is one to look up

    for each in range(MOST):
        assert not world.has_user(-each)
    with pytest.raises(TooLarge, match="10,000"):
        world.action_of(-1)


def test_many_look_ups_are_heavy_work() -> None:
    """They wait for their turn, and no other writer waits for them."""
    world = Existing(None)  # type: ignore[arg-type]  # no number here is one to look up

    with pytest.raises(heavy.TooHeavy):
        heavy.lightly(lambda: [world.has_user(-each) for each in range(LIGHT + 1)])

    assert not world.has_user(-LIGHT - 1)


def test_what_the_helper_process_found_can_be_handed_over() -> None:
    """References and faults alike."""
    compiled = schema(u=of("user"), o=of("object_reference", action_id=[1, 2]), f=of("file"))
    data = {
        "name": {"_type": "text", "text": 1},
        "u": {"_type": "user", "user_id": 3},
        "o": {"_type": "object_reference", "object_id": 4},
        "f": {"_type": "file", "file_id": 5},
    }

    accepted = compiled.accept(data, orjson.dumps(data))

    assert len(accepted.findings) == 4
    assert pickle.loads(pickle.dumps(accepted)) == accepted  # noqa: S301 - our own
