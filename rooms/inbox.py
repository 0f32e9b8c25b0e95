"""The room's one bounded inbox, and how a turn is taken from it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator

from rooms import commands as cmd
from rooms import limits
from rooms.answers import Answer
from rooms.errors import room_busy
from rooms.turns import Waiting


class Inbox:
    """Commands in the order of their arrival.

    Attributes:
        wake: set when there is something to do; the actor clears it.
    """

    def __init__(self) -> None:
        self.wake = asyncio.Event()
        self.closed = False
        self._waiting: deque[Waiting] = deque()
        self._space = asyncio.Event()
        self._space.set()

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, envelope: cmd.Envelope, reply: Callable[[Answer], None]) -> None:
        """Adds a command.

        Raises:
            Retryable: ``room_busy``, when the inbox is full or the room is ending.
        """
        if self.closed or len(self._waiting) >= limits.INBOX_COMMANDS_MAX:
            raise room_busy()
        self._waiting.append((envelope, reply))
        if len(self._waiting) >= limits.INBOX_COMMANDS_MAX:
            self._space.clear()
        self.wake.set()

    @property
    def has_space(self) -> bool:
        """Whether there is room for one more, as far as `space` would wait for it."""
        return self._space.is_set()

    async def space(self) -> None:
        """Waits until there is room for one more."""
        await self._space.wait()

    def close(self) -> None:
        """Takes nothing more; what is in it is still handed out."""
        self.closed = True
        self._space.set()
        self.wake.set()

    def take_turn(self) -> list[Waiting]:
        """The next turn: up to a cap of commands and bytes, and each command id at most once."""
        batch: list[Waiting] = []
        keys: set[tuple[str, str]] = set()
        update_bytes = 0
        while self._waiting and len(batch) < limits.TURN_COMMANDS_MAX:
            envelope, reply = self._waiting[0]
            key = (envelope.participant.participant_id, envelope.command_id)
            if envelope.keeps_reply and key in keys:
                break
            if isinstance(envelope.command, cmd.UpdateSetlist):
                update_bytes += len(envelope.command.update)
                if batch and update_bytes > limits.TURN_BYTES_MAX:
                    break
            keys.add(key)
            batch.append((envelope, reply))
            self._waiting.popleft()
        if len(self._waiting) <= limits.INBOX_COMMANDS_MAX // 2:
            self._space.set()
        return batch

    def envelopes(self) -> Iterator[cmd.Envelope]:
        """What waits, oldest first; for looking, in one go."""
        return (envelope for envelope, _ in self._waiting)

    def take_all(self) -> list[Waiting]:
        """Everything that waits."""
        waiting = list(self._waiting)
        self._waiting.clear()
        self._space.set()
        return waiting
