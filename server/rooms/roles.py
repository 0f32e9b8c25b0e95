"""The look at those who may do more than an audience, and hold connections on this node.

Whose role changes is told by the bus at once, and comes back with the new one. A node that does not
hear it (Redis is away) would go on letting a moderator of before moderate, for as long as the
socket lives; it finds out within `limits.HEAL_INTERVAL_S`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol

import structlog

from rooms import limits
from rooms.messages import CloseCode
from rooms.participants import Role
from rooms.ports import Clock, LogUnavailable
from rooms.room import Room

log = structlog.get_logger(__name__)


class RoleReader(Protocol):
    """The part of `storage.shows.roles.Roles` that is needed here."""

    async def roles_now(self, participants: Collection[str]) -> Mapping[str, Role]:
        """By participant; who is unknown is absent. One query."""
        ...


class RoleWatch:
    """Closes the connections of those whose role is another now.

    Args:
        rooms: those that are loaded.
    """

    def __init__(
        self, rooms: Callable[[], Sequence[Room]], roles: RoleReader, clock: Clock
    ) -> None:
        self._rooms = rooms
        self._roles = roles
        self._clock = clock

    async def check(self) -> None:
        """One look, by one query for all rooms.

        Raises:
            LogUnavailable: the roles could not be read.
        """
        held = [(room, room.hub.crew()) for room in self._rooms()]
        asked = {participant for _, crew in held for participant in crew}
        if not asked:
            return
        now = await self._roles.roles_now(asked)
        for room, crew in held:
            for participant, role in crew.items():
                if now.get(participant) is not role:
                    room.hub.close_participant(participant, CloseCode.ROLE_CHANGED, "role_changed")

    async def run(self) -> None:
        """Looks every `limits.HEAL_INTERVAL_S` seconds, until cancelled."""
        while True:
            await self._clock.sleep(limits.HEAL_INTERVAL_S)
            try:
                await self.check()
            except (LogUnavailable, OSError) as error:
                log.warning("role_check_waits", error=type(error).__name__)
            except Exception:
                log.exception("role_check_failed")
