"""A room as it was: brought forward event by event from its log.

What is not in the log is not in it: running tallies, upvotes, ratings, reactions, the head count.
What was taken out of the log's chat later is not shown either, at no moment.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from crdt.document import SetlistDocument
from crdt.past import PastSetlist
from rooms.events import Event
from rooms.ports import Head
from rooms.rounds.leaderboard import Leaderboards
from rooms.show import ShowFacts, ShowStatus
from rooms.snapshots import snapshot
from rooms.song_requests.board import Board
from rooms.state import RoomState
from rooms.states import RoomSnapshot, SongRequestView


class Keyframe(msgspec.Struct, frozen=True):
    """A past room to go on from. ``state`` is never changed, only copied."""

    state: RoomState
    document: bytes

    @property
    def seq(self) -> int:
        """The event that it includes last."""
        return self.state.head.seq


class PastRoom:
    """A room at a moment of its log, until it is brought to a later one.

    Attributes:
        state: of the room; its tallies, stances and reactions are empty.
    """

    def __init__(self, keyframe: Keyframe) -> None:
        self.state = keyframe.state.copy()
        self._setlist = PastSetlist()
        self._setlist.apply([keyframe.document] if keyframe.document else [])

    @classmethod
    def before_everything(cls, facts: ShowFacts) -> PastRoom:
        """An empty room of a show that is a draft.

        Args:
            facts: the show's; the status follows from the log.
        """
        draft = msgspec.structs.replace(facts, status=ShowStatus.DRAFT)
        return cls(Keyframe(RoomState(draft, Head(0, 0)), b""))

    def apply(self, events: Iterable[Event]) -> None:
        """Goes on by the next events of the log.

        Raises:
            DocumentError: the CRDT library refused an update; discard this instance.
        """
        updates = []
        for event in events:
            self.state.apply(event)
            if event.update:
                updates.append(event.update)
        self._setlist.apply(updates)

    def keyframe(self) -> Keyframe:
        """What another one can go on from."""
        return Keyframe(self.state.copy(), self._setlist.encode())

    def as_seen_by_fans(self, removed_chat: Collection[str]) -> RoomSnapshot:
        """What a fan who came at this moment would have been welcomed with.

        Args:
            removed_chat: ids of chat messages that are not to be shown any more.
        """
        copy = _Copy(self.state.copy(), self._setlist)
        memory = copy.state.memory
        memory.chat = [line for line in memory.chat if line.chat_message_id not in removed_chat]
        seen = snapshot(
            copy,
            Board(copy),
            Leaderboards(),
            crew=False,
            voted=frozenset(),
            head_count=0,
        )
        # A count of nothing would be shown as one.
        rounds = [msgspec.structs.replace(view, tally=None) for view in seen.rounds]
        queues = [
            msgspec.structs.replace(queue, requests=[_uncounted(one) for one in queue.requests])
            for queue in seen.song_requests
        ]
        return msgspec.structs.replace(seen, rounds=rounds, song_requests=queues)


def _uncounted(request: SongRequestView) -> SongRequestView:
    return msgspec.structs.replace(request, upvotes=None, rank=None)


class _Copy:
    """`rooms.song_requests.board.Copy`, to be looked at and thrown away."""

    def __init__(self, state: RoomState, setlist: PastSetlist) -> None:
        self.state = state
        # Only what is shown: reading every edit of a long night again would hold up everybody.
        self.document = SetlistDocument()
        for entry in setlist.entries():
            self.document.mirror(entry.id, entry)
