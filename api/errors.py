"""The status of each refusal. How it is worded is each dialect's own affair."""

from __future__ import annotations

from domain import errors

STATUS: dict[type[errors.Refusal], int] = {
    errors.NotFound: 404,
    errors.NoRecord: 404,
    errors.Gone: 410,
    errors.NotAcceptable: 406,
    errors.Unauthenticated: 401,
    errors.Anonymous: 401,
    errors.Forbidden: 403,
    errors.Conflict: 409,
    errors.Stale: 412,
    errors.Busy: 423,
    errors.Needed: 409,
    errors.Unprocessable: 422,
    errors.Invalid: 400,
    errors.TooLarge: 413,
    errors.TooManyRequests: 429,
    errors.OutOfSpace: 507,
    errors.Damaged: 503,  # the fault is not the client's, and somebody can mend it
}


def status_of(refusal: errors.Refusal) -> int:
    """Return the HTTP status that a refusal has where a dialect says nothing else."""
    return STATUS[type(refusal)]
