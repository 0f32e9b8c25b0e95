"""Reading setlists, now or as they were; and editing them without a socket."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from msgspec import Struct

from crdt.errors import CrdtError
from crdt.schema import SetlistEntry
from rooms.show import ShowStatus
from server.field_problems import FieldProblem
from server.problems import invalid
from server.room_calls import RoomCalls
from server.security.identity import Identity
from server.setlist.past import Past
from server.setlist.schemas import (
    DocumentBody,
    RefusedEntries,
    UpdateBody,
    UpdateView,
)
from server.shows.attendance import Attendance, sees_drafts
from storage.shows.setlist_history import SetlistHistory


class Setlist(Struct, frozen=True):
    """A setlist in playing order."""

    show_id: str
    seq: int
    locked: bool
    entries: tuple[SetlistEntry, ...]


class Setlists:
    """Setlists."""

    def __init__(
        self, calls: RoomCalls, attendance: Attendance, history: SetlistHistory, past: Past
    ) -> None:
        self._calls = calls
        self._attendance = attendance
        self._history = history
        self._past = past

    async def read(
        self,
        show_id: str,
        viewer: Identity | None,
        at: datetime | None = None,
        seq: int | None = None,
    ) -> Setlist:
        """The setlist now, at a moment or after an event. A show from an archive has what was
        played.

        Raises:
            ApiError: ``unknown_show``, ``join_code_required``; ``validation_failed``: both a
                moment and an event, or one that has not happened.
        """
        standing = await self._attendance.read(show_id, viewer)
        if standing.status is ShowStatus.ARCHIVED and standing.owner_id is None:
            return await self._played(show_id)
        if at is not None or seq is not None:
            then = await self._past.seq_of(show_id, seq, at, "seq")
            begins = await self._past.begins(show_id, crew=sees_drafts(standing, viewer))
            return Setlist(
                show_id=show_id,
                seq=then,
                locked=await self._past.locked(show_id, then),
                entries=await self._past.entries(show_id, then) if then >= begins else (),
            )
        async with self._calls.look(show_id, viewer) as call:
            replica = call.room.replica
            return Setlist(
                show_id=show_id,
                seq=replica.head.seq,
                locked=replica.state.memory.setlist_locked,
                entries=replica.document.entries(),
            )

    async def document(
        self, show_id: str, viewer: Identity | None, state_vector: str | None
    ) -> DocumentBody:
        """What a Yjs client with this state vector lacks."""
        known = _bytes(state_vector, "state_vector") if state_vector else None
        async with self._calls.look(show_id, viewer) as call:
            replica = call.room.replica
            try:
                update = replica.document.encode(known)
            except CrdtError as error:
                detail = f"This is no state vector ({error})."
                raise invalid(FieldProblem("state_vector", "invalid", detail)) from None
            return DocumentBody(
                show_id=show_id,
                epoch=replica.epoch,
                seq=replica.head.seq,
                update=update,
                state_vector=replica.document.state_vector(),
            )

    async def update(self, show_id: str, identity: Identity, body: UpdateBody) -> UpdateView:
        """Makes one Yjs update durable, repaired where it was not allowed.

        Raises:
            ApiError: ``not_allowed``, ``too_large``, ``update_refused``, …
        """
        update = _bytes(body.update, "update")
        async with self._calls.enter(show_id, identity) as call:
            answer = await call.update_setlist(body.command_id, update)
        return UpdateView(
            command_id=body.command_id,
            seq=answer.seq,
            refused=tuple(
                RefusedEntries(code=item.code, detail=item.detail, entries=item.entry_ids)
                for item in answer.refused
            ),
        )

    async def _played(self, show_id: str) -> Setlist:
        entries = tuple(
            SetlistEntry(
                id=song.entry_id,
                title=song.title,
                song_id=song.song_id,
                section=song.section,
                position=f"{song.ordinal:04d}",
                segue=song.segue,
            )
            for song in await self._history.played(show_id)
        )
        return Setlist(show_id=show_id, seq=0, locked=True, entries=entries)


def _bytes(text: str, field: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise invalid(FieldProblem(field, "invalid", "This is not base64.")) from None
