"""JSON indented for people, every number and every string as it was written."""

from __future__ import annotations

import re

WORD = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]+')
OPENING, CLOSING = ("{", "["), ("}", "]")


def indented(document: bytes) -> str:
    """Return a JSON document with a line for each value."""
    words = WORD.findall(document.decode())
    written: list[str] = []
    depth = 0
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        if word in CLOSING:
            depth -= 1
            if before not in OPENING:
                written.append("\n" + "  " * depth)
        written.append(": " if word == ":" else word)
        if word in OPENING:
            depth += 1
        if word == "," or (word in OPENING and after not in CLOSING):
            written.append("\n" + "  " * depth)
    return "".join(written)
