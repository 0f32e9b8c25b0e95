"""Bodies of the calls about a setlist's past: history, rollback, restore, undo."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta, Struct

from rooms.commands import CommandId, Id

Seq = Annotated[int, Meta(ge=0, le=2**53)]
"""A place in the room's log; 0: before everything."""

Moment = Annotated[datetime, Meta(tz=True)]
"""RFC 3339 with its offset."""


class HistoryKind(StrEnum):
    """What kind of change an item of the history is."""

    EDIT = "edit"
    ROLLBACK = "rollback"
    RESTORE = "restore"
    UNDO = "undo"
    SONG_REQUEST = "song_request"
    REBALANCE = "rebalance"


class HistoryOrder(StrEnum):
    """In which order a history is read."""

    NEWEST = "newest"
    OLDEST = "oldest"


class HistoryEntry(Struct, frozen=True, omit_defaults=True):
    """What one change did to one entry.

    Attributes:
        kind: ``added``, ``changed``, ``moved`` or ``removed``.
        title: what the entry was called after the change (before it, where it was removed).
        before: the changed fields' values before; the whole entry for ``removed``.
        after: the fields' values after; the whole entry for ``added``.
    """

    entry_id: str
    kind: str
    title: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class HistoryItem(Struct, frozen=True, omit_defaults=True):
    """One change: who, when, which entries, from what to what.

    Attributes:
        participant_id: who did it; a guest who became an account is the account's participant.
        display_name: what they are called now.
        to_seq: the event whose list was brought back (rollback, restore).
        of_seq: the event that was undone (undo).
    """

    seq: int
    at: datetime
    participant_id: str
    display_name: str
    kind: HistoryKind
    entries: list[HistoryEntry]
    to_seq: int | None = None
    of_seq: int | None = None


class HistoryPage(Struct, frozen=True):
    """A page of history. ``next_cursor`` is null on the last one."""

    items: list[HistoryItem]
    next_cursor: str | None = None


class RollbackBody(Struct, frozen=True):
    """``POST …/setlist/rollback``: to the list after event ``to_seq``, or to a moment."""

    command_id: CommandId
    to_seq: Seq | None = None
    at: Moment | None = None


class RestoreBody(Struct, frozen=True):
    """``POST …/setlist/restore``: one entry as it was after event ``to_seq``, or at a moment."""

    command_id: CommandId
    entry_id: Id
    to_seq: Seq | None = None
    at: Moment | None = None


class UndoBody(Struct, frozen=True):
    """``POST …/setlist/undo``: takes back what event ``seq`` changed and nobody changed since."""

    command_id: CommandId
    seq: Annotated[int, Meta(ge=1, le=2**53)]


class KeptEntry(Struct, frozen=True, omit_defaults=True):
    """Something that was left as it is, and why.

    Attributes:
        code: ``changed_since`` (somebody changed it after that), ``too_many_entries``,
            ``entry_protected``.
        fields: the fields in question; empty for the entry as a whole.
    """

    entry_id: str
    code: str
    detail: str
    fields: list[str] = []


class RewrittenEntry(Struct, frozen=True):
    """An entry that was ``added``, ``changed``, ``moved`` or ``removed``."""

    entry_id: str
    kind: str


class RewriteView(Struct, frozen=True):
    """The rollback, restore or undo is durable.

    Attributes:
        seq: its event in the log; the head of the log where nothing had to change.
        changed: what it did, entry by entry; from what to what is in the history.
        kept: what it left as it is.
    """

    command_id: str
    seq: int
    changed: list[RewrittenEntry]
    kept: list[KeptEntry]
