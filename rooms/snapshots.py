"""The snapshot in ``welcome``: encoded once per head and audience, for bursts of joins."""

from __future__ import annotations

import msgspec

from crdt.export import entries_as_dicts
from rooms.accuracy.views import confidences
from rooms.participants import Participant
from rooms.ports import Clock, Head
from rooms.pulse.beats import Beats
from rooms.replica import Replica
from rooms.rounds import tally
from rooms.rounds.leaderboard import Leaderboards
from rooms.show import ShowFacts
from rooms.song_requests.board import Board, Copy
from rooms.states import HeadCount, ReactionCounts, RoomSnapshot, SetlistView
from rooms.views import Count, in_order, round_view

_encode = msgspec.json.Encoder().encode

_NO_COUNT = -(2**62)
"""Stands where the head count goes: whoever comes moves it, and nothing else of a snapshot."""

_COUNT = _encode({"head_count": HeadCount(participants=_NO_COUNT)})[1:-1]
_OWN_COUNT = '"head_count":{"participants":%d}'


class Snapshots:
    """Caches encoded snapshots of one replica until it moves, by the rounds that those who see
    the same bytes have voted in. The head count is put in when one is handed out."""

    def __init__(
        self,
        replica: Replica,
        board: Board,
        beats: Beats,
        clock: Clock,
    ) -> None:
        self._replica = replica
        self._board = board
        self._beats = beats
        self._clock = clock
        self._at: tuple[Head, ShowFacts] | None = None
        self._cache: dict[frozenset[str], tuple[bytes, bytes]] = {}
        self._leaderboards = Leaderboards()

    def encoded(self, participant: Participant) -> msgspec.Raw:
        """The snapshot for one participant's audience."""
        head_count = self._beats.participants()
        at = (self._replica.head, self._replica.state.facts)
        if at != self._at:
            self._at = at
            self._cache.clear()
        if participant.is_crew:  # it holds what moves without the log, and they are few
            return msgspec.Raw(_encode(self._for_crew(head_count)))
        voted = frozenset(self._replica.ballots_of(participant.participant_id))
        around = self._cache.get(voted)
        if around is None:
            seen = self._build(crew=False, voted=voted, head_count=_NO_COUNT)
            around = self._cache[voted] = _around_count(_encode(seen))
        before, after = around
        return msgspec.Raw(before + (_OWN_COUNT % head_count).encode() + after)

    def forget(self) -> None:
        """What is kept is no longer what is so, though the head has not moved."""
        self._at = None

    def _build(self, *, crew: bool, voted: frozenset[str], head_count: int) -> RoomSnapshot:
        return snapshot(
            self._replica,
            self._board,
            self._leaderboards,
            crew=crew,
            voted=voted,
            head_count=head_count,
            count=self._replica.running.count,
        )

    def _for_crew(self, head_count: int) -> RoomSnapshot:
        memory = self._replica.state.memory
        return msgspec.structs.replace(
            self._build(crew=True, voted=frozenset(), head_count=head_count),
            moderation=memory.moderation.view(self._clock.now()),
            pulse=self._beats.pulse(),
            acts=memory.acts,
        )


def _around_count(encoded: bytes) -> tuple[bytes, bytes]:
    """What stands before and after the head count. Quotes within text are escaped, so that no
    chat line looks like it."""
    before, _, after = encoded.partition(_COUNT)
    assert after, "a snapshot has a head count, and more after it"
    return before, after


def snapshot(
    room: Copy,
    board: Board,
    leaderboards: Leaderboards,
    *,
    crew: bool,
    voted: frozenset[str],
    head_count: int,
    count: Count = tally.count,
) -> RoomSnapshot:
    """A room as one audience sees it.

    Args:
        room: as it is, or as it was.
        board: its queues.
        voted: the rounds that the audience has voted in.
        count: adds up open rounds.
    """
    state = room.state
    memory = state.memory
    views = [
        round_view(
            record,
            state.tallies.get(record.round_id, {}),
            crew=crew,
            voted=record.round_id in voted,
            count=count,
        )
        for record in in_order(state.rounds.values())
    ]
    return RoomSnapshot(
        show=state.facts,
        setlist=SetlistView(
            locked=memory.setlist_locked, entries=entries_as_dicts(room.document.entries())
        ),
        rounds=[view for view in views if view is not None],
        chat=memory.chat,
        slow_mode_interval_s=memory.slow_mode_interval_s,
        head_count=HeadCount(participants=head_count),
        reactions=ReactionCounts(counts=state.reactions),
        song_requests=[
            view
            for queue in board.queues()
            if (view := board.view(queue, crew=crew, voted=queue in voted)) is not None
        ],
        leaderboard=leaderboards.of(state.rounds.values(), crew=crew),
        confidence=confidences(state, room.document),
        now_playing=memory.now_playing,
        announcement=memory.announcement,
        sealed=memory.sealed is not None,
    )
