"""What a node tells the others about a room, over the bus. MessagePack, internal.

During a rolling upgrade the others are a version older or newer. A kind that this version does not
know, and fields that it does not know, are passed over; so a new field has a default, one of an
`EventWire` comes last, and what nobody may miss is in the log, where a lost message is healed from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

import msgspec
from msgspec import Struct

from rooms.ports import (
    BallotRecord,
    Head,
    RoundRecord,
    StanceCount,
    StanceRecord,
    TallyRecord,
)
from rooms.pulse.views import Doors


class EventWire(Struct, frozen=True, array_like=True):
    """An event as it travels: payloads as encoded JSON."""

    seq: int
    name: str
    at_us: int
    data: bytes
    crew_data: bytes | None
    participant_id: str
    update: bytes | None
    clients: tuple[int, ...]


class TurnPublished(Struct, frozen=True, tag="turn"):
    """A committed turn: applies to a node whose head is ``base``; any other node heals.

    ``trace`` (`rooms.tracing`) is there for turns that somebody follows; older nodes ignore it.
    """

    node_id: str
    epoch: str
    base: Head
    head: Head
    events: tuple[EventWire, ...]
    rounds: tuple[RoundRecord, ...]
    tallies: tuple[TallyRecord, ...]
    ballots: tuple[BallotRecord, ...]
    reactions: Mapping[str, int]
    stances: tuple[StanceRecord, ...] = ()
    stance_counts: tuple[StanceCount, ...] = ()
    trace: str | msgspec.UnsetType = msgspec.UNSET


class HeadCountPublished(Struct, frozen=True, tag="head_count"):
    """One node's part of the room (`rooms.pulse.beats.Beat`); void after 15 s."""

    node_id: str
    participants: int
    doors: Doors = Doors()
    votes_per_s: float = 0.0


class AwarenessPublished(Struct, frozen=True, tag="awareness"):
    """An awareness frame of editors on another node. Droppable.

    ``editors``: Yjs client id → participant, of all editors of that node at this moment.
    """

    node_id: str
    frame: bytes
    editors: Mapping[int, str] = {}


class SocketOpened(Struct, frozen=True, tag="socket"):
    """A ticket was used on a node: its older sockets elsewhere are replaced."""

    node_id: str
    ticket_id: str
    participant_id: str


class SocketsOpened(Struct, frozen=True, tag="sockets"):
    """As `SocketOpened`, of several tickets in the same moment."""

    node_id: str
    ticket_ids: tuple[str, ...]


class SessionRevoked(Struct, frozen=True, tag="revoked"):
    """Close what hangs on this session or participant, everywhere."""

    session_id: str | None = None
    participant_id: str | None = None


class NamesChanged(Struct, frozen=True, tag="names"):
    """Participants whose rooms call them by another name now, in what was said before as well."""

    names: Mapping[str, str]


Publication = (
    TurnPublished
    | HeadCountPublished
    | AwarenessPublished
    | SocketOpened
    | SocketsOpened
    | SessionRevoked
    | NamesChanged
)


class UnknownKind(Struct, frozen=True):
    """A publication of a kind that only newer nodes know."""

    kind: str


_KINDS = frozenset(str(kind.__struct_config__.tag) for kind in get_args(Publication))


class _Tagged(Struct):
    type: str


_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Publication] = msgspec.msgpack.Decoder(Publication)
_tag_decoder = msgspec.msgpack.Decoder(_Tagged)


def encode(publication: Publication) -> bytes:
    """MessagePack bytes."""
    return _encoder.encode(publication)


class _Author(Struct):
    node_id: str = ""


_author = msgspec.msgpack.Decoder(_Author).decode


def is_by(message: bytes, node_id: str) -> bool:
    """Whether a node published this itself: a bus hands its own messages back to it, and a turn of
    hundreds of ballots is not worth reading for that.

    Raises:
        msgspec.DecodeError: not one of ours.
    """
    return _author(message).node_id == node_id


def decode(message: bytes) -> Publication | UnknownKind:
    """Reads a publication.

    Raises:
        msgspec.DecodeError: not one of ours.
    """
    try:
        return _decoder.decode(message)
    except msgspec.ValidationError:
        kind = _tag_decoder.decode(message).type
        if kind in _KINDS:
            raise
        return UnknownKind(kind)
