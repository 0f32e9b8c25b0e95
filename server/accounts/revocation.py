"""Ending sessions at once, everywhere.

The row in Postgres is the truth: every call and every use of a ticket looks at it. The bus tells
the nodes that hold sockets, so that these close now; a node that misses the message finds the
row revoked at its next check.
"""

from __future__ import annotations

from typing import Protocol

from rooms import publication
from rooms.accounts.ports import SessionStore
from rooms.ports import Clock, RoomBus
from rooms.publication import SessionRevoked


class Sockets(Protocol):
    """The part of `rooms.node.Node` that is needed here."""

    bus: RoomBus

    def publish_revoked(self, session_id: str) -> None:
        """Tells every node, this one included, that a session is over."""
        ...

    def revoke(self, session_id: str | None, participant_id: str | None) -> None:
        """Closes the sockets of a session or participant on this node."""
        ...


class Revocation:
    """Revokes sessions and closes their sockets on all nodes."""

    def __init__(self, sessions: SessionStore, sockets: Sockets, clock: Clock) -> None:
        self._sessions = sessions
        self._sockets = sockets
        self._clock = clock

    async def revoke(self, session_id: str, reason: str) -> None:
        """Ends a session; saying it twice does it once."""
        await self._sessions.revoke(session_id, reason, self._clock.now())
        self.announce(session_id)

    def announce(self, session_id: str) -> None:
        """Closes the sockets of a session that is over."""
        self._sockets.publish_revoked(session_id)

    def participant_changed(self, show_id: str, participant_id: str) -> None:
        """Closes a participant's sockets in one room: its role there is another now."""
        self._sockets.revoke(None, participant_id)
        message = publication.encode(SessionRevoked(participant_id=participant_id))
        self._sockets.bus.publish(show_id, message)
