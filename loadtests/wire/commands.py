"""Commands on their way: the same id is said again until there is a final answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from loadtests.wire import messages
from loadtests.wire.messages import Ack, Reject

PENDING_MAX = 2_000
"""Commands of one client that wait for an answer. Beyond, the caller is told at once."""


class Refused(Exception):
    """The room's final no."""

    def __init__(self, reject: Reject) -> None:
        super().__init__(f"{reject.code}: {reject.detail}")
        self.code = reject.code
        self.reject = reject


@dataclass(eq=False, slots=True)
class Pending:
    """One command without a final answer."""

    command_id: str
    text: str
    done: asyncio.Future[Ack] = field(repr=False)


class Outbox:
    """Commands without a final answer, in the order they were said."""

    def __init__(self) -> None:
        self._pending: dict[str, Pending] = {}

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, command_id: str, name: str, args: dict[str, Any]) -> Pending:
        """Takes a command.

        Raises:
            RuntimeError: too many wait already.
        """
        if len(self._pending) >= PENDING_MAX:
            raise RuntimeError(f"more than {PENDING_MAX} commands wait for an answer")
        future: asyncio.Future[Ack] = asyncio.get_running_loop().create_future()
        pending = Pending(command_id, messages.command(command_id, name, args), future)
        self._pending[command_id] = pending
        return pending

    def drop(self, pending: Pending) -> None:
        """Nobody waits for it any more: it is not said again."""
        self._pending.pop(pending.command_id, None)

    def waiting(self) -> list[Pending]:
        """What a new socket says again."""
        return list(self._pending.values())

    def answered(self, answer: Ack | Reject) -> Pending | None:
        """Takes an answer. Returns the command if it is to be said again later."""
        pending = self._pending.get(answer.command_id)
        if pending is None:
            return None
        if isinstance(answer, Reject) and answer.retryable:
            return pending
        del self._pending[answer.command_id]
        if pending.done.done():
            return None
        if isinstance(answer, Ack):
            pending.done.set_result(answer)
        else:
            pending.done.set_exception(Refused(answer))
        return None

    def fail(self, error: Exception) -> None:
        """Ends all waiting: this client will not come back."""
        for pending in self._pending.values():
            if not pending.done.done():
                pending.done.set_exception(error)
                pending.done.exception()
        self._pending.clear()
