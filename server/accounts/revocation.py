"""Ending sessions at once, everywhere.

The row in Postgres is the truth: every call and every use of a ticket looks at it. The bus tells
the nodes that hold sockets, so that these close now; a node that misses the message finds the
row revoked at its next check.
"""

from __future__ import annotations

from typing import Protocol

from rooms import publication
from rooms.accounts.ports import SessionStore
from rooms.ports import Clock
from rooms.publication import SessionRevoked


class Announcer(Protocol):
    """The part of `rooms.ports.RoomBus` that is needed here."""

    def publish(self, show_id: str, message: bytes) -> None:
        """Queues a message; never blocks, never raises."""
        ...


class Revocation:
    """Revokes sessions and tells the nodes."""

    def __init__(self, sessions: SessionStore, bus: Announcer, clock: Clock) -> None:
        self._sessions = sessions
        self._bus = bus
        self._clock = clock

    async def revoke(self, session_id: str, account_id: str | None, reason: str) -> None:
        """Ends a session; saying it twice does it once."""
        await self._sessions.revoke(session_id, reason, self._clock.now())
        if account_id is None:
            account_id = await self._sessions.account_of(session_id)
        if account_id is not None:
            await self.announce(session_id, account_id)

    async def announce(self, session_id: str, account_id: str) -> None:
        """Tells the nodes of the rooms that the account has joined."""
        message = publication.encode(SessionRevoked(session_id=session_id))
        for show_id in await self._sessions.rooms_of(account_id):
            self._bus.publish(show_id, message)

    def participant_changed(self, show_id: str, participant_id: str) -> None:
        """Closes a participant's sockets in one room: its role there is another now."""
        self._bus.publish(
            show_id, publication.encode(SessionRevoked(participant_id=participant_id))
        )
