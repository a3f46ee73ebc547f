"""`access` of a record as requests give it and answers show it. Source: the specification, 3, 5."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any, Literal

from domain.schemas.rdm.dates import parse
from domain.schemas.rdm.loading import Loaded
from domain.schemas.rdm.reading import MISSING, Reader, Reading, flag, record, without_nulls
from domain.schemas.rdm.text import text
from domain.values import Access, Embargo

Status = Literal["open", "restricted", "embargoed", "metadata-only"]


def load(value: Any, now: datetime) -> Loaded:
    """Read a request's `access`; an embargo is held against `now`, which has a zone."""
    reading = Reading("access")
    embargo = record(
        {"active": flag, "until": _day, "reason": text()}, check=partial(_held_against, now)
    )
    fields = {**_VISIBILITIES, "embargo": without_nulls(embargo)}
    stored = record(fields, required=_VISIBILITIES, shown=("status",))(value, reading)
    return Loaded({} if stored is MISSING else stored, tuple(reading.faults))


def decided(value: Any, stored: dict[str, Any]) -> Access:
    """Return the access that a request asks for: `value` as it came, `stored` what was valid of it.

    Where nothing was asked a record and its files are public; where what was asked is wrong they
    are restricted until it is put right.
    """
    asked: Literal["public", "restricted"] = "public" if value is None else "restricted"
    embargo = stored.get("embargo", {})
    return Access(
        record=stored.get("record", asked),
        files=stored.get("files", asked),
        embargo=Embargo(until=instant(embargo["until"]), reason=embargo.get("reason"))
        if embargo.get("active")
        else None,
    )


def show(access: Access, now: datetime, *, has_files: bool) -> dict[str, Any]:
    """Return access as an answer shows it. `has_files`: whether the record may have any."""
    embargo = access.embargo
    in_force = embargo is not None and embargo.until > now
    lifted = embargo is not None and not in_force
    shown: dict[str, Any] = {"active": in_force, "reason": embargo.reason if embargo else None}
    if embargo is not None:
        shown["until"] = embargo.until.date().isoformat()
    return {
        "record": "public" if lifted else access.record,
        "files": "public" if lifted else access.files,
        "embargo": shown,
        "status": status(access, now, has_files=has_files),
    }


def status(access: Access, now: datetime, *, has_files: bool) -> Status:
    """Return the one word for what everybody may see of a record."""
    if access.embargo is not None:
        if access.embargo.until > now:
            return "embargoed"
    elif "restricted" in (access.record, access.files if has_files else "public"):
        return "restricted"
    return "open" if has_files else "metadata-only"


def instant(until: str) -> datetime:
    """Return when a day begins, UTC."""
    return datetime.fromisoformat(until).replace(tzinfo=UTC)


def _visibility(name: str) -> Reader:
    def read(value: Any, reading: Reading) -> Any:
        if value in ("public", "restricted"):
            return value
        reading.fault(
            f"'{name}' must be either 'public' or 'restricted'"
            if isinstance(value, str)
            else "Not a valid string."
        )
        return MISSING

    return read


def _day(value: Any, reading: Reading) -> Any:
    days = parse(value) if isinstance(value, str) else ()
    if len(days) == 1 and days[0].year and days[0].day:
        return value
    reading.fault("Not a valid date.")
    return MISSING


def _held_against(
    now: datetime, kept: dict[str, Any], given: dict[str, Any], reading: Reading
) -> dict[str, Any]:
    """Keep an embargo whose end is where it says; one of which a part was wrong is none."""
    if kept.keys() != given.keys() & {"active", "until", "reason"}:
        return {}
    ahead = "until" in kept and instant(kept["until"]) > now
    if kept.get("active") and not ahead:
        reading.fault("Embargo end date must be set to a future date.", "until")
        return {}
    if kept.get("active") is False and ahead:
        reading.fault("Embargo end date must be unset or in the past.", "until")
        return {}
    return kept


_VISIBILITIES = {"record": _visibility("record"), "files": _visibility("files")}
