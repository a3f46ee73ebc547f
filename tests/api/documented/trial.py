"""Requests that schemathesis makes of the document, and what of their answers is not in it."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
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
from tests.api.documented.saying import LEFT_OUT, said
from tests.api.documented.unsaid import Unsaid

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# What comes last, in this order, before what deletes.
ENDING = (
    "/deposits/{depid}/actions/publish/",
    "/deposits/{depid}/actions/edit/",
    "/deposits/{depid}/actions/discard/",
    "/draft/actions/publish",
    "/rename",
    "/erasures/",
)
CONDITIONS = ("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since")
TAKEN = ("tags", "parameters", "requestBody")
SOMEWHERE = 0.85  # how often a path leads to what is there
PATIENCE = 60.0  # seconds

Operation = APIOperation[Any, Any, Any, Any]

REQUESTS_TRANSPORT.serializer(tus.PATCH_TYPE)(binary_serializer)


class Trial:
    """Every operation of a document, tried in rounds.

    `make` makes what paths lead to, at first and when it is renewed. Askers are
    known by their tokens. `failures` are what the service answered outside its
    document, `answers` how many there were of each operation and status.
    """

    def __init__(
        self, url: str, document: Any, make: Callable[[], Places], askers: Sequence[str]
    ) -> None:
        schema = schemathesis.openapi.from_dict(document)
        self.operations: list[Operation] = [
            each.ok() for each in schema.get_all_operations() if isinstance(each, Ok)
        ]
        self.failures: list[str] = []
        self.answers: dict[str, Counter[int]] = defaultdict(Counter)
        self._url, self._make, self._places = url, make, make()
        self._checks = [*CHECKS, Unsaid(document).check]
        self._headers = [{"Authorization": f"Bearer {each}"} for each in askers]
        self._session = requests.Session()

    def close(self) -> None:
        """End the connections."""
        self._session.close()

    def renew(self) -> None:
        """Lead paths to what was just made: by and by the rest is erased, or nobody's."""
        self._places = self._make()

    def unlike(self) -> list[Operation]:
        """Return one of all operations of a door that take the same, by the document."""
        found: dict[str, Operation] = {}
        for each in self.operations:
            taken = {name: each.definition.raw.get(name) for name in TAKEN}
            found.setdefault(json.dumps(taken, sort_keys=True), each)
        return list(found.values())

    def round(
        self, number: int, examples: int, wrong: Sequence[Operation] | None = None
    ) -> Iterator[None]:
        """Try every operation with right and wrong requests that a number stands for.

        `wrong` are those that are asked wrongly, all if it is None. What is read is read when
        everything was written; what ends something comes last. Wrong requests are made by any
        asker, right ones by every one.
        """
        ending = sorted(
            (each for each in self.operations if _ends(each)),
            key=lambda each: (_ends(each), -len(each.path)),
        )
        others = [each for each in self.operations if not _ends(each)]
        reading = [each for each in others if each.method.upper() == "GET"]
        writing = [each for each in others if each.method.upper() != "GET"]
        for operations, mode in (
            (writing + reading, GenerationMode.POSITIVE),
            (others + ending if wrong is None else wrong, GenerationMode.NEGATIVE),
            (ending, GenerationMode.POSITIVE),
        ):
            for each in operations:
                self._run(each, mode, examples, number)
                yield

    def succeeded(self) -> dict[str, float]:
        """Return which part of the operations of each tag were carried out, for any asker."""
        tried: dict[str, list[bool]] = defaultdict(list)
        for each in self.operations:
            done = any(status < 400 for status in self.answers[each.label])
            tried[each.definition.raw["tags"][0]].append(done)
        return {tag: sum(done) / len(done) for tag, done in sorted(tried.items())}

    def _run(self, operation: Operation, mode: GenerationMode, examples: int, number: int) -> None:
        chance = random.Random(number)

        def one(case: Case[Any]) -> None:
            self._lead(case, mode, chance)
            right = mode == GenerationMode.POSITIVE
            for headers in self._headers if right else [chance.choice(self._headers)]:
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

    def _lead(self, case: Case[Any], mode: GenerationMode, chance: random.Random) -> None:
        """Lead a request to what is there, mostly; what is to be wrong beside its path stays so."""
        path = case.operation.path
        for name in case.path_parameters or {}:
            known = part(self._places, path, name)
            if known is not None and chance.random() < SOMEWHERE:
                case.path_parameters[name] = known
        if mode == GenerationMode.NEGATIVE or chance.random() > SOMEWHERE:
            return
        for name in CONDITIONS:
            if case.headers and name in case.headers:
                del case.headers[name]
        known = said(self._places, case.method.upper(), path)
        if isinstance(known, list):
            case.body = known
        elif case.method.upper() == "GET":
            case.query = _with(case.query or {}, known)
        elif known and isinstance(case.body, dict):
            case.body = _with(case.body, known)

    def _ask(self, case: Case[Any], headers: dict[str, str]) -> None:
        answer = case.call(
            base_url=self._url, session=self._session, headers=headers, timeout=PATIENCE
        )
        self.answers[case.operation.label][answer.status_code] += 1
        try:
            case.validate_response(answer, checks=self._checks)
        except BaseExceptionGroup as failed:
            self.failures += [f"{case.operation.label}: {each}" for each in failed.exceptions]


def _with(generated: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (generated | known).items() if value is not LEFT_OUT}


def _ends(operation: Operation) -> int:
    """Return when an operation that ends what others need is tried; 0: it ends nothing."""
    if operation.method.upper() == "DELETE":
        return len(ENDING) + 1
    last = (at for at, end in enumerate(ENDING, 1) if operation.path.endswith(end))
    return next(last, 0)
