"""Who may see a record and its files, and the embargo on it. Source: the specification, 3 and 5."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.schemas.rdm import access, files
from domain.schemas.rdm.loading import Loaded
from domain.values import Access, Embargo
from tests.domain.rdm.records import wrong

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
OPEN = {"record": "public", "files": "public"}
SOON = datetime(2131, 1, 1, tzinfo=UTC)


def _load(value: Any) -> Loaded:
    return access.load(value, NOW)


@pytest.mark.parametrize("given", [{"record": "public"}, {"files": "public"}, {}])
def test_access_says_both_who_sees_the_record_and_who_its_files(given: dict[str, str]) -> None:
    """When it is given at all."""
    missing = {f"access.{name}" for name in ("record", "files") if name not in given}

    assert wrong(_load(given)) == dict.fromkeys(missing, "Missing data for required field.")


def test_access_is_public_or_restricted() -> None:
    """What is wrong is restricted until it is put right; the other one stays."""
    given = {"record": "secret", "files": "public"}
    loaded = _load(given)

    assert wrong(loaded) == {"access.record": "'record' must be either 'public' or 'restricted'"}
    assert access.decided(given, loaded.stored) == Access(record="restricted", files="public")


def test_without_access_everything_is_public() -> None:
    """As InvenioRDM has it."""
    assert access.decided(None, {}) == Access(record="public", files="public")


@pytest.mark.parametrize(
    ("embargo", "message"),
    [
        ({"active": True, "until": "2131-01-01"}, None),
        ({"active": True, "until": "2131-01-01", "reason": "Patent"}, None),
        ({"active": False}, None),
        ({"active": False, "reason": None, "until": None}, None),
        ({"active": False, "until": "2020-01-01"}, None),
        ({"active": True, "until": "2020-01-01"}, "Embargo end date must be set to a future date."),
        ({"active": True, "until": "2026-06-01"}, "Embargo end date must be set to a future date."),
        ({"active": True}, "Embargo end date must be set to a future date."),
        (
            {"active": False, "until": "2131-01-01"},
            "Embargo end date must be unset or in the past.",
        ),
        ({"active": True, "until": "2131"}, "Not a valid date."),
        ({"active": True, "until": 2131}, "Not a valid date."),
    ],
)
def test_an_embargo_ends_in_the_future_or_is_none(
    embargo: dict[str, Any], message: str | None
) -> None:
    """Held against the instant of the save."""
    faults = wrong(_load({"record": "public", "files": "restricted", "embargo": embargo}))

    assert faults.get("access.embargo.until") == message


def test_an_embargo_that_is_active_is_decided() -> None:
    """It lasts to the beginning of its last day, UTC."""
    given = {**OPEN, "embargo": {"active": True, "until": "2131-01-01", "reason": "Patent"}}

    assert access.decided(given, _load(given).stored).embargo == Embargo(SOON, "Patent")


def test_access_as_it_is_shown_may_be_sent_back() -> None:
    """It asks for the same."""
    has = Access(record="public", files="restricted", embargo=Embargo(SOON, "Patent"))
    shown = access.show(has, NOW, has_files=True)
    loaded = _load(shown)

    assert (loaded.errors, access.decided(shown, loaded.stored)) == ((), has)
    assert shown == {
        "record": "public",
        "files": "restricted",
        "embargo": {"active": True, "until": "2131-01-01", "reason": "Patent"},
        "status": "embargoed",
    }


@pytest.mark.parametrize(
    ("has", "has_files", "status"),
    [
        (Access("public", "public"), True, "open"),
        (Access("public", "restricted"), True, "restricted"),
        (Access("restricted", "restricted"), False, "restricted"),
        (Access("public", "public"), False, "metadata-only"),
        (Access("public", "restricted"), False, "metadata-only"),
        (Access("restricted", "restricted", Embargo(SOON)), True, "embargoed"),
        (
            Access("restricted", "restricted", Embargo(datetime(2020, 1, 1, tzinfo=UTC))),
            True,
            "open",
        ),
    ],
)
def test_one_word_says_what_everybody_may_see(has: Access, has_files: bool, status: str) -> None:
    """An embargo that has passed hides nothing."""
    assert access.show(has, NOW, has_files=has_files)["status"] == status


def test_the_file_that_is_shown_first_is_one_of_the_records() -> None:
    """Keys are taken as they are, blanks and all; what answers add is read past."""
    given = {"enabled": True, "default_preview": " a.txt", "order": [" a.txt"], "entries": {}}

    assert files.load(given, {" a.txt"}).errors == ()
    assert wrong(files.load(given, {"a.txt"})) == {
        "files.default_preview": "File with key  a.txt does not exist."
    }


def test_an_order_names_few_files_by_keys_that_files_have() -> None:
    """Each save of a draft has it in the log."""
    few = {"order": ["a" * 255] * 500}

    assert files.load(few, ()).errors == ()
    assert wrong(files.load({"order": ["a"] * 501}, ())) == {
        "files.order": "Longer than maximum length 500."
    }
    assert wrong(files.load({"order": ["a" * 256, "b"]}, ())) == {
        "files.order.0": "Longer than maximum length 255."
    }


def test_whether_there_are_files_is_said_in_true_or_false() -> None:
    """What is null was not said."""
    loaded = files.load({"enabled": "yes", "default_preview": None, "order": "a"}, ())

    assert wrong(loaded) == {
        "files.enabled": "Not a valid boolean.",
        "files.order": "Not a valid list.",
    }
    assert loaded.stored == {}
