"""How a connection is spoken to, and the same message in the words of each way."""

from __future__ import annotations

from enum import Enum
from typing import Protocol

from rooms import limits
from rooms.fanout import event_stream, wire
from rooms.fanout.framing import text_frame


class Speech(Enum):
    """What a connection understands.

    ``ROOM`` is ``setroom.v1``: room messages in text frames, Yjs in binary ones. ``YJS`` is a
    plain Yjs provider, which gets binary frames only. ``STREAM`` is a stream of server-sent
    events: room messages, and no Yjs.
    """

    ROOM = "room"
    YJS = "yjs"
    STREAM = "stream"

    @property
    def has_messages(self) -> bool:
        """Whether it gets room messages."""
        return self is not Speech.YJS

    @property
    def has_yjs(self) -> bool:
        """Whether it gets binary frames."""
        return self is not Speech.STREAM


class Wording(Protocol):
    """Makes bytes of messages, for all connections that are spoken to in one way.

    Attributes:
        heartbeat: what is said to show that the connection lives.
        silence_s_max: after so long without a word, in seconds.
    """

    heartbeat: bytes
    silence_s_max: float

    def message(self, payload: bytes, place: int | None = None) -> bytes:
        """A room message. ``place``: the ``seq`` in the log that it moves its receiver to."""
        ...


class FrameWording:
    """RFC 6455 frames."""

    heartbeat = wire.HEARTBEAT
    silence_s_max = limits.QUIET_ROOM_HEARTBEAT_S

    def message(self, payload: bytes, place: int | None = None) -> bytes:
        """A text frame; the place is in the message itself."""
        return text_frame(payload)


class StreamWording:
    """Server-sent events of one log."""

    heartbeat = event_stream.HEARTBEAT
    silence_s_max = limits.QUIET_STREAM_HEARTBEAT_S

    def __init__(self, epoch: str) -> None:
        self._epoch = epoch

    def message(self, payload: bytes, place: int | None = None) -> bytes:
        """One event, with an id where it moves the place."""
        event_id = b"" if place is None else event_stream.place_id(self._epoch, place)
        return event_stream.message(payload, event_id)


def wording_of(speech: Speech, epoch: str) -> Wording:
    """The wording of a way."""
    return StreamWording(epoch) if speech is Speech.STREAM else FrameWording()
