"""The hub: hands what a room says to this node's connections.

Theory of operation
    1. A message is encoded once per audience (crew, rest; tallies also: those who voted) and the
       same bytes go to every connection of it. There are three lanes: crew and rest, who speak
       ``setroom.v1``, and plain Yjs providers, who get binary frames only.
    2. What is said within one turn of the loop is joined, and each receiver gets one write for
       it, its own acks included, in the order in which they were said.
    3. A sweep over many receivers is sliced. What is said during a sweep waits for its end and
       is then joined: under load writes grow larger, not more.
    4. A connection is attached first, then replayed to, then released (`rooms.holding`).
    5. A receiver whose backlog is over its bound is closed with 4008 and resumes by ``since``.

All methods are synchronous and are called from the event loop's thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

import structlog

from rooms import limits, wire
from rooms.audience import CREW, REST, VOTED, Audience
from rooms.awareness import AwarenessBook
from rooms.conflation import Conflation
from rooms.connection import Connection
from rooms.events import Event
from rooms.fanout import Fanout
from rooms.framing import binary_frame
from rooms.lanes import HasVoted, Split
from rooms.messages import CloseCode, StateMessage
from rooms.roster import Roster
from rooms.scheduler import Cancellable, Scheduler

log = structlog.get_logger(__name__)

RenderState = Callable[[str, str, Audience], StateMessage | None]
"""(name, key, audience): the state's value now, or ``None`` when the audience may not see it."""

_AWARENESS = ("awareness", "")


class Hub:
    """One room's connections on this node.

    Args:
        show_id: whose room.
        render_state: asked when a state is sent, once per audience.
        scheduler: time and callbacks; the running event loop by default.

    Attributes:
        publish_awareness: called with Yjs awareness frames for the other nodes; droppable.
    """

    def __init__(
        self,
        show_id: str,
        render_state: RenderState,
        *,
        scheduler: Scheduler | None = None,
    ) -> None:
        self.show_id = show_id
        self.publish_awareness: Callable[[bytes], None] = lambda _: None
        self._render_state = render_state
        self._scheduler = scheduler or asyncio.get_running_loop()
        self._roster = Roster()
        self._fanout = Fanout(self._scheduler, self._prepare, self._close_slow)
        self._said_seq = 0
        self._book = AwarenessBook()
        self._states = Conflation(
            self._scheduler, 1.0 / limits.STATES_PER_SECOND, self._fanout.wake
        )
        self._before_sweep: dict[Callable[[], None], None] = {}
        self._heartbeat: Cancellable | None = None

    @property
    def has_voted(self) -> HasVoted:
        """(participant_id, round_id), asked when a split tally is written."""
        return self._fanout.has_voted

    @has_voted.setter
    def has_voted(self, has_voted: HasVoted) -> None:
        self._fanout.has_voted = has_voted

    # --- who is here -----------------------------------------------------------------------

    def participants(self) -> int:
        """Distinct participants connected to this node."""
        return self._roster.participants()

    def connections(self) -> list[Connection]:
        """All attached connections, held ones included."""
        return self._roster.connections()

    def attach(self, connection: Connection) -> None:
        """Takes a connection in and holds back what is said until `release`.

        The ticket's older socket is replaced (4009); beyond `limits.SOCKETS_PER_PARTICIPANT`
        the participant's oldest is closed (4029).
        """
        self.close_ticket(connection.ticket_id)
        surplus = self._roster.surplus_of(connection.participant.participant_id)
        if surplus is not None:
            self.close(surplus, CloseCode.TOO_MANY, "too many sockets")
        self._roster.add(connection)
        self._fanout.hold(connection, self._said_seq)
        if self._heartbeat is None:
            self._arm_heartbeat()

    def release(self, connection: Connection, opening: Iterable[bytes], seq: int) -> bool:
        """Sends the opening, then what was held back, and lets the stream flow.

        Args:
            connection: one that is attached and was not released yet.
            opening: encoded frames: the welcome and what follows it.
            seq: the newest event that the opening contains.

        Returns:
            False when the connection is gone, or had to be closed to resume.
        """
        held = self._fanout.release(connection)
        if held is None:
            return False
        if held.overflowed or seq < held.seq_at_attach:
            self.close(connection, CloseCode.TOO_SLOW, "resume")
            return False
        participant_id = connection.participant.participant_id
        parts = [*opening, *held.after(seq, participant_id, self.has_voted)]
        presences = self._book.everything()
        if presences is not None:
            parts.append(binary_frame(presences))
        self._fanout.join(connection, parts)
        return True

    def detach(self, connection: Connection) -> None:
        """The socket is gone. Harmless when it was detached already."""
        if not self._roster.remove(connection):
            return
        self._fanout.leave(connection)
        if self._book.leave(connection):
            self._states.changed(_AWARENESS)

    # --- what is said ----------------------------------------------------------------------

    def events(self, events: Sequence[Event]) -> None:
        """Durable events, in order. Those that were said before are skipped."""
        for event in events:
            if event.seq <= self._said_seq:
                continue
            self._said_seq = event.seq
            if not self._roster:
                continue
            rest = wire.event_frame(event, crew=False)
            crew = rest if event.crew_data is None else wire.event_frame(event, crew=True)
            self._fanout.say(self._fanout.crew, crew, event.seq)
            self._fanout.say(self._fanout.rest, rest, event.seq)
            if event.update is not None:
                self._fanout.say_all(wire.update_frame(event.update), event.seq)

    def state_changed(self, name: str, key: str = "") -> None:
        """A state has a new value: it is rendered and sent when its turn comes."""
        self._states.changed((name, key))

    def send(self, connection: Connection, frame: bytes) -> None:
        """One frame for one connection, in order with what is said to all."""
        self._fanout.say_to(connection, frame)

    def before_sweep(self, callback: Callable[[], None]) -> None:
        """Calls back once, before what waits is written: its frames join the same write."""
        self._before_sweep[callback] = None
        self._fanout.wake()

    def awareness(self, frame: bytes, origin: Connection | str | None = None) -> None:
        """Takes over who is editing; passed on conflated, like a state.

        Args:
            frame: a Yjs awareness frame. One that cannot be read is dropped.
            origin: the connection that said it, or the id of the node.
        """
        if self._book.hear(origin or "another node", frame, self._scheduler.time()):
            self._states.changed(_AWARENESS)

    def claims(self) -> dict[int, str]:
        """Yjs client ids that editors on this node speak for, with their participants."""
        return {
            client_id: connection.participant.participant_id
            for client_id, connection in self._book.owned_by_connections()
        }

    def presences(self) -> bytes | None:
        """The Yjs frame that says who is editing; ``None``: nobody."""
        return self._book.everything()

    # --- who has to go ---------------------------------------------------------------------

    def close(self, connection: Connection, code: int, reason: str = "") -> None:
        """Lets go of one connection and closes it."""
        log.debug("socket_closed_by_room", show_id=self.show_id, code=code, reason=reason)
        self.detach(connection)
        connection.close(code, reason)
        if code == CloseCode.TOO_SLOW:
            # Whoever takes nothing will not take the close frame either.
            self._scheduler.call_later(limits.SLOW_CONSUMER_ABORT_S, connection.abort)

    def close_participant(self, participant_id: str, code: int, reason: str = "") -> None:
        """Closes every socket of one participant."""
        for connection in self._roster.of_participant(participant_id):
            self.close(connection, code, reason)

    def close_session(self, session_id: str, code: int, reason: str = "") -> None:
        """Closes every socket that hangs on one login."""
        for connection in self.connections():
            if connection.session_id == session_id:
                self.close(connection, code, reason)

    def close_ticket(self, ticket_id: str) -> None:
        """Closes the socket that a ticket opened before: it was used again, here or elsewhere."""
        connection = self._roster.of_ticket(ticket_id)
        if connection is not None:
            self.close(connection, CloseCode.REPLACED, "replaced")

    def close_all(self, code: int, reason: str = "") -> None:
        """Closes every socket of the room on this node."""
        for connection in self.connections():
            self.close(connection, code, reason)

    def stop(self) -> None:
        """Ends every timer. The hub is not used afterwards."""
        self._fanout.stop()
        self._states.stop()
        if self._heartbeat is not None:
            self._heartbeat.cancel()
            self._heartbeat = None

    # --- how it goes out -------------------------------------------------------------------

    def _prepare(self) -> None:
        """What is read at the moment of sending: counts of what was saved, states, cursors."""
        callbacks, self._before_sweep = self._before_sweep, {}
        for callback in callbacks:
            callback()
        for name, key in self._states.take():
            if (name, key) == _AWARENESS:
                self._say_awareness()
            else:
                self._say_state(name, key)

    def _close_slow(self, connection: Connection) -> None:
        self.close(connection, CloseCode.TOO_SLOW, "too slow")

    def _say_state(self, name: str, key: str) -> None:
        """Renders for the audiences that are here. What one may not see is not in its bytes."""
        fanout = self._fanout
        if fanout.has_receivers(fanout.crew):
            crew = self._render_state(name, key, CREW)
            if crew is not None:
                fanout.say(fanout.crew, wire.message_frame(crew))
        if not fanout.has_receivers(fanout.rest):
            return
        voted = self._render_state(name, key, VOTED)
        rest = self._render_state(name, key, REST)
        voted_frame = b"" if voted is None else wire.message_frame(voted)
        rest_frame = b"" if rest is None else wire.message_frame(rest)
        if voted_frame != rest_frame:
            fanout.say(fanout.rest, Split(key, voted_frame, rest_frame))
        elif rest_frame:
            fanout.say(fanout.rest, rest_frame)

    def _say_awareness(self) -> None:
        here, others = self._book.take_changes()
        if here is not None:
            self._fanout.say_all(binary_frame(here))
        if others is not None:
            self.publish_awareness(others)

    def _arm_heartbeat(self) -> None:
        silent_since = min(
            (lane.last_taken_at for lane in self._fanout.lanes if lane.members),
            default=self._scheduler.time(),
        )
        wait = silent_since + limits.QUIET_ROOM_HEARTBEAT_S - self._scheduler.time()
        self._heartbeat = self._scheduler.call_later(max(wait, 1.0), self._beat)

    def _beat(self) -> None:
        self._heartbeat = None
        if not self._roster:
            return
        now = self._scheduler.time()
        if self._book.expire(now):
            self._states.changed(_AWARENESS)
        for lane in self._fanout.lanes:
            if lane.members and now - lane.last_taken_at >= limits.QUIET_ROOM_HEARTBEAT_S:
                lane.last_taken_at = now
                self._fanout.say(lane, wire.HEARTBEAT)
        self._arm_heartbeat()
