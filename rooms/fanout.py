"""Fan-out: one write per receiver and loop turn, slice by slice, order kept per connection.

See `rooms.hub` for the rules; this is the part that carries them out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from rooms import limits
from rooms.connection import Connection
from rooms.holding import Held
from rooms.lanes import Batch, HasVoted, Item, Lane
from rooms.scheduler import Scheduler


class Fanout:
    """Lanes of receivers, those who are still replayed to, and the sweep over them.

    Args:
        scheduler: where sweeps are asked for.
        prepare: called at the beginning of each sweep: the last chance to say something in it.
        on_slow: called with each receiver whose backlog is over its bound.

    Attributes:
        has_voted: asked when a frame that depends on it is written.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        prepare: Callable[[], None],
        on_slow: Callable[[Connection], None],
    ) -> None:
        self.has_voted: HasVoted = lambda _participant_id, _round_id: False
        self._scheduler = scheduler
        self._prepare = prepare
        self._on_slow = on_slow
        now = scheduler.time()
        self.crew, self.rest, self.plain = Lane(now), Lane(now), Lane(now)
        self.lanes = (self.crew, self.rest, self.plain)
        self._holding: dict[Connection, Held] = {}
        self._batches: deque[Batch] = deque()
        self._awake = False
        self._wanted = False
        self._stopped = False

    def has_receivers(self, lane: Lane) -> bool:
        """Whether anybody would get what is said to a lane."""
        return bool(lane.members or self._holding)

    def hold(self, connection: Connection, said_seq: int) -> None:
        """A newcomer: what is said from now on is held back for it."""
        self._holding[connection] = Held(said_seq)

    def release(self, connection: Connection) -> Held | None:
        """Ends the holding back; ``None``: there was none."""
        return self._holding.pop(connection, None)

    def join(self, connection: Connection, opening: Iterable[bytes]) -> None:
        """A member from now on, beginning with these frames."""
        lane = self._lane_of(connection)
        lane.join(connection)
        lane.say_to(connection, b"".join(opening))
        self.wake()

    def leave(self, connection: Connection) -> None:
        """No receiver any longer."""
        self._holding.pop(connection, None)
        self._lane_of(connection).leave(connection)

    def say(self, lane: Lane, item: Item, seq: int = 0) -> None:
        """To all of a lane; ``seq`` is the event's, 0 for what is not in the log."""
        if lane.members:
            lane.say(item)
            self.wake()
        for connection, held in self._holding.items():
            if self._lane_of(connection) is lane:
                held.hold(seq, item)

    def say_all(self, frame: bytes, seq: int = 0) -> None:
        """To everybody."""
        for lane in self.lanes:
            self.say(lane, frame, seq)

    def say_to(self, connection: Connection, frame: bytes) -> None:
        """To one, in order with what is said to all."""
        held = self._holding.get(connection)
        if held is not None:
            held.hold(0, frame)
            return
        lane = self._lane_of(connection)
        if connection in lane.members:
            lane.say_to(connection, frame)
            self.wake()

    def wake(self) -> None:
        """Asks for a sweep in the next turn of the loop, or after the one that is under way."""
        self._wanted = True
        if not self._awake and not self._stopped:
            self._awake = True
            self._scheduler.call_soon(self._sweep)

    def stop(self) -> None:
        """No sweeps any more."""
        self._stopped = True

    def _lane_of(self, connection: Connection) -> Lane:
        if not connection.wants_text:
            return self.plain
        return self.crew if connection.participant.is_crew else self.rest

    def _sweep(self) -> None:
        """One slice: goes on with what was taken, or takes what waits and begins with it."""
        if not self._batches:
            self._take()
            self._wanted = False
        left = limits.FANOUT_SLICE_RECEIVERS
        slow: list[Connection] = []
        while self._batches and left > 0:
            written = self._batches[0].advance(left, slow)
            if written < left:
                self._batches.popleft()
            left -= written
        self._awake = False
        for connection in slow:
            self._on_slow(connection)
        if self._batches or self._wanted:
            self.wake()

    def _take(self) -> None:
        self._prepare()
        now = self._scheduler.time()
        for lane in self.lanes:
            batch = lane.take(now, self.has_voted)
            if batch is not None:
                self._batches.append(batch)
