"""Distinct voters over sockets of their own, one vote a frame, at a rate or all at once.

Every vote counts from the moment it was due to its ack, and an ack means durable. Voters vote once
in each open round, and where there are more votes to cast they change their minds. Afterwards the
rounds are closed, and each result must be what the voters' last acknowledged votes add up to.
"""

from __future__ import annotations

import math
import time
from collections import Counter
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from loadtests.faults import setting
from loadtests.kit.crowd import Crowd, http, settled
from loadtests.kit.fans import Fan
from loadtests.kit.pacing import steady
from loadtests.kit.player import Player
from loadtests.kit.recorder import Recorder
from loadtests.kit.scenario import Check, Scenario, Stage, check, equal, nothing_wrong
from loadtests.scenarios.lines import first_of, share_of
from loadtests.scenarios.voting import recounted
from loadtests.wire.messages import Ack, Reject

VOTES_PER_PROCESS = 6_000
"""Votes a second that one generator process sends and takes the answers of without hurry."""

PROCESSES_MAX = 4
ROUNDS_MAX = 8
"""Open at once in one show (docs/protocol.md, Limits)."""

ANSWER_TIMEOUT_S = 60.0


class VotesOptions(Struct, frozen=True):
    """How much of what."""

    voters: Annotated[int, Meta(description="Voters, each with a socket.", ge=1)] = 1_000
    rate: Annotated[float, Meta(description="Votes a second; 0: all at once.", ge=0)] = 1_000.0
    seconds: Annotated[float, Meta(description="How long, at a rate.", gt=0)] = 10.0
    rounds: Annotated[int, Meta(description="Rounds open at once, up to 8.", ge=1)] = 5
    options: Annotated[int, Meta(description="Options of each round.", ge=2)] = 4


class VotesShare(Struct, frozen=True):
    """One process's part."""

    show_id: str
    round_ids: list[str]
    voters: int
    first: int
    rate: float


class VotesFinding(Struct, frozen=True):
    """What one process's voters were told."""

    ballots: dict[str, dict[str, int]]
    acked: int
    unanswered: int
    took_s: float
    violations: list[str]


class Votes(Scenario[VotesOptions, VotesShare, VotesFinding]):
    """See the module."""

    name: ClassVar[str] = "votes"
    title: ClassVar[str] = "Votes: durable, recounted"
    operations: ClassVar = {"vote": "a vote, from its due moment to its ack (durable)"}
    headline: ClassVar = ("vote",)
    options_type = VotesOptions
    share_type = VotesShare
    finding_type = VotesFinding

    def __init__(self, options: VotesOptions) -> None:
        if options.rounds > ROUNDS_MAX:
            raise ValueError(f"at most {ROUNDS_MAX} rounds may be open at once")
        super().__init__(options)

    def processes(self) -> int:
        """By votes a second; a burst by voters."""
        load = self.options.rate or self.options.voters * self.options.rounds
        return min(PROCESSES_MAX, max(1, math.ceil(load / VOTES_PER_PROCESS)))

    def seconds(self) -> float:
        """A burst takes as long as it takes."""
        return self.options.seconds if self.options.rate else 0.0

    async def prepare(self, stage: Stage) -> list[VotesShare]:
        """A show with its rounds open."""
        show_id = str((await setting.live_show(stage.crew, "Votes"))["id"])
        config = setting.single_choice(self.options.options, visibility="on_close")
        self._round_ids = [
            await setting.open_round(stage.crew, show_id, config)
            for _ in range(self.options.rounds)
        ]
        n = stage.processes
        return [
            VotesShare(
                show_id,
                self._round_ids,
                share_of(self.options.voters, n, number),
                first_of(self.options.voters, n, number),
                self.options.rate / n,
            )
            for number in range(n)
        ]

    async def play(self, player: Player, share: VotesShare) -> VotesFinding:
        """Votes."""
        async with http(player.address) as session:
            crowd = Crowd(player, session, share.first)
            voters = await crowd.admit(share.show_id, share.voters)
            await crowd.enter(voters)
            urn = Urn(player.recorder, voters, share.round_ids, self.options.options)
            await player.ready()
            if share.rate:
                await player.pace(steady(share.rate, self.options.seconds), urn.cast)
            else:
                for number in range(len(voters) * len(share.round_ids)):
                    urn.cast(number, player.started_at)
            await settled(lambda: urn.unanswered == 0, ANSWER_TIMEOUT_S, 0.005)
            finding = VotesFinding(
                ballots=urn.counted(),
                acked=urn.acked,
                unanswered=urn.unanswered,
                took_s=urn.last_at - player.started_at,
                violations=crowd.violations(),
            )
            crowd.leave()
            return finding

    async def judge(self, stage: Stage, findings: list[VotesFinding]) -> list[Check]:
        """The recount."""
        results = {}
        voters = 0
        for round_id in self._round_ids:
            result = await setting.close_round(stage.crew, round_id)
            results[round_id] = {k: int(v) for k, v in result["options"].items() if v}
            voters += int(result["voters"])
        cast: dict[str, Counter[str]] = {}
        for finding in findings:
            for round_id, options in finding.ballots.items():
                cast.setdefault(round_id, Counter()).update(options)
        acked = sum(finding.acked for finding in findings)
        took_s = max(finding.took_s for finding in findings)
        stage.figures |= {
            "durable votes": acked,
            "seconds from the first due to the last ack": round(took_s, 3),
            "durable votes a second": round(acked / took_s) if took_s > 0 else 0,
            "ballots": voters,
        }
        refused = dict(stage.timeline.errors.get("vote", ()))
        return [
            recounted(results, cast),
            equal("every vote was answered", sum(f.unanswered for f in findings), 0),
            check("no vote was refused", not refused, f"{refused}" if refused else ""),
            nothing_wrong("every log is whole", [v for f in findings for v in f.violations]),
        ]


class Urn:
    """The votes of one process: who voted what, and what was acknowledged last."""

    def __init__(
        self, recorder: Recorder, voters: list[Fan], round_ids: list[str], options: int
    ) -> None:
        self.acked = 0
        self.unanswered = 0
        self.last_at = 0.0
        self._recorder = recorder
        self._voters = voters
        self._round_ids = round_ids
        self._options = options
        self._last: dict[tuple[str, int], str] = {}

    def cast(self, number: int, due: float) -> None:
        """The vote of that number: everybody in the first round, then in the next, then again."""
        people = len(self._voters)
        fan = self._voters[number % people]
        turn = number // people
        round_id = self._round_ids[turn % len(self._round_ids)]
        again = turn // len(self._round_ids)
        option = f"o{(fan.number + again) % self._options + 1}"

        def answered(answer: Ack | Reject) -> None:
            now = time.monotonic()
            self.unanswered -= 1
            self.last_at = max(self.last_at, now)
            if isinstance(answer, Ack):
                self.acked += 1
                self._last[round_id, fan.number] = option
                self._recorder.took("vote", now - due)
            else:
                self._recorder.failed("vote", answer.code)

        args: dict[str, object] = {"round_id": round_id, "picks": [{"option_id": option}]}
        if fan.say("cast_vote", args, answered):
            self.unanswered += 1
        else:
            self._recorder.failed("vote", "not connected")

    def counted(self) -> dict[str, dict[str, int]]:
        """Acknowledged ballots by round and option."""
        found: dict[str, Counter[str]] = {}
        for (round_id, _), option in self._last.items():
            found.setdefault(round_id, Counter())[option] += 1
        return {round_id: dict(counts) for round_id, counts in found.items()}
