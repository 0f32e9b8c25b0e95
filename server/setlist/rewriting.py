"""Rollback, restore and undo: what was is read here; the room decides what is written."""

from __future__ import annotations

from typing import Any

import msgspec

from crdt.rewriting import CHANGED_SINCE
from crdt.schema import RefusalCode, entry_fields
from rooms.commands import RewriteSetlist
from rooms.decide.rewrite import may_roll_back
from rooms.events import EntryChanged
from rooms.messages import Ack
from rooms.sessions.refusals import REFUSAL_DETAILS
from server.problems import not_allowed, not_found
from server.room_calls import RoomCall, RoomCalls
from server.security.identity import Identity
from server.setlist.history_schemas import (
    HistoryKind,
    KeptEntry,
    RestoreBody,
    RewriteView,
    RewrittenEntry,
    RollbackBody,
    UndoBody,
)
from server.setlist.past import Past
from storage.shows.setlist_history import SetlistHistory

Body = RollbackBody | RestoreBody | UndoBody


class Rewriting:
    """Brings back what was."""

    def __init__(self, calls: RoomCalls, history: SetlistHistory, past: Past) -> None:
        self._calls = calls
        self._history = history
        self._past = past

    async def roll_back(self, show_id: str, identity: Identity, body: RollbackBody) -> RewriteView:
        """The whole list as it was. For crew and curators.

        Raises:
            ApiError: ``not_allowed``, ``validation_failed``, …
        """
        async with self._calls.enter(show_id, identity) as call:
            if call.participant is None or not may_roll_back(call.participant):
                raise not_allowed("Only the crew and curators bring the whole setlist back.")
            seq = await self._past.seq_of(show_id, body.to_seq, body.at, "to_seq")
            entries = await self._past.entries(show_id, seq)
            command = RewriteSetlist(
                cause="rollback",
                entries={entry.id: dict(entry_fields(entry)) for entry in entries},
                to_seq=seq,
            )
            return await _give(call, body, command)

    async def restore(self, show_id: str, identity: Identity, body: RestoreBody) -> RewriteView:
        """One entry as it was. For whoever may edit.

        Raises:
            ApiError: ``unknown_entry``: it was not in the list then; ``setlist_locked``, …
        """
        async with self._calls.enter(show_id, identity) as call:
            seq = await self._past.seq_of(show_id, body.to_seq, body.at, "to_seq")
            entries = await self._past.entries(show_id, seq)
            then = next((entry for entry in entries if entry.id == body.entry_id), None)
            if then is None or seq < await self._begins(show_id, call):
                raise not_found("entry")
            command = RewriteSetlist(
                cause="restore", entries={then.id: dict(entry_fields(then))}, to_seq=seq
            )
            return await _give(call, body, command)

    async def undo(self, show_id: str, identity: Identity, body: UndoBody) -> RewriteView:
        """What one change did, as far as nobody changed it since. For its author, crew and
        curators.

        Raises:
            ApiError: ``unknown_change``, ``not_allowed``, ``setlist_locked``, …
        """
        async with self._calls.enter(show_id, identity) as call:
            change = await self._history.change(show_id, body.seq)
            begins = await self._begins(show_id, call)
            if change is None or call.participant is None or body.seq < begins:
                raise not_found("change")
            if change.data.cause == HistoryKind.REBALANCE:  # nobody's: the order stayed
                raise not_found("change")
            own = change.participant_id == call.participant.participant_id
            if not own and not may_roll_back(call.participant):
                raise not_allowed("Only who made a change, the crew and curators undo it.")
            entries = change.data.entries
            command = RewriteSetlist(
                cause="undo",
                entries={entry.entry_id: _before(entry) for entry in entries},
                made={entry.entry_id: _after(entry) for entry in entries},
                of_seq=body.seq,
            )
            return await _give(call, body, command)

    async def _begins(self, show_id: str, call: RoomCall) -> int:
        crew = call.participant is not None and may_roll_back(call.participant)
        return await self._past.begins(show_id, crew=crew)


async def _give(call: RoomCall, body: Body, command: RewriteSetlist) -> RewriteView:
    """Gives the command. It is known by what was asked for: what is in the list at the moment
    that was named is no part of it, and a retry may read it again."""
    asked = msgspec.json.encode([command.cause, body], order="sorted")
    return _view(await call.give_as_asked(body.command_id, command, asked))


def _view(ack: Ack) -> RewriteView:
    kept: list[dict[str, Any]] = ack.data.get("kept", [])
    return RewriteView(
        command_id=ack.command_id,
        seq=ack.data.get("seq", ack.seq),
        changed=msgspec.convert(ack.data.get("changed", []), list[RewrittenEntry]),
        kept=[KeptEntry(detail=_detail(one["code"]), **one) for one in kept],
    )


def _detail(code: str) -> str:
    if code == CHANGED_SINCE:
        return "It was changed since."
    return REFUSAL_DETAILS[RefusalCode(code)]


def _before(entry: EntryChanged) -> dict[str, Any] | None:
    return None if entry.kind == "added" else entry.before or {}


def _after(entry: EntryChanged) -> dict[str, Any] | None:
    return None if entry.kind == "removed" else entry.after or {}
