"""What a room needs from outside, as Protocols, with the records that cross the border.

``storage`` implements these against Postgres and Redis, and in memory for tests; both pass one
contract suite (``tests/contract``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from msgspec import Struct

from rooms.events import Event, RoundResult
from rooms.show import ShowFacts, ShowStatus
from rooms.vote_config import Pick, VoteConfig


class Head(Struct, frozen=True, order=True):
    """The tip of a room. Every append moves ``seq`` or ``state_version`` or both.

    Attributes:
        seq: the newest event.
        state_version: counts appends that changed what is not a log event (ballots, tallies,
            reactions, draft rounds, stored replies).
    """

    seq: int
    state_version: int


class RoundRecord(Struct, frozen=True):
    """A row of ``rounds``. ``status`` as in DOMAIN.

    Attributes:
        seed: what a tie would be drawn by; secret until the result tells it.
        runoff_of: the round whose tie this one breaks.
        stage_of: the bracket's first round; ``stage`` counts from 1.
        supersedes: the round that this one corrects; ``superseded_by`` points the other way.
        held_until: some node has votes in its inbox that were received in time.
    """

    round_id: str
    config: VoteConfig
    config_hash: str
    status: str
    position: int = 0
    opened_at: datetime | None = None
    closes_at: datetime | None = None
    closed_at: datetime | None = None
    result: RoundResult | None = None
    seed: str | None = None
    runoff_of: str | None = None
    stage_of: str | None = None
    stage: int = 1
    supersedes: str | None = None
    superseded_by: str | None = None
    held_until: datetime | None = None


class BallotRecord(Struct, frozen=True):
    """One participant's ballot. ``picks`` empty: withdrawn (the row stays, counted nowhere).

    Attributes:
        pattern: canonical text of the picks (`rooms.rounds.tally.pattern_of`), what is counted by.
        voter_class: class and channel, such as ``audience:web``.
        version: the room's ``state_version`` at which it was written (0 in a new ballot).
        device_id: the voter's device, in rounds that count one ballot a device.
    """

    round_id: str
    participant_id: str
    picks: tuple[Pick, ...]
    pattern: str
    voter_class: str
    cast_at: datetime
    version: int = 0
    device_id: str | None = None


class TallyRecord(Struct, frozen=True):
    """Absolute number of ballots with one pattern by one class of voters in one round."""

    round_id: str
    pattern: str
    voter_class: str
    ballots: int


class StanceKind(StrEnum):
    """What a stance is about: support for a song request, or the rating of a setlist entry."""

    UPVOTE = "upvote"
    RATING = "rating"


class StanceRecord(Struct, frozen=True):
    """One participant's current stance on one subject: no log event, counted like a ballot.

    Attributes:
        subject: ``song_request_id`` or ``entry_id``.
        value: 1, -1, or 0: taken back (the row stays, counted nowhere).
        voter_class: what is counted apart; for ratings weight and cluster
            (`rooms.accuracy`), for upvotes empty.
        version: the room's ``state_version`` at which it was written (0 in a new one).
    """

    kind: StanceKind
    subject: str
    participant_id: str
    value: int
    voter_class: str
    cast_at: datetime
    version: int = 0


class StanceCount(Struct, frozen=True):
    """Absolute number of participants with one value and class on one subject."""

    kind: StanceKind
    subject: str
    value: int
    voter_class: str
    people: int


class Votes(Struct, frozen=True):
    """What participants have said: ballots of rounds that take votes, and stances."""

    ballots: tuple[BallotRecord, ...] = ()
    stances: tuple[StanceRecord, ...] = ()


class Standing(Struct, frozen=True):
    """What is known of a participant beside its authentication; read when a decision asks.

    Attributes:
        role: its role in the show.
        display_name: the name that it has now.
        has_account: not a guest.
        checked_in: was at the show.
        phone_confirmed: its phone number is confirmed.
        device_id: the device it came from, where known.
        device_rounds: rounds of the show in which somebody else voted with this device.
        weight: of its ratings (`rooms.accuracy`), 0.05 to 3.75.
        cluster: key of the correlated cluster it belongs to, or ``None``.
    """

    participant_id: str
    role: str
    display_name: str = ""
    has_account: bool = False
    checked_in: bool = False
    phone_confirmed: bool = False
    device_id: str | None = None
    device_rounds: frozenset[str] = frozenset()
    weight: float = 1.0
    cluster: str | None = None


class SongRecord(Struct, frozen=True):
    """A song of the catalogue of somebody in the line-up.

    Attributes:
        normalised_title: `rooms.catalogue.names.normalised` of its title.
    """

    song_id: str
    title: str
    normalised_title: str


class ReplyRecord(Struct, frozen=True):
    """The stored answer to one command. Key: (show, participant, command_id).

    ``answer`` is the encoded `rooms.messages.Ack` or `Reject`.
    """

    participant_id: str
    command_id: str
    payload_hash: bytes
    answer: bytes


class OutboxRecord(Struct, frozen=True):
    """An effect that awaits delivery, written with the turn. ``dedupe_key`` is unique."""

    kind: str
    dedupe_key: str
    payload: dict[str, Any]


class AuditRecord(Struct, frozen=True):
    """Who changed what, when, from what to what."""

    participant_id: str
    action: str
    subject: str
    at: datetime
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class Turn(Struct, frozen=True):
    """What one turn appends, all or nothing.

    ``events`` have consecutive ``seq`` from ``expected.seq + 1``. A voter appears at most once
    per round in ``ballots``, and once per subject in ``stances``. ``rounds`` are whole rows to
    insert or replace. ``removed`` are participants whose row is marked as removed; an event
    ``participant_readmitted`` among ``events`` takes the mark off, before any of these; one
    ``participants_linked`` marks who is whom, and the one that stays as known by its phone.
    ``epoch`` is of the log that the turn was decided upon; empty: of any.
    """

    show_id: str
    expected: Head
    events: tuple[Event, ...] = ()
    ballots: tuple[BallotRecord, ...] = ()
    stances: tuple[StanceRecord, ...] = ()
    reactions: Mapping[str, int] = {}
    rounds: tuple[RoundRecord, ...] = ()
    replies: tuple[ReplyRecord, ...] = ()
    outbox: tuple[OutboxRecord, ...] = ()
    audit: tuple[AuditRecord, ...] = ()
    removed: tuple[str, ...] = ()
    show_status: ShowStatus | None = None
    epoch: str = ""

    @property
    def head_after(self) -> Head:
        """The head once this turn is in."""
        moved = bool(self.ballots or self.stances or self.reactions or self.rounds or self.replies)
        return Head(
            self.expected.seq + len(self.events),
            self.expected.state_version + (1 if moved or not self.events else 0),
        )


class Delta(Struct, frozen=True):
    """What a node has not seen between its own head and ``head``.

    ``tallies``, ``stance_counts`` and ``reactions`` are absolute values of what changed;
    ``ballots`` and ``stances`` only those of the participants that were asked for.
    """

    head: Head
    events: tuple[Event, ...] = ()
    rounds: tuple[RoundRecord, ...] = ()
    tallies: tuple[TallyRecord, ...] = ()
    ballots: tuple[BallotRecord, ...] = ()
    reactions: Mapping[str, int] = {}
    stances: tuple[StanceRecord, ...] = ()
    stance_counts: tuple[StanceCount, ...] = ()


class Appended(Struct, frozen=True):
    """The turn is durable. The counts are new absolute values of what moved."""

    head: Head
    tallies: tuple[TallyRecord, ...] = ()
    reactions: Mapping[str, int] = {}
    stance_counts: tuple[StanceCount, ...] = ()


class Lost(Struct, frozen=True):
    """Another node was first; nothing was written. ``head`` is the room's head now."""

    head: Head


class AlreadyAnswered(Struct, frozen=True):
    """Some commands of the turn have stored answers; nothing was written."""

    replies: tuple[ReplyRecord, ...]


AppendOutcome = Appended | Lost | AlreadyAnswered


class RoomRecord(Struct, frozen=True):
    """A room as loaded: the newest snapshot and everything after it.

    Attributes:
        snapshot: `rooms.state.RoomState` memory as stored by the compaction job, or ``None``.
        document: the setlist document at ``snapshot_seq`` (one Yjs update), or ``None``.
        events: all events after ``snapshot_seq``, in order, up to ``head.seq``.
        bindings: Yjs client id → participant id, all of them.
    """

    show: ShowFacts
    epoch: str
    head: Head
    snapshot_seq: int
    snapshot: bytes | None
    document: bytes | None
    events: tuple[Event, ...]
    rounds: tuple[RoundRecord, ...]
    tallies: tuple[TallyRecord, ...]
    reactions: Mapping[str, int]
    bindings: Mapping[int, str]
    stance_counts: tuple[StanceCount, ...] = ()


class SnapshotRecord(Struct, frozen=True):
    """What the compaction job stores. ``seq`` is the event it includes last."""

    seq: int
    state: bytes
    document: bytes


class LockedRoom(Protocol):
    """A room whose head is locked in one short transaction."""

    async def read_since(self, head: Head, participants: Collection[str]) -> Delta:
        """Everything after ``head``."""
        ...

    async def append(self, turn: Turn) -> AppendOutcome:
        """Appends; `Lost` cannot happen here while the lock is held."""
        ...


class RoomLog(Protocol):
    """The durable log and state of all rooms (PostgreSQL)."""

    async def load(self, show_id: str) -> RoomRecord | None:
        """The room in one consistent read, or ``None`` if there is no such show."""
        ...

    async def append(self, turn: Turn) -> AppendOutcome:
        """Appends a turn if the head is still ``turn.expected``; one call, all or nothing.

        Raises:
            OutcomeUnknown: the connection broke around the commit. Call again with the same
                turn: `AlreadyAnswered` or `Lost` tell what became of it.
            LogUnavailable: the log could not be reached; nothing was written.
            AnotherLog: it is not the one that the turn was decided upon; nothing was written.
        """
        ...

    def locked(self, show_id: str) -> AbstractAsyncContextManager[LockedRoom]:
        """Takes the room's lock for one turn (lock and idle timeouts under a second).

        Raises:
            LogUnavailable: the lock was not had in time.
        """
        ...

    async def read_since(self, show_id: str, head: Head, participants: Collection[str]) -> Delta:
        """Everything after ``head``, consistent; ballots of ``participants`` only."""
        ...

    async def votes_of(self, show_id: str, participants: Collection[str]) -> Votes:
        """These participants' stances, and ballots in rounds that are open or in grace, and in
        the latest `limits.OWN_ENDED_ROUNDS_MAX` of those that are over."""
        ...

    async def replies_of(
        self, show_id: str, keys: Collection[tuple[str, str]]
    ) -> Iterable[ReplyRecord]:
        """Stored answers for (participant_id, command_id) keys."""
        ...

    async def roles_of(self, show_id: str, participants: Collection[str]) -> Mapping[str, str]:
        """Role of each of these participants of the show; unknown ones are absent."""
        ...

    async def standings_of(
        self, show_id: str, participants: Collection[str]
    ) -> Mapping[str, Standing]:
        """What is known of these participants of the show; unknown ones are absent."""
        ...

    async def songs_of(
        self, show_id: str, song_ids: Collection[str], titles: Collection[str]
    ) -> tuple[SongRecord, ...]:
        """Songs of the line-up's catalogue with one of these ids or normalised titles.

        The headliner's come first. Ids may be any text; what is no song's is passed over.
        """
        ...

    async def events_after(self, show_id: str, seq: int, limit: int) -> tuple[Event, ...]:
        """Up to ``limit`` events after ``seq``, in order."""
        ...

    async def heads(self, show_ids: Collection[str]) -> tuple[str, Mapping[str, Head]]:
        """The epoch's base and the heads of these rooms, in one query."""
        ...

    async def facts_of(self, show_ids: Collection[str]) -> Mapping[str, ShowFacts]:
        """What these shows are now, by id. Facts are edited beside the log."""
        ...

    async def due_rounds(self, now: datetime) -> Iterable[tuple[str, str]]:
        """(show_id, round_id) of open rounds whose ``closes_at`` has passed at ``now``."""
        ...

    async def hold_round(self, show_id: str, round_id: str, until: datetime) -> None:
        """Keeps a round that takes votes from being closed by time before ``until``, wherever the
        head is: one call that moves it, so that a close decided upon the old one is `Lost`.

        A hold is never shortened; of a round that takes no votes any more, nothing changes.

        Raises:
            OutcomeUnknown, LogUnavailable: say it again, it is the same.
        """
        ...

    async def save_snapshot(self, show_id: str, snapshot: SnapshotRecord) -> None:
        """Stores a snapshot; an older one than the newest stored is ignored."""
        ...

    async def database_time(self) -> datetime:
        """The database's clock, UTC."""
        ...


class OutcomeUnknown(Exception):
    """A call broke around its commit: it may or may not have happened."""


class AnotherLog(Exception):
    """The log is not the one that the turn was decided upon: another server was promoted, or a
    backup was brought back. Nothing was written.

    Its head may well be the same. But people who have come to the new log have written anew what
    they had not heard to be saved; the same, said by a copy of the old one, would undo what they
    did since.
    """


class LogUnavailable(Exception):
    """The log could not be reached. Nothing was written."""


class TurnRefused(Exception):
    """The turn contradicts what the log promises; nothing was written.

    A defect of whoever made the turn, never of its timing: saying the same again fails again.
    """


class RoomBus(Protocol):
    """Carries publications between nodes (Redis). May lose anything at any time."""

    def publish(self, show_id: str, message: bytes) -> None:
        """Queues a message; never blocks, never raises. The oldest are dropped when full."""
        ...

    async def subscribe(self, show_id: str) -> None:
        """From now on, messages of this room are delivered to the handler."""
        ...

    async def unsubscribe(self, show_id: str) -> None:
        """No more messages of this room."""
        ...

    def on_message(self, handler: Callable[[str, bytes], None]) -> None:
        """Sets the one handler: (show_id, message), called in the event loop; must not block."""
        ...


class Clock(Protocol):
    """Time, passed in."""

    def now(self) -> datetime:
        """UTC, corrected to the database's clock."""
        ...

    def monotonic(self) -> float:
        """Seconds, for durations."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Waits."""
        ...


NewId = Callable[[], str]
"""Mints a UUIDv7 string."""

NewSeed = Callable[[], str]
"""Mints what a tie is drawn by: 32 random bytes, hexadecimal."""
