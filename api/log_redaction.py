"""What is taken out of every text that is logged: what could be a secret, and users' data.

A message of ours has no secret in it; one of a library, or a traceback, may quote what it was
given. PostgreSQL quotes whole rows in its DETAIL, and values in its CONTEXT and in messages, of
which a traceback says that they are its own, and otherwise how they begin. Rather too much is taken
out than too little. Source: PostgreSQL, "Error Message Style Guide"; "Message Fields".
"""

from __future__ import annotations

import re

OUT = "[redacted]"
# From there to where a traceback goes on: a value that is quoted may have lines of any kind.
END = r"(?=\n[ |]*\n[ |]*(?:The above exception was |During handling of )|\Z)"
DETAIL = re.compile(rf"\n[ |]*(?:LINE \d+|DETAIL|QUERY|CONTEXT):.*?{END}", re.DOTALL)
# What is a name of ours after one of these words is none of a user's: all else in quotes may be.
NOUN = "(?:relation|table|column|constraint|index|schema|type|sequence|database|role|statement)"
POSTGRESQL = re.compile(
    rf"""(\bpsycopg\.errors\.\w+:\ (?>(?:{NOUN}\ "[^"\n]*"|[^"\n]){{0,300}}))".*?{END}""",
    re.DOTALL | re.VERBOSE,
)
QUOTED = re.compile(
    rf"""((?:invalid\ input\ (?:syntax\ for\ (?:type\ )?|value\ for\ enum\ )[^:\n]{{1,100}}
    |malformed\ [\w ]{{1,30}}\ literal|\bout\ of\ range
    |(?:syntax\ error|no\ operand)\ in\ ts(?:query|vector)):\ )".*?{END}""",
    re.DOTALL | re.VERBOSE,
)
RANGE = re.compile(r'"[^"\n]+"(?= is out of range for type )')
NAMES = r"(?:token|passw(?:or)?d|passphrase|secret|credential|api[_-]?key|private[_-]?key)"
# A name and its value, as of a query, a header, JSON, JSON within JSON, or Python's own forms.
NAMED = re.compile(
    rf"""({NAMES}[\w-]{{0,40}}[\\"']{{0,4}}\s*(?:[=:]|=>)\s*b?)
    (?:"(?:\\.|[^"\\])*|'(?:\\.|[^'\\])*|(\\+["'])(?:(?!(?<!\\)\2).)*|[^\s&'",;)}}\]\\]+)""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
SCHEME = re.compile(
    r"""(authorization[\\"']{0,3}\s*[:=,]\s*(?:b?\\*["'])?(?:\w+\s+)?|\b(?:bearer|oauth2)\s+)
    [^\s&'",;)\\]+""",
    re.IGNORECASE | re.VERBOSE,
)
COOKIE = re.compile(r"""(cookie\W{1,6}(?:b\W{1,2})?)[^\s"'][^"'\n]*""", re.IGNORECASE)
CODE = re.compile(r"([?&](?:code|device_code|user_code)=)[^&\s'\"]+", re.IGNORECASE)
USER = re.compile(r"(://)[^/@\s'\"]+(?=@)")
KEY = re.compile(r"whsec_[A-Za-z0-9+/=]+")
# What our tokens look like; ids and digests, which are of hexadecimal digits, stay.
TOKEN = re.compile(r"(?<![\w-])(?![0-9a-f-]+(?![\w-]))[A-Za-z0-9_-]{43,}")


def redacted(text: str) -> str:
    """Return a text without what could be a secret in it, or a value that PostgreSQL quotes."""
    text = RANGE.sub(OUT, DETAIL.sub("", text))
    for each in (POSTGRESQL, QUOTED, SCHEME, NAMED, COOKIE, CODE, USER):
        text = each.sub(rf"\1{OUT}", text)
    return TOKEN.sub(OUT, KEY.sub(OUT, text))
