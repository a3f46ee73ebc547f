r"""An Action's schema: checked when the action is made, compiled once, asked at every version.

JSON Schema drafts 4, 6, 7, 2019-09 and 2020-12. jsonschema-rs gives every verdict; the jsonschema
library is the reference that the tests hold it to. Nothing is ever fetched. What both mean:

- `format`, `contentEncoding` and `contentMediaType` are annotations in every draft, never rules;
- `dependencies` rules in drafts 4 to 7 alone; from 2019-09 on it is not a keyword;
- beside `$ref`, drafts 4 to 7 ignore every other keyword.

Where they differ jsonschema-rs is nearer to the specification, and decides: patterns are
ECMA-262's (in Python's `re`, `\d` takes every script's digits, and `$` also stands before a last
line feed), `multipleOf` counts in decimals (0.3 is a multiple of 0.1), and in 2019-09 too
`unevaluatedProperties` leaves alone what a schema under `additionalProperties` accepted.
"""

from __future__ import annotations

from domain.schemas.compiled import SCHEMA_BYTES, Compiled, compile  # noqa: A004 (as in `re`)

__all__ = ["SCHEMA_BYTES", "Compiled", "compile"]
