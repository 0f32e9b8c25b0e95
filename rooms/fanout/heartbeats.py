"""Something is said to every lane before its silence lasts too long for what lies in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rooms.fanout.lanes import Lane
from rooms.scheduler import Cancellable, Scheduler

SHORTEST_WAIT_S = 1.0
"""Lanes that fall silent at nearly the same time share a beat."""


class Heartbeats:
    """Watches lanes while anybody is there.

    Args:
        scheduler: time and timers.
        lanes: what is watched.
        say: says bytes to a lane.
        is_needed: asked at every beat; once it says no, `start` has to be called again.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        lanes: Sequence[Lane],
        say: Callable[[Lane, bytes], None],
        is_needed: Callable[[], bool],
    ) -> None:
        self._scheduler = scheduler
        self._lanes = lanes
        self._say = say
        self._is_needed = is_needed
        self._shortest_s = min(lane.wording.silence_s_max for lane in lanes)
        self._timer: Cancellable | None = None
        self._armed_for = 0.0

    def start(self) -> None:
        """Somebody came, and is promised the shortest silence until it is known which."""
        now = self._scheduler.time()
        due = now + self._shortest_s
        if self._timer is None or due < self._armed_for:
            self.stop()
            self._arm(now, due)

    def stop(self) -> None:
        """No beats any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _due_at(self, now: float) -> float:
        return min(
            (lane.heard_at + lane.wording.silence_s_max for lane in self._lanes if lane.members),
            default=now + self._shortest_s,
        )

    def _arm(self, now: float, due: float) -> None:
        self._armed_for = max(due, now + SHORTEST_WAIT_S)
        self._timer = self._scheduler.call_later(self._armed_for - now, self._beat)

    def _beat(self) -> None:
        self._timer = None
        if not self._is_needed():
            return
        now = self._scheduler.time()
        for lane in self._lanes:
            if lane.members and now - lane.heard_at >= lane.wording.silence_s_max:
                lane.heard_at = now
                self._say(lane, lane.wording.heartbeat)
        self._arm(now, self._due_at(now))
