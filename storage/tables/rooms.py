"""The room's log and what lies beside it. All created by SQL: see ``storage/migrations``."""

from __future__ import annotations

from piccolo.columns import JSON, UUID, Array, BigInt, Bytea, Text, Timestamptz
from piccolo.table import Table

from storage.engine import ENGINE
from storage.tables.columns import created_now


class Room(Table, db=ENGINE, tablename="rooms"):
    """The head of a show's log: the one row that every turn updates, so it is narrow."""

    show_id = UUID(primary_key=True, default=None)
    seq = BigInt(default=0)
    state_version = BigInt(default=0)


class RoomEvent(Table, db=ENGINE, tablename="room_events"):
    """One durable fact. Key: (show_id, seq); each event refers to the one before it."""

    show_id = UUID(primary_key=True, default=None)
    seq = BigInt(default=None)
    previous_seq = BigInt(default=None, null=True)
    name = Text(default=None)
    at = Timestamptz(default=None)
    participant_id = UUID(default=None)
    data = JSON(default=None)
    crew_data = JSON(default=None, null=True)
    yjs_update = Bytea(default=None, null=True)
    clients = Array(BigInt(), default=None, null=True)


class SetlistClient(Table, db=ENGINE, tablename="setlist_clients"):
    """A Yjs client id and the participant it is bound to for good. Key: (show_id, client_id)."""

    show_id = UUID(primary_key=True, default=None)
    client_id = BigInt(default=None)
    participant_id = UUID(default=None)
    seq = BigInt(default=None)


class RoomSnapshot(Table, db=ENGINE, tablename="room_snapshots"):
    """The newest setlist snapshot of a room: the document and the room's memory at ``seq``."""

    show_id = UUID(primary_key=True, default=None)
    seq = BigInt(default=None)
    state = Bytea(default=None)
    document = Bytea(default=None)
    created_at = created_now()


class ReactionCount(Table, db=ENGINE, tablename="reaction_counts"):
    """How often a kind of reaction was sent. Key: (show_id, kind)."""

    show_id = UUID(primary_key=True, default=None)
    kind = Text(default=None)
    reactions = BigInt(default=None)
    version = BigInt(default=None)


class Reply(Table, db=ENGINE, tablename="replies"):
    """The answer to one command. Key: (show_id, participant_id, command_id)."""

    show_id = UUID(primary_key=True, default=None)
    participant_id = UUID(default=None)
    command_id = Text(default=None)
    payload_hash = Bytea(default=None)
    answer = Bytea(default=None)
    created_at = created_now()
