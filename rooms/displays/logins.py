"""What a display's connections hang on, in the place where people's hang on a session.

Rooms, hubs and the bus know a login by a word and nothing else. A display's word is its id behind
a prefix, so one word says on every node whose login is over, and what a connection is told then.
"""

from __future__ import annotations

from typing import Final

_PREFIX: Final = "display:"


def login_of(display_id: str) -> str:
    """The login of a display."""
    return _PREFIX + display_id


def display_of(login: str) -> str | None:
    """The display whose login this is; ``None``: it is a person's session."""
    return login.removeprefix(_PREFIX) if login.startswith(_PREFIX) else None
