"""What a profile may say: an e-mail address, an ORCID iD, and two lines of text."""

from __future__ import annotations

import re

from domain.account import Profile
from domain.errors import Invalid

LENGTH = 254  # characters of each. Source: RFC 5321, of an address
_EMAIL = re.compile(r"[^@\s:]+@[^@\s:]+")  # a colon ends the name that Basic sends


def checked(profile: Profile) -> Profile:
    """Return a profile as it is kept: stripped, the iD in its short form, None for nothing.

    Raises Invalid.
    """
    found = {key: (getattr(profile, key) or "").strip() for key in profile.__struct_fields__}
    for key, text in found.items():
        if len(text) > LENGTH or not text.isprintable():
            raise Invalid(f"{key} has at most {LENGTH} printable characters.")
    if found["email"] and not _EMAIL.fullmatch(found["email"]):
        raise Invalid(f"{found['email']!r} is no e-mail address.")
    found["orcid"] = found["orcid"] and _orcid(found["orcid"])
    return Profile(**{key: text or None for key, text in found.items()})


def _orcid(text: str) -> str:
    import idutils  # which takes a third of a second to load

    if not text.isascii() or not idutils.is_orcid(text):
        raise Invalid(f"{text!r} is no ORCID iD: its form or its last digit is wrong.")
    orcid: str = idutils.normalize_orcid(text)
    return orcid.upper()
