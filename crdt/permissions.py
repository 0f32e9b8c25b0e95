"""Who may do what to the setlist."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import msgspec

from crdt.schema import RefusalCode

SERVER_PARTICIPANT_ID: Final = "server"
"""The author to whom the client ids of our own documents are bound; no participant's id."""

CREW_ROLES: Final = frozenset({"artist", "moderator", "curator", "admin"})


class EditAction(StrEnum):
    """What can be done to an entry."""

    ADD = "add"
    EDIT = "edit"
    MOVE = "move"
    REMOVE = "remove"


_EVERYTHING: Final = frozenset(EditAction)
DEFAULT_ACTIONS: Final[Mapping[str, frozenset[EditAction]]] = MappingProxyType(
    {"fan": _EVERYTHING, **dict.fromkeys(sorted(CREW_ROLES), _EVERYTHING)}
)
"""Roles that are not listed (brand, developer) may not edit."""


class Editor(msgspec.Struct, frozen=True):
    """Who sent an update, by authentication and never by the update itself."""

    participant_id: str
    role: str


class EditRules(msgspec.Struct, frozen=True):
    """What is permitted at this moment.

    Attributes:
        locked: only crew may edit.
        actions: per role.
        protected_entry_ids: entries that only crew may touch (sealed by the artist).
    """

    locked: bool = False
    actions: Mapping[str, frozenset[EditAction]] = DEFAULT_ACTIONS
    protected_entry_ids: frozenset[str] = frozenset()

    def refusal(self, editor: Editor, action: EditAction, entry_id: str) -> RefusalCode | None:
        """Why ``editor`` may not do this, or None."""
        if action not in self.actions.get(editor.role, frozenset()):
            return RefusalCode.NOT_ALLOWED
        if editor.role in CREW_ROLES:
            return None
        if self.locked:
            return RefusalCode.SETLIST_LOCKED
        if entry_id in self.protected_entry_ids:
            return RefusalCode.ENTRY_PROTECTED
        return None
