"""The hub: hands what a room says to this node's connections.

Theory of operation
    1. A message is encoded once per audience (crew, rest; tallies also: those who voted) and
       worded once per way of speaking (`rooms.fanout.speech`): the same bytes go to every
       connection of the same lane. Whoever polls is told by `rooms.sessions.polls` that there is
       something.
    2. What is said within one turn of the loop is joined, and each receiver gets one write for
       it, its own acks included, in the order in which they were said.
    3. A sweep over many receivers is sliced. What is said during a sweep waits for its end and
       is then joined: under load writes grow larger, not more.
    4. A connection is attached first, then replayed to, then released (`rooms.fanout.holding`).
    5. A receiver whose backlog is over its bound is closed with 4008 and resumes by ``since``.

All methods are synchronous and are called from the event loop's thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import structlog

from rooms import limits
from rooms.events import Event
from rooms.fanout import wire
from rooms.fanout.audience import Audience
from rooms.fanout.awareness import AwarenessBook
from rooms.fanout.closing import close_in_slices
from rooms.fanout.conflation import Conflation
from rooms.fanout.connection import Connection
from rooms.fanout.framing import binary_frame
from rooms.fanout.heartbeats import Heartbeats
from rooms.fanout.items import HasVoted
from rooms.fanout.roster import Roster
from rooms.fanout.sending import Fanout
from rooms.messages import CloseCode, StateMessage
from rooms.participants import Role
from rooms.ports import Head
from rooms.pulse.views import Doors
from rooms.scheduler import Scheduler
from rooms.sessions.changes import RIDES_ALONG, StateChanges
from rooms.sessions.polls import Polls

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
        epoch: of the room's log.
        head: the newest durable point that this node shows.

    Attributes:
        changes: when each state moved last.
        polls: those who are here without a connection.
        slow_closed: receivers that were closed because they took too little.
        publish_awareness: called with Yjs awareness frames for the other nodes; droppable.
    """

    def __init__(
        self,
        show_id: str,
        render_state: RenderState,
        *,
        scheduler: Scheduler | None = None,
        epoch: str = "",
        head: Callable[[], Head] = lambda: Head(0, 0),
    ) -> None:
        self.show_id = show_id
        self.slow_closed = 0
        self.publish_awareness: Callable[[bytes], None] = lambda _: None
        self._render_state = render_state
        self._scheduler = scheduler or asyncio.get_running_loop()
        self._roster = Roster()
        self._fanout = Fanout(self._scheduler, self._prepare, self._close_slow, epoch)
        self.polls = Polls(self._scheduler)
        self.changes = StateChanges(head())
        self._head = head
        self._said_seq = 0
        self._book = AwarenessBook()
        self._states = Conflation(
            self._scheduler,
            1.0 / limits.STATES_PER_SECOND,
            self._fanout.wake,
            {"confidence": limits.CONFIDENCE_INTERVAL_S, "pulse": limits.PULSE_INTERVAL_S},
        )
        self._before_sweep: dict[Callable[[], None], None] = {}
        self._heartbeats = Heartbeats(
            self._scheduler, self._fanout.lanes, self._fanout.say, self._still_here
        )

    @property
    def has_voted(self) -> HasVoted:
        """(participant_id, round_id), asked when a split tally is written."""
        return self._fanout.has_voted

    @has_voted.setter
    def has_voted(self, has_voted: HasVoted) -> None:
        self._fanout.has_voted = has_voted

    # --- who is here -----------------------------------------------------------------------

    def participants(self) -> int:
        """Distinct participants connected to this node, or polling it."""
        return self._roster.participants() + self.polls.participants(self._roster)

    def is_here(self, participant_id: str) -> bool:
        """Whether somebody is connected to this node, or polls it."""
        return participant_id in self._roster or self.polls.is_here(participant_id)

    def doors(self) -> Doors:
        """Connections to this node by door, displays included."""
        return self._roster.doors(poll=self.polls.participants(self._roster))

    def crew_is_here(self) -> bool:
        """Whether anybody is connected who sees what crew sees."""
        return self._fanout.has_receivers(self._fanout.crew)

    def crew(self) -> dict[str, Role]:
        """Who is connected here and may do more than an audience, with the role as they came in."""
        return self._roster.crew()

    def connections(self) -> list[Connection]:
        """All attached connections, held ones included."""
        return self._roster.connections()

    def attach(self, connection: Connection) -> None:
        """Takes a connection in and holds back what is said until `release`.

        The ticket's older connection is replaced (4009); beyond `limits.SOCKETS_PER_PARTICIPANT`
        the participant's oldest is closed (4029).
        """
        self.close_ticket(connection.ticket_id)
        surplus = self._roster.surplus_of(connection.participant.participant_id)
        if surplus is not None:
            self.close(surplus, CloseCode.TOO_MANY, "too many sockets")
        self._roster.add(connection)
        self._fanout.hold(connection, self._said_seq)
        self._heartbeats.start()

    def release(self, connection: Connection, opening: Iterable[bytes], seq: int) -> bool:
        """Sends the opening, then what was held back, and lets the stream flow.

        Args:
            connection: one that is attached and was not released yet.
            opening: the welcome and what follows it, in the connection's wording.
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
        presences = self._book.everything() if connection.speech.has_yjs else None
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
            fanout = self._fanout
            rest = wire.event_payload(event, crew=False)
            crew = rest if event.is_same_for_all else wire.event_payload(event, crew=True)
            fanout.say_message(fanout.crew, crew, event.seq)
            fanout.say_message(fanout.rest, rest, event.seq)
            if event.update is not None:
                fanout.say_yjs(wire.update_frame(event.update), event.seq)
        if events:
            self.polls.event()

    def state_changed(self, name: str, key: str = "") -> None:
        """A state has a new value: it is rendered and sent when its turn comes."""
        self.changes.note((name, key), self._head())
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

    def after_sweep(self, callback: Callable[[], None]) -> None:
        """Calls back once, when all that waits now has been written."""
        self._fanout.after_sweep(callback)

    @property
    def deliveries(self) -> int:
        """Writes to receivers so far, one per receiver and sweep."""
        return self._fanout.deliveries

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
        """Closes every connection of one participant."""
        self.polls.end_participant(participant_id, code, reason)
        for connection in self._roster.of_participant(participant_id):
            self.close(connection, code, reason)

    def close_session(self, session_id: str, code: int, reason: str = "") -> None:
        """Closes every connection that hangs on one login."""
        self.polls.end_session(session_id, code, reason)
        for connection in self.connections():
            if connection.session_id == session_id:
                self.close(connection, code, reason)

    def close_ticket(self, ticket_id: str) -> None:
        """Closes the socket that a ticket opened before: it was used again, here or elsewhere."""
        connection = self._roster.of_ticket(ticket_id)
        if connection is not None:
            self.close(connection, CloseCode.REPLACED, "replaced")

    def close_all(self, code: int, reason: str = "") -> None:
        """Closes every connection to the room on this node; all are detached at once."""
        log.debug("room_closed_its_sockets", show_id=self.show_id, code=code, reason=reason)
        self.polls.end_all(code, reason)
        connections = self.connections()
        self._roster = Roster()
        self._fanout.leave_all()
        for owner in {owner for _, owner in self._book.owned_by_connections()}:
            if self._book.leave(owner):
                self._states.changed(_AWARENESS)
        close_in_slices(self._scheduler, connections, code, reason)

    def stop(self) -> None:
        """Ends every timer. The hub is not used afterwards."""
        self._fanout.stop()
        self._states.stop()
        self._heartbeats.stop()
        self.polls.stop()

    # --- how it goes out -------------------------------------------------------------------

    def _prepare(self) -> None:
        """What is read at the moment of sending: counts of what was saved, states, cursors."""
        callbacks, self._before_sweep = self._before_sweep, {}
        for callback in callbacks:
            callback()
        for name, key in self._states.take():
            if (name, key) == _AWARENESS:
                self._say_awareness()
                continue
            if name not in RIDES_ALONG:
                self.polls.state()
            self._fanout.say_state(key, partial(self._render_state, name, key))

    def _close_slow(self, connection: Connection) -> None:
        self.slow_closed += 1
        self.close(connection, CloseCode.TOO_SLOW, "too slow")

    def _say_awareness(self) -> None:
        here, others = self._book.take_changes()
        if here is not None:
            self._fanout.say_yjs(binary_frame(here))
        if others is not None:
            self.publish_awareness(others)

    def _still_here(self) -> bool:
        """Asked at every heartbeat; editors who fell silent elsewhere are forgotten with it."""
        if not self._roster:
            return False
        if self._book.expire(self._scheduler.time()):
            self._states.changed(_AWARENESS)
        return True
