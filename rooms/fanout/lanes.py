"""Lanes: connections that get the same bytes, and what waits to be written to them.

Everything said to a lane within one turn of the loop is joined into one piece of bytes, and each
receiver gets one write. What only one connection gets (an ``ack``, the opening of a socket that
was just released) is put into that connection's write at its place in the order.

::

    Lane       members, what waits, what waits for single members
      │ take()
    Batch      a fixed list of receivers and one turn's bytes, written slice by slice
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rooms import limits
from rooms.fanout.connection import Connection
from rooms.fanout.speech import Wording

HasVoted = Callable[[str, str], bool]
"""(participant_id, round_id): whether the participant has a ballot in the round now."""


class Split:
    """A frame that differs between those who voted in a round and the rest; empty: nothing."""

    __slots__ = ("rest", "round_id", "voted")

    def __init__(self, round_id: str, voted: bytes, rest: bytes) -> None:
        self.round_id = round_id
        self.voted = voted
        self.rest = rest


Item = bytes | Split


class Private:
    """What only one member gets with the next batch.

    Attributes:
        start: items of the lane before this one are not for this member.
        frames: (place in the lane's items, frame) in order.
    """

    __slots__ = ("frames", "start")

    def __init__(self, start: int) -> None:
        self.start = start
        self.frames: list[tuple[int, bytes]] = []


class Lane:
    """Members of one audience who are spoken to in one way, in the order of their coming.

    Attributes:
        wording: makes what is said to them.
        heard_at: when all of them were last told something.
    """

    __slots__ = ("_order", "heard_at", "items", "members", "privates", "wording")

    def __init__(self, now: float, wording: Wording) -> None:
        self.wording = wording
        self.members: dict[Connection, None] = {}
        self.items: list[Item] = []
        self.privates: dict[Connection, Private] = {}
        self.heard_at = now
        self._order: tuple[Connection, ...] | None = ()

    def join(self, connection: Connection) -> None:
        """A new member: gets what is said from now on, and nothing that waits already."""
        self.members[connection] = None
        self.privates[connection] = Private(len(self.items))
        self._order = None

    def leave(self, connection: Connection) -> None:
        """No longer a member; what waited for it is dropped."""
        if self.members.pop(connection, connection) is None:
            self.privates.pop(connection, None)
            self._order = None

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
        """Takes what waits, for the members of this moment."""
        if not self.items:
            if not self.privates:
                return None
            batch = Batch((), self.items, self.privates, has_voted)
        else:
            if self._order is None:
                self._order = tuple(self.members)
            batch = Batch(self._order, self.items, self.privates, has_voted)
            if any(isinstance(item, bytes) for item in self.items):
                self.heard_at = now  # what only voters hear leaves the rest in silence
            self.items = []
        self.privates = {}
        return batch


class Batch:
    """One turn's bytes on their way to the members of one lane.

    Members with something of their own come first, then the shared bytes go to all others.
    A connection is in at most one unfinished batch per hub, because the hub finishes a batch
    before it takes the next: that is what keeps the order per connection.

    Attributes:
        receivers: how many are written to.
    """

    def __init__(
        self,
        members: Sequence[Connection],
        items: list[Item],
        privates: dict[Connection, Private],
        has_voted: HasVoted,
    ) -> None:
        self._members = members
        self._items = items
        self._privates = privates
        self._private_order = tuple(privates)
        self.receivers = len(members) or len(privates)
        self._has_voted = has_voted
        self._at = 0
        self._rounds = tuple(
            dict.fromkeys(item.round_id for item in items if isinstance(item, Split))
        )
        self._shared: dict[int, bytes] = {}

    def advance(self, receivers_max: int, slow: list[Connection]) -> int:
        """Writes to up to ``receivers_max`` receivers.

        Args:
            receivers_max: bound of this slice.
            slow: receives the connections whose backlog is over the limit.

        Returns:
            How many were looked at; less than ``receivers_max`` when the batch is done.
        """
        own = len(self._private_order)
        start, end = self._at, self._at + receivers_max
        self._at = end
        done = 0
        if start < own:
            chosen = self._private_order[start:end]
            self._write_private(chosen, slow)
            done = len(chosen)
        members = self._members[max(0, start - own) : max(0, end - own)]
        if not members:
            return done
        if self._rounds:
            self._write_split(members, slow)
        else:
            self._write_shared(members, self._bytes_for(0), slow)
        return done + len(members)

    def _write_shared(
        self, members: Sequence[Connection], data: bytes, slow: list[Connection]
    ) -> None:
        # The hot loop of the whole program: no object is made per receiver, and no generator.
        limit = limits.CONNECTION_QUEUE_BYTES_MAX + len(data)
        if not self._privates:
            for connection in members:
                if connection.write(data) > limit:
                    slow.append(connection)  # noqa: PERF401
            return
        privates = self._privates
        for connection in members:
            if connection not in privates and connection.write(data) > limit:
                slow.append(connection)  # noqa: PERF401

    def _write_split(self, members: Sequence[Connection], slow: list[Connection]) -> None:
        privates = self._privates
        for connection in members:
            if connection in privates:
                continue
            data = self._bytes_for(self._mask(connection))
            if data and connection.write(data) > limits.CONNECTION_QUEUE_BYTES_MAX + len(data):
                slow.append(connection)

    def _write_private(self, chosen: Sequence[Connection], slow: list[Connection]) -> None:
        for connection in chosen:
            private = self._privates[connection]
            mask = self._mask(connection)
            parts: list[bytes] = []
            at = private.start
            for place, frame in private.frames:
                parts.extend(self._resolved(at, place, mask))
                parts.append(frame)
                at = max(at, place)
            parts.extend(self._resolved(at, len(self._items), mask))
            data = b"".join(parts)
            if data and connection.write(data) > limits.CONNECTION_QUEUE_BYTES_MAX + len(data):
                slow.append(connection)

    def _mask(self, connection: Connection) -> int:
        """One bit per round of this batch: whether this receiver voted in it, asked now."""
        participant_id = connection.participant.participant_id
        mask = 0
        for bit, round_id in enumerate(self._rounds):
            if self._has_voted(participant_id, round_id):
                mask |= 1 << bit
        return mask

    def _bytes_for(self, mask: int) -> bytes:
        shared = self._shared.get(mask)
        if shared is None:
            shared = b"".join(self._resolved(0, len(self._items), mask))
            self._shared[mask] = shared
        return shared

    def _resolved(self, start: int, end: int, mask: int) -> list[bytes]:
        resolved: list[bytes] = []
        for item in self._items[start:end]:
            if isinstance(item, Split):
                voted = mask >> self._rounds.index(item.round_id) & 1
                resolved.append(item.voted if voted else item.rest)
            else:
                resolved.append(item)
        return resolved
