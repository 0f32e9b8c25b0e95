"""One turn's bytes on their way to the members of one lane."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from rooms import limits
from rooms.fanout.connection import Connection
from rooms.fanout.items import HasVoted, Item, Private, Split
from rooms.fanout.members import NO_OUTLET, Members, direct

log = structlog.get_logger(__name__)


def cost_of(data: bytes) -> int:
    """What a write costs of a slice: a small one 1, a large one what its copying adds."""
    return 1 + len(data) // limits.FANOUT_UNIT_BYTES


class Batch:
    """Shared items and what single members get besides, written slice by slice.

    Members with something of their own come first, then the shared bytes go to all others.
    A connection is in at most one unfinished batch per hub, because the hub finishes a batch
    before it takes the next: that is what keeps the order per connection. Whoever leaves
    meanwhile is skipped, whoever comes meanwhile is not in it.

    Args:
        members: of the lane; their places stay as they are until the batch is done.
        items: for all of them.
        privates: for single members.
        has_voted: asked when a split item is written.

    Attributes:
        receivers: how many are written to.
    """

    def __init__(
        self,
        members: Members,
        items: Sequence[Item],
        privates: dict[Connection, Private],
        has_voted: HasVoted,
    ) -> None:
        self._members = members
        self._items = items
        self._has_voted = has_voted
        self._own = sorted(
            ((members.places[connection], private) for connection, private in privates.items()),
            key=lambda own: own[0],
        )
        self._own_at = 0
        self._skip_at = 0
        self._at = 0
        self._end = len(members.connections) if items else 0
        self.receivers = len(members) if items else len(privates)
        self._rounds = tuple(
            dict.fromkeys(item.round_id for item in items if isinstance(item, Split))
        )
        self._shared: dict[int, bytes] = {}

    @property
    def is_done(self) -> bool:
        """Whether everybody got what is theirs."""
        return self._own_at >= len(self._own) and self._at >= self._end

    def advance(self, budget: int, slow: list[Connection]) -> int:
        """Writes until it is done, or a slice is full.

        Args:
            budget: of this slice, at least 1; a receiver of a small write costs 1 (`cost_of`).
            slow: receives the connections whose backlog is over the limit.

        Returns:
            What of the budget was spent; the last write may go beyond it.
        """
        spent = 0
        while spent < budget and self._own_at < len(self._own):
            place, private = self._own[self._own_at]
            self._own_at += 1
            spent += self._write_own(place, private, slow)
        if spent >= budget or self._at >= self._end:
            return spent
        if self._rounds:
            return spent + self._write_split(budget - spent, slow)
        return spent + self._write_shared(budget - spent, slow)

    def _write_shared(self, budget: int, slow: list[Connection]) -> int:
        data = self._bytes_for(0)
        cost = cost_of(data)
        members, start = self._members, self._at
        self._at = end = min(self._end, start + max(1, budget // cost))
        outlets = members.outlets[start:end]
        own: set[int] = set()
        while self._skip_at < len(self._own) and (place := self._own[self._skip_at][0]) < end:
            own.add(place)
            if place >= start:
                outlets[place - start] = NO_OUTLET
            self._skip_at += 1
        # The hot loop of the whole program is in there.
        for at, taken in members.write_to_all(outlets, data):
            connection = members.connections[start + at]
            if connection is not None and start + at not in own:
                self._write_one(connection, data, taken, slow)
        return (end - start) * cost

    def _write_split(self, budget: int, slow: list[Connection]) -> int:
        spent = 0
        connections = self._members.connections
        while spent < budget and self._at < self._end:
            place = self._at
            self._at += 1
            spent += 1
            if self._skip_at < len(self._own) and self._own[self._skip_at][0] == place:
                self._skip_at += 1
                continue
            connection = connections[place]
            if connection is not None:
                data = self._bytes_for(self._mask(connection))
                spent += self._write_one(connection, data, 0, slow) - 1
        return max(spent, 1)

    def _write_own(self, place: int, private: Private, slow: list[Connection]) -> int:
        connection = self._members.connections[place]
        if connection is None:
            return 1
        mask = self._mask(connection)
        parts: list[bytes] = []
        at = private.start
        for where, frame in private.frames:
            parts.extend(self._resolved(at, where, mask))
            parts.append(frame)
            at = max(at, where)
        parts.extend(self._resolved(at, len(self._items), mask))
        return self._write_one(connection, b"".join(parts), 0, slow)

    def _write_one(
        self, connection: Connection, data: bytes, taken: int, slow: list[Connection]
    ) -> int:
        try:
            known = direct(connection) if taken else None
            if known is not None:
                backlog = known.finish(data, taken)
            else:
                backlog = connection.write(data) if data else 0
            if backlog > limits.CONNECTION_QUEUE_BYTES_MAX + len(data):
                slow.append(connection)
        except Exception:
            # One broken transport must not keep the others from what is theirs.
            log.exception("fanout_write_failed")
            slow.append(connection)
        return cost_of(data)

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
