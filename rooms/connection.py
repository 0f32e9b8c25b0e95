"""What a hub needs from one open socket. ``server/egress`` implements it."""

from __future__ import annotations

from typing import Protocol

from rooms.participants import Participant


class Connection(Protocol):
    """One socket of one participant in one room. Hashable by identity.

    Attributes:
        participant: who it belongs to.
        session_id: the login that it hangs on; revoked with it.
        ticket_id: the ticket that opened it; a reconnect with the same one replaces it.
        wants_text: speaks ``setroom.v1``; others get binary (Yjs) frames only.
    """

    @property
    def participant(self) -> Participant: ...
    @property
    def session_id(self) -> str: ...
    @property
    def ticket_id(self) -> str: ...
    @property
    def wants_text(self) -> bool: ...

    def write(self, frames: bytes) -> int:
        """Queues whole encoded server frames; does nothing once the socket is closing.

        Returns:
            The backlog after it, in bytes: what the receiver has not yet taken.
        """
        ...

    def backlog(self) -> int:
        """Bytes that the receiver has not yet taken."""
        ...

    def close(self, code: int, reason: str = "") -> None:
        """Starts the close handshake. Nothing is written after the close frame."""
        ...

    def abort(self) -> None:
        """Drops the socket now, with all that is queued."""
        ...
