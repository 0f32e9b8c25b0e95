"""An HTTP call's visit to a room: in, a command or a look, out again."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import msgspec

from rooms.answers import SetlistAnswer
from rooms.commands import AnyCommand, Envelope, UpdateSetlist
from rooms.errors import rate_limited
from rooms.messages import Ack, CommandMessage
from rooms.node import Node
from rooms.participants import Participant
from rooms.ports import Clock
from rooms.room import Room
from rooms.sessions.allowance import Allowance, Allowances, TokenBucket
from rooms.sessions.envelopes import wire_envelope
from server.envelopes import accepted_update, acknowledged, envelope
from server.security.identity import Identity
from server.shows.attendance import Attendance, is_crew


class RoomCall:
    """A caller in a room. ``participant`` is ``None`` for somebody who only looks in.

    Attributes:
        is_crew: sees what crew sees.
    """

    def __init__(
        self,
        room: Room,
        participant: Participant | None,
        clock: Clock,
        allowance: Allowance | None = None,
        *,
        received_at: datetime,
        is_crew: bool,
    ) -> None:
        self.room = room
        self.participant = participant
        self.is_crew = is_crew
        self._clock = clock
        self._allowance = allowance
        self._received_at = received_at

    def has_voted(self, round_id: str) -> bool:
        """Whether the caller has a ballot in the round."""
        who = self.participant
        return who is not None and self.room.replica.has_voted(who.participant_id, round_id)

    async def give(self, command_id: str, command: AnyCommand) -> Ack:
        """Gives a command and waits until it is durable.

        Raises:
            ApiError: it was rejected.
            Retryable: ``room_busy``, ``rate_limited``.
        """
        if self._allowance is not None:
            _take(self._allowance.commands, self._clock)
        return await self._ask(envelope(command_id, self._who, command, self._received_at))

    async def say(self, command_id: str, name: str, args: Any) -> Ack:
        """Gives a command by name, with what a socket's message holds, as a socket does.

        Raises:
            ApiError: it was rejected.
            RoomError: ``unknown_command``, ``invalid_arguments``, ``rate_limited``, …
        """
        if self._allowance is not None:
            _take(self._allowance.commands, self._clock)
        message = CommandMessage(command_id=command_id, name=name, args=args)
        return await self._ask(wire_envelope(message, self._who, self._received_at))

    async def _ask(self, said: Envelope) -> Ack:
        return acknowledged(await self.room.ask(said))

    async def give_as_asked(self, command_id: str, command: AnyCommand, asked: bytes) -> Ack:
        """Gives a command that is known by what was asked for: what was looked up for it may be
        another when it is said again, and it is still the same command.

        Raises:
            ApiError: it was rejected.
            Retryable: ``room_busy``, ``rate_limited``.
        """
        if self._allowance is not None:
            _take(self._allowance.commands, self._clock)
        said = envelope(command_id, self._who, command, self._clock.now())
        known = msgspec.structs.replace(said, payload_hash=hashlib.sha256(asked).digest())
        return acknowledged(await self.room.ask(known))

    async def update_setlist(self, command_id: str, update: bytes) -> SetlistAnswer:
        """Sends one Yjs update and waits until it is durable, perhaps repaired.

        Raises:
            ApiError: it could not be taken.
        """
        if self._allowance is not None:
            _take(self._allowance.updates, self._clock)
        command = UpdateSetlist(update=update)
        return accepted_update(
            await self.room.ask(envelope(command_id, self._who, command, self._received_at))
        )

    @property
    def _who(self) -> Participant:
        if self.participant is None:
            raise TypeError("who only looks in gives no commands")
        return self.participant


class RoomCalls:
    """Brings callers into rooms."""

    def __init__(
        self, node: Node, attendance: Attendance, allowances: Allowances, clock: Clock
    ) -> None:
        self._node = node
        self._attendance = attendance
        self._allowances = allowances
        self._clock = clock

    @asynccontextmanager
    async def enter(self, show_id: str, identity: Identity) -> AsyncIterator[RoomCall]:
        """A caller who takes part: an attendee from now on, where the show lets them.

        Raises:
            ApiError: ``unknown_show``, ``join_code_required``, ``removed``.
        """
        received_at = self._clock.now()  # before anything is waited for: a late vote is not ours
        participant = await self._attendance.join(show_id, identity)
        room = await self._node.enter(show_id)
        try:
            await room.admit(participant)
            allowance = self._allowances.of(
                show_id, participant.participant_id, self._clock.monotonic()
            )
            yield RoomCall(
                room,
                participant,
                self._clock,
                allowance,
                received_at=received_at,
                is_crew=participant.is_crew,
            )
        finally:
            self._node.leave(room)

    @asynccontextmanager
    async def look(
        self, show_id: str, viewer: Identity | None, join_code: str | None = None
    ) -> AsyncIterator[RoomCall]:
        """A caller who looks in, at a copy no older than the call.

        Raises:
            ApiError: ``unknown_show``, ``join_code_required``.
        """
        standing = await self._attendance.read(show_id, viewer, join_code)
        participant = None
        if viewer is not None and (standing.attendee or is_crew(standing, viewer)):
            participant = await self._attendance.join(show_id, viewer)
        room = await self._node.enter(show_id)
        try:
            if participant is not None:
                await room.admit(participant)
            await self._freshen(room)
            crew = participant is not None and participant.is_crew
            yield RoomCall(
                room, participant, self._clock, received_at=self._clock.now(), is_crew=crew
            )
        finally:
            self._node.leave(room)

    async def _freshen(self, room: Room) -> None:
        """Waits until this node's copy has what was durable when the call came."""
        _, heads = await self._node.room_log.heads([room.show_id])
        head = heads.get(room.show_id)
        if head is not None:
            await room.reach(head)


def _take(bucket: TokenBucket, clock: Clock) -> None:
    wait_s = bucket.take(clock.monotonic())
    if wait_s:
        raise rate_limited(wait_s)
