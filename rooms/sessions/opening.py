"""The opening of a connection: attach, replay, release. Nothing is lost or doubled in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from rooms.events import Event
from rooms.fanout import wire
from rooms.fanout.audience import CREW, REST, VOTED, Audience
from rooms.fanout.connection import Connection
from rooms.fanout.framing import binary_frame
from rooms.fanout.speech import Wording, wording_of
from rooms.messages import PROTOCOL_VERSION, CloseCode, StateMessage, Welcome
from rooms.participants import Participant
from rooms.ports import Head
from rooms.sessions.session_room import SessionRoom

_NOTHING = msgspec.Raw(b"{}")


async def open_socket(
    room: SessionRoom, connection: Connection, since: int | None, epoch: str | None
) -> bool:
    """Welcomes a connection and lets the room's stream flow to it.

    ``welcome``, then either the missed events and the current states (``since`` with the
    current ``epoch``, and the gap still in the log) or a snapshot, then a sync step 1 for those
    who speak Yjs.

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
    speech = connection.speech
    missed = None
    if speech.has_messages and since is not None and epoch == room.epoch:
        await room.reach(Head(since, 0))
        missed = await room.events_since(since)
    wording = wording_of(speech, room.epoch)
    opening: list[bytes]
    if not speech.has_messages:
        opening, seq = [], room.head.seq
    elif missed is None:
        opening, seq = _from_snapshot(room, connection, wording)
    else:
        opening, seq = _from_events(room, connection, wording, since or 0, missed)
    if speech.has_yjs:
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


def _from_snapshot(
    room: SessionRoom, connection: Connection, wording: Wording
) -> tuple[list[bytes], int]:
    seq = room.head.seq
    state = room.snapshot(connection.participant)
    welcome = _welcome(room, connection, seq, recovered=False, state=state)
    return [wording.message(welcome, seq)], seq


def _from_events(
    room: SessionRoom,
    connection: Connection,
    wording: Wording,
    since: int,
    missed: Sequence[Event],
) -> tuple[list[bytes], int]:
    # What the log has beyond this node's head will be said by the hub when the node gets there.
    missed = [event for event in missed if event.seq <= room.head.seq]
    seq = missed[-1].seq if missed else since
    crew = connection.participant.is_crew
    welcome = _welcome(room, connection, seq, recovered=True, state=_NOTHING)
    # The welcome leaves a stream where it was: if it breaks off here, it goes on from there.
    messages = [wording.message(welcome, since)]
    # The document comes by the sync exchange, so the events' Yjs updates are not replayed.
    messages.extend(
        wording.message(wire.event_payload(event, crew=crew), event.seq) for event in missed
    )
    messages.extend(
        wording.message(wire.payload(state))
        for state in current_states(room, connection.participant)
    )
    return messages, seq


def _welcome(
    room: SessionRoom, connection: Connection, seq: int, *, recovered: bool, state: msgspec.Raw
) -> bytes:
    return wire.payload(
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


def current_states(room: SessionRoom, participant: Participant) -> Iterator[StateMessage]:
    """The states that a participant may see, as they are now: they are not in the log, so
    whoever was away must be told their values."""
    for name, key in room.state_keys():
        message = room.render_state(name, key, audience_of(room, participant, key))
        if message is not None:
            yield message


def audience_of(room: SessionRoom, participant: Participant, key: str) -> Audience:
    """Whose bytes a participant gets of the state about ``key``."""
    if participant.is_crew:
        return CREW
    return VOTED if room.hub.has_voted(participant.participant_id, key) else REST
