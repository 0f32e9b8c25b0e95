"""Calls everything that the OpenAPI document names, with what fits it and what does not, as
everybody; and holds each answer to the document. A 500 is always a fault."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy, one_of
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from tests.openapi.stage import ACTORS, Stage

CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]

NOT_CALLED = ("/stream",)
"""Does not end; `tests/wire/doors` reads it."""

ENDINGS = (
    *("/logout", "/account", "/revoke_others", "/password", "/refresh", "/profile"),
    *("/cancel", "/close", "/archive", "/crew", "/crowd", "/supersede"),
)
"""What takes away what others stand on: it comes last, each on a stage of its own."""

ANSWER_S = 30.0

REAL_PATHS, REAL_VALUES = 0.8, 0.6
"""Shares of the cases whose ids are those of real things: others meet only "there is no such"."""


@dataclass
class Report:
    """What came of a run."""

    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    findings: dict[tuple[str, str], str] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        """For people."""
        yield f"{self.cases:,} cases; " + ", ".join(
            f"{status}: {count:,}" for status, count in sorted(self.statuses.items())
        )
        for (operation, what), how in sorted(self.findings.items()):
            yield f"{operation}: {what}\n    {how}"


def fuzz(
    document: dict[str, Any],
    base_url: str,
    make_stage: Callable[[], Stage],
    *,
    seed_number: int,
    examples: int,
) -> Report:
    """Calls every operation.

    Args:
        document: OpenAPI.
        base_url: of the node.
        make_stage: gives a fresh one; the first is kept until the operations that end something.
        seed_number: the same number makes the same calls, as far as answers are the same.
        examples: cases of each operation.
    """
    schema = schemathesis.openapi.from_dict(document)
    operations = [found.ok() for found in schema.get_all_operations()]
    wanted = [one for one in operations if not one.path.endswith(NOT_CALLED)]
    wanted.sort(key=lambda one: (_ends(one), one.method != "get", one.path, one.method))
    report = Report()
    with requests.Session() as session:
        stage = make_stage()
        for operation in wanted:
            if _ends(operation):
                stage = make_stage()
            chance = random.Random(f"{seed_number} {operation.label}")
            caller = _Caller(session, base_url, stage, chance, report)
            _exhaust(operation, caller, seed_number, examples)
    return report


def _ends(operation: Any) -> bool:
    return operation.method != "get" and (
        operation.path.endswith(ENDINGS) or operation.method == "delete"
    )


@dataclass
class _Caller:
    session: requests.Session
    base_url: str
    stage: Stage
    chance: random.Random
    report: Report

    def __call__(self, case: Case) -> None:
        actor = self.chance.choice(ACTORS)
        self._make_real(case)
        person = self.stage.people[actor]
        headers = person.headers
        case.headers.pop("Authorization", None)
        label = case.operation.label
        try:
            answer = case.call(self.base_url, self.session, headers=headers, timeout=ANSWER_S)
        except requests.RequestException as error:
            # A request that this client cannot even send was not sent.
            if not isinstance(error, requests.exceptions.InvalidHeader | UnicodeError):
                self._found(label, actor, type(error).__name__, case.as_curl_command()[:1500])
            return
        self.report.cases += 1
        self.report.statuses[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as failures:
            for failure in failures.exceptions:
                said = answer.content[:300].decode(errors="replace")
                how = f"{str(failure)[:300]}\n{answer.status_code} {said}\n{case.as_curl_command()}"
                title = getattr(failure, "title", type(failure).__name__)
                self._found(label, actor, title, how[:1500].replace("\n", "\n    "))

    def _found(self, operation: str, actor: str, what: str, how: str) -> None:
        self.report.findings.setdefault((operation, what), f"as {actor}: {how}")

    def _make_real(self, case: Case) -> None:
        ids = self.stage.ids
        for name in case.path_parameters:
            if name in ids and self.chance.random() < REAL_PATHS:
                case.path_parameters[name] = ids[name]
        if "wait_s" in case.query:
            case.query["wait_s"] = self.chance.choice([0, "0", "x", -1, 0.1])
        if self.chance.random() < REAL_VALUES:
            for name in list(case.query):
                if name in ids:
                    case.query[name] = ids[name]
            put_ids(case.body, ids)


def put_ids(body: Any, ids: dict[str, str]) -> None:
    """Real ids in place of generated ones, wherever something is named like one."""
    if isinstance(body, dict):
        for name, value in body.items():
            if name in ids and isinstance(value, str):
                body[name] = ids[name]
            else:
                put_ids(value, ids)
    elif isinstance(body, list):
        for part in body:
            put_ids(part, ids)


def _exhaust(operation: Any, call: _Caller, seed_number: int, examples: int) -> None:
    for mode, share in ((GenerationMode.POSITIVE, 0.7), (GenerationMode.NEGATIVE, 0.3)):
        count = max(1, round(examples * share))
        _draw(operation.as_strategy(generation_mode=mode), call, seed_number, count)


def _draw(strategy: SearchStrategy[Case], call: _Caller, seed_number: int, count: int) -> None:
    @seed(seed_number)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=one_of(strategy))
    def run(case: Case) -> None:
        call(case)

    with suppress(Unsatisfiable):  # nothing can be wrong with a call that takes nothing
        run()
