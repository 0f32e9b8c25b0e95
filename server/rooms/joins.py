"""How attempts to come into a room end, as they are counted."""

from __future__ import annotations

from typing import Final

from rooms.messages import CloseCode

JOINED: Final = "joined"
RESUMED: Final = "resumed"
"""It asked to go on from where it was."""

FOREIGN_ORIGIN: Final = "foreign_origin"
"""A page of another site wanted to open a socket."""


_WORDS: Final = {
    code: name.lower() for name, code in vars(CloseCode).items() if isinstance(code, int)
}


def outcome_of(code: int) -> str:
    """The word for a close code, such as ``ticket_expired``: one of a fixed set."""
    return _WORDS.get(code, "other")
