"""Connections that are being replayed to: what is said meanwhile is held back for them.

A connection is attached *before* its snapshot or its missed events are read, so nothing that is
said after the reading began can be lost; and what the reading already contains is dropped by
``seq`` at the release, so nothing arrives twice.
"""

from __future__ import annotations

from rooms import limits
from rooms.fanout.items import HasVoted, Item, Split


class Held:
    """What was said since one connection was attached.

    Attributes:
        overflowed: more was said than `limits.CONNECTION_QUEUE_BYTES_MAX`; it must resume.
        seq_at_attach: the newest event that the hub had said when the connection came.
    """

    __slots__ = ("_bytes", "_items", "overflowed", "seq_at_attach")

    def __init__(self, seq_at_attach: int) -> None:
        self.seq_at_attach = seq_at_attach
        self.overflowed = False
        self._items: list[tuple[int, Item]] = []
        self._bytes = 0

    def hold(self, seq: int, item: Item) -> None:
        """Keeps an item; ``seq`` is 0 for what is not in the log."""
        if self.overflowed:
            return
        self._bytes += len(item) if isinstance(item, bytes) else len(item.voted) + len(item.rest)
        if self._bytes > limits.CONNECTION_QUEUE_BYTES_MAX:
            self.overflowed = True
            self._items.clear()
            return
        self._items.append((seq, item))

    def after(self, seq: int, participant_id: str, has_voted: HasVoted) -> list[bytes]:
        """What is to be sent after a replay up to and including ``seq``."""
        frames: list[bytes] = []
        for item_seq, item in self._items:
            if item_seq and item_seq <= seq:
                continue
            if isinstance(item, Split):
                frames.append(item.voted if has_voted(participant_id, item.round_id) else item.rest)
            else:
                frames.append(item)
        return frames
