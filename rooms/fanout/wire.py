"""Room messages as the bytes that receivers get: JSON in a text frame, encoded once."""

from __future__ import annotations

import msgspec

from crdt import frames
from rooms.events import Event
from rooms.fanout.framing import binary_frame, text_frame
from rooms.messages import EventMessage, ServerMessage

_encoder = msgspec.json.Encoder()


def payload(message: ServerMessage) -> bytes:
    """The JSON of one room message, the same at every door."""
    return _encoder.encode(message)


def message_frame(message: ServerMessage) -> bytes:
    """One room message as a text frame."""
    return text_frame(_encoder.encode(message))


def event_payload(event: Event, *, crew: bool) -> bytes:
    """The JSON of an event as one audience gets it, the same at every door."""
    return _encoder.encode(
        EventMessage(
            seq=event.seq,
            name=event.name_for(crew=crew),
            at=event.at,
            data=msgspec.Raw(_encoder.encode(event.data_for(crew=crew))),
        )
    )


def update_frame(update: bytes) -> bytes:
    """A Yjs update as a binary frame."""
    return binary_frame(frames.encode_update(update))


HEARTBEAT = binary_frame(frames.EMPTY_AWARENESS_FRAME)
"""An awareness update of nobody: stock providers reconnect after 30 s of silence."""
