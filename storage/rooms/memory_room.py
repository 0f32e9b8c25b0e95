"""One room of `storage.rooms.memory_log`: what PostgreSQL keeps in a dozen tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from msgspec.structs import replace

from rooms import limits
from rooms.events import Event, ParticipantReadmitted, ParticipantsLinked
from rooms.ports import (
    AlreadyAnswered,
    Appended,
    AuditRecord,
    BallotRecord,
    Delta,
    Head,
    Lost,
    OutboxRecord,
    ReplyRecord,
    RoomRecord,
    RoundRecord,
    SnapshotRecord,
    SongRecord,
    StanceCount,
    StanceKind,
    StanceRecord,
    Standing,
    TallyRecord,
    Turn,
    TurnRefused,
    Votes,
)
from rooms.rounds.windows import TAKES_VOTES
from rooms.show import TRANSITIONS, ShowFacts

_TOOK_VOTES = frozenset({"closed", "revealed", "superseded"})

TallyKey = tuple[str, str, str]
"""(round_id, pattern, voter_class)."""

StanceOf = tuple[str, StanceKind, str]
"""(participant_id, kind, subject)."""

CountKey = tuple[StanceKind, str, int, str]
"""(kind, subject, value, voter_class)."""


@dataclass
class MemoryRoom:
    """The rows of one room. Numbers beside a value are the version that it was written at."""

    facts: ShowFacts
    roles: dict[str, str]
    head: Head = field(default_factory=lambda: Head(0, 0))
    events: list[Event] = field(default_factory=list)
    rounds: dict[str, tuple[RoundRecord, int]] = field(default_factory=dict)
    ballots: dict[tuple[str, str], BallotRecord] = field(default_factory=dict)
    tallies: dict[TallyKey, tuple[int, int]] = field(default_factory=dict)
    stances: dict[StanceOf, StanceRecord] = field(default_factory=dict)
    stance_counts: dict[CountKey, tuple[int, int]] = field(default_factory=dict)
    devices: dict[tuple[str, str], str] = field(default_factory=dict)
    standings: dict[str, Standing] = field(default_factory=dict)
    songs: list[SongRecord] = field(default_factory=list)
    reactions: dict[str, tuple[int, int]] = field(default_factory=dict)
    replies: dict[tuple[str, str], ReplyRecord] = field(default_factory=dict)
    bindings: dict[int, str] = field(default_factory=dict)
    outbox: dict[str, OutboxRecord] = field(default_factory=dict)
    audit: list[AuditRecord] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    merged: dict[str, str] = field(default_factory=dict)
    snapshot: SnapshotRecord | None = None

    def __copy__(self) -> MemoryRoom:
        return MemoryRoom(
            facts=self.facts,
            roles=dict(self.roles),
            head=self.head,
            events=list(self.events),
            rounds=dict(self.rounds),
            ballots=dict(self.ballots),
            tallies=dict(self.tallies),
            stances=dict(self.stances),
            stance_counts=dict(self.stance_counts),
            devices=dict(self.devices),
            standings=dict(self.standings),
            songs=list(self.songs),
            reactions=dict(self.reactions),
            replies=dict(self.replies),
            bindings=dict(self.bindings),
            outbox=dict(self.outbox),
            audit=list(self.audit),
            removed=set(self.removed),
            merged=dict(self.merged),
            snapshot=self.snapshot,
        )

    # --- writing -----------------------------------------------------------------------------

    def refuse(self, turn: Turn) -> AlreadyAnswered | Lost | None:
        """Why the turn is not written, or ``None``."""
        keys = ((record.participant_id, record.command_id) for record in turn.replies)
        stored = tuple(self.replies[key] for key in keys if key in self.replies)
        if stored:
            return AlreadyAnswered(stored)
        return Lost(self.head) if turn.expected != self.head else None

    def apply(self, turn: Turn) -> Appended:
        """Writes the turn.

        Raises:
            TurnRefused: a promise stands against it; this object is then half written.
        """
        self.head = turn.head_after
        self._add_events(turn)
        version = self.head.state_version
        for record in turn.rounds:
            self.rounds[record.round_id] = (record, version)
        tallies = self._cast(turn, version)
        said = self._say(turn, version)
        for kind, increment in turn.reactions.items():
            self.reactions[kind] = (self.reactions.get(kind, (0, 0))[0] + increment, version)
        for reply in turn.replies:
            self.replies[reply.participant_id, reply.command_id] = reply
        for effect in turn.outbox:
            self.outbox.setdefault(effect.dedupe_key, effect)
        self.audit.extend(turn.audit)
        for event in turn.events:
            if isinstance(event.data, ParticipantReadmitted):
                self.removed.discard(event.data.participant_id)
            elif isinstance(event.data, ParticipantsLinked):
                self._link(event.data)
        self.removed.update(turn.removed)
        if turn.show_status is not None and turn.show_status is not self.facts.status:
            if turn.show_status not in TRANSITIONS[self.facts.status]:
                raise TurnRefused("a show does not change like this")
            self.facts = replace(self.facts, status=turn.show_status)
        return Appended(
            head=self.head,
            tallies=tuple(TallyRecord(*key, self.tallies[key][0]) for key in tallies),
            reactions={kind: self.reactions[kind][0] for kind in turn.reactions},
            stance_counts=tuple(StanceCount(*key, self.stance_counts[key][0]) for key in said),
        )

    def hold(self, round_id: str, until: datetime) -> bool:
        """Keeps a round that takes votes open until then; whether anything changed."""
        record, _ = self.rounds.get(round_id, (None, 0))
        if record is None or record.status not in TAKES_VOTES:
            return False
        if record.held_until is not None and record.held_until >= until:
            return False
        self.head = replace(self.head, state_version=self.head.state_version + 1)
        self.rounds[round_id] = (replace(record, held_until=until), self.head.state_version)
        return True

    def _link(self, data: ParticipantsLinked) -> None:
        stays = data.merged_into
        self.standings[stays] = replace(self.standing(stays), phone_confirmed=True)
        self.merged[data.participant_id] = stays

    def _add_events(self, turn: Turn) -> None:
        if self.events and turn.events and self.events[-1].at > turn.events[0].at:
            raise TurnRefused("event times never decrease")
        self.events.extend(turn.events)
        for event in turn.events:
            for client in event.clients:
                if self.bindings.setdefault(client, event.participant_id) != event.participant_id:
                    raise TurnRefused("a client id is bound to another participant")

    def _cast(self, turn: Turn, version: int) -> list[TallyKey]:
        moved: Counter[TallyKey] = Counter()
        for ballot in turn.ballots:
            if ballot.round_id not in self.rounds:
                raise TurnRefused("a ballot names a round that does not exist")
            if (ballot.pattern == "") != (not ballot.picks):
                raise TurnRefused("a ballot without picks is a withdrawn one")
            key = (ballot.round_id, ballot.participant_id)
            if ballot.device_id is not None:
                device = (ballot.round_id, ballot.device_id)
                if self.devices.setdefault(device, ballot.participant_id) != ballot.participant_id:
                    raise TurnRefused("a device has voted in this round")
            before = self.ballots.get(key)
            if before is not None and before.pattern:
                moved[before.round_id, before.pattern, before.voter_class] -= 1
            if ballot.pattern:
                moved[ballot.round_id, ballot.pattern, ballot.voter_class] += 1
            self.ballots[key] = replace(ballot, version=version, device_id=None)
        changed = [key for key, by in moved.items() if by]
        for tally in changed:
            self.tallies[tally] = (self.tallies.get(tally, (0, 0))[0] + moved[tally], version)
        return changed

    def _say(self, turn: Turn, version: int) -> list[CountKey]:
        moved: Counter[CountKey] = Counter()
        for stance in turn.stances:
            key = (stance.participant_id, stance.kind, stance.subject)
            before = self.stances.get(key)
            for record, by in ((before, -1), (stance, 1)):
                if record is not None and record.value:
                    moved[record.kind, record.subject, record.value, record.voter_class] += by
            self.stances[key] = replace(stance, version=version)
        changed = [key for key, by in moved.items() if by]
        for count in changed:
            people = self.stance_counts.get(count, (0, 0))[0] + moved[count]
            self.stance_counts[count] = (people, version)
        return changed

    # --- reading -----------------------------------------------------------------------------

    def record(self, epoch: str) -> RoomRecord:
        """The room as loaded."""
        at = self.snapshot.seq if self.snapshot is not None else 0
        return RoomRecord(
            show=self.facts,
            epoch=epoch,
            head=self.head,
            snapshot_seq=at,
            snapshot=self.snapshot.state if self.snapshot is not None else None,
            document=self.snapshot.document if self.snapshot is not None else None,
            events=tuple(self.events[at:]),
            rounds=self._rounds_since(-1),
            tallies=self._tallies_since(-1),
            reactions={kind: count for kind, (count, _) in self.reactions.items()},
            bindings=dict(self.bindings),
            stance_counts=self._stance_counts_since(-1),
        )

    def votes_of(self, participants: Collection[str]) -> Votes:
        """Stances, and ballots of rounds that take votes or took them last."""
        wanted = set(participants)
        records = [record for record, _ in self.rounds.values()]
        ended = [record for record in records if record.status in _TOOK_VOTES]
        ended.sort(key=lambda record: (record.position, record.round_id), reverse=True)
        told = {record.round_id for record in ended[: limits.OWN_ENDED_ROUNDS_MAX]}
        told |= {record.round_id for record in records if record.status in TAKES_VOTES}
        return Votes(
            ballots=tuple(
                record
                for record in self.ballots.values()
                if record.participant_id in wanted and record.round_id in told
            ),
            stances=tuple(
                record for record in self.stances.values() if record.participant_id in wanted
            ),
        )

    def standing(self, participant_id: str) -> Standing:
        """What is known of a participant: what a test said, else what its role says."""
        known = self.standings.get(participant_id)
        if known is None:
            return Standing(participant_id, self.roles[participant_id])
        elsewhere = frozenset(
            round_id
            for (round_id, device_id), who in self.devices.items()
            if device_id == known.device_id and who != participant_id
        )
        return replace(known, device_rounds=elsewhere)

    def since(self, head: Head, participants: Collection[str]) -> Delta:
        """What changed after ``head``."""
        version, wanted = head.state_version, set(participants)
        return Delta(
            head=self.head,
            events=tuple(self.events[head.seq :]),
            rounds=self._rounds_since(version),
            tallies=self._tallies_since(version),
            ballots=tuple(
                ballot
                for ballot in self.ballots.values()
                if ballot.version > version and ballot.participant_id in wanted
            ),
            reactions={kind: count for kind, (count, at) in self.reactions.items() if at > version},
            stances=tuple(
                stance
                for stance in self.stances.values()
                if stance.version > version and stance.participant_id in wanted
            ),
            stance_counts=self._stance_counts_since(version),
        )

    def _stance_counts_since(self, version: int) -> tuple[StanceCount, ...]:
        return tuple(
            StanceCount(*key, people)
            for key, (people, at) in self.stance_counts.items()
            if at > version
        )

    def _rounds_since(self, version: int) -> tuple[RoundRecord, ...]:
        found = [record for record, at in self.rounds.values() if at > version]
        return tuple(sorted(found, key=lambda record: (record.position, record.round_id)))

    def _tallies_since(self, version: int) -> tuple[TallyRecord, ...]:
        return tuple(
            TallyRecord(*key, count)
            for key, (count, at) in self.tallies.items()
            if at > version and self.rounds[key[0]][0].status in ("open", "grace")
        )
