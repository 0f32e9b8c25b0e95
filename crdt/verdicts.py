"""The three ways in which an update ends: as it is, repaired, or with its socket closed."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from crdt.schema import FIELDS, PLACE_FIELDS, RefusalCode, SetlistEntry, entry_fields

FieldValue = str | bool | None


class ForbiddenReason(StrEnum):
    """Why nothing of an update was taken and its socket must be closed."""

    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    DOCUMENT_TOO_LARGE = "document_too_large"
    PENDING = "pending"
    FUTURE_DELETE = "future_delete"
    FORGED_CLIENT = "forged_client"


class EntryChangeKind(StrEnum):
    """What happened to an entry."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    REMOVED = "removed"


class EntryChange(msgspec.Struct, frozen=True):
    """One entry's difference, for history and for clients without Yjs.

    Attributes:
        before, after: the fields that differ; None for absent. ``before`` is empty for an
            added entry, ``after`` for a removed one.
    """

    entry_id: str
    kind: EntryChangeKind
    before: dict[str, FieldValue]
    after: dict[str, FieldValue]


class Refusal(msgspec.Struct, frozen=True):
    """Something that was repaired. ``entry_id`` is None for content outside any entry."""

    entry_id: str | None
    field: str | None
    code: RefusalCode


class ClientBinding(msgspec.Struct, frozen=True):
    """From now on only this participant may advance this Yjs client id. Keep it durably."""

    client_id: int
    participant_id: str


class Accepted(msgspec.Struct, frozen=True):
    """Everything was permitted. ``update`` is None if all of it was known already."""

    update: bytes | None
    changes: tuple[EntryChange, ...] = ()
    new_clients: tuple[ClientBinding, ...] = ()


class Repaired(msgspec.Struct, frozen=True):
    """Stored and relayed with corrections; the sender is told the refusals."""

    update: bytes
    refusals: tuple[Refusal, ...]
    changes: tuple[EntryChange, ...] = ()
    new_clients: tuple[ClientBinding, ...] = ()


class Forbidden(msgspec.Struct, frozen=True):
    """Nothing was taken. If ``twin_dirty``, the twin must be discarded."""

    reason: ForbiddenReason
    detail: str
    twin_dirty: bool = False


Verdict = Accepted | Repaired | Forbidden


def entry_change(
    entry_id: str, before: SetlistEntry | None, after: SetlistEntry | None
) -> EntryChange | None:
    """The difference between two states of an entry; unfinished ones count as absent."""
    if before is not None and not before.title:
        before = None
    if after is not None and not after.title:
        after = None
    if before == after:
        return None
    if before is None:
        fields = {} if after is None else dict[str, FieldValue](entry_fields(after))
        return EntryChange(entry_id, EntryChangeKind.ADDED, {}, fields)
    if after is None:
        fields = dict[str, FieldValue](entry_fields(before))
        return EntryChange(entry_id, EntryChangeKind.REMOVED, fields, {})
    names = [name for name in FIELDS if getattr(before, name) != getattr(after, name)]
    moved = PLACE_FIELDS.issuperset(names)
    return EntryChange(
        entry_id,
        EntryChangeKind.MOVED if moved else EntryChangeKind.CHANGED,
        {name: getattr(before, name) for name in names},
        {name: getattr(after, name) for name in names},
    )
