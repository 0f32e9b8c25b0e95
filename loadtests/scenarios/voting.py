"""Fans who vote in rounds that the crew opens, and the recount."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loadtests.kit.fans import Fan
from loadtests.kit.recorder import Recorder
from loadtests.kit.scenario import Check, check
from loadtests.wire.api import ApiProblem
from loadtests.wire.ids import uuid7
from loadtests.wire.messages import Ack, Reject

THINKING_SIGMA = 0.6
ANSWER_TIMEOUT_S = 10.0
"""After that a vote is said again, over HTTP and under the same id."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the crew says about a round: where, which, and how long people think."""

    show_id: str
    round_id: str
    within_s: float

    @classmethod
    def read(cls, body: str) -> Told:
        """From a line of the crew's."""
        show_id, round_id, within_s = body.split()
        return cls(show_id, round_id, float(within_s))


class Ballots:
    """The votes of one process, and what became of them."""

    def __init__(self, recorder: Recorder, rng: random.Random) -> None:
        self._recorder = recorder
        self._rng = rng
        self._last: dict[tuple[str, int], str] = {}
        self._open: set[tuple[str, int]] = set()

    async def vote(self, fans: Sequence[Fan], told: Told, options: int, share: float) -> None:
        """A share of the fans vote, each in a moment of their own."""
        await asyncio.gather(
            *(
                self._one(fan, told, self._choice(options), self._rng.uniform(0, told.within_s))
                for fan in fans
                if self._rng.random() < share
            )
        )

    async def think(
        self, fans: Sequence[Fan], told: Told, options: int, share: float, median_s: float
    ) -> None:
        """The same, but people think: log-normal around a median, cut off by the round's end."""
        delays = [self._rng.lognormvariate(math.log(median_s), THINKING_SIGMA) for _ in fans]
        await asyncio.gather(
            *(
                self._one(fan, told, self._choice(options), delay_s)
                for fan, delay_s in zip(fans, delays, strict=True)
                if self._rng.random() < share and delay_s < told.within_s
            )
        )

    def _choice(self, options: int) -> str:
        return f"o{self._rng.randint(1, options)}"

    async def _one(self, fan: Fan, told: Told, option: str, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        if not fan.connected:
            return  # Away just now: no phone in the room, no vote.
        done: asyncio.Future[Ack | Reject] = asyncio.get_running_loop().create_future()

        def answered(answer: Ack | Reject) -> None:
            if not done.done():
                done.set_result(answer)

        began = time.monotonic()
        args: dict[str, object] = {"round_id": told.round_id, "picks": [{"option_id": option}]}
        key, command_id = (told.round_id, fan.number), uuid7()
        self._open.add(key)
        fan.say("cast_vote", args, answered, command_id)
        first = True
        try:
            answer = await asyncio.wait_for(done, ANSWER_TIMEOUT_S)
        except TimeoutError:
            # The answer went with a socket. The same command said again gets the same answer; how
            # long that took is how long the phone waited for the first.
            first = False
            self._recorder.count("votes said again over HTTP")
            answer = await _again(fan, command_id, args)
        self._open.discard(key)
        if isinstance(answer, Ack):
            if first:
                self._recorder.took("vote", time.monotonic() - began)
            self._last[key] = option
        else:
            self._recorder.failed("vote", answer.code)

    def counted(self) -> dict[str, dict[str, int]]:
        """Acknowledged ballots by round and option."""
        found: dict[str, Counter[str]] = {}
        for (round_id, _), option in self._last.items():
            found.setdefault(round_id, Counter())[option] += 1
        return {round_id: dict(counts) for round_id, counts in found.items()}

    def unanswered(self) -> int:
        """Votes whose fate is not known."""
        return len(self._open)


async def _again(fan: Fan, command_id: str, args: dict[str, object]) -> Ack | Reject:
    try:
        await fan.api.command(fan.show_id, "cast_vote", dict(args), command_id)
    except ApiProblem as problem:
        return Reject(command_id, problem.code)
    return Ack(command_id, 0)


def recounted(
    results: Mapping[str, Mapping[str, int]], cast: Mapping[str, Mapping[str, int]]
) -> Check:
    """Whether each round's result counts exactly the acknowledged ballots."""
    wrong = [
        f"round {round_id}: result {dict(result)}, acknowledged {dict(cast.get(round_id, {}))}"
        for round_id, result in results.items()
        if dict(result) != {k: v for k, v in cast.get(round_id, {}).items() if v}
    ]
    votes = sum(sum(options.values()) for options in results.values())
    detail = wrong[0] if wrong else f"{votes:,} votes in {len(results)} rounds"
    promise = "every round's result counts every acknowledged vote exactly once"
    return check(promise, not wrong and bool(results), detail)
