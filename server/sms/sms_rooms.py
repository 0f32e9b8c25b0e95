"""Texts in rooms: commands with the MessageSid as their id, and a look at what is voted on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from rooms import limits
from rooms.answers import Answer
from rooms.commands import AnyCommand, Envelope, LinkParticipants, by_system
from rooms.decide.linking import who_stays
from rooms.errors import Retryable
from rooms.messages import Ack, Reject
from rooms.node import Node
from rooms.participants import Channel, Participant
from rooms.ports import Clock, NewId, RoundRecord
from rooms.room import Room
from rooms.rounds.windows import TAKES_VOTES, last_moment
from rooms.sms.ports import Phones
from server.envelopes import acknowledged, envelope, problem_of
from server.problems import from_room_error

LATE: Final = timedelta(minutes=10)
"""How long after a round's end a number is taken for a vote in it that came too late."""

_PAUSES_S: Final = (0.1, 0.3, 0.6, 1.0)


class SmsRooms:
    """Brings texts into rooms."""

    def __init__(self, node: Node, phones: Phones, clock: Clock, new_id: NewId) -> None:
        self._node = node
        self._phones = phones
        self._clock = clock
        self._new_id = new_id

    @asynccontextmanager
    async def enter(self, show_id: str, participant: Participant) -> AsyncIterator[Room]:
        """The room, with this participant's ballots known.

        Raises:
            LogUnavailable: it could not be read.
        """
        room = await self._node.enter(show_id)
        try:
            await room.admit(participant)
            yield room
        finally:
            self._node.leave(room)

    async def ask(
        self,
        show_id: str,
        participant: Participant,
        command: AnyCommand,
        message_sid: str,
        received_at: datetime,
    ) -> Ack | Reject:
        """Gives a text's command, and says it again while nothing is decided.

        Raises:
            ApiError: nothing was decided in `limits.SMS_RETRY_S`; the carrier shall try again.
        """
        said = replace(
            envelope(message_sid, participant, command, received_at), channel=Channel.SMS
        )
        ends_at = self._clock.monotonic() + limits.SMS_RETRY_S
        for tried in range(1_000):
            async with self.enter(show_id, said.participant) as room:
                answer: Answer | None = None
                try:
                    answer = await room.ask(said)
                except Retryable as busy:
                    if self._clock.monotonic() >= ends_at:
                        raise from_room_error(busy) from None
                if isinstance(answer, Reject) and answer.code == "participant_linked":
                    # Linked while this text was on its way: it is the app's word now.
                    said = replace(said, participant=await self._survivor(show_id, room, said))
                    continue
            if isinstance(answer, Ack):
                return answer
            if isinstance(answer, Reject):
                if not answer.retryable or answer.code == "rate_limited":
                    return answer
                if self._clock.monotonic() >= ends_at:
                    raise problem_of(answer)
            await self._clock.sleep(_PAUSES_S[min(tried, len(_PAUSES_S) - 1)])
        raise AssertionError("time was over long before")

    async def link(self, show_id: str, gone: str, stays: str) -> None:
        """Makes a phone's participant an app's, for good; again changes nothing.

        Raises:
            ApiError: ``already_linked``, ``removed``, ``unknown_participant``, or nothing decided.
        """
        room = await self._node.enter(show_id)
        try:
            link = by_system(LinkParticipants(gone, stays), self._clock.now(), self._new_id())
            acknowledged(await room.ask(link))
        finally:
            self._node.leave(room)

    async def _survivor(self, show_id: str, room: Room, said: Envelope) -> Participant:
        stays = who_stays(room.replica.state.memory.linked, said.participant.participant_id)
        participant = await self._phones.participant(show_id, stays)
        if participant is None:
            raise LookupError("a link leads to nobody")
        return participant


def round_for(room: Room, at: datetime) -> RoundRecord | None:
    """The newest round that takes votes by text at ``at``."""
    facts = room.facts
    rounds = [
        record
        for record in room.replica.state.rounds.values()
        if record.status in TAKES_VOTES and Channel.SMS in record.config.who.channels
    ]
    in_time = []
    for record in rounds:
        ends_at = last_moment(record, facts, Channel.SMS)
        if ends_at is None or at <= ends_at:
            in_time.append(record)
    return max(in_time or rounds, key=_opened, default=None)


def missed_round(room: Room, at: datetime) -> bool:
    """Whether a round that took texts was closed a moment ago."""
    return any(
        record.closed_at is not None
        and Channel.SMS in record.config.who.channels
        and at - record.closed_at < LATE
        for record in room.replica.state.rounds.values()
    )


def shown_round(room: Room) -> RoundRecord | None:
    """The round that a score is asked of: the newest that was opened."""
    rounds = [
        record
        for record in room.replica.state.rounds.values()
        if record.opened_at is not None and record.status not in ("superseded", "cancelled")
    ]
    return max(rounds, key=_opened, default=None)


def _opened(record: RoundRecord) -> tuple[datetime, int, str]:
    assert record.opened_at is not None, "drafts take no votes"
    return (record.opened_at, record.position, record.round_id)
