"""The working copy of a room that one turn is decided on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from crdt.document import SetlistDocument
from rooms.answers import Answer, reject
from rooms.catalogue.names import normalised
from rooms.commands import Envelope
from rooms.decide.replies import is_final, reply_of
from rooms.decide.signing import signed
from rooms.errors import RoomError
from rooms.events import Event, EventData
from rooms.messages import Ack
from rooms.moderation.matching import NO_LISTS, WordMatcher
from rooms.participants import SYSTEM, Participant
from rooms.ports import (
    AuditRecord,
    BallotRecord,
    Head,
    NewId,
    NewSeed,
    OutboxRecord,
    RoundRecord,
    SongRecord,
    StanceKind,
    StanceRecord,
    Standing,
    Turn,
)
from rooms.rounds.tally import WITHDRAWN
from rooms.show import ShowStatus
from rooms.song_requests.matching import QueueIndex
from rooms.state import RoomState

BallotKey = tuple[str, str]
"""(round_id, participant_id)."""

StanceKeyOf = tuple[StanceKind, str, str]
"""(kind, subject, participant_id)."""


class BallotsBefore(Protocol):
    """Ballots by (round, participant), as they were before a turn; a dictionary is one."""

    def get(self, key: BallotKey, /) -> BallotRecord | None:
        """The ballot, if there is one."""
        ...


class Draft:
    """Collects what a turn appends, while every command sees the effects of those before it.

    Attributes:
        state: a copy of the room's state, moved by the events of this turn.
        twin: the setlist document that updates are judged on; dirty once `events` hold updates
            or `twin_dirty` is set, and then good for nothing but a commit of this turn.
        claims: Yjs client id → participant who is seen to edit under it, before its first edit
            binds it for good.
        roles: participant id → role, of participants that commands of this turn point at.
        standings: participant id → what is known of those who rate or vote in this turn, where
            a decision needs it.
        words: finds words that are not for everybody.
        now: of the deciding node, where somebody told it.
        songs: song id → song, of the songs that are requested in this turn.
        song_queues: queue → its requests by what they are for, where this turn asked.
        noted: what decisions of this turn found out and later ones of it may use.
    """

    def __init__(
        self,
        state: RoomState,
        twin: SetlistDocument,
        ballots: BallotsBefore,
        roles: Mapping[str, str],
        claims: Mapping[int, str],
        new_id: NewId,
        new_seed: NewSeed,
        stances: Mapping[StanceKeyOf, StanceRecord] | None = None,
        standings: Mapping[str, Standing] | None = None,
        songs: Iterable[SongRecord] = (),
        words: WordMatcher = NO_LISTS,
        after: Head | None = None,
        now: datetime | None = None,
    ) -> None:
        self.state = state.copy() if after is None else state.branch(after)
        self.expected = self.state.head
        self.twin = twin
        self.twin_dirty = False
        self.roles = roles
        self.claims = claims
        self.new_id = new_id
        self.new_seed = new_seed
        self.words = words
        self.now = now
        self.events: list[Event] = []
        self.answers: list[Answer | None] = []
        self.standings = standings or {}
        self.songs: dict[str, SongRecord] = {}
        self._songs_by_title: dict[str, SongRecord] = {}
        for song in songs:
            self.songs[song.song_id] = song
            self._songs_by_title.setdefault(song.normalised_title, song)
        self.song_queues: dict[str, QueueIndex] = {}
        self.noted: dict[Any, Any] = {}
        self._ballots_before = ballots
        self._stances_before = stances or {}
        self._stances: dict[StanceKeyOf, StanceRecord] = {}
        self._spoke: Counter[str] | None = None
        self._ballots: dict[BallotKey, BallotRecord] = {}
        self._counted: set[str] = set()
        self._devices: dict[tuple[str, str], str] = {}
        self._rounds: dict[str, RoundRecord] = {}
        self._reactions: dict[str, int] = {}
        self._outbox: list[OutboxRecord] = []
        self._audit: list[AuditRecord] = []
        self._removed: list[str] = []
        self._show_status: ShowStatus | None = None

    # --- what a command may do ------------------------------------------------------------

    def emit(
        self,
        data: EventData,
        envelope: Envelope,
        *,
        crew_data: EventData | None = None,
        update: bytes | None = None,
        clients: tuple[int, ...] = (),
        at: datetime | None = None,
    ) -> Event:
        """Appends one event to the turn and applies it. Event times never decrease.

        Crew is told who did it, where the payload can say so.
        """
        data, crew_data = signed(data, crew_data, envelope.participant)
        event = Event(
            seq=self.state.head.seq + 1,
            at=max(self.state.memory.last_at, at or envelope.received_at),
            data=data,
            participant_id=envelope.participant.participant_id,
            crew_data=crew_data,
            update=update,
            clients=clients,
        )
        self.events.append(event)
        self.state.apply(event)
        return event

    def last_ballot(self, key: BallotKey) -> BallotRecord | None:
        """What a participant said last in a round, be it that the ballot is taken back."""
        return self._ballots.get(key) or self._ballots_before.get(key)

    def ballot(self, round_id: str, participant_id: str) -> BallotRecord | None:
        """A participant's ballot as it stands in this turn; a withdrawn one counts as none."""
        record = self.last_ballot((round_id, participant_id))
        return record if record is not None and record.pattern != WITHDRAWN else None

    def put_ballot(self, record: BallotRecord) -> None:
        """Sets a ballot and moves the counts by the difference."""
        key = (record.round_id, record.participant_id)
        self.replace_ballot(key, self.ballot(*key), record)

    def replace_ballot(
        self, key: BallotKey, before: BallotRecord | None, record: BallotRecord
    ) -> None:
        """`put_ballot` for who knows already what `ballot` says."""
        counts = self._own_counts(record.round_id)
        if before is not None:
            row = (before.pattern, before.voter_class)
            counts[row] = counts.get(row, 0) - 1
        if record.pattern != WITHDRAWN:
            row = (record.pattern, record.voter_class)
            counts[row] = counts.get(row, 0) + 1
        self._ballots[key] = record
        if record.device_id is not None:
            self._devices[(record.round_id, record.device_id)] = record.participant_id

    def _own_counts(self, round_id: str) -> dict[tuple[str, str], int]:
        """Counts of a round that this turn may move: copied once, there may be thousands."""
        if round_id not in self._counted:
            self._counted.add(round_id)
            self.state.tallies[round_id] = dict(self.state.tallies.get(round_id, {}))
        return self.state.tallies[round_id]

    def voter_with(self, round_id: str, device_id: str) -> str | None:
        """Who voted in a round with a device in this turn."""
        return self._devices.get((round_id, device_id))

    def last_stance(
        self, kind: StanceKind, subject: str, participant_id: str
    ) -> StanceRecord | None:
        """What a participant said last of a subject, be it that it is taken back."""
        key = (kind, subject, participant_id)
        return self._stances.get(key) or self._stances_before.get(key)

    def stance(self, kind: StanceKind, subject: str, participant_id: str) -> StanceRecord | None:
        """A participant's stance as it stands in this turn; one taken back counts as none."""
        record = self.last_stance(kind, subject, participant_id)
        return record if record is not None and record.value else None

    def stances_of(self, participant_id: str) -> list[StanceRecord]:
        """A participant's stances as they stand in this turn; those taken back left out."""
        subjects = dict.fromkeys((*self._stances_before, *self._stances))
        found = [self.stance(*key) for key in subjects if key[2] == participant_id]
        return [record for record in found if record is not None]

    def stance_count(self, participant_id: str) -> int:
        """How many subjects a participant spoke of, those it took back included."""
        if self._spoke is None:  # once a turn: hundreds may speak in it, of dozens of subjects
            said = self._stances_before.keys() | self._stances.keys()
            self._spoke = Counter(who for _, _, who in said)
        return self._spoke[participant_id]

    def has_spoken(self, kind: StanceKind, subject: str, participant_id: str) -> bool:
        """Whether a participant has a stance on a subject, be it one taken back."""
        key = (kind, subject, participant_id)
        return key in self._stances or key in self._stances_before

    def put_stance(self, record: StanceRecord) -> None:
        """Sets a stance and moves the counts by the difference."""
        before = self.stance(record.kind, record.subject, record.participant_id)
        counts = dict(self.state.stances.get((record.kind, record.subject), {}))
        if before is not None:
            key = (before.value, before.voter_class)
            counts[key] = counts.get(key, 0) - 1
        if record.value:
            key = (record.value, record.voter_class)
            counts[key] = counts.get(key, 0) + 1
        self.state.stances[(record.kind, record.subject)] = counts
        subject = (record.kind, record.subject, record.participant_id)
        if self._spoke is not None and not self.has_spoken(*subject):
            self._spoke[record.participant_id] += 1
        self._stances[subject] = record

    def song_titled(self, title: str) -> SongRecord | None:
        """The catalogue's song of this title, the headliner's before others."""
        return self._songs_by_title.get(normalised(title))

    def put_round(self, record: RoundRecord) -> None:
        """Inserts or replaces a round."""
        self.state.rounds[record.round_id] = record
        self._rounds[record.round_id] = record

    def add_reaction(self, kind: str) -> None:
        """Counts one reaction."""
        self._reactions[kind] = self._reactions.get(kind, 0) + 1

    def remove(self, participant_id: str) -> None:
        """Marks a participant as removed."""
        self._removed.append(participant_id)

    def readmit(self, participant_id: str) -> None:
        """Takes back what this turn would mark; the event takes back what was marked before."""
        if participant_id in self._removed:
            self._removed.remove(participant_id)

    def set_show_status(self, status: ShowStatus) -> None:
        """Moves the show itself, in the same commit."""
        self._show_status = status

    def deliver(self, kind: str, dedupe_key: str, payload: dict[str, Any]) -> None:
        """Leaves an effect in the outbox."""
        self._outbox.append(OutboxRecord(kind=kind, dedupe_key=dedupe_key, payload=payload))

    def audit(
        self,
        envelope: Envelope,
        action: str,
        subject: str,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        """Writes who changed what."""
        self._audit.append(
            AuditRecord(
                participant_id=envelope.participant.participant_id,
                action=action,
                subject=subject,
                at=envelope.received_at,
                before=before,
                after=after,
            )
        )

    # --- the end of the turn --------------------------------------------------------------

    def answer(self, envelope: Envelope, outcome: Answer | RoomError) -> None:
        """Keeps the answer to a command. An ack's ``seq`` is filled in by `finish`."""
        if isinstance(outcome, RoomError):
            outcome = reject(envelope.command_id, outcome)
        self.answers.append(outcome)

    def finish(self, show_id: str, envelopes: list[Envelope]) -> Turn:
        """The turn as it will be appended, replies included."""
        replies = []
        answers, head = self.answers, self.state.head.seq
        for index, (envelope, answer) in enumerate(zip(envelopes, answers, strict=True)):
            if type(answer) is Ack:
                if answer.seq == 0:
                    answer = answers[index] = Ack(answer.command_id, head, answer.data)
            elif not is_final(answer):
                continue
            if envelope.keeps_reply:
                replies.append(reply_of(envelope, answer))
        return Turn(
            show_id=show_id,
            expected=self.expected,
            events=tuple(self.events),
            ballots=tuple(self._ballots.values()),
            stances=tuple(self._stances.values()),
            reactions=self._reactions,
            rounds=tuple(self._rounds.values()),
            replies=tuple(replies),
            outbox=tuple(self._outbox),
            audit=tuple(self._audit),
            removed=tuple(self._removed),
            show_status=self._show_status,
        )


def is_system(participant: Participant) -> bool:
    """Whether nobody did this by hand."""
    return participant.participant_id == SYSTEM.participant_id
