"""One room in this process, with people in it who write frames and take what they are told."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from crdt import frames
from loadtests.wire.thin_socket import BINARY, TEXT, masked
from rooms.commands import AnyCommand, CreateRound, OpenRound
from rooms.fanout.speech import Speech
from rooms.messages import Ack
from rooms.participants import Participant, Role
from rooms.room import Room
from rooms.sessions.allowance import Allowances
from rooms.sessions.session import Session
from rooms.show import Access, ShowFacts, ShowStatus
from rooms.turns import Unanswered
from rooms.vote_config import Option, Visibility, VoteConfig, Window
from server.egress.messages_in import TEXT as TEXT_FRAME
from server.egress.messages_in import next_message
from storage.clock import DatabaseClock
from storage.ids import uuid7
from storage.rooms import turn_checks
from storage.rooms.memory import MemoryRoomLog
from storage.rooms.turn_arguments import call_of
from tests.rooms.builders import envelope

OPTIONS = 4


def new_id() -> str:
    """An id as the product mints them."""
    return str(uuid7())


class Ear:
    """A connection that takes everything at once: what is left of a socket without the system."""

    __slots__ = ("heard", "participant", "session_id", "speech", "ticket_id")

    def __init__(self, participant: Participant) -> None:
        self.participant = participant
        self.session_id = new_id()
        self.ticket_id = new_id()
        self.speech = Speech.ROOM
        self.heard = 0

    def write(self, frames: bytes) -> int:
        """Counts."""
        self.heard += len(frames)
        return 0

    def backlog(self) -> int:
        """None."""
        return 0

    def close(self, code: int, reason: str = "") -> None:
        """Nobody should be sent away while costs are measured."""
        raise RuntimeError(f"closed with {code} {reason}")

    def abort(self) -> None:
        """As `close`."""
        raise RuntimeError("aborted")


class _NoBus:
    def publish(self, show_id: str, message: bytes) -> None:
        del show_id, message


class StagedRoom:
    """A room whose turns are taken by hand, stage by stage.

    Attributes:
        spent: thread CPU seconds by stage, since it was emptied.
        turns_taken: so many turns, from the beginning.
        people: everybody who is here, with their sessions.
    """

    def __init__(self, room: Room, log: MemoryRoomLog) -> None:
        self.room = room
        self.log = log
        self.spent: dict[str, float] = defaultdict(float)
        self.turns_taken = 0
        self.people: list[tuple[Ear, Session]] = []
        self.artist = Participant(new_id(), new_id(), Role.ARTIST, "The band")

    async def enter(self, count: int) -> None:
        """So many guests, each with a device of its own, come in by socket."""
        allowances, clock = Allowances(), self.room._clock
        for number in range(count):
            who = Participant(
                new_id(), new_id(), Role.FAN, f"Guest {number}", guest=True, device_id=new_id()
            )
            ear = Ear(who)
            allowance = allowances.of(self.room.show_id, who.participant_id, clock.monotonic())
            session = Session(self.room, ear, clock, allowance)
            await session.open(None, None)
            self.people.append((ear, session))
        self._sweep()

    async def rounds(self, count: int) -> list[str]:
        """Open rounds of a single choice."""
        options = tuple(Option(f"o{n + 1}", f"Option {n + 1}") for n in range(OPTIONS))
        config = VoteConfig(
            title="What next?",
            options=options,
            visibility=Visibility.ON_CLOSE,
            window=Window(duration_s=None),
        )
        round_ids = [new_id() for _ in range(count)]
        for round_id in round_ids:
            for command in (CreateRound(round_id=round_id, config=config), OpenRound(round_id)):
                await self.told(command)
        return round_ids

    async def told(self, command: AnyCommand) -> None:
        """The artist says something, unmeasured."""
        answers: list[Any] = []
        said = envelope(self.artist, command, command_id=new_id())
        self.room.submit(said, answers.append)
        await self.turns()
        assert isinstance(answers[0], Ack), answers

    async def say(self, said: Sequence[tuple[int, bytes]]) -> None:
        """Frames of people, by their number: taken apart, read, decided, answered, told."""
        messages: list[tuple[int, int, bytes]] = []
        began = time.thread_time()
        for who, data in said:
            at = 0
            while at < len(data):
                found = next_message(data, at)
                assert found is not None, "a whole, plain frame"
                first, payload, at = found
                messages.append((who, first, payload))
        self._note("frame: bounds, mask, UTF-8", began)
        began = time.thread_time()
        for who, first, payload in messages:
            session = self.people[who][1]
            wait = session.text(payload) if first == TEXT_FRAME else session.binary(payload)
            assert wait is None, "nobody is paused"
        self._note("message and command decoded, hashed, rate, inbox", began)
        await self.turns()

    async def turns(self) -> None:
        """Takes all that waits, and writes all that is said."""
        room = self.room
        while room.waiting:
            began = time.thread_time()
            unanswered = Unanswered(room._inbox.take_turn())
            self._note("turn taken from the inbox", began)
            began = time.thread_time()
            decision = await room._turns._decide(unanswered.items)
            self._note("decided, with its answer and its stored form", began)
            began = time.thread_time()
            turn_checks.check(decision.turn)
            call_of(decision.turn)
            self._note("turn checked, columns packed", began)
            outcome = await room._turns._append(decision)
            began = time.thread_time()
            room._committed(decision, outcome)  # type: ignore[arg-type]
            self._note("taken over, events and publication encoded", began)
            began = time.thread_time()
            unanswered.answer_in_order(decision.answers)
            self._note("answers encoded", began)
            self.turns_taken += 1
            began = time.thread_time()
            self._sweep()
            self._note("told: order and joining, without system calls", began)

    def _sweep(self) -> None:
        fanout = self.room.hub._fanout
        fanout._sweep()
        while fanout._batches:
            fanout._sweep()

    def _note(self, stage: str, began: float) -> None:
        self.spent[stage] += time.thread_time() - began


async def staged_room() -> StagedRoom:
    """A live show's room, empty."""
    clock = DatabaseClock(_never)
    log = MemoryRoomLog(clock.now)
    facts = ShowFacts(
        show_id=new_id(),
        slug="stages",
        title="Stages",
        status=ShowStatus.LIVE,
        access=Access.PUBLIC,
        starts_at=clock.now(),
    )
    log.add_show(facts)
    record = await log.load(facts.show_id)
    assert record is not None
    room = Room(
        record,
        node_id="stages",
        room_log=log,
        bus=_NoBus(),  # type: ignore[arg-type]
        clock=clock,
        new_id=new_id,
    )
    return StagedRoom(room, log)


async def _never() -> Any:
    await asyncio.Event().wait()


def command(name: str, **args: Any) -> bytes:
    """A command's frame."""
    message = {"t": "command", "command_id": new_id(), "name": name, "args": args}
    return masked(TEXT, json.dumps(message).encode())


def synced() -> bytes:
    """The frame of an editor who has nothing that the room lacks."""
    return masked(BINARY, frames.encode_sync_step2(frames.EMPTY_UPDATE))


def edit(update: bytes) -> bytes:
    """A Yjs update's frame."""
    return masked(BINARY, frames.encode_update(update))
