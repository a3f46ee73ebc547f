"""What an answer has that the document does not say: members, and headers.

That schemas are kept, schemathesis tries; but a schema lets through what it does not name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from schemathesis import Case
from schemathesis.checks import CheckContext
from schemathesis.core.transport import Response

# What HTTP has for every answer, and what the document says of all of them.
EVERYWHERE = {
    *("access-control-allow-origin", "access-control-expose-headers", "allow", "cache-control"),
    *("connection", "content-length", "content-security-policy", "content-type", "date"),
    *("referrer-policy", "server", "transfer-encoding", "tus-resumable", "vary"),
    *("x-content-type-options", "x-request-id"),
}


class Unsaid:
    """A check of schemathesis: no answer has what the document does not say."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def check(self, ctx: CheckContext, response: Response, case: Case[Any]) -> None:
        """Fail on members and headers that the answer of an operation is not said to have."""
        operation = self.document["paths"][case.operation.path][case.operation.method.lower()]
        said = self._at(operation["responses"].get(str(response.status_code), {}))
        kind = next(iter(response.headers.get("content-type", ())), "").partition(";")[0]
        schema = said.get("content", {}).get(kind, {}).get("schema")
        found = [f"the header {each}" for each in sorted(_headers(said, response))]
        if schema is not None and kind.endswith("json"):
            found += sorted(set(self.members(schema, response.json())))
        assert not found, f"{response.status_code} has what is not in the document: {found}"

    def members(self, schema: Any, value: Any, at: str = "") -> Iterator[str]:
        """Yield the members of a value that its schema, of alternatives the best, does not say."""
        schema = self._at(schema)
        ways = schema.get("anyOf") or schema.get("oneOf")
        if ways is not None:
            fit = [list(self.members(each, value, at)) for each in ways if self._fits(each, value)]
            yield from min(fit, key=len, default=[])
        elif isinstance(value, list):
            for each in value:
                yield from self.members(schema.get("items", {}), each, f"{at}[]")
        elif isinstance(value, dict) and "type" in schema:
            known, others = schema.get("properties", {}), schema.get("additionalProperties", False)
            for name, each in value.items():
                if name in known:
                    yield from self.members(known[name], each, f"{at}.{name}")
                elif others is False:
                    yield f"{at}.{name}"
                elif others is not True:
                    yield from self.members(others, each, f"{at}.*")

    def _at(self, said: Any) -> Any:
        """Return what is said, or referred to."""
        while "$ref" in said:
            _, *steps = said["$ref"].split("/")
            said = self.document
            for each in steps:
                said = said[each]
        return said

    def _fits(self, schema: Any, value: Any) -> bool:
        beside = {"components": self.document["components"]}
        return Draft202012Validator({**schema, **beside}).is_valid(value)


def _headers(said: dict[str, Any], response: Response) -> set[str]:
    known = {each.lower() for each in said.get("headers", {})}
    return {each.lower() for each in response.headers} - known - EVERYWHERE
