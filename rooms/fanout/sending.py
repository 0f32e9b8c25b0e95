"""Fan-out: one write per receiver and loop turn, slice by slice, order kept per connection.

See `rooms.fanout.hub` for the rules; this is the part that carries them out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from rooms import limits
from rooms.fanout import wire
from rooms.fanout.audience import CREW, REST, VOTED, Audience
from rooms.fanout.batch import Batch
from rooms.fanout.connection import Connection
from rooms.fanout.holding import Held
from rooms.fanout.items import HasVoted, Item, Split
from rooms.fanout.lanes import Lane
from rooms.fanout.speech import Speech, wording_of
from rooms.messages import StateMessage
from rooms.scheduler import Scheduler


class Fanout:
    """Lanes of receivers, those who are still replayed to, and the sweep over them.

    Args:
        scheduler: where sweeps are asked for.
        prepare: called at the beginning of each sweep: the last chance to say something in it.
        on_slow: called with each receiver whose backlog is over its bound.
        epoch: of the room's log.

    Attributes:
        has_voted: asked when a frame that depends on it is written.
        crew, rest: the lanes that get room messages, by audience.
        lanes: all of them.
        deliveries: writes to receivers so far, one per receiver and sweep.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        prepare: Callable[[], None],
        on_slow: Callable[[Connection], None],
        epoch: str,
    ) -> None:
        self.has_voted: HasVoted = lambda _participant_id, _round_id: False
        self._scheduler = scheduler
        self._prepare = prepare
        self._on_slow = on_slow
        now = scheduler.time()
        self._lanes = {
            (speech, crew): Lane(now, wording_of(speech, epoch))
            for speech in Speech
            for crew in (True, False)
        }
        self.lanes = tuple(self._lanes.values())
        self.crew, self.rest = (
            tuple(
                lane
                for (speech, c), lane in self._lanes.items()
                if c is crew and speech.has_messages
            )
            for crew in (True, False)
        )
        self._yjs = tuple(lane for (speech, _), lane in self._lanes.items() if speech.has_yjs)
        self._holding: dict[Lane, dict[Connection, Held]] = {lane: {} for lane in self.lanes}
        self._batches: deque[Batch] = deque()
        self.deliveries = 0
        self._after_next: list[Callable[[], None]] = []
        self._after_these: list[Callable[[], None]] = []
        self._awake = False
        self._wanted = False
        self._stopped = False

    def has_receivers(self, lanes: Iterable[Lane]) -> bool:
        """Whether anybody may get what is said to these lanes."""
        return any(lane.members or self._holding[lane] for lane in lanes)

    def hold(self, connection: Connection, said_seq: int) -> None:
        """A newcomer: what is said from now on is held back for it."""
        self._holding[self._lane_of(connection)][connection] = Held(said_seq)

    def release(self, connection: Connection) -> Held | None:
        """Ends the holding back; ``None``: there was none."""
        return self._holding[self._lane_of(connection)].pop(connection, None)

    def join(self, connection: Connection, opening: Iterable[bytes]) -> None:
        """A member from now on, beginning with these frames."""
        lane = self._lane_of(connection)
        lane.join(connection)
        lane.say_to(connection, b"".join(opening))
        self.wake()

    def leave(self, connection: Connection) -> None:
        """No receiver any longer."""
        lane = self._lane_of(connection)
        self._holding[lane].pop(connection, None)
        lane.leave(connection)

    def leave_all(self) -> None:
        """Nobody is a receiver any longer, and what waited is dropped."""
        self._batches.clear()
        for lane in self.lanes:
            self._holding[lane].clear()
            lane.clear()

    def say(self, lane: Lane, item: Item, seq: int = 0) -> None:
        """To all of a lane; ``seq`` is the event's, 0 for what is not in the log."""
        if lane.members:
            lane.say(item)
            self.wake()
        for held in self._holding[lane].values():
            held.hold(seq, item)

    def say_message(self, lanes: Iterable[Lane], payload: bytes, seq: int = 0) -> None:
        """A room message to an audience, worded once for each way it is spoken to; an empty
        payload is none."""
        for lane in lanes:
            if payload and (lane.members or self._holding[lane]):
                self.say(lane, lane.wording.message(payload, seq or None), seq)

    def say_state(self, key: str, render: Callable[[Audience], StateMessage | None]) -> None:
        """A state to the audiences that are here. What one may not see is not in its bytes.

        Newcomers are passed over: their opening tells every state as it is at their release, and
        what was said before that would take them back to an older version.

        Args:
            key: the round that it is about, where those who voted in it may see another value.
            render: the value of this moment; ``None``: not for them.
        """
        if any(lane.members for lane in self.crew):
            self._say_here(self.crew, _payload(render(CREW)))
        if not any(lane.members for lane in self.rest):
            return
        voted, rest = _payload(render(VOTED)), _payload(render(REST))
        if voted == rest:
            self._say_here(self.rest, rest)
            return
        for lane in self.rest:
            if lane.members:
                word = lane.wording.message
                lane.say(Split(key, voted and word(voted), rest and word(rest)))
                self.wake()

    def _say_here(self, lanes: Iterable[Lane], payload: bytes) -> None:
        for lane in lanes:
            if payload and lane.members:
                lane.say(lane.wording.message(payload))
                self.wake()

    def say_yjs(self, frame: bytes, seq: int = 0) -> None:
        """A binary frame to everybody who speaks Yjs."""
        for lane in self._yjs:
            self.say(lane, frame, seq)

    def say_to(self, connection: Connection, frame: bytes) -> None:
        """To one, in order with what is said to all."""
        lane = self._lane_of(connection)
        held = self._holding[lane].get(connection)
        if held is not None:
            held.hold(0, frame)
        elif connection in lane.members:
            lane.say_to(connection, frame)
            self.wake()

    def wake(self) -> None:
        """Asks for a sweep in the next turn of the loop, or after the one that is under way."""
        self._wanted = True
        if not self._awake and not self._stopped:
            self._awake = True
            self._scheduler.call_soon(self._sweep)

    def after_sweep(self, callback: Callable[[], None]) -> None:
        """Calls back once, when all that waits now has been written."""
        self._after_next.append(callback)
        self.wake()

    def stop(self) -> None:
        """No sweeps any more."""
        self._stopped = True

    def _lane_of(self, connection: Connection) -> Lane:
        return self._lanes[connection.speech, connection.participant.is_crew]

    def _sweep(self) -> None:
        """One slice: goes on with what was taken, or takes what waits and begins with it."""
        if not self._batches:
            self._take()
            self._wanted = False
        left = limits.FANOUT_SLICE_RECEIVERS
        slow: list[Connection] = []
        while self._batches and left > 0:
            left -= self._batches[0].advance(left, slow)
            if self._batches[0].is_done:
                self._batches.popleft()
        self._awake = False
        for connection in slow:
            self._on_slow(connection)
        if self._after_these and not self._batches:
            done, self._after_these = self._after_these, []
            for callback in done:
                callback()
        if self._batches or self._wanted:
            self.wake()

    def _take(self) -> None:
        self._prepare()
        now = self._scheduler.time()
        for lane in self.lanes:
            batch = lane.take(now, self.has_voted)
            if batch is not None:
                self._batches.append(batch)
                self.deliveries += batch.receivers
        self._after_these, self._after_next = self._after_next, []


def _payload(state: StateMessage | None) -> bytes:
    return b"" if state is None else wire.payload(state)
