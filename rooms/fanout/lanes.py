"""Lanes: connections that get the same bytes, and what waits to be written to them.

Everything said to a lane within one turn of the loop is joined into one piece of bytes, and each
receiver gets one write. What only one connection gets (an ``ack``, the opening of a socket that
was just released) is put into that connection's write at its place in the order.

::

    Lane       members, what waits, what waits for single members
      │ take()
    Batch      the places of the members and one turn's bytes, written slice by slice
"""

from __future__ import annotations

from rooms.fanout.batch import Batch
from rooms.fanout.connection import Connection
from rooms.fanout.items import HasVoted, Item, Private
from rooms.fanout.members import Members
from rooms.fanout.speech import Wording


class Lane:
    """Members of one audience who are spoken to in one way, in the order of their coming.

    Attributes:
        wording: makes what is said to them.
        heard_at: when all of them were last told something.
    """

    __slots__ = ("heard_at", "items", "members", "privates", "wording")

    def __init__(self, now: float, wording: Wording) -> None:
        self.wording = wording
        self.members = Members()
        self.items: list[Item] = []
        self.privates: dict[Connection, Private] = {}
        self.heard_at = now

    def join(self, connection: Connection) -> None:
        """A new member: gets what is said from now on, and nothing that waits already."""
        self.members.add(connection)
        self.privates[connection] = Private(len(self.items))

    def leave(self, connection: Connection) -> None:
        """No longer a member; what waited for it is dropped."""
        if self.members.remove(connection):
            self.privates.pop(connection, None)

    def clear(self) -> None:
        """Nobody is a member any longer, and nothing waits."""
        self.members = Members()
        self.items = []
        self.privates = {}

    def say(self, item: Item) -> None:
        """To all members."""
        self.items.append(item)

    def say_to(self, connection: Connection, frame: bytes) -> None:
        """To one member, at this place in the order."""
        private = self.privates.get(connection)
        if private is None:
            private = self.privates[connection] = Private(0)
        private.frames.append((len(self.items), frame))

    def take(self, now: float, has_voted: HasVoted) -> Batch | None:
        """Takes what waits, for the members of this moment. The batch before must be done."""
        if not self.items and not self.privates:
            return None
        self.members.close_gaps()
        batch = Batch(self.members, self.items, self.privates, has_voted)
        if any(isinstance(item, bytes) for item in self.items):
            self.heard_at = now  # what only voters hear leaves the rest in silence
        self.items = []
        self.privates = {}
        return batch
