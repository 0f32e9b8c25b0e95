"""One node's copy of a room: state, setlist document, twin, and the ballots it looks at.

It changes only by what is known to be durable: a committed turn of this node, or what was read
from the log or published by another node.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from crdt.document import SetlistDocument
from crdt.document_limits import DocumentLimits
from rooms import limits
from rooms.accounts.naming import renamed
from rooms.decide.draft import BallotKey, StanceKeyOf
from rooms.decide.turn import Decision
from rooms.events import EVENT_NAMES, Event, decode_event_data
from rooms.ports import (
    Appended,
    BallotRecord,
    Delta,
    Head,
    RoomRecord,
    StanceKind,
    StanceRecord,
    Turn,
    Votes,
)
from rooms.publication import EventWire, TurnPublished
from rooms.rounds.running_tallies import RunningTallies
from rooms.rounds.tally import WITHDRAWN
from rooms.show import ShowFacts
from rooms.state import Memory, RoomState, StanceKey

DOCUMENT_LIMITS = DocumentLimits(
    entries_max=limits.ENTRIES_MAX,
    title_characters_max=limits.TITLE_CHARACTERS_MAX,
    note_characters_max=limits.NOTE_CHARACTERS_MAX,
    position_bytes_max=limits.POSITION_BYTES_MAX,
    position_rebalance_bytes=limits.POSITION_REBALANCE_BYTES,
    update_bytes_max=limits.YJS_UPDATE_BYTES_MAX,
    first_sync_bytes_max=limits.FIRST_SYNC_BYTES_MAX,
    document_bytes_max=limits.DOCUMENT_BYTES_MAX,
)
"""The document's bounds, from the one file of limits."""

_encode = msgspec.json.Encoder().encode


class Moved(Struct, frozen=True):
    """What a change means for those who watch: new events, and states to send again."""

    events: tuple[Event, ...] = ()
    tallies: frozenset[str] = frozenset()
    stances: frozenset[StanceKey] = frozenset()
    reactions: bool = False


class BallotsView:
    """A look at the ballots that are known here: of each voter's a turn asks for one."""

    __slots__ = ("_ballots",)

    def __init__(self, ballots: Mapping[str, Mapping[str, BallotRecord]]) -> None:
        self._ballots = ballots

    def get(self, key: BallotKey, /) -> BallotRecord | None:
        """See `rooms.decide.draft.BallotsBefore`."""
        own = self._ballots.get(key[1])
        return None if own is None else own.get(key[0])


class Replica:
    """See the module.

    Attributes:
        document: the live setlist document; always equal to the log up to ``state.head``.
        twin: equal to ``document`` between turns; updates are judged on it. It is replaced
            (with a new Yjs client id) whenever a turn that moved it did not commit.
        broken: this copy can no longer be trusted, and takes nothing over.
        running: tallies of open rounds, for whoever reads them.
    """

    def __init__(self, record: RoomRecord) -> None:
        self.epoch = record.epoch
        self.state = RoomState.from_record(record)
        self.document = SetlistDocument(DOCUMENT_LIMITS)
        if record.document:
            self.document.apply(record.document)
        for event in record.events:
            if event.update:
                self.document.apply(event.update)
        self.twin = self.document.clone()
        self.recent: deque[Event] = deque(record.events, maxlen=limits.EVENTS_IN_MEMORY_MAX)
        self._ballots: dict[str, dict[str, BallotRecord]] = {}
        self._stances: dict[str, dict[StanceKey, StanceRecord]] = {}
        self._asked_for: set[str] = set()
        self._newest_ballots: tuple[Turn | None, tuple[BallotRecord, ...]] = (None, ())
        self.broken = False
        self.running = RunningTallies()

    @property
    def head(self) -> Head:
        """The newest durable point this copy has."""
        return self.state.head

    # --- ballots ---------------------------------------------------------------------------

    @property
    def voters(self) -> Collection[str]:
        """Participants whose ballots are kept here and must be kept fresh."""
        return self._ballots.keys()

    def unknown_voters(self, participants: Iterable[str]) -> list[str]:
        """Those whose ballots have not been asked for yet."""
        asked = dict.fromkeys(participants)
        self._asked_for.update(asked)
        return [who for who in asked if who not in self._ballots]

    def expect_ballots(self, participants: Iterable[str]) -> None:
        """From now on changes of these participants' ballots are taken, before the read of
        what they were: nothing falls between."""
        for who in participants:
            self._ballots.setdefault(who, {})
            self._stances.setdefault(who, {})

    def take_votes(self, votes: Votes) -> None:
        """Keeps ballots and stances of known voters; the higher version wins."""
        self.take_ballots(votes.ballots)
        self.take_stances(votes.stances)

    def take_stances(self, records: Iterable[StanceRecord]) -> None:
        """Keeps stances of known voters; the higher version wins."""
        for record in records:
            own = self._stances.get(record.participant_id)
            if own is None:
                continue
            key = (record.kind, record.subject)
            known = own.get(key)
            if known is None or known.version <= record.version:
                own[key] = record

    def stances_for(self, participants: Iterable[str]) -> dict[StanceKeyOf, StanceRecord]:
        """Stances by (kind, subject, participant), as a decision wants them."""
        return {
            (kind, subject, who): record
            for who in participants
            for (kind, subject), record in self._stances.get(who, {}).items()
        }

    def stances_of(self, participant_id: str, kind: StanceKind) -> dict[str, int]:
        """A participant's stances of one kind: subject → value; those taken back left out."""
        own = self._stances.get(participant_id, {})
        return {
            subject: record.value
            for (of_kind, subject), record in own.items()
            if of_kind is kind and record.value
        }

    def take_ballots(self, records: Iterable[BallotRecord]) -> None:
        """Keeps ballots of known voters; the higher version wins."""
        for record in records:
            own = self._ballots.get(record.participant_id)
            if own is None:
                continue
            known = own.get(record.round_id)
            if known is None or known.version <= record.version:
                own[record.round_id] = record

    @property
    def ballots(self) -> BallotsView:
        """Ballots by (round, participant), as a decision wants them; of this moment only."""
        return BallotsView(self._ballots)

    def ballots_for(self, participants: Iterable[str]) -> dict[BallotKey, BallotRecord]:
        """All ballots of these participants, by (round, participant)."""
        return {
            (round_id, who): record
            for who in participants
            for round_id, record in self._ballots.get(who, {}).items()
        }

    def ballots_of(self, participant_id: str) -> Mapping[str, BallotRecord]:
        """A participant's ballots by round; withdrawn ones left out."""
        own = self._ballots.get(participant_id, {})
        return {key: record for key, record in own.items() if record.pattern != WITHDRAWN}

    def has_voted(self, participant_id: str, round_id: str) -> bool:
        """Whether the participant has a ballot in the round, as far as this node knows."""
        record = self._ballots.get(participant_id, {}).get(round_id)
        return record is not None and record.pattern != WITHDRAWN

    def forget_voters(self, participants: Iterable[str]) -> None:
        """Drops these participants' ballots; they are asked for again when they are needed."""
        for who in participants:
            self._ballots.pop(who, None)
            self._stances.pop(who, None)

    def forget_idle_voters(self, here: Collection[str]) -> None:
        """Drops ballots of those who are not ``here`` and were not asked for since the last call.

        Two calls must lie further apart than a turn or a request may last.
        """
        self.forget_voters(self._ballots.keys() - self._asked_for - set(here))
        self._asked_for = set()

    def take_facts(self, facts: ShowFacts) -> None:
        """Takes over title, line-up, venue and time; the status belongs to the log."""
        self.state.facts = msgspec.structs.replace(facts, status=self.state.facts.status)

    # --- what is durable -------------------------------------------------------------------

    def reset_twin(self) -> None:
        """A fresh twin with a client id of its own; the old one is gone for good."""
        self.twin = self.document.clone()

    def commit(self, decision: Decision, appended: Appended) -> Moved:
        """Takes over a turn of this node that is durable."""
        self.state = decision.state
        self.state.absorb(tallies=appended.tallies, reactions=appended.reactions)
        touched = self.state.absorb_stances(appended.stance_counts)
        self.state.head = appended.head
        for event in decision.turn.events:
            if event.update:
                self.document.apply(event.update)
            self.recent.append(event)
        version = appended.head.state_version
        self.take_ballots(self._committed_ballots(decision, version))
        self.take_stances(_versioned(decision.turn.stances, version))
        return Moved(
            events=decision.turn.events,
            tallies=frozenset(record.round_id for record in decision.turn.ballots),
            stances=frozenset(touched),
            reactions=bool(decision.turn.reactions),
        )

    def catch_up(self, delta: Delta) -> Moved:
        """Takes over what others committed. Events this copy has already are passed over.

        A delta that was read before a publication arrived, and is taken after it, is old: it
        must not set the head back, or the events after it would be taken twice.
        """
        if self.broken:
            raise BrokenReplicaError("half of something was taken over before")
        if delta.head <= self.head:
            return Moved()
        fresh = tuple(event for event in delta.events if event.seq > self.head.seq)
        for event in fresh:
            if event.seq != self.state.head.seq + 1:
                raise GapError(self.state.head.seq, event.seq)
            self.state.apply(event)
            if event.update:
                self.document.apply(event.update)
                self.twin.apply(event.update)
            self.recent.append(event)
        touched = self.state.absorb(
            rounds=delta.rounds, tallies=delta.tallies, reactions=delta.reactions
        )
        subjects = self.state.absorb_stances(delta.stance_counts)
        self.take_ballots(delta.ballots)
        self.take_stances(delta.stances)
        self.state.head = delta.head
        return Moved(
            events=fresh,
            tallies=frozenset(touched),
            stances=frozenset(subjects),
            reactions=bool(delta.reactions),
        )

    def rename(self, names: Mapping[str, str]) -> None:
        """Calls participants by other names in what is remembered. What was said lately is read
        from the log again, where the names are replaced as well."""
        memory = renamed(msgspec.json.decode(self.state.snapshot()), names)
        self.state.memory = msgspec.json.decode(msgspec.json.encode(memory), type=Memory)
        self.recent.clear()

    def events_since(self, seq: int) -> list[Event] | None:
        """Events after ``seq`` from memory; ``None`` when they reach further back."""
        if seq > self.head.seq:
            return None
        missing = self.head.seq - seq
        if missing > len(self.recent):
            return None
        return list(self.recent)[len(self.recent) - missing :] if missing else []

    def _committed_ballots(self, decision: Decision, version: int) -> tuple[BallotRecord, ...]:
        """A turn's ballots with the version that they were written at: kept and published."""
        of, ballots = self._newest_ballots
        if of is not decision.turn:
            ballots = tuple(
                msgspec.structs.replace(record, version=version) for record in decision.turn.ballots
            )
            self._newest_ballots = (decision.turn, ballots)
        return ballots

    # --- publications ----------------------------------------------------------------------

    def publication(
        self, node_id: str, base: Head, decision: Decision, appended: Appended
    ) -> TurnPublished:
        """What other nodes are told of a committed turn."""
        version = appended.head.state_version
        ballots = self._committed_ballots(decision, version)
        self._newest_ballots = (None, ())
        return TurnPublished(
            node_id=node_id,
            epoch=self.epoch,
            base=base,
            head=appended.head,
            events=tuple(to_wire(event) for event in decision.turn.events),
            rounds=decision.turn.rounds,
            tallies=appended.tallies,
            ballots=ballots,
            reactions=appended.reactions,
            stances=_versioned(decision.turn.stances, version),
            stance_counts=appended.stance_counts,
        )


def _versioned(stances: Iterable[StanceRecord], version: int) -> tuple[StanceRecord, ...]:
    return tuple(msgspec.structs.replace(record, version=version) for record in stances)


class BrokenReplicaError(Exception):
    """A durable turn could not be taken over: this copy must be loaded anew."""


class GapError(BrokenReplicaError):
    """Events did not continue where this copy stands: a broken promise of the log."""

    def __init__(self, have: int, got: int) -> None:
        super().__init__(f"have seq {have}, got {got}")


def to_wire(event: Event) -> EventWire:
    """An event as it travels between nodes."""
    return EventWire(
        seq=event.seq,
        name=EVENT_NAMES[type(event.data)],
        at_us=round(event.at.timestamp() * 1_000_000),
        data=_encode(event.data),
        crew_data=_encode(event.crew_data) if event.crew_data is not None else None,
        participant_id=event.participant_id,
        update=event.update,
        clients=event.clients,
    )


def from_wire(wire: EventWire) -> Event:
    """The event again."""
    seconds, micros = divmod(wire.at_us, 1_000_000)
    return Event(
        seq=wire.seq,
        at=datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros),
        data=decode_event_data(wire.name, wire.data),
        crew_data=decode_event_data(wire.name, wire.crew_data) if wire.crew_data else None,
        participant_id=wire.participant_id,
        update=wire.update,
        clients=wire.clients,
    )


def to_delta(published: TurnPublished) -> Delta:
    """A publication as what a replica at its ``base`` has not seen."""
    return Delta(
        head=published.head,
        events=tuple(from_wire(wire) for wire in published.events),
        rounds=published.rounds,
        tallies=published.tallies,
        ballots=published.ballots,
        reactions=published.reactions,
        stances=published.stances,
        stance_counts=published.stance_counts,
    )
