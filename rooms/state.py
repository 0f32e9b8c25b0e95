"""A room's memory: old state + events = fresh state.

`RoomState` changes only by `RoomState.apply` (events) and `RoomState.absorb` (what is not a log
event), both fed from a known commit. The setlist document lies beside it, in the actor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec
from msgspec import Struct, field

from rooms import deeds, limits
from rooms import events as ev
from rooms.accuracy.vouching import Vouched, confirmed_after
from rooms.acts import Act
from rooms.moderation.memory import ModerationMemory
from rooms.now_playing import renamed
from rooms.ports import Head, RoomRecord, RoundRecord, StanceCount, StanceKind, TallyRecord
from rooms.rounds import tally
from rooms.rounds.changes import RoundEvent, changed
from rooms.rounds.windows import TAKES_VOTES
from rooms.show import ShowFacts, ShowStatus
from rooms.song_requests import requests as song_requests
from rooms.song_requests.requests import SongRequest
from rooms.states import Announcement, ChatView, NowPlaying
from rooms.tentative import Tentative

FOREVER = ev.FOREVER
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
CHAT_REMOVABLE = 2_000
"""The newest chat lines whose author is remembered, so that they can be removed."""


StanceKey = tuple[StanceKind, str]
"""(kind, subject)."""

StanceCounts = Mapping[tuple[int, str], int]
"""(value, voter_class) → people."""


class Memory(Struct, omit_defaults=True):
    """The part of the state that follows from events alone; what snapshots store."""

    last_at: datetime = BEGINNING
    setlist_locked: bool = False
    slow_mode_interval_s: int = 0
    now_playing: NowPlaying | None = None
    announcement: Announcement | None = None
    muted: dict[str, datetime] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    jury: frozenset[str] = frozenset()
    chat: list[ChatView] = field(default_factory=list)
    chat_authors: dict[str, str] = field(default_factory=dict)
    last_chat_at: dict[str, datetime] = field(default_factory=dict)
    confirmed: dict[str, Vouched] = field(default_factory=dict)
    sealed: Vouched | None = None
    song_requests: dict[str, SongRequest] = field(default_factory=dict)
    was_playing: list[str] = field(default_factory=list)
    """Entries that were named as being played, the latest last."""
    moderation: ModerationMemory = field(default_factory=ModerationMemory)
    linked: dict[str, str] = field(default_factory=dict)
    """Participant → the one that it turned out to be; replaced, never changed in place."""
    acts: dict[str, Act] = field(default_factory=dict)
    """What was last done to what; see `rooms.deeds`."""

    def copy(self) -> Memory:
        """A copy whose containers are its own; their items are immutable."""
        return Memory(
            last_at=self.last_at,
            setlist_locked=self.setlist_locked,
            slow_mode_interval_s=self.slow_mode_interval_s,
            now_playing=self.now_playing,
            announcement=self.announcement,
            muted=self.muted.copy(),
            removed=self.removed.copy(),
            jury=self.jury,
            chat=self.chat.copy(),
            chat_authors=self.chat_authors.copy(),
            last_chat_at=self.last_chat_at.copy(),
            confirmed=self.confirmed.copy(),
            sealed=self.sealed,
            song_requests=self.song_requests.copy(),
            was_playing=self.was_playing.copy(),
            moderation=self.moderation.copy(),
            linked=self.linked,
            acts=self.acts.copy(),
        )


class RoomState:
    """Everything a decision looks at, except the document.

    Attributes:
        rounds: all rounds of the show by id, drafts included.
        tallies: round id → (pattern, voter_class) → ballots, of rounds that take votes: ten
            thousand people who rank songs make nearly as many patterns, in every round.
        stances: (kind, subject) → (value, voter_class) → people; never changed in place.
        bindings: Yjs client id → the participant it belongs to for good.
        repairs: participant → refused edits repaired, on this node; advisory, not kept.
        vote_pace: (round, participant) → (minute, votes in it) on this node; advisory, not kept.
        report_pace: participant → (minute, reports in it) on this node; advisory, not kept.
        device_voters: (round, device) → who voted with it on this node; advisory, not kept.
    """

    __slots__ = (
        "bindings",
        "device_voters",
        "facts",
        "head",
        "memory",
        "reactions",
        "repairs",
        "report_pace",
        "rounds",
        "stances",
        "tallies",
        "vote_pace",
    )

    def __init__(self, facts: ShowFacts, head: Head) -> None:
        self.facts = facts
        self.head = head
        self.memory = Memory()
        self.rounds: dict[str, RoundRecord] = {}
        self.tallies: dict[str, dict[tuple[str, str], int]] = {}
        self.stances: dict[StanceKey, StanceCounts] = {}
        self.reactions: dict[str, int] = {}
        self.bindings: dict[int, str] = {}
        self.vote_pace: Tentative[tuple[str, str], tuple[int, int]] = Tentative()
        self.device_voters: Tentative[tuple[str, str], frozenset[str]] = Tentative()
        self.report_pace: Tentative[str, tuple[int, int]] = Tentative()
        self.repairs: Tentative[str, int] = Tentative()

    @classmethod
    def from_record(cls, record: RoomRecord) -> RoomState:
        """The state of a room as loaded."""
        state = cls(record.show, record.head)
        if record.snapshot is not None:
            state.memory = msgspec.json.decode(record.snapshot, type=Memory)
        for event in record.events:
            state.apply(event)
        state.facts = record.show
        state.bindings.update(record.bindings)
        state.absorb(rounds=record.rounds, tallies=record.tallies, reactions=record.reactions)
        state.absorb_stances(record.stance_counts)
        state.head = record.head
        return state

    def copy(self) -> RoomState:
        """A state that can be changed without touching this one, which is kept."""
        other = self._copied()
        other.vote_pace = self.vote_pace.fork()
        other.device_voters = self.device_voters.fork()
        other.report_pace = self.report_pace.fork()
        other.repairs = self.repairs.fork()
        return other

    def branch(self, head: Head) -> RoomState:
        """A state to go on from with ``head``, while it is not known whether this one is kept."""
        other = self._copied()
        other.head = head
        other.vote_pace = self.vote_pace.branch()
        other.device_voters = self.device_voters.branch()
        other.report_pace = self.report_pace.branch()
        other.repairs = self.repairs.branch()
        return other

    def _copied(self) -> RoomState:
        other = RoomState.__new__(RoomState)
        other.facts = self.facts
        other.head = self.head
        other.memory = self.memory.copy()
        other.rounds = self.rounds.copy()
        other.tallies = self.tallies.copy()
        other.stances = self.stances.copy()
        other.reactions = self.reactions.copy()
        other.bindings = self.bindings
        return other

    def snapshot(self) -> bytes:
        """The bytes a snapshot row stores."""
        return msgspec.json.encode(self.memory)

    @property
    def open_rounds(self) -> list[RoundRecord]:
        """Rounds that take votes now."""
        return [record for record in self.rounds.values() if record.status in TAKES_VOTES]

    def absorb(
        self,
        *,
        rounds: Iterable[RoundRecord] = (),
        tallies: Iterable[TallyRecord] = (),
        reactions: Mapping[str, int] | None = None,
    ) -> set[str]:
        """Takes over absolute values of what is not in the log; returns rounds whose tally moved.

        Counts are replaced, not changed in place, so a copy never sees them.
        """
        for record in rounds:
            self.rounds[record.round_id] = record
        by_round: dict[str, dict[tuple[str, str], int]] = {}
        records = [row for row in tallies if self._is_counted(row.round_id)]
        for row in records:
            if row.round_id not in by_round:
                by_round[row.round_id] = dict(self.tallies.get(row.round_id, {}))
        touched = tally.absorb(by_round, records)
        self.tallies.update(by_round)
        if reactions:
            self.reactions = {**self.reactions, **reactions}
        return touched

    def _is_counted(self, round_id: str) -> bool:
        record = self.rounds.get(round_id)
        return record is not None and record.status in TAKES_VOTES

    def absorb_stances(self, counts: Iterable[StanceCount]) -> set[StanceKey]:
        """Takes over absolute counts of stances; returns the subjects that moved."""
        moved: dict[StanceKey, dict[tuple[int, str], int]] = {}
        for row in counts:
            key = (row.kind, row.subject)
            if key not in moved:
                moved[key] = dict(self.stances.get(key, {}))
            moved[key][(row.value, row.voter_class)] = row.people
        self.stances.update(moved)
        return set(moved)

    def apply(self, event: ev.Event) -> None:
        """Moves the state by one event. Every event type has its case."""
        memory = self.memory
        memory.last_at = max(memory.last_at, event.at)
        if event.clients:  # copied on write: a draft shares the dictionary with its origin
            bound = dict.fromkeys(event.clients, event.participant_id)
            self.bindings = {**self.bindings, **bound}
        said = event.data_for(crew=True)
        deeds.note(memory.acts, event, said)
        memory.moderation.apply(event, said)
        if isinstance(said, RoundEvent):
            self._apply_round(said)
        match said:
            case ev.ChatPosted() as data:
                self._apply_chat(event, data)
            case ev.ChatRemoved() as data:
                memory.chat = [
                    line for line in memory.chat if line.chat_message_id != data.chat_message_id
                ]
                memory.chat_authors.pop(data.chat_message_id, None)
            case ev.SlowModeSet() as data:
                memory.slow_mode_interval_s = data.interval_s
                memory.last_chat_at = {}
            case ev.ParticipantMuted() as data:
                if data.lifted:
                    memory.muted.pop(data.participant_id, None)
                else:
                    memory.muted[data.participant_id] = data.until or FOREVER
            case ev.ParticipantRemoved() as data:
                memory.removed.add(data.participant_id)
            case ev.ParticipantReadmitted() as data:
                memory.removed.discard(data.participant_id)
            case ev.ParticipantsLinked() as data:
                self._apply_link(data)
            case ev.SetlistLocked():
                memory.setlist_locked = True
            case ev.SetlistUnlocked():
                memory.setlist_locked = False
            case ev.EntryConfirmed() as data:
                memory.confirmed = confirmed_after(memory.confirmed, data, event.at)
            case ev.SetlistSealed() as data:
                memory.sealed = Vouched(data.participant_id, event.at, data.entry_ids)
            case ev.SetlistUnsealed():
                memory.sealed = None
            case ev.NowPlayingChanged() as data:
                memory.now_playing = (
                    NowPlaying(entry_id=data.entry_id, title=data.title or "", at=event.at)
                    if data.entry_id
                    else None
                )
                song_requests.note_playing(memory.was_playing, data.entry_id)
            case ev.SetlistChanged() as data:
                memory.now_playing = renamed(memory.now_playing, data)
                memory.confirmed = confirmed_after(memory.confirmed, data, event.at)
            case ev.SongRequested() | ev.SongRequestMarked() as data:
                song_requests.apply(memory.song_requests, data, event.at)
            case ev.AnnouncementPosted() as data:
                memory.announcement = Announcement(
                    text=data.text,
                    display_name=data.display_name,
                    at=event.at,
                    announcement_id=data.announcement_id,
                )
            case ev.AnnouncementWithdrawn():
                memory.announcement = None
            case ev.ShowStatusChanged() as data:
                self.facts = msgspec.structs.replace(self.facts, status=ShowStatus(data.status))
            case ev.JurySet() as data:
                memory.jury = frozenset(data.participant_ids)
            case _:
                pass
        self.head = Head(event.seq, self.head.state_version)

    def _apply_chat(self, event: ev.Event, data: ev.ChatPosted) -> None:
        memory = self.memory
        memory.chat.append(
            ChatView(
                chat_message_id=data.chat_message_id,
                participant_id=data.participant_id,
                display_name=data.display_name,
                role=data.role,
                text=data.text,
                at=event.at,
            )
        )
        if len(memory.chat) > limits.CHAT_MESSAGES_KEPT:
            del memory.chat[: -limits.CHAT_MESSAGES_KEPT]
        memory.chat_authors[data.chat_message_id] = data.participant_id
        if len(memory.chat_authors) > CHAT_REMOVABLE:
            del memory.chat_authors[next(iter(memory.chat_authors))]
        if memory.slow_mode_interval_s:
            memory.last_chat_at[data.participant_id] = event.at

    def _apply_link(self, data: ev.ParticipantsLinked) -> None:
        memory = self.memory
        gone, stays = data.participant_id, data.merged_into
        memory.linked = {**memory.linked, gone: stays}
        muted = [memory.muted[who] for who in (gone, stays) if who in memory.muted]
        if muted:  # nobody gets out of a mute by being somebody else
            memory.muted[stays] = max(muted)
        song_requests.hand_over(memory.song_requests, gone, stays)

    def _apply_round(self, data: RoundEvent) -> None:
        record = changed(self.rounds.get(data.round_id), data)
        if record is not None:
            self.rounds[data.round_id] = record
        if not self._is_counted(data.round_id):
            self.tallies.pop(data.round_id, None)
        if isinstance(data, ev.RoundClosed):
            self.vote_pace = self.vote_pace.only(lambda key: key[0] != data.round_id)
            self.device_voters = self.device_voters.only(lambda key: key[0] != data.round_id)
