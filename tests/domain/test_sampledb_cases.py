"""SampleDB's own verdicts on schemas, data and units: ours agree, case by case."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from domain.errors import Fault, Invalid
from domain.schemas.sampledb import Compiled
from domain.schemas.sampledb.reading import Reading, Reference
from domain.schemas.sampledb.units import unit

CASES = Path(__file__).parents[3] / "shared" / "data" / "sampledb-schema-cases.json"
if not CASES.exists():
    pytest.skip(f"SampleDB's verdicts are not there: {CASES}", allow_module_level=True)
FILE = json.loads(CASES.read_bytes())
CONTEXT = FILE["context"]

DIFFERENT = {
    "D/plotly.badkey": "the plotly library, 40 MB, is not asked which attributes a trace has",
}
"""Cases that we decide otherwise, and why."""


class Context:
    """What existed when SampleDB gave its verdicts."""

    def action_of(self, number: int) -> tuple[int, int] | None:
        """Return the action of an object, and its type."""
        found = CONTEXT["objects"].get(str(number))
        if found is None:
            return None
        action = found["action_id"]
        return action, CONTEXT["actions"][str(action)]["type_id"]

    def has_user(self, number: int) -> bool:
        """Whether there is a user."""
        return number in CONTEXT["users"]

    def file_name(self, number: int) -> str | None:
        """Return the name of a file of the object."""
        return CONTEXT["file_names"].get(str(number))  # type: ignore[no-any-return]


def template(number: int) -> dict[str, Any] | None:
    """Return the one template's schema."""
    action = CONTEXT["actions"].get(str(number), {})
    return CONTEXT["template_schema"] if action.get("is_template") else None


def compiled(schema: Any, *, strict: bool) -> Compiled:
    """Compile a case's schema."""
    return Compiled(json.dumps(schema).encode(), template, strict=strict)


def verdict(schema: Any, *, strict: bool) -> list[list[str]] | None:
    """Return where a schema is refused; None: it is not."""
    try:
        compiled(schema, strict=strict)
    except Invalid as error:
        return paths(error)
    return None


def paths(error: Invalid) -> list[list[str]]:
    """Return the places of all faults."""
    return [[str(step) for step in fault.path] for fault in error.faults]


def of(kind: str) -> list[Any]:
    """Return the cases of a kind, each under its own name."""
    return [
        pytest.param(case, id=ascii(case["id"])) for case in FILE["cases"] if case["kind"] == kind
    ]


@pytest.mark.parametrize("case", of("schema"))
def test_a_schema_is_accepted_as_sampledb_accepts_it(case: dict[str, Any]) -> None:
    """When it is made and when it is stored, and a fault is at the same place."""
    made = verdict(case["schema"], strict=True)

    assert (made is None) is case["accepted"]
    if case.get("error_paths") is not None:
        assert made == case["error_paths"]
    stored = verdict(case["schema"], strict=False)
    assert (stored is None) is (case["accepted_when_stored"] is True)


@pytest.mark.parametrize("case", of("data"))
def test_data_is_accepted_and_completed_as_sampledb_does(case: dict[str, Any]) -> None:
    """The same verdict, the same places in the same order, the same document in the end."""
    raw = json.dumps(case["data"]).encode()
    schema = compiled(case["schema"], strict=False)
    accepted = schema.accept(case["data"], raw)

    found = None
    try:
        accepted.settle(Context())
    except Invalid as error:
        found = paths(error)

    if case["id"] in DIFFERENT:
        assert (found is None) is not case["accepted"]
        return
    assert (found is None) is case["accepted"]
    if case.get("error_paths") is not None:
        assert found == case["error_paths"]
    if case["accepted"]:
        assert json.loads(accepted.raw or raw) == case.get("stored", case["data"])
        assert (accepted.raw is not None) is ("stored" in case)


@pytest.mark.parametrize("case", of("data"))
def test_both_readers_agree(case: dict[str, Any]) -> None:
    """What jsonschema-rs and the lean reader accept, the whole reader accepts, and completes so."""
    schema = compiled(case["schema"], strict=False)
    whole, lean = Reading(), Reading()
    schema._whole.read(case["data"], (), whole)
    if not schema._decider.is_valid(case["data"]):
        return
    if schema._lean is not None:
        schema._lean.read(case["data"], (), lean)

    assert lean.edits == whole.edits
    assert {each for each in lean.findings if isinstance(each, Fault)} == {
        each for each in whole.findings if isinstance(each, Fault)
    }
    assert [each for each in lean.findings if isinstance(each, Reference)] == [
        each for each in whole.findings if isinstance(each, Reference)
    ]


@pytest.mark.parametrize(
    "case", [pytest.param(each, id=ascii(each["units"])) for each in FILE["units"]]
)
def test_a_unit_is_reduced_as_sampledb_reduces_it(case: dict[str, Any]) -> None:
    """The same dimension, and the same magnitudes in base units, to the last digit."""
    found = unit(case["units"])

    assert (found is not None) is case["valid"]
    if found is not None:
        assert found.dimensionality == case["dimensionality"]
        exactly = 0 if found.ratio is None else 1e-15  # a power is rounded in more than one way
        for magnitude, key in ((1, "base_of_1"), (2.5, "base_of_2_5")):
            assert math.isclose(found.to_base(magnitude), case[key], rel_tol=exactly)
        assert math.isclose(found.from_base(case["base_of_2_5"]), 2.5)


def test_few_cases_are_decided_otherwise() -> None:
    """At most five of all."""
    assert len(DIFFERENT) <= 5
    assert set(DIFFERENT) <= {case["id"] for case in FILE["cases"]}
