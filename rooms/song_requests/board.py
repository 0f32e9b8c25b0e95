"""One node's view of the queues: ordered once per head, however many ask."""

from __future__ import annotations

from typing import Protocol

from crdt.document import SetlistDocument
from rooms import events as ev
from rooms.ports import Head, StanceKind
from rooms.replica import Moved
from rooms.song_requests.played import Played, played_tonight
from rooms.song_requests.queue import queues
from rooms.song_requests.requests import STANDING_QUEUE
from rooms.song_requests.views import Place, in_order, may_see_support, shown
from rooms.state import RoomState
from rooms.states import SongRequests
from rooms.vote_config import VoteType

_PLAYS = (ev.SetlistChanged, ev.NowPlayingChanged, ev.SongRequestMarked)
"""Events that may say of another song that it was played."""


class Copy(Protocol):
    """What is looked at: a room as one node has it."""

    state: RoomState
    document: SetlistDocument


class Board:
    """The queues of one room on this node."""

    def __init__(self, copy: Copy) -> None:
        self._copy = copy
        self._at: Head | None = None
        self._played: Played | None = None
        self._orders: dict[tuple[str, bool], list[Place]] = {}

    def queues(self) -> list[str]:
        """Keys of the queues that are shown."""
        return queues(self._copy.state)

    def view(self, queue: str, *, crew: bool, voted: bool) -> SongRequests | None:
        """A queue as one audience sees it; ``None``: there is no such queue."""
        places = self.places(queue, crew=crew, voted=voted)
        return None if places is None else shown(queue, places, self.played())

    def places(self, queue: str, *, crew: bool, voted: bool) -> list[Place] | None:
        """All of a queue as one audience may see it; ``None``: there is no such queue."""
        state = self._copy.state
        record = state.rounds.get(queue)
        if queue != STANDING_QUEUE:
            if record is None or record.config.type is not VoteType.QUEUE:
                return None
            if record.status == "draft" and not crew:
                return None
        if self._at != state.head:
            self._at = state.head
            self._orders.clear()
        key = (queue, may_see_support(record, crew=crew, voted=voted))
        if key not in self._orders:
            self._orders[key] = in_order(state, queue, shows_support=key[1])
        return self._orders[key]

    def played(self) -> Played:
        """What was played tonight."""
        if self._played is None:
            memory = self._copy.state.memory
            self._played = played_tonight(
                self._copy.document.entries(), memory.was_playing, memory.song_requests.values()
            )
        return self._played

    def forget(self) -> None:
        """What is kept is no longer what is so, though the head has not moved."""
        self._at = self._played = None

    def moved(self, moved: Moved) -> set[str]:
        """The queues that a change concerns."""
        requests = self._copy.state.memory.song_requests
        touched = {
            requests[subject].queue
            for kind, subject in moved.stances
            if kind is StanceKind.UPVOTE and subject in requests
        }
        for event in moved.events:
            match event.data:
                case ev.SongRequested() | ev.SongRequestMarked() as data:
                    if data.song_request_id in requests:
                        touched.add(requests[data.song_request_id].queue)
                case ev.RoundOpened() | ev.RoundClosed() | ev.RoundRevealed() as data:
                    record = self._copy.state.rounds.get(data.round_id)
                    if record is not None and record.config.type is VoteType.QUEUE:
                        touched.add(data.round_id)
        if any(isinstance(event.data, _PLAYS) for event in moved.events):
            before, self._played = self._played, None
            if requests and self.played() != before:
                touched.update({one.queue for one in requests.values()} & set(self.queues()))
        return touched
