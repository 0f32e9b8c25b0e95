"""Votes a second, smoothed."""

from __future__ import annotations

from collections import deque

WINDOW_S = 5.0
"""A second alone jumps; five still show at once that a round has caught on."""


class VoteMeter:
    """Counts what one node decided, and forgets it after `WINDOW_S`."""

    def __init__(self) -> None:
        self._counted: deque[tuple[float, int]] = deque()
        self._votes = 0

    def count(self, votes: int, now: float) -> None:
        """So many votes more.

        Args:
            now: monotonic time in seconds.
        """
        if not votes:
            return
        self._forget(now)
        self._counted.append((now, votes))
        self._votes += votes

    def per_s(self, now: float) -> float:
        """The mean over the window, rounded to a tenth."""
        self._forget(now)
        return round(self._votes / WINDOW_S, 1)

    def _forget(self, now: float) -> None:
        while self._counted and self._counted[0][0] <= now - WINDOW_S:
            self._votes -= self._counted.popleft()[1]
