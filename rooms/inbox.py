"""The room's one bounded inbox, and how a turn is taken from it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from rooms import commands as cmd
from rooms import limits
from rooms.ahead import Waiting
from rooms.answers import Answer
from rooms.errors import room_busy


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

    def next_turn(self) -> list[Waiting]:
        """The next turn: up to a cap of commands and bytes, and each command id at most once.
        It waits on, until it is taken."""
        batch: list[Waiting] = []
        keys: set[tuple[str, str]] = set()
        update_bytes = 0
        for item in islice(self._waiting, limits.TURN_COMMANDS_MAX):
            envelope = item[0]
            if envelope.keeps_reply:
                key = (envelope.participant.participant_id, envelope.command_id)
                if key in keys:
                    break
                keys.add(key)
            command = envelope.command
            if type(command) is cmd.UpdateSetlist:
                update_bytes += len(command.update)
                if batch and update_bytes > limits.TURN_BYTES_MAX:
                    break
            batch.append(item)
        return batch

    def take(self, batch: Sequence[Waiting]) -> bool:
        """Takes a turn out, if it is still what waits first."""
        if not batch or not self._waiting or self._waiting[0] is not batch[0]:
            return False
        for _ in batch:
            self._waiting.popleft()
        if len(self._waiting) <= limits.INBOX_COMMANDS_MAX // 2:
            self._space.set()
        return True

    def take_turn(self) -> list[Waiting]:
        """Takes the next turn out."""
        batch = self.next_turn()
        self.take(batch)
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
