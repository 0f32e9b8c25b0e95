"""The part of an event loop that a room uses; a simulation passes its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol


class Cancellable(Protocol):
    """A call that was asked for and can be called off."""

    def cancel(self) -> None: ...


class Scheduler(Protocol):
    """``asyncio.AbstractEventLoop`` is one."""

    def time(self) -> float:
        """Monotonic seconds."""
        ...

    def call_soon(self, callback: Callable[[], Any], /) -> Cancellable:
        """Calls back in the next turn of the loop, in the order of asking."""
        ...

    def call_later(self, delay: float, callback: Callable[[], Any], /) -> Cancellable:
        """Calls back after ``delay`` seconds."""
        ...
