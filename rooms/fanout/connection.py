"""What a hub needs from one open socket or event stream. ``server`` implements it."""

from __future__ import annotations

from typing import Protocol

from rooms.fanout.speech import Speech
from rooms.participants import Participant


class Connection(Protocol):
    """One socket or stream of one participant in one room. Hashable by identity.

    Attributes:
        participant: who it belongs to.
        session_id: the login that it hangs on; revoked with it.
        ticket_id: the ticket that opened it; a reconnect with the same one replaces it.
        speech: what it understands, and so what `write` is given.
    """

    @property
    def participant(self) -> Participant: ...
    @property
    def session_id(self) -> str: ...
    @property
    def ticket_id(self) -> str: ...
    @property
    def speech(self) -> Speech: ...

    def write(self, frames: bytes) -> int:
        """Queues whole messages in its own wording; does nothing once it is closing.

        Returns:
            The backlog after it, in bytes: what the receiver has not yet taken.
        """
        ...

    def backlog(self) -> int:
        """Bytes that the receiver has not yet taken."""
        ...

    def close(self, code: int, reason: str = "") -> None:
        """Says why and ends it. Nothing is written after that."""
        ...

    def abort(self) -> None:
        """Drops the socket now, with all that is queued."""
        ...
