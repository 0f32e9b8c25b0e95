"""The opening of a socket: attach, replay, release. Nothing is lost or doubled in between."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from rooms import wire
from rooms.audience import CREW, REST, VOTED
from rooms.connection import Connection
from rooms.events import Event
from rooms.framing import binary_frame
from rooms.messages import PROTOCOL_VERSION, CloseCode, Welcome
from rooms.session_room import SessionRoom

_NOTHING = msgspec.Raw(b"{}")


async def open_socket(
    room: SessionRoom, connection: Connection, since: int | None, epoch: str | None
) -> bool:
    """Welcomes a connection and lets the room's stream flow to it.

    ``welcome``, then either the missed events and the current states (``since`` with the
    current ``epoch``, and the gap still in the log) or a snapshot, then a sync step 1.

    Returns:
        False when the connection had to be closed meanwhile.

    Raises:
        LogUnavailable: what it missed could not be read; it is still attached.
    """
    await room.admit(connection.participant)
    # From here on whatever is said is held back for it: what is read below cannot be too old.
    room.hub.attach(connection)
    if not _may_stay(room, connection):
        return False
    missed = None
    if connection.wants_text and since is not None and epoch == room.epoch:
        missed = await room.events_since(since)
    opening: list[bytes]
    if not connection.wants_text:
        opening, seq = [], room.head.seq
    elif missed is None:
        opening, seq = _from_snapshot(room, connection)
    else:
        opening, seq = _from_events(room, connection, since or 0, missed)
    opening.append(binary_frame(room.sync_step1()))
    return room.hub.release(connection, opening, seq)


def _may_stay(room: SessionRoom, connection: Connection) -> bool:
    """Whoever was attached when the room ended or removed somebody was told. This one was on
    its way."""
    if room.closed:
        room.hub.close(connection, CloseCode.RESTARTING, "room_reloading")
    elif room.is_removed(connection.participant.participant_id):
        room.hub.close(connection, CloseCode.REMOVED, "removed")
    else:
        return True
    return False


def _from_snapshot(room: SessionRoom, connection: Connection) -> tuple[list[bytes], int]:
    seq = room.head.seq
    state = room.snapshot(connection.participant)
    return [_welcome(room, connection, seq, recovered=False, state=state)], seq


def _from_events(
    room: SessionRoom, connection: Connection, since: int, missed: Sequence[Event]
) -> tuple[list[bytes], int]:
    # What the log has beyond this node's head will be said by the hub when the node gets there.
    missed = [event for event in missed if event.seq <= room.head.seq]
    seq = missed[-1].seq if missed else since
    crew = connection.participant.is_crew
    frames = [_welcome(room, connection, seq, recovered=True, state=_NOTHING)]
    # The document comes by the sync exchange, so the events' Yjs updates are not replayed.
    frames.extend(wire.event_frame(event, crew=crew) for event in missed)
    frames.extend(_current_states(room, connection))
    return frames, seq


def _welcome(
    room: SessionRoom, connection: Connection, seq: int, *, recovered: bool, state: msgspec.Raw
) -> bytes:
    return wire.message_frame(
        Welcome(
            protocol=PROTOCOL_VERSION,
            show_id=room.show_id,
            epoch=room.epoch,
            seq=seq,
            recovered=recovered,
            you=room.you(connection.participant),
            state=state,
        )
    )


def _current_states(room: SessionRoom, connection: Connection) -> list[bytes]:
    """States are not in the log: whoever was away must be told their values."""
    participant = connection.participant
    frames = []
    for name, key in room.state_keys():
        if participant.is_crew:
            audience = CREW
        else:
            voted = room.hub.has_voted(participant.participant_id, key)
            audience = VOTED if voted else REST
        message = room.render_state(name, key, audience)
        if message is not None:
            frames.append(wire.message_frame(message))
    return frames
