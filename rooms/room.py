"""One show's room on this node: the actor.

One task owns the room. It takes what waits in the bounded inbox, decides it as one turn, makes it
durable, and only then answers, shows and publishes: ARCHITECTURE §2, steps 2 to 6.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain

import msgspec
import structlog

from rooms import commands as cmd
from rooms import limits, publication
from rooms.admissions import Admissions
from rooms.ahead import Ahead, Waiting
from rooms.announcements import Announcements
from rooms.answers import Answer
from rooms.decide.holds import ended, waiting_in_time
from rooms.decide.turn import Decision
from rooms.events import Event
from rooms.fanout.audience import Audience
from rooms.fanout.hub import Hub
from rooms.inbox import Inbox
from rooms.messages import CloseCode, StateMessage
from rooms.meters import RoomMeter
from rooms.moderation.matching import NO_LISTS, WordMatcher
from rooms.participants import Participant, permitted
from rooms.ports import (
    AnotherLog,
    Appended,
    Clock,
    Head,
    LogUnavailable,
    NewId,
    OutcomeUnknown,
    RoomBus,
    RoomLog,
    RoomRecord,
    StanceKind,
)
from rooms.publication import AwarenessPublished, TurnPublished
from rooms.pulse.beats import Beat, Beats
from rooms.replica import BrokenReplicaError, GapError, Moved, Replica, to_delta
from rooms.sessions.poll_answers import PollAnswers
from rooms.show import ShowFacts
from rooms.snapshots import Snapshots
from rooms.song_requests.board import Board
from rooms.state_views import StateViews
from rooms.states import OwnBallot, You
from rooms.sync_answers import SyncAnswers
from rooms.tracing import Tracing
from rooms.turns import Turns, refuse_all

log = structlog.get_logger(__name__)

RETRY_S = 0.2
"""Pause before the log is asked again after it could not be reached."""

_encode = msgspec.json.Encoder().encode


class Room:
    """See the module. Made and kept by `rooms.node.Node`.

    Attributes:
        users: sessions and calls that hold the room loaded.
        editors_elsewhere: node id → Yjs client id → participant, of other nodes' editors.
        log_returned_at: when the log was last reached again after it could not be.
        beats_elsewhere: node id → (its part of the room, monotonic time heard), of other nodes.
        poll_answers: what those who poll are told.
        board: the queues of song requests.
        announcements: tells other nodes of tickets that were used here.
        beats: how many are here, and what they do.
        meter: what its turns were.
        log_seq: the log's newest event, as of the last comparison with it.
    """

    def __init__(
        self,
        record: RoomRecord,
        *,
        node_id: str,
        room_log: RoomLog,
        bus: RoomBus,
        clock: Clock,
        new_id: NewId,
        words: WordMatcher = NO_LISTS,
        tracing: Tracing | None = None,
    ) -> None:
        self.show_id = record.show.show_id
        self.meter = RoomMeter()
        self.log_seq = 0
        self._tracing = tracing
        self.users = 0
        self.idle_since = clock.monotonic()
        self.editors_elsewhere: dict[str, Mapping[int, str]] = {}
        self.beats_elsewhere: dict[str, tuple[Beat, float]] = {}
        self._node_id = node_id
        self._log = room_log
        self._bus = bus
        self._clock = clock
        self._new_id = new_id
        self.log_returned_at: datetime | None = None
        self._replica = Replica(record)
        self.board = Board(self._replica)
        self._turns = Turns(
            self.show_id,
            self._replica,
            room_log,
            new_id=new_id,
            words=words,
            claims=self._claims,
            now=clock.now,
            on_moved=self._show,
            on_committed=self._committed,
        )
        self.hub = Hub(
            self.show_id, self.render_state, epoch=self.epoch, head=lambda: self._replica.head
        )
        self.beats = Beats(
            self._replica,
            self.hub,
            clock,
            lambda: [beat for beat, _ in self.beats_elsewhere.values()],
        )
        self._states = StateViews(self._replica, self.board, clock, self.beats)
        self.poll_answers = PollAnswers(self)
        self.hub.has_voted = self._replica.has_voted
        self.hub.publish_awareness = self._publish_awareness
        self._snapshots = Snapshots(self._replica, self.board, self.beats, clock)
        self._admissions = Admissions(self._turns)
        self._sync_answers = SyncAnswers(self._replica)
        self.announcements = Announcements(self.show_id, node_id, bus)
        self._inbox = Inbox()
        self._turn: Sequence[Waiting] = ()
        # Everybody coming back at once to this room must not take every connection from the others.
        self._reads = asyncio.Semaphore(limits.ROOM_READS_MAX)
        self._behind = False
        self._new_names: dict[str, str] = {}
        self._log_away = False
        self._task: asyncio.Task[None] | None = None

    @property
    def closed(self) -> bool:
        """Whether the room takes no more commands: it is going away or has to be loaded anew."""
        return self._inbox.closed

    # --- what doors ask ---------------------------------------------------------------------

    @property
    def epoch(self) -> str:
        """Identity of the log."""
        return self._replica.epoch

    @property
    def head(self) -> Head:
        """The newest durable point known here."""
        return self._replica.head

    @property
    def lag(self) -> int:
        """Events that the log has and this copy lacks, as of the last comparison with it."""
        return max(0, self.log_seq - self.head.seq)

    @property
    def waiting(self) -> int:
        """Commands in the inbox."""
        return len(self._inbox)

    @property
    def decides(self) -> bool:
        """Whether a turn is under way, or commands wait for one."""
        return bool(self._turn or len(self._inbox))

    def votes_in_time(self, now: datetime) -> Collection[str]:
        """Rounds that were over at ``now`` and take votes still, of which some that were received
        in time are undecided here."""
        return self._in_time(self._turn, now)

    @property
    def facts(self) -> ShowFacts:
        """The show."""
        return self._replica.state.facts

    @property
    def replica(self) -> Replica:
        """This node's copy, for reading."""
        return self._replica

    def submit(self, envelope: cmd.Envelope, reply: Callable[[Answer], None]) -> None:
        """Puts a command into the inbox; ``reply`` is called once, after the commit.

        Raises:
            Retryable: ``room_busy``, the inbox is full.
        """
        self._inbox.put(envelope, reply)
        if self._tracing is not None:
            self._tracing.submitted(envelope)

    @property
    def has_space(self) -> bool:
        """Whether `space` would not wait."""
        return self._inbox.has_space

    async def space(self) -> None:
        """Waits until the inbox has room. Yjs frames cannot be refused: reading pauses here."""
        await self._inbox.space()

    async def ask(self, envelope: cmd.Envelope) -> Answer:
        """Submits and waits for the answer.

        Raises:
            Retryable: ``room_busy``.
        """
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def reply(answer: Answer) -> None:
            if not future.done():
                future.set_result(answer)

        self.submit(envelope, reply)
        return await future

    async def admit(self, participant: Participant) -> None:
        """Makes the participant's ballots known, so that `you` and audiences are right.

        Raises:
            LogUnavailable: they could not be read.
        """
        await self._admissions.admit(participant.participant_id)

    def you(self, participant: Participant) -> You:
        """Who this participant is in the room, with its current ballots."""
        state = self._replica.state
        ballots = self._replica.ballots_of(participant.participant_id)
        return You(
            participant_id=participant.participant_id,
            role=participant.role,
            can=permitted(participant),
            display_name=participant.display_name,
            guest=participant.guest,
            admitted=participant.admitted,
            ballots=[OwnBallot(key, record.picks) for key, record in ballots.items()],
            upvotes=list(self._replica.stances_of(participant.participant_id, StanceKind.UPVOTE)),
            ratings=self._replica.stances_of(participant.participant_id, StanceKind.RATING),
            muted_until=state.memory.muted.get(participant.participant_id),
            display=participant.display,
            held=state.memory.moderation.held_of(participant.participant_id),
        )

    def snapshot(self, participant: Participant) -> msgspec.Raw:
        """`rooms.states.RoomSnapshot` as this participant may see it, encoded and cached."""
        return self._snapshots.encoded(participant)

    async def reach(self, head: Head) -> None:
        """Waits a moment for what is durable, or was shown to somebody by another node."""
        if self.head >= head:
            return
        self.fall_behind()
        ends_at = self._clock.monotonic() + limits.REACH_S
        while self.head < head and self._clock.monotonic() < ends_at:
            await self._clock.sleep(0.005)

    async def events_since(self, seq: int) -> Sequence[Event] | None:
        """Events after ``seq`` in order; ``None`` when the gap is too large or unknown."""
        recent = self._replica.events_since(seq)
        if recent is not None:
            return recent
        head = self.head.seq
        if not 0 <= seq <= head or head - seq > limits.REPLAY_EVENTS_MAX:
            return None
        async with self._reads:
            return await self._log.events_after(self.show_id, seq, limits.REPLAY_EVENTS_MAX)

    def sync_step1(self) -> bytes:
        """Binary frame: the document's state vector."""
        return self._sync_answers.step1()

    def sync_step2(self, state_vector: bytes) -> bytes:
        """Binary frame: what a client with this state vector lacks.

        Raises:
            crdt.errors.DecodeError: not a state vector.
        """
        return self._sync_answers.step2(state_vector)

    def is_removed(self, participant_id: str) -> bool:
        """Whether crew removed this participant."""
        return participant_id in self._replica.state.memory.removed

    def has_ended(self, round_id: str, at: datetime) -> bool:
        """Whether the round's time is over at ``at``; not whether it is closed yet."""
        record = self._replica.state.rounds.get(round_id)
        return record is not None and record.closes_at is not None and at > record.closes_at

    def head_count(self) -> int:
        """Participants connected to all nodes, as far as heard."""
        return self.beats.participants()

    def is_here(self, participant_id: str) -> bool | None:
        """Whether somebody is in the room; ``None``: not at this node, and others have people."""
        if self.hub.is_here(participant_id):
            return True
        return None if self.beats.is_spread() else False

    def render_state(self, name: str, key: str, audience: Audience) -> StateMessage | None:
        """A state's current value as one audience may see it; ``None``: not for them."""
        return self._states.render(name, key, audience)

    def state_keys(self) -> list[tuple[str, str]]:
        """(name, key) of the states that have a value now; not every audience may see each."""
        return self._states.keys()

    # --- what others publish ----------------------------------------------------------------

    def hear(self, published: TurnPublished) -> None:
        """Another node's turn. Applied if it continues this copy, otherwise read from the log."""
        if published.epoch != self.epoch or published.head <= self.head or self._replica.broken:
            return
        if published.base != self.head or self._behind:
            self.fall_behind()
            return
        try:
            self._show(self._replica.catch_up(to_delta(published)))
        except (GapError, KeyError, msgspec.DecodeError):
            self.fall_behind()
        except Exception as error:
            self._break(error)  # half of it was taken over

    def fall_behind(self) -> None:
        """Something was missed: the actor reads it before its next turn."""
        self._behind = True
        self._inbox.wake.set()

    def rename(self, names: Mapping[str, str]) -> None:
        """Participants are called otherwise now, in what is remembered too: the actor sees to it
        between two turns, because a turn under way has a copy of its own."""
        self._new_names.update(names)
        self.fall_behind()

    def forget_idle_voters(self) -> None:
        """Lets go of the ballots of people who left. Called every `limits.ROOM_IDLE_UNLOAD_S`."""
        self._replica.forget_idle_voters(
            {one.participant.participant_id for one in self.hub.connections()}
        )

    # --- the actor --------------------------------------------------------------------------

    def start(self) -> None:
        """Starts the actor's task."""
        self._task = asyncio.create_task(self._live(), name=f"room:{self.show_id}")

    async def stop(self) -> None:
        """Finishes what is in the inbox, then ends the task."""
        self._inbox.close()
        if self._task is not None:
            # Not awaited itself: whoever waits here may be cancelled, and the turn may not.
            await asyncio.wait([self._task])
        self._admissions.stop()
        self.hub.stop()

    async def _live(self) -> None:
        structlog.contextvars.bind_contextvars(show_id=self.show_id)  # of this task alone
        try:
            await self._run()
        except BaseException as error:
            # An actor that ended in silence would leave everybody waiting.
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                self._give_up()  # The loop ends, and the room with it: nothing broke.
            else:
                self._break(error)
            raise

    async def _run(self) -> None:
        while not self.closed or len(self._inbox):
            await self._inbox.wake.wait()
            self._inbox.wake.clear()
            while len(self._inbox) or self._behind:
                try:
                    await self._next()
                    if self._log_away:
                        self._log_away, self.log_returned_at = False, self._clock.now()
                except (LogUnavailable, OutcomeUnknown) as error:
                    log.warning("room_waits_for_log", show_id=self.show_id, error=str(error))
                    self._behind = self._log_away = True
                    if self.closed:
                        refuse_all(self._inbox.take_all())
                        return
                    await self._clock.sleep(RETRY_S)
                except AnotherLog:
                    log.warning("room_epoch_changed", show_id=self.show_id)
                    self._give_up()
                    return
                except Exception as error:
                    self._break(error)
                    return

    async def _next(self) -> None:
        if self._new_names:
            self._rename(dict(self._new_names))  # whoever comes in now is told nobody's old name
        if self._behind:
            self._behind = False
            await self._turns.catch_up()
        if self._new_names:
            names, self._new_names = self._new_names, {}
            self._rename(names)  # in what was read just now, too
        ahead, self._turns.ahead = self._turns.ahead, None
        if ahead is not None and self._inbox.take(ahead.batch):
            batch = list(ahead.batch)
        else:
            batch, ahead = self._inbox.take_turn(), None
        if batch:
            holds = self._holds(batch)
            began = self._clock.monotonic()
            self._turn = batch
            try:
                await self._take([*holds, *batch], None if holds else ahead)
            finally:
                self._turn = ()
                self.meter.turn(len(batch), self._clock.monotonic() - began)

    async def _take(self, batch: list[Waiting], ahead: Ahead | None) -> None:
        if self._tracing is None:
            await self._turns.run(batch, ahead, self._waiting_next)
            return
        with self._tracing.turn(self.show_id, [envelope for envelope, _ in batch]):
            await self._turns.run(batch, ahead, self._waiting_next)

    def _waiting_next(self) -> Sequence[Waiting]:
        """The next turn, in a rush: what is not worth deciding ahead may still grow."""
        if len(self._inbox) < limits.TURN_AHEAD_FROM or self._behind:
            return ()
        return self._inbox.next_turn()

    def _rename(self, names: Mapping[str, str]) -> None:
        self._replica.rename(names)
        self.board.forget()
        self._snapshots.forget()
        self.poll_answers.forget()
        for queue in self.board.queues():
            self.hub.state_changed("song_requests", queue)

    def _holds(self, batch: Sequence[Waiting]) -> list[Waiting]:
        """Keeps rounds open for whose votes, received in time, this turn comes after their end:
        more of them may wait, here or unread."""
        now = self._clock.now()
        until = now + timedelta(seconds=limits.HOLD_S)
        return [
            (cmd.by_system(cmd.HoldRound(round_id, until), now, self._new_id()), _unheard)
            for round_id in self._in_time(batch, now)
        ]

    def _in_time(self, batch: Sequence[Waiting], now: datetime) -> Collection[str]:
        due = ended(self._replica.state.rounds.values(), now)
        if not due:
            return ()
        waiting = chain((envelope for envelope, _ in batch), self._inbox.envelopes())
        requests = self._replica.state.memory.song_requests
        return waiting_in_time(waiting, due, requests, self.facts)

    def _break(self, error: BaseException) -> None:
        log.error("room_broken", show_id=self.show_id, error=str(error), exc_info=error)
        self._give_up()

    def _give_up(self) -> None:
        """This copy can no longer be trusted: everybody comes back to one loaded anew."""
        self._replica.broken = True
        self._inbox.close()
        refuse_all(self._inbox.take_all())
        self.hub.close_all(CloseCode.RESTARTING, "room_reloading")

    # --- after the commit -------------------------------------------------------------------

    def _committed(self, decision: Decision, appended: Appended) -> None:
        base = decision.turn.expected
        try:
            moved = self._replica.commit(decision, appended)
        except Exception as error:
            raise BrokenReplicaError from error
        self.beats.committed(decision.turn)
        self._show(moved)
        message = self._replica.publication(self._node_id, base, decision, appended)
        trace = None if self._tracing is None else self._tracing.carried()
        if trace is not None:
            message = msgspec.structs.replace(message, trace=trace)
        self._bus.publish(self.show_id, publication.encode(message))

    def _publish_awareness(self, frame: bytes) -> None:
        message = AwarenessPublished(node_id=self._node_id, frame=frame, editors=self.hub.claims())
        self._bus.publish(self.show_id, publication.encode(message))

    def _claims(self) -> dict[int, str]:
        claims: dict[int, str] = {}
        for editors in self.editors_elsewhere.values():
            claims.update(editors)
        return claims | self.hub.claims()

    def _show(self, moved: Moved) -> None:
        if moved.events:
            self.hub.events(moved.events)
            if self._tracing is not None:
                self._tracing.showing(self.show_id, len(moved.events), self.hub)
            for event in moved.events:
                self._act_on(event)
        for name, key in self._states.moved(moved):
            self.hub.state_changed(name, key)

    def _act_on(self, event: Event) -> None:
        if event.name == "participant_removed":
            removed = getattr(event.data, "participant_id", "")
            self.hub.close_participant(removed, CloseCode.REMOVED, "removed")


def _unheard(answer: Answer) -> None:
    """Nobody waits for this one."""
