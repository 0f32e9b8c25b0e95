"""Which of a socket's Yjs updates are durable: the count behind ``setlist_saved``."""

from __future__ import annotations


class SavedCount:
    """Counts updates as they come and as they become durable.

    Every sync step 2 and every update of the socket counts one, empty ones as well, in the order
    of their coming; only an unbroken row from the first is "received".

    Attributes:
        seq: the log's head when the newest of them became durable.
        received: the first so many are durable.
    """

    __slots__ = ("_arrived", "_out_of_order", "_said", "received", "seq")

    def __init__(self) -> None:
        self.seq = 0
        self.received = 0
        self._arrived = 0
        self._said = 0
        self._out_of_order: set[int] = set()

    def arrive(self) -> int:
        """One more; its number, from 1."""
        self._arrived += 1
        return self._arrived

    def settle(self, number: int, seq: int) -> None:
        """Update ``number`` is durable (or holds nothing) with the log at ``seq``."""
        self.seq = max(self.seq, seq)
        self._out_of_order.add(number)
        while self.received + 1 in self._out_of_order:
            self.received += 1
            self._out_of_order.discard(self.received)

    def news(self) -> bool:
        """Whether `received` grew since the last call."""
        grew = self.received > self._said
        self._said = self.received
        return grew
