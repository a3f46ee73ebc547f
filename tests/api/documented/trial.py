"""Requests that schemathesis makes of the document, and what of their answers is not in it."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.transport.requests import REQUESTS_TRANSPORT, binary_serializer

from api import tus
from tests.api.documented.places import Places, part

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
APART = ("operationId", "security")
SOMEWHERE = 0.85  # how often a path leads to what is there
PATIENCE = 60.0  # seconds

REQUESTS_TRANSPORT.serializer(tus.PATCH_TYPE)(binary_serializer)


class Trial:
    """Every operation of a document, tried in its order; what deletes or erases comes last.

    `make` makes what paths lead to, at first and when it is renewed. Each request is made by every
    asker in turn, who is known by a token. `failures` are what the service answered outside its
    document, `answers` how many there were of each status.
    """

    def __init__(
        self, url: str, document: Any, make: Callable[[], Places], askers: Sequence[str]
    ) -> None:
        schema = schemathesis.openapi.from_dict(document)
        found = [each.ok() for each in schema.get_all_operations() if isinstance(each, Ok)]
        self.operations = sorted(found, key=_destroys)
        self.failures: list[str] = []
        self.answers: Counter[int] = Counter()
        self._url, self._make, self._places = url, make, make()
        self._headers = [{"Authorization": f"Bearer {each}"} for each in askers]
        self._session = requests.Session()

    def renew(self) -> None:
        """Lead paths to what was just made: by and by the rest is erased, or nobody's."""
        self._places = self._make()

    def unlike(self) -> list[APIOperation[Any, Any, Any, Any]]:
        """Return one of all operations of which the document says the same."""
        found: dict[tuple[str, str], APIOperation[Any, Any, Any, Any]] = {}
        for each in self.operations:
            said = {k: v for k, v in each.definition.raw.items() if k not in APART}
            found.setdefault((each.method, json.dumps(said, sort_keys=True)), each)
        return list(found.values())

    def run(
        self,
        operation: APIOperation[Any, Any, Any, Any],
        mode: GenerationMode,
        examples: int,
        number: int,
    ) -> None:
        """Try an operation with so many requests that a number stands for."""
        chance = random.Random(number)

        def one(case: Case[Any]) -> None:
            self._lead(case, chance)
            for headers in self._headers:
                self._ask(case, headers)

        asked = given(case=operation.as_strategy(generation_mode=mode))(one)
        with suppress(Unsatisfiable):  # there is nothing that could be wrong
            settings(
                max_examples=examples,
                database=None,
                deadline=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )(seed(number)(asked))()

    def _lead(self, case: Case[Any], chance: random.Random) -> None:
        """Lead a request to what is there, mostly."""
        for name in case.path_parameters or {}:
            known = part(self._places, case.operation.path, name)
            if known is not None and chance.random() < SOMEWHERE:
                case.path_parameters[name] = known

    def _ask(self, case: Case[Any], headers: dict[str, str]) -> None:
        answer = case.call(
            base_url=self._url, session=self._session, headers=headers, timeout=PATIENCE
        )
        self.answers[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except BaseExceptionGroup as failed:
            self.failures += [f"{case.operation.label}: {each}" for each in failed.exceptions]


def _destroys(operation: APIOperation[Any, Any, Any, Any]) -> bool:
    return operation.method.upper() == "DELETE" or operation.path.endswith("/erasures/")
