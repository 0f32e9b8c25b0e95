"""Which role somebody has in a room now."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import asyncpg

from rooms.participants import Role
from storage.rooms.failures import not_writing

_ROLES_NOW = "SELECT id, role FROM attendees WHERE id = ANY ($1::uuid[])"


class Roles:
    """`server.rooms.roles.RoleReader`."""

    def __init__(self, pool: asyncpg.Pool[Any]) -> None:
        self._pool = pool

    async def roles_now(self, participants: Collection[str]) -> Mapping[str, Role]:
        """By participant; who is unknown is absent. One query.

        Raises:
            LogUnavailable: they could not be read.
        """
        with not_writing():
            rows = await self._pool.fetch(_ROLES_NOW, list(participants))
        return {str(row["id"]): Role(row["role"]) for row in rows}
