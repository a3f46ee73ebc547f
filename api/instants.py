"""Instants in a query or a header, read strictly. Source: RFC 3339; RFC 9110, 5.6.7."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from datetime import time as clock

import falcon
from falcon.asgi import Request

from domain.errors import Invalid
from domain.instants import rfc3339

INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d:\d\d(?:\.\d{1,6})?)([Zz]|[+ -]\d\d:\d\d)?)?", re.ASCII
)
DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
TIME = re.compile(r"(?<=[Tt ])(\d\d:\d\d:(\d\d))(\.\d+)?", re.ASCII)
FORM = (
    "a date, or a date and a time as in 2026-02-28T12:30:00.5+01:00 (RFC 3339, up to six digits"
    " of a second; without a zone it is UTC, a date alone is its midnight)"
)


def parameter(req: Request, name: str) -> datetime | None:
    """Return the instant that a parameter of the query holds. Raises Invalid."""
    found = req.get_param_as_list(name)
    if found is None:
        return None
    if len(found) > 1:
        raise Invalid(f"{name} is malformed: it is given {len(found)} times.")
    return parse(name, found[0])


def parse(name: str, text: str) -> datetime:
    """Return the instant, in UTC, that a text spells. Raises Invalid, naming what is malformed."""
    match = INSTANT.fullmatch(text)
    if match is not None:
        date, time, zone = match[1], match[2] or "00:00:00", match[3] or "Z"
        if zone[0] == " ":  # an unescaped +, which a query decodes as a blank
            zone = f"+{zone[1:]}"
        try:
            return datetime.fromisoformat(f"{date}T{time}{zone.upper()}").astimezone(UTC)
        except (ValueError, OverflowError):  # no such day or hour, or one before the year 1
            pass
    raise Invalid(f"{name} is malformed: {text[:50]!r} is not {FORM}{_fault(text)}.")


def _fault(text: str) -> str:
    """Return what is wrong with an instant where it is known, else nothing."""
    date, time = DATE.match(text), TIME.search(text)
    if date is not None and not _is(datetime.fromisoformat, date[0]):
        return f"; there is no day {date[0]}"
    if time is None:
        return ""
    if time[2] == "60":
        return "; a leap second has no instant of its own: ask for :59.999999"
    if not _is(clock.fromisoformat, time[1]):
        return f"; there is no time {time[1]}"
    if len(time[3] or "") > len(".123456"):
        return "; it has more than six digits of a second"
    return ""


def _is(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


def require_past(name: str, at: datetime) -> None:
    """Pass an instant that is not in the future. Raises Invalid."""
    now = datetime.now(UTC)
    if at > now:
        raise Invalid(f"{name} lies in the future: {rfc3339(at)} is after now, {rfc3339(now)}.")


def accepted(req: Request) -> datetime:
    """Return the instant of Accept-Datetime. Raises Invalid. Source: RFC 7089, 2.1.1."""
    text = req.get_header("Accept-Datetime") or ""
    try:
        return falcon.http_date_to_dt(text)
    except ValueError:
        raise Invalid(
            f"Accept-Datetime is malformed: {text[:50]!r} is not an instant as in"
            " Thu, 31 May 2007 20:35:00 GMT."
        ) from None


def is_older(at: datetime, age: timedelta) -> bool:
    """Whether an instant is longer ago than an age."""
    return datetime.now(UTC) - at > age
