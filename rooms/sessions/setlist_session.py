"""The binary half of a socket: the y-websocket protocol, judged by the room."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from crdt import frames
from crdt.errors import DecodeError
from crdt.verdicts import ForbiddenReason
from rooms import limits
from rooms.answers import Answer, SetlistAnswer
from rooms.commands import Envelope, UpdateSetlist
from rooms.errors import RoomError
from rooms.fanout import wire
from rooms.fanout.connection import Connection
from rooms.fanout.framing import binary_frame
from rooms.messages import CloseCode, SetlistRefused, SetlistSaved
from rooms.participants import can
from rooms.ports import Clock
from rooms.sessions.allowance import Allowance, TokenBucket
from rooms.sessions.saved import SavedCount
from rooms.sessions.session_room import SessionRoom

_HEADER_BYTES_MAX = 16
"""Message types and a length before an update."""

_WANTS_STEP2 = frozenset({ForbiddenReason.PENDING.value, ForbiddenReason.FUTURE_DELETE.value})
"""What an update is closed for that builds on something the room has not seen."""

Wait = Coroutine[Any, Any, None]
"""What is to be awaited before more is read."""


class SetlistSession:
    """Answers syncs, passes updates to the room in order, and says what became durable.

    A frame is never refused for a retry, because a missing update leaves a gap that strands its
    sender: where there is no room for it, `take` gives back what is to be awaited before anything
    more is read from this socket.
    """

    def __init__(
        self, room: SessionRoom, connection: Connection, clock: Clock, allowance: Allowance
    ) -> None:
        self._room = room
        self._connection = connection
        self._clock = clock
        self._allowance = allowance
        who = connection.participant
        self._may_be_seen = who.shows_presence and "update_setlist" in can(who)
        self._free: TokenBucket | None = None
        self._requests = TokenBucket(limits.SYNC_REQUESTS_PER_SECOND, limits.SYNC_REQUESTS_BURST)
        self._awareness: TokenBucket | None = None
        self._saved = SavedCount()
        # The opening asks once; every further request of ours follows one of theirs.
        self._syncs_awaited = 1
        self._answered_opening = False
        self._early: list[tuple[int, bytes]] = []
        self._early_bytes = 0
        self._early_timer: asyncio.TimerHandle | None = None
        self._synced = False
        self._has_merged = False
        self._in_flight_bytes = 0
        self._drained: asyncio.Event | None = None
        """There while too much is in flight; set when it no longer is."""

    def take(self, data: bytes) -> Wait | None:
        """One binary message. What is given back goes on when the room can take more."""
        if len(data) > limits.FIRST_SYNC_BYTES_MAX + _HEADER_BYTES_MAX:
            self._close(CloseCode.TOO_LARGE, "frame too large")
            return None
        try:
            frame = frames.decode_frame(data)
            match frame:
                case frames.SyncStep1(state_vector):
                    return self._within(self._requests, partial(self._answer_sync, state_vector))
                case frames.SyncStep2(update):
                    return self._take_sync(update)
                case frames.SyncUpdate(update):
                    return self._take_update(update)
                case frames.AwarenessFrame(payload):
                    self._take_awareness(data, len(payload))
                case frames.QueryAwareness():
                    self._answer_awareness()
                case frames.Auth():
                    pass  # only servers have something to say by it
        except DecodeError:
            self._unreadable()
            return None
        return self._pace()

    def closed(self) -> None:
        """The socket is gone. What it sent before is still decided."""
        if self._early_timer is not None:
            self._early_timer.cancel()
            self._submit_early()

    # --- syncs -------------------------------------------------------------------------------

    def _answer_sync(self, state_vector: bytes) -> None:
        answer = binary_frame(self._room.sync_step2(state_vector))
        if self._answered_opening:
            self._syncs_awaited += 1
            answer += binary_frame(self._room.sync_step1())
        self._answered_opening = True
        self._room.hub.send(self._connection, answer)

    def _take_sync(self, update: bytes) -> Wait | None:
        asked = self._syncs_awaited > 0
        if not asked and len(update) > limits.YJS_UPDATE_BYTES_MAX:
            self._close(CloseCode.TOO_LARGE, "sync step 2 too large")
            return None
        self._syncs_awaited = max(0, self._syncs_awaited - 1)
        wait = self._pass_on(self._saved.arrive(), update, first_sync=asked)
        if wait is not None:
            return self._synced_after(wait)
        self._is_synced()
        return None

    async def _synced_after(self, wait: Wait) -> None:
        await wait
        self._is_synced()

    def _is_synced(self) -> None:
        self._synced = self._has_merged = True
        if self._early or self._early_timer is not None:
            self._submit_early()

    def _take_update(self, update: bytes) -> Wait | None:
        if len(update) > limits.YJS_UPDATE_BYTES_MAX:
            self._close(CloseCode.TOO_LARGE, "update too large")
            return None
        number = self._saved.arrive()
        if self._synced:
            return self._pass_on(number, update)
        return self._within(self._allowance.updates, partial(self._keep_early, number, update))

    def _keep_early(self, number: int, update: bytes) -> None:
        self._early_bytes += len(update)
        if self._early_bytes > limits.FIRST_SYNC_BYTES_MAX:
            self._close(CloseCode.TOO_LARGE, "too many updates before the first sync")
            return
        self._early.append((number, update))
        if self._early_timer is None:
            loop = asyncio.get_running_loop()
            self._early_timer = loop.call_later(limits.EARLY_UPDATES_WAIT_S, self._submit_early)

    def _submit_early(self) -> None:
        """What came before the first step 2, now that it came or was waited for long enough."""
        self._synced = True
        early, self._early = self._early, []
        self._early_bytes = 0
        if self._early_timer is not None:
            self._early_timer.cancel()
            self._early_timer = None
        for number, update in early:
            self._submit(number, update, first_sync=False)

    def _pass_on(self, number: int, update: bytes, *, first_sync: bool = False) -> Wait | None:
        if update == frames.EMPTY_UPDATE:
            self._settle(number, self._room.head.seq)
            return self._pace()
        if (
            self._drained is None
            and self._room.has_space
            and self._allowance.updates.take(self._clock.monotonic()) == 0.0
        ):
            self._submit(number, update, first_sync=first_sync)
            return None
        return self._pass_on_later(number, update, first_sync=first_sync)

    async def _pass_on_later(self, number: int, update: bytes, *, first_sync: bool) -> None:
        await self._wait_for(self._allowance.updates)
        if self._drained is not None:
            await self._drained.wait()
        await self._room.space()
        self._submit(number, update, first_sync=first_sync)

    def _submit(self, number: int, update: bytes, *, first_sync: bool) -> None:
        envelope = Envelope(
            command_id="",
            participant=self._connection.participant,
            received_at=self._clock.now(),
            command=UpdateSetlist(update=update, first_sync=first_sync),
            payload_hash=b"",
            keeps_reply=False,
        )
        size = len(update)
        self._in_flight(size)
        try:
            self._room.submit(envelope, partial(self._answered, number, size, self._has_merged))
        except RoomError:
            self._in_flight(-size)
            self._close(CloseCode.TRY_LATER, "room busy")

    def _in_flight(self, change: int) -> None:
        self._in_flight_bytes += change
        if self._in_flight_bytes >= limits.SETLIST_BYTES_IN_FLIGHT_MAX:
            self._drained = self._drained or asyncio.Event()
        elif self._drained is not None:
            self._drained.set()
            self._drained = None

    # --- answers -----------------------------------------------------------------------------

    def _answered(self, number: int, size: int, merged: bool, answer: Answer) -> None:
        self._in_flight(-size)
        if not isinstance(answer, SetlistAnswer):
            self._close(CloseCode.TRY_LATER, answer_code(answer))
            return
        if answer.close is not None:
            code, reason = answer.close
            if reason in _WANTS_STEP2 and not merged:
                # No forger: its step 2, which this builds on, came later if at all.
                code = CloseCode.TRY_LATER
            self._close(code, reason)
            return
        if self._connection.speech.has_messages:
            for refusal in answer.refused:
                refused = SetlistRefused(
                    seq=answer.seq,
                    code=refusal.code,
                    entries=list(refusal.entry_ids),
                    detail=refusal.detail,
                )
                self._room.hub.send(self._connection, wire.message_frame(refused))
        self._settle(number, answer.seq)

    def _settle(self, number: int, seq: int) -> None:
        self._saved.settle(number, seq)
        if self._connection.speech.has_messages:
            self._room.hub.before_sweep(self._say_saved)

    def _say_saved(self) -> None:
        if self._saved.news():
            saved = SetlistSaved(seq=self._saved.seq, received=self._saved.received)
            self._room.hub.send(self._connection, wire.message_frame(saved))

    # --- awareness ---------------------------------------------------------------------------

    def _take_awareness(self, data: bytes, payload_bytes: int) -> None:
        # Ephemeral: whoever may not edit, would not be seen, says too much or too often is passed
        # over in silence.
        if not self._may_be_seen or payload_bytes > limits.AWARENESS_BYTES_MAX:
            return
        if self._may_be_heard():
            self._room.hub.awareness(data, self._connection)

    def _answer_awareness(self) -> None:
        if not self._may_be_heard():
            return
        presences = self._room.hub.presences()
        if presences is not None:
            self._room.hub.send(self._connection, binary_frame(presences))

    # --- limits ------------------------------------------------------------------------------

    def _pace(self) -> Wait | None:
        """After a message that nothing else holds back: more than anybody needs are read slowly."""
        if self._free is None:
            self._free = TokenBucket(limits.FREE_FRAMES_PER_SECOND, limits.FREE_FRAMES_BURST)
        wait_s = self._free.take(self._clock.monotonic())
        return self._clock.sleep(wait_s) if wait_s > 0.0 else None

    def _may_be_heard(self) -> bool:
        if self._awareness is None:
            per_second = limits.AWARENESS_FRAMES_PER_SECOND
            self._awareness = TokenBucket(per_second, per_second)
        return self._awareness.take(self._clock.monotonic()) == 0.0

    def _within(self, bucket: TokenBucket, act: Callable[[], None]) -> Wait | None:
        """Acts now if there is a token for it; otherwise as soon as there is one."""
        if bucket.take(self._clock.monotonic()) == 0.0:
            act()
            return None
        return self._act_later(bucket, act)

    async def _act_later(self, bucket: TokenBucket, act: Callable[[], None]) -> None:
        await self._wait_for(bucket)
        try:
            act()
        except DecodeError:
            self._unreadable()

    async def _wait_for(self, bucket: TokenBucket) -> None:
        while (wait_s := bucket.take(self._clock.monotonic())) > 0.0:
            await self._clock.sleep(wait_s)

    def _unreadable(self) -> None:
        self._close(CloseCode.INVALID_DATA, "not a y-websocket message")

    def _close(self, code: int, reason: str) -> None:
        self._room.hub.close(self._connection, code, reason)


def answer_code(answer: Answer) -> str:
    """A short name for an answer that should not have come."""
    return getattr(answer, "code", type(answer).__name__)
