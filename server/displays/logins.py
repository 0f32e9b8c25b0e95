"""The look at all logins that hold connections on a node: people's sessions, and displays."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from rooms.accounts.ports import SessionStore
from rooms.displays.logins import display_of, login_of
from rooms.displays.ports import DisplayStore


class Logins:
    """`server.rooms.sessions.SessionReader` of both kinds."""

    def __init__(self, sessions: SessionStore, displays: DisplayStore) -> None:
        self._sessions = sessions
        self._displays = displays

    async def revoked_among(self, session_ids: Collection[str], now: datetime) -> set[str]:
        """Those that are over; the displays among the others are noted as seen.

        At most three queries, for all that is open on the node.
        """
        displays = {name: found for name in session_ids if (found := display_of(name))}
        people = [name for name in session_ids if name not in displays]
        over = await self._sessions.revoked_among(people, now)
        if displays:
            revoked = await self._displays.revoked_among(displays.values())
            over |= {login_of(display_id) for display_id in revoked}
            live = set(displays.values()) - revoked
            await self._displays.seen(live, now)
        return over
