"""Which logins hold sockets on this node, and the check that they still live.

A revocation closes sockets at once where the bus carries it; this finds the rest within
`limits.HEAL_INTERVAL_S`, by one query for all sockets of the node.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Protocol

import structlog

from rooms import limits
from rooms.ports import Clock, LogUnavailable

log = structlog.get_logger(__name__)


class SessionReader(Protocol):
    """The part of `rooms.accounts.ports.SessionStore` that is needed here."""

    async def revoked_among(self, session_ids: Collection[str], now: datetime) -> set[str]:
        """Those that are revoked, over or unknown; one query."""
        ...


class Revoker(Protocol):
    """The part of `rooms.node.Node` that is needed here."""

    def revoke(self, session_id: str | None, participant_id: str | None) -> None:
        """Closes the sockets of a session on this node."""
        ...


class SessionWatch:
    """Counts the sockets per session, and closes those of sessions that are over."""

    def __init__(self, sessions: SessionReader, node: Revoker, clock: Clock) -> None:
        self._sessions = sessions
        self._node = node
        self._clock = clock
        self._sockets: Counter[str] = Counter()

    def opened(self, session_id: str) -> None:
        """One more socket hangs on this session."""
        self._sockets[session_id] += 1

    def closed(self, session_id: str) -> None:
        """One less."""
        self._sockets[session_id] -= 1
        if self._sockets[session_id] <= 0:
            del self._sockets[session_id]

    async def check(self) -> None:
        """One look at all sessions that hold sockets here."""
        if not self._sockets:
            return
        over = await self._sessions.revoked_among(list(self._sockets), self._clock.now())
        for session_id in over:
            self._node.revoke(session_id, None)

    async def run(self) -> None:
        """Looks every `limits.HEAL_INTERVAL_S` seconds, until cancelled."""
        while True:
            await self._clock.sleep(limits.HEAL_INTERVAL_S)
            try:
                await self.check()
            except (LogUnavailable, OSError) as error:
                log.warning("session_check_waits", error=type(error).__name__)
            except Exception:
                # A check that ends for good would leave revoked sockets open: look again.
                log.exception("session_check_failed")
