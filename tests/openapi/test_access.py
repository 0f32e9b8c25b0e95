"""Each operation as everybody whom it is not for, with the true ids of somebody else's things: ids
can be guessed by their time (UUIDv7), and knowing one must give nothing."""

from __future__ import annotations

import re
import zlib
from typing import Any, NamedTuple

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.core import NOT_SET

from tests.browser.site import Site
from tests.openapi.fuzz import NOT_CALLED, put_ids
from tests.openapi.stage import Stage, set_stage
from tests.openapi.verdicts import STRANGERS, VERDICTS, Verdict, may_be
from tests.wire.client import Caller, Json, new_id, single

BODIES: dict[str, Any] = {
    "changeRound": {"config": single("Ripple", "Loser")},
    "supersedeRound": {"config": single("Ripple", "Loser"), "reason": "mistyped"},
    "createRound": {"config": single("Ripple", "Loser")},
    "updateSetlist": {"command_id": "access", "update": "AAA="},
    "giveCommand": {"command_id": "access", "name": "post_chat", "args": {"text": "hello"}},
    "restoreEntry": {"command_id": "access", "entry_id": "song-0", "seq": 1},
    "undoChange": {"command_id": "access", "seq": 1},
    "makeBroadcast": {"kind": "RECAP", "channels": ["sms"]},
    "answerSongReview": {"dismiss": True, "reason": "a test"},
}
"""Where generated values rarely get past the first look at them."""

QUERIES = {"sandboxChanges": "?after=0"}
"""Where something is required."""

BODIES_MAX = 4
"""Generated bodies that are tried until one is looked at by whoever decides who may."""


class Call(NamedTuple):
    """One operation, about somebody else's things."""

    name: str
    method: str
    template: str
    bodies: tuple[Any, ...]

    def path(self, ids: dict[str, str]) -> str:
        """With true ids in their places."""
        path = re.sub(r"{(\w+)}", lambda found: ids.get(found[1], new_id()), self.template)
        return path + QUERIES.get(self.name, "")


@pytest.fixture(scope="module")
def calls(document: Json) -> list[Call]:
    """All of them, but for what ends somebody's own session or account."""
    schema = schemathesis.openapi.from_dict(document)
    found = []
    for operation in (one.ok() for one in schema.get_all_operations()):
        name, path = operation.definition.raw["operationId"], operation.path
        ours = VERDICTS[name] in (Verdict.SIGNED_IN, Verdict.OPEN) and "/auth/" in path
        if not ours and not path.endswith(NOT_CALLED):
            found.append(Call(name, operation.method.upper(), path, _bodies(name, operation)))
    return found


def test_every_operation_has_a_verdict(document: Json) -> None:
    named = {
        operation["operationId"]
        for item in document["paths"].values()
        for operation in item.values()
    }
    assert named - set(VERDICTS) == set(), "decide who may call it: tests/openapi/verdicts.py"
    assert set(VERDICTS) - named == set(), "gone, or called otherwise"


@pytest.mark.parametrize("access", ["public", "private"])
def test_what_is_not_for_somebody_is_refused_or_not_there(
    site: Site, calls: list[Call], access: str
) -> None:
    stage = set_stage(site, access)
    for secret in ("token", "join_code"):  # whoever holds one is invited
        del stage.ids[secret]
    wrong = []
    for call in calls:
        verdict = VERDICTS[call.name]
        for actor in STRANGERS:
            if (call.name, actor) == ("endSession", "fan"):
                continue  # it is the fan's own
            status = _asked(call, stage, stage.people[actor])
            if not may_be(verdict, actor, private=access == "private", status=status):
                wrong.append(f"{call.name} as {actor}: {status}, is for: {verdict.value}")
    assert not wrong, "\n".join(wrong)


def _asked(call: Call, stage: Stage, actor: Caller) -> int:
    status = 0
    for body in call.bodies:
        put_ids(body, stage.ids)
        answer = actor.call(call.method, call.path(stage.ids), body)
        status = answer.status_code
        if status not in (400, 422):
            break
    return status


def _bodies(name: str, operation: Any) -> tuple[Any, ...]:
    if name in BODIES:
        return (BODIES[name],)
    if not operation.body:
        return (None,)
    found: list[Any] = []

    @seed(zlib.crc32(name.encode()))
    @settings(
        max_examples=BODIES_MAX,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def collect(case: Case) -> None:
        found.append({} if case.body is NOT_SET else case.body)

    collect()
    return tuple(found)
