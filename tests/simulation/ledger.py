"""What is durable, kept by somebody who sees every commit, and what each commit must be like.

Counts and texts are added up here from ballots and commands, not by the product's code.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from pycrdt import Doc, Map

from crdt.state_vector import decode_state_vector
from rooms import limits
from rooms.events import ChatPosted, Event, SongRequested
from rooms.fanout import wire
from rooms.ports import BallotRecord, RoundRecord, StanceRecord, Turn
from rooms.vote_config import VoteConfig
from storage.rooms.memory import MemoryRoomLog
from tests.simulation.said import decode_said
from tests.simulation.sealing import SeededDocs
from tests.simulation.story import Violation
from tests.simulation.world import SHOW

LAST_WORD_MARGIN = timedelta(seconds=limits.LAST_WORD_MARGIN_S)
"""Of two words received within so long, either may be the last: clocks are not equal."""

TallySeen = tuple[tuple[tuple[str, int], ...], int, int]
"""Votes by option, votes and voters: a tally as it may be shown."""


@dataclass(frozen=True)
class Intention:
    """A command that somebody says, perhaps more than once."""

    participant_id: str
    name: str
    args: dict[str, Any]


class _Counts(msgspec.Struct):
    """What an answer tells somebody who has said something else since."""

    picks: tuple[dict[str, Any], ...] = ()


_decode_counts = msgspec.json.Decoder(_Counts).decode


@dataclass(frozen=True)
class Done:
    """An acknowledged command; ``counts``: what counts instead, where something later does."""

    command_id: str
    intention: Intention
    counts: _Counts | None


class Ledger:
    """See the module.

    Attributes:
        events: the log.
        payloads: per event, what fans and what crew may be told of it.
        updates: Yjs update → seq.
        tallies: round → every tally that was ever true.
        reactions: every count of reactions that was ever true.
        replies: (participant, command) → stored answer.
        voted: (round, participant) of everybody who ever voted.
        broken: what was found.
        clocks_are_right: whether nodes agree on the time, as far as nodes do.
    """

    def __init__(self, log: MemoryRoomLog, docs: SeededDocs) -> None:
        self._log = log
        self._document: Doc[Any] = docs()
        self._clocks: dict[int, int] | None = {}
        self.events: list[Event] = []
        self.payloads: list[tuple[bytes, bytes]] = []
        self.updates: dict[bytes, int] = {}
        self.tallies: defaultdict[str, set[TallySeen]] = defaultdict(set)
        self.reactions: set[tuple[tuple[str, int], ...]] = {()}
        self.replies: dict[tuple[str, str], bytes] = {}
        self.voted: set[tuple[str, str]] = set()
        self.song_requests: list[str] = []
        self.broken: list[Violation] = []
        self.clocks_are_right = True
        self._intended: dict[str, Intention] = {}
        self._ballots: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
        self._arrived: dict[str, datetime] = {}
        self._last_words: dict[tuple[str, ...], datetime] = {}
        self._reacted: Counter[str] = Counter()
        self._texts: set[str] = set()
        self._titles: set[str] = set()

    def intends(
        self, command_id: str, participant_id: str, name: str, args: dict[str, Any]
    ) -> None:
        """Somebody is about to say a command."""
        self._intended[command_id] = Intention(participant_id, name, args)

    def arrives(self, command_id: str, at: datetime) -> None:
        """A command reached a node's machine at ``at``, by that node's clock."""
        self._arrived[command_id] = min(self._arrived.get(command_id, at), at)

    def intention(self, command_id: str) -> Intention | None:
        """What a command id stands for."""
        return self._intended.get(command_id)

    @property
    def clocks(self) -> dict[int, int]:
        """The durable document's state vector."""
        if self._clocks is None:
            self._clocks = decode_state_vector(self._document.get_state())
        return self._clocks

    @property
    def head(self) -> int:
        """The newest event."""
        return len(self.events)

    def round(self, round_id: str) -> RoundRecord | None:
        """A round as it is now."""
        found = self._log.room(SHOW.show_id).rounds.get(round_id)
        return found[0] if found else None

    def violate(self, what: str) -> None:
        """Somebody broke a promise."""
        self.broken.append(Violation(what))

    # --- a commit ---------------------------------------------------------------------------

    def committed(self, turn: Turn) -> None:
        """A turn has become durable. Raises nothing: it is called inside the log."""
        try:
            self._take(turn)
        except Violation as violation:
            self.broken.append(violation)
        except Exception as error:
            violation = Violation(f"a commit that nobody can read: {error!r}")
            violation.__cause__ = error
            self.broken.append(violation)

    def _take(self, turn: Turn) -> None:
        done = self._replies(turn)
        acked = [one.intention for one in done if one.counts is None]
        for event in turn.events:
            self._event(event)
        said = Counter(
            event.data.text for event in turn.events if isinstance(event.data, ChatPosted)
        )
        meant = Counter(one.args["text"] for one in acked if one.name == "post_chat")
        if said != meant:
            raise Violation(f"a turn says {dict(said)} and acknowledges {dict(meant)}")
        self._last(turn.ballots)
        self._last(turn.stances)
        self._votes(turn, done)
        self._reactions(turn, acked)

    def _replies(self, turn: Turn) -> list[Done]:
        """What was acknowledged, in its order."""
        acked = []
        for reply in turn.replies:
            key = (reply.participant_id, reply.command_id)
            if key in self.replies:
                raise Violation(f"command {reply.command_id} was carried out twice")
            self.replies[key] = reply.answer
            intention = self._intended.get(reply.command_id)
            if intention is not None and intention.participant_id != reply.participant_id:
                raise Violation(f"command {reply.command_id} is somebody else's")
            answer = decode_said(reply.answer)
            if intention is None or answer.t != "ack":
                continue
            counts = None
            if b'"superseded"' in reply.answer:
                counts = _decode_counts(answer.data)
            acked.append(Done(reply.command_id, intention, counts))
        return acked

    def _event(self, event: Event) -> None:
        self.events.append(event)
        if event.seq != len(self.events):
            raise Violation(f"event {event.seq} came after {len(self.events) - 1}")
        self.payloads.append(
            (wire.event_payload(event, crew=False), wire.event_payload(event, crew=True))
        )
        if event.update is not None:
            self.updates[event.update] = event.seq
            self._document.apply_update(event.update)
            self._clocks = None
        match event.data:
            case ChatPosted(text=text):
                if text in self._texts:
                    raise Violation(f"{text!r} was said twice")
                self._texts.add(text)
            case SongRequested() as data:
                if data.title in self._titles:
                    raise Violation(f"{data.title!r} was wished for twice")
                self._titles.add(data.title)
                self.song_requests.append(data.song_request_id)
            case _:
                pass

    def _votes(self, turn: Turn, done: list[Done]) -> None:
        meant: dict[tuple[str, str], tuple[str, ...]] = {}
        for one in done:
            said = one.intention
            if said.name not in ("cast_vote", "withdraw_vote"):
                continue
            key = (said.args["round_id"], said.participant_id)
            if one.counts is None:
                meant[key] = tuple(pick["option_id"] for pick in said.args.get("picks", ()))
            else:
                self._superseded(one, meant.get(key, self._ballots[key[0]].get(key[1], ())))
        kept = {
            (ballot.round_id, ballot.participant_id): tuple(pick.option_id for pick in ballot.picks)
            for ballot in turn.ballots
        }
        if kept != meant:
            raise Violation(f"a turn counts the votes {kept} and acknowledges {meant}")
        for ballot in turn.ballots:
            self._in_time(ballot)
            self._ballots[ballot.round_id][ballot.participant_id] = kept[
                ballot.round_id, ballot.participant_id
            ]
            self.voted.add((ballot.round_id, ballot.participant_id))
        for round_id in dict.fromkeys(key[0] for key in kept):
            self.tallies[round_id].add(self.tally(round_id))
        for record in turn.rounds:
            self.tallies[record.round_id].add(self.tally(record.round_id, record.config))

    def _last(self, said: Iterable[BallotRecord | StanceRecord]) -> None:
        """The last word counts, by the time at which it was received."""
        for one in said:
            subject = one.round_id if isinstance(one, BallotRecord) else one.subject
            key = (type(one).__name__, subject, one.participant_id)
            before = self._last_words.get(key)
            # After a clock has jumped back, the last word bears an earlier time.
            backwards = before is not None and one.cast_at + LAST_WORD_MARGIN < before
            if backwards and self.clocks_are_right:
                raise Violation(f"what was said at {one.cast_at} overrides what was at {before}")
            self._last_words[key] = one.cast_at

    def _superseded(self, one: Done, counts: tuple[str, ...]) -> None:
        """Somebody was told that a later word counts: there is one, and that is what it says."""
        assert one.counts is not None
        told = tuple(pick["option_id"] for pick in one.counts.picks)
        if told != counts:
            raise Violation(f"told that {told} counts, and it is {counts}")
        said = one.intention
        at = self._last_words["BallotRecord", said.args["round_id"], said.participant_id]
        if self.clocks_are_right and self._arrived[one.command_id] >= at:
            raise Violation(f"what came at {self._arrived[one.command_id]} gave way to one of {at}")

    def _in_time(self, ballot: BallotRecord) -> None:
        record = self.round(ballot.round_id)
        assert record is not None
        if record.closes_at is not None and ballot.cast_at > record.closes_at:
            raise Violation(f"a vote of {ballot.cast_at} counts in {record}")

    def _reactions(self, turn: Turn, acked: list[Intention]) -> None:
        meant = Counter(one.args["kind"] for one in acked if one.name == "react")
        if Counter(turn.reactions) != meant:
            raise Violation(f"a turn counts {turn.reactions} and acknowledges {dict(meant)}")
        if meant:
            self._reacted += meant
            self.reactions.add(tuple(sorted(self._reacted.items())))

    # --- recounts ---------------------------------------------------------------------------

    def tally(self, round_id: str, config: VoteConfig | None = None) -> TallySeen:
        """A recount from the ballots."""
        if config is None:
            record = self.round(round_id)
            assert record is not None
            config = record.config
        counts = dict.fromkeys((option.id for option in config.options), 0)
        ballots = [picks for picks in self._ballots[round_id].values() if picks]
        for picks in ballots:
            for one in picks:
                counts[one] += 1
        return tuple(sorted(counts.items())), sum(map(len, ballots)), len(ballots)

    def content(self) -> dict[str, dict[str, Any]]:
        """The durable document's entries."""
        root: Any = self._document.get("entries", type=Map)
        return {key: dict(root[key].to_py() or {}) for key in sorted(root.keys())}
