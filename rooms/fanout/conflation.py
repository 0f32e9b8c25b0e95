"""At most so many sendings a second per key: the first at once, the last for certain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from rooms import limits
from rooms.scheduler import Cancellable, Scheduler

Key = tuple[str, str]
"""A state's name, and what it is about (a round's id), or ``""``."""


class Conflation:
    """Decides when a changed state is due.

    A change after a quiet interval is due now (the leading edge); changes within an interval
    make one sending at its end (the trailing edge). What is sent is read at the moment of
    sending, so it is always the latest value.

    Args:
        scheduler: time and timers.
        interval_s: shortest time between two sendings of one key, in seconds.
        slower: names of states that have a longer one.
        wake: called when something became due; `take` then says what.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        interval_s: float,
        wake: Callable[[], None],
        slower: Mapping[str, float] | None = None,
    ) -> None:
        self._scheduler = scheduler
        self._interval_s = interval_s
        self._slower = slower or {}
        self._wake = wake
        self._taken_at: dict[Key, float] = {}
        self._timers: dict[Key, Cancellable] = {}
        self._due: dict[Key, None] = {}

    def changed(self, key: Key) -> None:
        """This key has a new value."""
        if key in self._due or key in self._timers:
            return
        taken_at = self._taken_at.get(key)
        now = self._scheduler.time()
        wait = 0.0 if taken_at is None else taken_at + self._interval_of(key) - now
        if wait <= 0.0:
            self._ripen(key)
        else:
            self._timers[key] = self._scheduler.call_later(wait, partial(self._ripen, key))

    def take(self) -> list[Key]:
        """The keys that are due, in the order of their becoming so; they count as sent now."""
        if not self._due:
            return []
        now = self._scheduler.time()
        keys = list(self._due)
        self._due.clear()
        for key in keys:
            self._taken_at[key] = now
        if len(self._taken_at) > limits.STATE_SLOTS_MAX:
            self._forget(now)
        return keys

    def stop(self) -> None:
        """Calls off every timer."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._due.clear()

    def _ripen(self, key: Key) -> None:
        self._timers.pop(key, None)
        self._due[key] = None
        self._wake()

    def _interval_of(self, key: Key) -> float:
        return self._slower.get(key[0], self._interval_s)

    def _forget(self, now: float) -> None:
        # A key without a timer whose interval has passed behaves as if it had never been sent.
        for key, taken_at in list(self._taken_at.items()):
            if now - taken_at >= self._interval_of(key) and key not in self._timers:
                del self._taken_at[key]
