"""Durable votes per second through the socket: distinct voters, fsync on, recounted."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass, field

from loadtests.bench.rig import Meter, Rig, Used
from loadtests.bench.sockets import connect_all
from loadtests.faults import setting
from loadtests.wire.ids import uuid7
from loadtests.wire.thin_socket import TEXT, ThinSocket, masked

VOTERS = 2_000
JOINING_AT_ONCE = 64
VOTE_ROUNDS = 5
"""Rounds open at once: every voter votes once in each, so every ballot is a new one."""
OPTIONS = 4
TIMEOUT_S = 60.0
_ACK, _REJECT = b'"t":"ack"', b'"t":"reject"'


@dataclass(slots=True)
class VoteRun:
    """One burst."""

    votes: int
    used: Used
    recounted: int
    rejected: int

    @property
    def per_second(self) -> float:
        """Durable votes a second, from the first byte sent to the last ack."""
        return self.votes / self.used.wall_s


@dataclass(slots=True)
class VoteBench:
    """All bursts."""

    runs: list[VoteRun] = field(default_factory=list)

    @property
    def best(self) -> VoteRun:
        """The least disturbed one."""
        return min(self.runs, key=lambda run: run.used.wall_s)


class _Acks:
    def __init__(self) -> None:
        self.acks = 0
        self.rejects = 0
        self.wanted = 0
        self.all_answered = asyncio.Event()

    def frame(self, socket: ThinSocket, opcode: int, payload: bytes) -> None:
        if opcode != TEXT:
            return
        if payload.find(_ACK, 0, 16) >= 0:
            self.acks += 1
        elif payload.find(_REJECT, 0, 16) >= 0:
            self.rejects += 1
        else:
            return
        if self.acks + self.rejects >= self.wanted:
            self.all_answered.set()


async def measure(rig: Rig, rounds: int, voters: int = VOTERS) -> VoteBench:
    """So many bursts of ``voters`` x `VOTE_ROUNDS` ballots, each in rounds of its own."""
    bench = VoteBench()
    for _ in range(rounds):
        bench.runs.append(await _burst(rig, voters))
    return bench


async def _burst(rig: Rig, voters: int) -> VoteRun:
    show_id = str((await setting.live_show(rig.crew, "Votes"))["id"])
    config = setting.single_choice(OPTIONS, visibility="on_close")
    round_ids = [await setting.open_round(rig.crew, show_id, config) for _ in range(VOTE_ROUNDS)]
    tickets = await rig.admit(show_id, voters)
    acks = _Acks()
    acks.wanted = voters * VOTE_ROUNDS
    crowd = await connect_all(rig.port, show_id, tickets, acks.frame, at_once=JOINING_AT_ONCE)
    frames = [_ballots(number, round_ids) for number in range(voters)]
    meter = Meter(rig)
    meter.start()
    for socket, frame in zip(crowd.sockets, frames, strict=True):
        socket.write(frame)
    try:
        await asyncio.wait_for(acks.all_answered.wait(), TIMEOUT_S)
    except TimeoutError:
        closed = Counter(socket.close_code for socket in crowd.sockets)
        raise RuntimeError(
            f"{acks.acks} acks and {acks.rejects} rejects of {acks.wanted}; sockets closed with "
            f"{dict(closed)}\n{rig.command.tail()}"
        ) from None
    used = meter.stop()
    results = [await setting.close_round(rig.crew, round_id) for round_id in round_ids]
    crowd.leave()
    recounted = sum(int(result["voters"]) for result in results)
    return VoteRun(acks.acks, used, recounted, acks.rejects)


def _ballots(number: int, round_ids: list[str]) -> bytes:
    frames = b""
    for round_id in round_ids:
        message = {
            "t": "command",
            "command_id": uuid7(),
            "name": "cast_vote",
            "args": {"round_id": round_id, "picks": [{"option_id": f"o{number % OPTIONS + 1}"}]},
        }
        frames += masked(TEXT, json.dumps(message).encode())
    return frames
