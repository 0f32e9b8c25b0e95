"""What waits in a lane: for all of its members, and for single ones."""

from __future__ import annotations

from collections.abc import Callable

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
