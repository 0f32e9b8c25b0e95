"""The state ``pulse``."""

from __future__ import annotations

from msgspec import Struct


class Doors(Struct, frozen=True):
    """Connections by door. One person may have several, and who polls has none: it is counted
    by head.

    Attributes:
        socket: websockets, plain Yjs providers included.
        stream: streams of server-sent events.
        poll: people who poll.
    """

    socket: int = 0
    stream: int = 0
    poll: int = 0


class ChannelVoters(Struct, frozen=True):
    """Voters of a round by the channel that they voted through."""

    web: int = 0
    sms: int = 0


class Pulse(Struct, frozen=True, omit_defaults=True):
    """``pulse`` data: crew alone, at most once a second, and only when it changed.

    Attributes:
        votes_per_s: ballots and upvotes cast, changed and withdrawn, all nodes together: the mean
            of the last five seconds, rounded to a tenth.
        channels: voters of the open round; of the one that was opened last where several are.
        participants: as in ``head_count``.
        connections: by door, all nodes together.
        nodes: server processes that hold this room.
        round_id: that round; absent when none is open.
    """

    votes_per_s: float
    channels: ChannelVoters
    participants: int
    connections: Doors
    nodes: int
    round_id: str | None = None
