"""States as each audience may see them, and which of them a change concerns."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from rooms.accuracy.views import confidence_of, spoken_of, touched
from rooms.fanout.audience import Audience
from rooms.messages import StateMessage
from rooms.ports import Clock
from rooms.pulse.beats import Beats
from rooms.replica import Moved, Replica
from rooms.rounds import leaderboard
from rooms.song_requests.board import Board
from rooms.states import HeadCount, ReactionCounts
from rooms.views import visible_tally

Key = tuple[str, str]
"""A state's name, and what it is about (a round, an entry, a queue), or ``""``."""

_encode = msgspec.json.Encoder().encode


class StateViews:
    """Renders one replica's states. Their version is the replica's ``state_version``, except
    where a state moves without the log, or with every part of it."""

    def __init__(self, replica: Replica, board: Board, clock: Clock, beats: Beats) -> None:
        self._replica = replica
        self._board = board
        self._clock = clock
        self._beats = beats
        self._leaderboards = leaderboard.Leaderboards()

    def keys(self) -> list[Key]:
        """The states that have a value now; not every audience may see each."""
        tallies = [("tally", record.round_id) for record in self._replica.state.open_rounds]
        rated = [("confidence", entry_id) for entry_id in spoken_of(self._replica.state)]
        wished = [("song_requests", queue) for queue in self._board.queues()]
        rounds = [("leaderboard", ""), *tallies]
        return [("head_count", ""), ("pulse", ""), ("reactions", ""), *rounds, *rated, *wished]

    def moved(self, moved: Moved) -> Iterable[Key]:
        """The states that a change concerns."""
        yield from (("tally", round_id) for round_id in sorted(moved.tallies))
        if any(event.name in leaderboard.MOVES for event in moved.events):
            yield ("leaderboard", "")
        if moved.reactions:
            yield ("reactions", "")
        entries = touched(moved, self._replica.state, self._replica.document)
        yield from (("confidence", entry_id) for entry_id in sorted(entries))
        yield from (("song_requests", queue) for queue in sorted(self._board.moved(moved)))

    def render(self, name: str, key: str, audience: Audience) -> StateMessage | None:
        """A state's current value as one audience may see it; ``None``: not for them."""
        match name:
            case "tally":
                return self._tally(key, audience)
            case "leaderboard":
                records = self._replica.state.rounds.values()
                return self._message(name, self._leaderboards.of(records, crew=audience.crew))
            case "confidence":
                found = confidence_of(self._replica.state, self._replica.document, key)
                if found is None:
                    return None
                # What crew and the artist vouch for are events, and an edit is one without more.
                return StateMessage(name, self._moves(), msgspec.Raw(_encode(found)))
            case "song_requests":
                return self._song_requests(key, audience)
            case "reactions":
                return self._message(name, ReactionCounts(counts=self._replica.state.reactions))
            case "head_count":
                return self._now(name, HeadCount(participants=self._beats.participants()))
            case "pulse":
                return self._now(name, self._beats.pulse()) if audience.crew else None
            case _:
                return None

    def _now(self, name: str, data: object) -> StateMessage:
        """What moves without the log: its version is the time, in milliseconds."""
        version = int(self._clock.now().timestamp() * 1000)
        return StateMessage(name, version, msgspec.Raw(_encode(data)))

    def _song_requests(self, queue: str, audience: Audience) -> StateMessage | None:
        requests = self._board.view(queue, crew=audience.crew, voted=audience.voted)
        if requests is None:
            return None
        # Events move a queue as well as upvotes do.
        return StateMessage("song_requests", self._moves(), msgspec.Raw(_encode(requests)))

    def _tally(self, round_id: str, audience: Audience) -> StateMessage | None:
        state = self._replica.state
        record = state.rounds.get(round_id)
        if record is None:
            return None
        counts = state.tallies.get(round_id, {})
        tally = visible_tally(
            record,
            counts,
            crew=audience.crew,
            voted=audience.voted,
            count=self._replica.running.count,
        )
        return None if tally is None else self._message("tally", tally)

    def _moves(self) -> int:
        """The version of what moves with the log and without it."""
        return self._replica.head.seq + self._replica.head.state_version

    def _message(self, name: str, data: object) -> StateMessage:
        return StateMessage(name, self._replica.head.state_version, msgspec.Raw(_encode(data)))
