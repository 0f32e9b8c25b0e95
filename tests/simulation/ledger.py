"""What is durable, kept by somebody who sees every commit, and what each commit must be like.

Counts and texts are added up here from ballots and commands, not by the product's code.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

from pycrdt import Doc, Map

from crdt.state_vector import decode_state_vector
from rooms.events import ChatPosted, Event, SongRequested
from rooms.fanout import wire
from rooms.ports import BallotRecord, RoundRecord, Turn
from rooms.vote_config import VoteConfig
from storage.rooms.memory import MemoryRoomLog
from tests.simulation.attendee import decode_said
from tests.simulation.sealing import SeededDocs
from tests.simulation.story import Violation
from tests.simulation.world import SHOW

TallySeen = tuple[tuple[tuple[str, int], ...], int, int]
"""Votes by option, votes and voters: a tally as it may be shown."""


@dataclass(frozen=True)
class Intention:
    """A command that somebody says, perhaps more than once."""

    participant_id: str
    name: str
    args: dict[str, Any]


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
        self._intended: dict[str, Intention] = {}
        self._ballots: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
        self._reacted: Counter[str] = Counter()
        self._texts: set[str] = set()
        self._titles: set[str] = set()

    def intends(
        self, command_id: str, participant_id: str, name: str, args: dict[str, Any]
    ) -> None:
        """Somebody is about to say a command."""
        self._intended[command_id] = Intention(participant_id, name, args)

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
        acked = self._replies(turn)
        for event in turn.events:
            self._event(event)
        said = Counter(
            event.data.text for event in turn.events if isinstance(event.data, ChatPosted)
        )
        meant = Counter(one.args["text"] for one in acked if one.name == "post_chat")
        if said != meant:
            raise Violation(f"a turn says {dict(said)} and acknowledges {dict(meant)}")
        self._votes(turn, acked)
        self._reactions(turn, acked)

    def _replies(self, turn: Turn) -> list[Intention]:
        acked = []
        for reply in turn.replies:
            key = (reply.participant_id, reply.command_id)
            if key in self.replies:
                raise Violation(f"command {reply.command_id} was carried out twice")
            self.replies[key] = reply.answer
            intention = self._intended.get(reply.command_id)
            if intention is not None and intention.participant_id != reply.participant_id:
                raise Violation(f"command {reply.command_id} is somebody else's")
            if intention is not None and decode_said(reply.answer).t == "ack":
                acked.append(intention)
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

    def _votes(self, turn: Turn, acked: list[Intention]) -> None:
        meant: dict[tuple[str, str], tuple[str, ...]] = {}
        for one in acked:
            if one.name in ("cast_vote", "withdraw_vote"):
                picks = tuple(pick["option_id"] for pick in one.args.get("picks", ()))
                meant[one.args["round_id"], one.participant_id] = picks
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
